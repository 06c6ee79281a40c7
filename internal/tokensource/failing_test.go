package tokensource_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/tokensource"
)

func TestAFailedRenewalIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{fail: errDown}
		source := &tokensource.Renewed{Mint: m.token}
		for range 10 * 60 * 10 { // ten times a second for ten minutes
			want(t, source, 0, errDown)
			time.Sleep(100 * time.Millisecond)
		}
		if m.asked < 10 || m.asked > 30 {
			t.Errorf("the mint was asked %d times in ten minutes", m.asked)
		}
		asked := m.asked
		m.fails(nil)
		time.Sleep(30 * time.Second)
		want(t, source, asked+1, nil)
		m.fails(errDown)
		old := want(t, source, asked+1, nil)
		_, err := source.Replace(t.Context(), old)
		check(t, nil, err, 0, errDown)
		m.fails(nil)
		time.Sleep(time.Second) // the hold-off begins small again
		token, err := source.Replace(t.Context(), old)
		check(t, token, err, asked+3, nil)
	})
}

func TestAnEarlyRenewalThatFailsLeavesTheTokenThatIsStillGood(t *testing.T) {
	for name, problem := range map[string]error{"for a moment": errDown, "because it is refused": errRefused} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &mint{lifetime: 100 * time.Second}
				source := &tokensource.Renewed{Mint: m.token}
				want(t, source, 1, nil)
				m.fails(problem)
				time.Sleep(96 * time.Second)
				for range 30 {
					want(t, source, 1, nil)
					time.Sleep(100 * time.Millisecond)
				}
				time.Sleep(2 * time.Second) // now it has expired
				want(t, source, 0, problem)
			})
		})
	}
}

func TestARefusedRenewalIsNeverAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(mint)
		source := &tokensource.Renewed{Mint: m.token}
		old := want(t, source, 1, nil)
		m.fails(errRefused)
		for range 100 {
			_, err := source.Replace(t.Context(), old)
			check(t, nil, err, 0, tokensource.ErrRefused)
			time.Sleep(time.Hour)
		}
		wantAsked(t, m, 2)
	})
}

func TestARefusedTradeIsTriedAgainWithAnotherBasis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mint{fail: errRefused}
		basis := "marked-secret-first"
		var told []string
		source := &tokensource.Renewed{Mint: m.token, Basis: func(_ context.Context, refused string) (string, error) {
			told = append(told, refused)
			return basis, nil
		}}
		for range 10 {
			want(t, source, 0, tokensource.ErrRefused)
			time.Sleep(time.Minute)
		}
		wantAsked(t, m, 1)
		if last := told[len(told)-1]; last != basis {
			t.Errorf("the basis is told that %q was refused", last)
		}
		basis = "marked-secret-second"
		want(t, source, 0, tokensource.ErrRefused)
		want(t, source, 0, tokensource.ErrRefused)
		wantAsked(t, m, 2)
		basis = "marked-secret-third"
		m.fails(nil)
		want(t, source, 3, nil)
		wantAsked(t, m, 3)
	})
}

// A trade may go on with another basis than it began with, when the API has
// rejected that one.
func TestARefusalHoldsForTheBasisThatWasTradedLast(t *testing.T) {
	basis, asked := "marked-secret-stale", 0
	source := &tokensource.Renewed{
		Basis: func(context.Context, string) (string, error) { return basis, nil },
		Mint: func(context.Context) (*tokensource.Token, error) {
			asked++
			basis = "marked-secret-fresh"
			return nil, errRefused
		},
	}
	want(t, source, 0, tokensource.ErrRefused)
	want(t, source, 0, tokensource.ErrRefused)
	if asked != 1 {
		t.Errorf("the same basis was traded in %d times", asked)
	}
}

func TestABasisThatFailsIsAFailedRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(mint)
		problem := errDown
		source := &tokensource.Renewed{Mint: m.token, Basis: func(context.Context, string) (string, error) { return "marked-secret", problem }}
		want(t, source, 0, errDown)
		problem = nil
		time.Sleep(time.Second)
		want(t, source, 1, nil)
	})
}

func TestASourceThatKeepsItsTokenIsNotHammered(t *testing.T) {
	for name, next := range map[string]func(born time.Time) (*tokensource.Token, error){
		"with an expiry": func(born time.Time) (*tokensource.Token, error) {
			return tokensource.New("marked-secret-1", born.Add(100*time.Second), time.Now())
		},
		"as a JWT": func(born time.Time) (*tokensource.Token, error) {
			return tokensource.New(jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, born.Unix(), born.Add(100*time.Second).Unix())), time.Time{}, time.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				born, asked := time.Now(), 0
				source := &tokensource.Renewed{Mint: func(context.Context) (*tokensource.Token, error) {
					asked++
					return next(born)
				}}
				for range 10000 { // a hundred times a second
					if _, err := source.Token(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(10 * time.Millisecond)
				}
				if asked < 3 || asked > 10 {
					t.Errorf("the source was asked %d times before the token expired", asked)
				}
				asked = 0
				for range 10000 { // from now on only a rejection tells
					if _, err := source.Token(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(10 * time.Millisecond)
				}
				if asked > 1 {
					t.Errorf("the source was asked %d times after the token had expired", asked)
				}
			})
		})
	}
}

func TestASourceThatHasNoOtherTokenSaysSo(t *testing.T) {
	asked := 0
	source := &tokensource.Renewed{Mint: func(context.Context) (*tokensource.Token, error) {
		asked++
		return numbered(1, 0)
	}}
	old := want(t, source, 1, nil)
	for range 3 {
		if _, err := source.Replace(t.Context(), old); !errors.Is(err, tokensource.ErrIrreplaceable) {
			t.Error(err)
		}
	}
	if asked != 4 {
		t.Errorf("the source was asked %d times, want once for each rejection", asked)
	}
	want(t, source, 1, nil) // the rejection may have been about something else
}

func TestASourceThatHangsHangsNoCallWhoseContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		var asked atomic.Int32
		source := &tokensource.Renewed{Mint: func(context.Context) (*tokensource.Token, error) {
			asked.Add(1)
			<-answer // whatever becomes of the context
			return numbered(1, 0)
		}}
		began := time.Now()
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
		}
		if waited := time.Since(began); waited != 3*time.Second || asked.Load() != 1 {
			t.Errorf("the calls took %s, the source was asked %d times", waited, asked.Load())
		}
		close(answer)
		want(t, source, 1, nil)
		if asked.Load() != 1 {
			t.Error("the late token was thrown away")
		}
	})
}

func TestAMintThatEndsItsGoroutineHangsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// As a token source does that calls Fatal in a test.
		stuck := &tokensource.Renewed{Mint: func(context.Context) (*tokensource.Token, error) {
			runtime.Goexit()
			return nil, nil
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := stuck.Token(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
