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
	errUnavailable = errors.New("unavailable")
	errRefused     = fmt.Errorf("%w: wrong password", tokensource.ErrRefused)
)

// A tokenServer issues numbered tokens.
type tokenServer struct {
	lifetime time.Duration // of a token; 0: not known
	latency  time.Duration // a canceled request ends earlier
	err      error

	mu       sync.Mutex
	calls    int
	canceled int
}

func (s *tokenServer) refresh(ctx context.Context) (*tokensource.Token, error) {
	s.mu.Lock()
	s.calls++
	number, err := s.calls, s.err
	s.mu.Unlock()
	if s.latency > 0 {
		select {
		case <-time.After(s.latency):
		case <-ctx.Done():
			s.mu.Lock()
			s.canceled++
			s.mu.Unlock()
			return nil, ctx.Err()
		}
	}
	if err != nil {
		return nil, err
	}
	return numbered(number, s.lifetime)
}

func (s *tokenServer) setError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func numbered(number int, lifetime time.Duration) (*tokensource.Token, error) {
	var expiry time.Time
	if lifetime > 0 {
		expiry = time.Now().Add(lifetime)
	}
	return tokensource.New(fmt.Sprintf("marked-secret-%d", number), expiry, time.Now())
}

// wantToken gets a token from source and checks its number.
func wantToken(t *testing.T, source tokensource.Source, number int) *tokensource.Token {
	t.Helper()
	token, err := source.Token(t.Context())
	checkToken(t, token, err, number)
	return token
}

func checkToken(t *testing.T, token *tokensource.Token, err error, number int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if token.Value != fmt.Sprintf("marked-secret-%d", number) {
		t.Fatalf("token %s, want number %d", token.Value, number)
	}
}

func wantError(t *testing.T, source tokensource.Source, want error) {
	t.Helper()
	if token, err := source.Token(t.Context()); !errors.Is(err, want) || token != nil {
		t.Fatalf("%v, %v, want error %v", token, err, want)
	}
}

func wantCalls(t *testing.T, server *tokenServer, calls int) {
	t.Helper()
	server.mu.Lock()
	defer server.mu.Unlock()
	if server.calls != calls {
		t.Errorf("%d refreshes, want %d", server.calls, calls)
	}
}

func TestRefreshing_beforeExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{lifetime: time.Minute}
		source := &tokensource.Refreshing{Refresh: server.refresh}
		wantToken(t, source, 1)
		time.Sleep(57*time.Second - 1)
		wantToken(t, source, 1)
		time.Sleep(1 * time.Nanosecond)
		wantToken(t, source, 2)
		time.Sleep(time.Hour)
		wantToken(t, source, 3)
		wantCalls(t, server, 3)
	})
}

func TestRefreshing_unknownExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := new(tokenServer)
		source := &tokensource.Refreshing{Refresh: server.refresh}
		wantToken(t, source, 1)
		time.Sleep(1000 * time.Hour)
		wantToken(t, source, 1)
		wantCalls(t, server, 1)
	})
}

func TestRefreshing_oneRefreshForAllCalls(t *testing.T) {
	for name, want := range map[string]error{"a token": nil, "a failure": errUnavailable, "a refusal": errRefused} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &tokenServer{latency: time.Second, err: want}
				source := &tokensource.Refreshing{Refresh: server.refresh}
				var calls sync.WaitGroup
				for range 100 {
					calls.Go(func() {
						token, err := source.Token(t.Context())
						if !errors.Is(err, want) || want == nil && token.Value != "marked-secret-1" {
							t.Errorf("a call got %v, %v", token, err)
						}
					})
				}
				calls.Wait()
				wantCalls(t, server, 1)
			})
		})
	}
}

func TestRefreshing_contextDone(t *testing.T) {
	server := new(tokenServer)
	source := &tokensource.Refreshing{Refresh: server.refresh}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantCalls(t, server, 0)
}

func TestRefreshing_firstCallCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{latency: time.Minute}
		source := &tokensource.Refreshing{Refresh: server.refresh}
		first, cancel := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		calls.Go(func() {
			if _, err := source.Token(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the canceled call got %v", err)
			}
		})
		synctest.Wait()
		calls.Go(func() { wantToken(t, source, 1) })
		synctest.Wait()
		cancel()
		calls.Wait()
		wantCalls(t, server, 1)
		if server.canceled != 0 {
			t.Error("the refresh was canceled while the second call waited for it")
		}
	})
}

func TestRefreshing_allCallsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{latency: time.Hour}
		source := &tokensource.Refreshing{Refresh: server.refresh}
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
		started := time.Now()
		calls.Wait()
		synctest.Wait()
		if server.canceled != 1 || time.Since(started) != 10*time.Second {
			t.Errorf("%d refreshes were canceled, after %s", server.canceled, time.Since(started))
		}
		server.latency = time.Second
		wantToken(t, source, 2) // at once: a canceled refresh is not a failure
		wantCalls(t, server, 2)
	})
}

// The second call joins a refresh that has been canceled but has not ended.
func TestRefreshing_callAfterCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		source := &tokensource.Refreshing{Refresh: func(ctx context.Context) (*tokensource.Token, error) {
			if calls++; calls == 1 {
				<-ctx.Done()
				time.Sleep(time.Second)
				return nil, errUnavailable
			}
			return numbered(calls, 0)
		}}
		cancelFirstCall(t, source)
		wantToken(t, source, 2)
	})
}

func TestRefreshing_refusedAfterCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		source := &tokensource.Refreshing{Refresh: func(ctx context.Context) (*tokensource.Token, error) {
			if calls++; calls == 1 {
				<-ctx.Done() // while the response is on its way
			}
			return nil, errRefused
		}}
		cancelFirstCall(t, source)
		synctest.Wait()
		wantError(t, source, tokensource.ErrRefused)
		if calls != 1 {
			t.Errorf("a refused login was sent %d times", calls)
		}
	})
}

// cancelFirstCall makes a call and cancels it when its refresh waits.
func cancelFirstCall(t *testing.T, source *tokensource.Refreshing) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		synctest.Wait()
		cancel()
	}()
	if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestRefreshing_Replace_oneRefreshForOneToken(t *testing.T) {
	for name, interval := range map[string]time.Duration{"at the same time": 0, "one after the other": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &tokenServer{latency: 3 * time.Second}
				source := &tokensource.Refreshing{Refresh: server.refresh}
				old := wantToken(t, source, 1)
				var calls sync.WaitGroup
				for i := range 20 {
					calls.Go(func() {
						time.Sleep(time.Duration(i) * interval)
						token, err := source.Replace(t.Context(), old)
						checkToken(t, token, err, 2)
					})
				}
				calls.Wait()
				wantCalls(t, server, 2)
			})
		})
	}
}
