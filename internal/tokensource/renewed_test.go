package tokensource_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/tokensource"
)

var (
	errDown    = errors.New("the line is down")
	errRefused = fmt.Errorf("%w: wrong password", tokensource.ErrRefused)
)

// A mint makes numbered tokens, and counts how often it is asked.
type mint struct {
	lifetime time.Duration // 0: not known
	takes    time.Duration // to make a token; it ends early with its context
	fail     error

	mu      sync.Mutex
	asked   int
	stopped int // by their context
}

func (m *mint) token(ctx context.Context) (*tokensource.Token, error) {
	m.mu.Lock()
	m.asked++
	number, failure := m.asked, m.fail
	m.mu.Unlock()
	if m.takes > 0 {
		select {
		case <-time.After(m.takes):
		case <-ctx.Done():
			m.mu.Lock()
			m.stopped++
			m.mu.Unlock()
			return nil, ctx.Err()
		}
	}
	if failure != nil {
		return nil, failure
	}
	return numbered(number, m.lifetime)
}

func (m *mint) fails(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func numbered(number int, lifetime time.Duration) (*tokensource.Token, error) {
	var expiry time.Time
	if lifetime > 0 {
		expiry = time.Now().Add(lifetime)
	}
	return tokensource.New(fmt.Sprintf("marked-secret-%d", number), expiry, time.Now())
}

// want asks a source and compares the number of the token, or the error.
func want(t *testing.T, source tokensource.Source, number int, problem error) *tokensource.Token {
	t.Helper()
	token, err := source.Token(t.Context())
	return check(t, token, err, number, problem)
}

func check(t *testing.T, token *tokensource.Token, err error, number int, problem error) *tokensource.Token {
	t.Helper()
	if !errors.Is(err, problem) || (err == nil) != (problem == nil) {
		t.Fatalf("error %v, want %v", err, problem)
	}
	if problem == nil && token.Value != fmt.Sprintf("marked-secret-%d", number) {
		t.Fatalf("token %s, want number %d", token.Value, number)
	}
	return token
}

func wantAsked(t *testing.T, m *mint, asked int) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asked != asked {
		t.Errorf("the mint was asked %d times, want %d", m.asked, asked)
	}
}

func TestATokenIsRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{lifetime: time.Minute}
		source := &tokensource.Renewed{Mint: m.token}
		want(t, source, 1, nil)
		time.Sleep(56 * time.Second)
		want(t, source, 1, nil)
		time.Sleep(2 * time.Second)
		want(t, source, 2, nil)
		time.Sleep(time.Hour)
		want(t, source, 3, nil)
		wantAsked(t, m, 3)
	})
}

func TestATokenOfUnknownExpiryIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(mint)
		source := &tokensource.Renewed{Mint: m.token}
		want(t, source, 1, nil)
		time.Sleep(1000 * time.Hour)
		want(t, source, 1, nil)
		wantAsked(t, m, 1)
	})
}

func TestAHundredCallsWaitForOneRenewal(t *testing.T) {
	for name, problem := range map[string]error{"that brings a token": nil, "that fails": errDown, "that is refused": errRefused} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &mint{takes: time.Second, fail: problem}
				source := &tokensource.Renewed{Mint: m.token}
				var calls sync.WaitGroup
				for range 100 {
					calls.Go(func() {
						token, err := source.Token(t.Context())
						if !errors.Is(err, problem) || problem == nil && token.Value != "marked-secret-1" {
							t.Errorf("a call got %v, %v", token, err)
						}
					})
				}
				calls.Wait()
				wantAsked(t, m, 1)
			})
		})
	}
}

func TestACallThatGivesUpLeavesTheRenewalToTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{takes: time.Minute}
		source := &tokensource.Renewed{Mint: m.token}
		first, giveUp := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		calls.Go(func() {
			if _, err := source.Token(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the call that gave up got %v", err)
			}
		})
		synctest.Wait()
		calls.Go(func() { want(t, source, 1, nil) })
		synctest.Wait()
		giveUp()
		calls.Wait()
		wantAsked(t, m, 1)
		if m.stopped != 0 {
			t.Error("the renewal was stopped under the second call")
		}
	})
}

func TestTheLastCallThatGivesUpStopsTheRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{takes: time.Hour}
		source := &tokensource.Renewed{Mint: m.token}
		var calls sync.WaitGroup
		for i := range 10 {
			calls.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("call %d got %v", i, err)
				}
			})
		}
		began := time.Now()
		calls.Wait()
		synctest.Wait()
		if m.stopped != 1 || time.Since(began) != 10*time.Second {
			t.Errorf("%d renewals were stopped, after %s", m.stopped, time.Since(began))
		}
		m.takes = time.Second
		want(t, source, 2, nil) // at once: giving up is no failure of the mint
		wantAsked(t, m, 2)
	})
}

func TestACallThatComesAfterTheLastHasLeftGetsARenewalOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The mint needs a second to notice that it was stopped.
		asked := 0
		source := &tokensource.Renewed{Mint: func(ctx context.Context) (*tokensource.Token, error) {
			asked++
			if asked == 1 {
				<-ctx.Done()
				time.Sleep(time.Second)
				return nil, errDown
			}
			return numbered(asked, 0)
		}}
		first, giveUp := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			giveUp()
		}()
		if _, err := source.Token(first); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		want(t, source, 2, nil)
	})
}

func TestARefusalCountsThoughNobodyWaitsForItAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		source := &tokensource.Renewed{Mint: func(ctx context.Context) (*tokensource.Token, error) {
			if asked++; asked == 1 {
				<-ctx.Done() // while the answer is on its way
			}
			return nil, errRefused
		}}
		first, giveUp := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			giveUp()
		}()
		if _, err := source.Token(first); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		synctest.Wait()
		want(t, source, 0, tokensource.ErrRefused)
		if asked != 1 {
			t.Errorf("a refused login was sent %d times", asked)
		}
	})
}

func TestACallWithADoneContextAsksNobody(t *testing.T) {
	m := new(mint)
	source := &tokensource.Renewed{Mint: m.token}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantAsked(t, m, 0)
}

func TestLateRejectionsOfAnOldTokenMakeOneRenewal(t *testing.T) {
	for name, apart := range map[string]time.Duration{"at the same moment": 0, "one after the other": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &mint{takes: 3 * time.Second}
				source := &tokensource.Renewed{Mint: m.token}
				old := want(t, source, 1, nil)
				var calls sync.WaitGroup
				for i := range 20 {
					calls.Go(func() {
						time.Sleep(time.Duration(i) * apart)
						token, err := source.Replace(t.Context(), old)
						check(t, token, err, 2, nil)
					})
				}
				calls.Wait()
				wantAsked(t, m, 2)
			})
		})
	}
}

func TestAStaticSourceKeepsItsToken(t *testing.T) {
	source, err := tokensource.NewStatic("marked-secret-1")
	if err != nil {
		t.Fatal(err)
	}
	token := want(t, source, 1, nil)
	if _, err := source.Replace(t.Context(), token); !errors.Is(err, tokensource.ErrIrreplaceable) {
		t.Error(err)
	}
}
