package tokensource_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/tokensource"
)

func TestRefreshing_delayAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refreshes []time.Duration
		started := time.Now()
		fail := true
		source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
			refreshes = append(refreshes, time.Since(started))
			if fail {
				return nil, errUnavailable
			}
			return numbered(len(refreshes), 0)
		}}
		for range 10 * 100 { // ten times a second for 100 seconds
			wantError(t, source, errUnavailable)
			time.Sleep(100 * time.Millisecond)
		}
		second := time.Second
		if want := []time.Duration{0, 1 * second, 3 * second, 7 * second, 15 * second, 31 * second, 61 * second, 91 * second}; !slices.Equal(refreshes, want) {
			t.Errorf("refreshes after %s, want %s", refreshes, want)
		}
		fail = false
		time.Sleep(21 * time.Second)
		old := wantToken(t, source, 9)

		// After a success the delays begin with one second again.
		fail = true
		for range 2 {
			if _, err := source.Replace(t.Context(), old); !errors.Is(err, errUnavailable) {
				t.Error(err)
			}
		}
		fail = false
		time.Sleep(time.Second)
		token, err := source.Replace(t.Context(), old)
		checkToken(t, token, err, 11)
	})
}

func TestRefreshing_failureBeforeExpiry(t *testing.T) {
	for name, problem := range map[string]error{"a failure": errUnavailable, "a refusal": errRefused} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &tokenServer{lifetime: 100 * time.Second}
				source := &tokensource.Refreshing{Refresh: server.refresh}
				wantToken(t, source, 1)
				server.setError(problem)
				time.Sleep(95 * time.Second)
				for range 50 {
					wantToken(t, source, 1)
					time.Sleep(100 * time.Millisecond)
				}
				wantError(t, source, problem) // now the token has expired
			})
		})
	}
}

func TestRefreshing_refusedIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := new(tokenServer)
		source := &tokensource.Refreshing{Refresh: server.refresh}
		old := wantToken(t, source, 1)
		server.setError(errRefused)
		for range 100 {
			if _, err := source.Replace(t.Context(), old); !errors.Is(err, tokensource.ErrRefused) {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		wantCalls(t, server, 2)
	})
}

func TestRefreshing_SubjectToken_refused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{err: errRefused}
		subjectToken, lastRefused := "marked-secret-first", ""
		source := &tokensource.Refreshing{Refresh: server.refresh, SubjectToken: func(_ context.Context, refused string) (string, error) {
			lastRefused = refused
			return subjectToken, nil
		}}
		for range 10 {
			wantError(t, source, tokensource.ErrRefused)
			time.Sleep(time.Minute)
		}
		wantCalls(t, server, 1)
		if lastRefused != subjectToken {
			t.Errorf("SubjectToken was called with %q", lastRefused)
		}
		subjectToken = "marked-secret-second"
		wantError(t, source, tokensource.ErrRefused)
		wantError(t, source, tokensource.ErrRefused)
		wantCalls(t, server, 2)
		subjectToken = "marked-secret-third"
		server.setError(nil)
		wantError(t, source, tokensource.ErrRefused) // not yet
		time.Sleep(30 * time.Second)
		wantToken(t, source, 3)
		wantCalls(t, server, 3)
	})
}

// Refresh replaces the subject token when the API has rejected it with 401.
func TestRefreshing_SubjectToken_replacedDuringRefresh(t *testing.T) {
	subjectToken, calls := "marked-secret-stale", 0
	source := &tokensource.Refreshing{
		SubjectToken: func(context.Context, string) (string, error) { return subjectToken, nil },
		Refresh: func(context.Context) (*tokensource.Token, error) {
			calls++
			subjectToken = "marked-secret-fresh"
			return nil, errRefused
		},
	}
	wantError(t, source, tokensource.ErrRefused)
	wantError(t, source, tokensource.ErrRefused)
	if calls != 1 {
		t.Errorf("the same subject token was used %d times", calls)
	}
}

func TestRefreshing_SubjectToken_failure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := new(tokenServer)
		problem := errUnavailable
		source := &tokensource.Refreshing{Refresh: server.refresh, SubjectToken: func(context.Context, string) (string, error) {
			return "marked-secret", problem
		}}
		wantError(t, source, errUnavailable)
		problem = nil
		time.Sleep(time.Second)
		wantToken(t, source, 1)
	})
}

// SubjectToken fails after the refusal: the refusal is still of the token that was used.
func TestRefreshing_SubjectToken_failureAfterRefusal(t *testing.T) {
	var problem error
	server := &tokenServer{err: errRefused}
	source := &tokensource.Refreshing{
		SubjectToken: func(_ context.Context, refused string) (string, error) { return "marked-secret-first", problem },
		Refresh: func(ctx context.Context) (*tokensource.Token, error) {
			problem = errUnavailable
			return server.refresh(ctx)
		},
	}
	wantError(t, source, tokensource.ErrRefused)
	problem = nil
	wantError(t, source, tokensource.ErrRefused)
	wantCalls(t, server, 1)
}

// Some sources refresh later than they are asked to.
func TestRefreshing_sameTokenAgain(t *testing.T) {
	for name, next := range map[string]func(issued time.Time) (*tokensource.Token, error){
		"with an expiry": func(issued time.Time) (*tokensource.Token, error) {
			return tokensource.New("marked-secret-1", issued.Add(100*time.Second), time.Now())
		},
		"as a JWT": func(issued time.Time) (*tokensource.Token, error) {
			return tokensource.New(jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, issued.Unix(), issued.Add(100*time.Second).Unix())), time.Time{}, time.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var refreshes []time.Duration
				started := time.Now()
				source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
					refreshes = append(refreshes, time.Since(started))
					return next(started)
				}}
				for range 200 * 100 { // a hundred times a second for 200 seconds
					if _, err := source.Token(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(10 * time.Millisecond)
				}
				// Half of the remaining time, at least a second. After the expiry only a rejection leads to a refresh.
				second := time.Second
				if want := []time.Duration{0, 95 * second, 97*second + 500*time.Millisecond, 98*second + 750*time.Millisecond, 99*second + 750*time.Millisecond, 100 * second}; !slices.Equal(refreshes, want) {
					t.Errorf("refreshes after %s, want %s", refreshes, want)
				}
			})
		})
	}
}

func TestRefreshing_Replace_sameTokenAgain(t *testing.T) {
	calls := 0
	source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
		calls++
		return numbered(1, 0)
	}}
	old := wantToken(t, source, 1)
	for range 3 {
		if _, err := source.Replace(t.Context(), old); !errors.Is(err, tokensource.ErrIrreplaceable) {
			t.Error(err)
		}
	}
	if calls != 2 {
		t.Errorf("%d refreshes, want a second one after the first rejection", calls)
	}
	wantToken(t, source, 1) // the rejection may have had another reason
}

// Every token is rejected as soon as it is used, ten times a second.
func TestRefreshing_holdAfterRejections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, server := time.Now(), &tokenServer{}
		var refreshes []time.Duration
		source := &tokensource.Refreshing{Refresh: func(ctx context.Context) (*tokensource.Token, error) {
			refreshes = append(refreshes, time.Since(began))
			return server.refresh(ctx)
		}}
		held := 0
		for range 10 * 100 {
			token, err := source.Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			source.Reject(token)
			if token, err = source.Replace(t.Context(), token); err == nil {
				source.Reject(token)
			} else if hold, ok := errors.AsType[*tokensource.HoldError](err); !ok || !errors.Is(err, tokensource.ErrIrreplaceable) || hold.Hold <= 0 || hold.Rejections != len(refreshes) {
				t.Fatalf("%#v", err)
			} else {
				held++
			}
			time.Sleep(100 * time.Millisecond)
		}
		second := time.Second
		if want := []time.Duration{0, 0, 1 * second, 3 * second, 7 * second, 15 * second, 31 * second, 61 * second, 91 * second}; !slices.Equal(refreshes, want) || held == 0 {
			t.Errorf("refreshes after %s, want %s", refreshes, want)
		}

		// A token that was accepted is replaced at once after a minute.
		time.Sleep(time.Minute)
		for range 3 {
			token, err := source.Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n := len(refreshes)
			token.Accept()
			time.Sleep(time.Minute)
			source.Reject(token)
			source.Reject(token) // another call with it
			if other, err := source.Token(t.Context()); err != nil || other == token || len(refreshes) != n+1 {
				t.Errorf("%v, %d refreshes", err, len(refreshes)-n)
			}
		}
	})
}

// Tokens that are accepted by some operations and rejected by one do not lead to a
// refresh for each call. An expired token does.
func TestRefreshing_holdAfterRejectionsOfAcceptedTokens(t *testing.T) {
	for name, row := range map[string]struct {
		lifetime time.Duration
		want     int
	}{
		"opaque tokens":  {0, 10},
		"expired tokens": {time.Nanosecond, 301},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &tokenServer{lifetime: row.lifetime}
			source := &tokensource.Refreshing{Refresh: server.refresh}
			for range 300 { // ten times a second for 30 seconds
				token, err := source.Token(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				token.Accept()
				time.Sleep(100 * time.Millisecond)
				if token, err = source.Replace(t.Context(), token); err == nil {
					token.Accept()
				}
			}
			if server.calls != row.want {
				t.Errorf("%s: %d refreshes, want %d", name, server.calls, row.want)
			}
		})
	}
}

// While no refresh may start, the rejected token is the best one: the API may accept
// it again. The call that it was rejected for needs another one.
func TestRefreshing_rejectedTokenDuringHold(t *testing.T) {
	for name, lifetime := range map[string]time.Duration{"known expiry": time.Minute, "unknown expiry": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &tokenServer{lifetime: lifetime}
				source := &tokensource.Refreshing{Refresh: server.refresh}
				old := wantToken(t, source, 1)
				server.setError(errUnavailable)
				source.Reject(old)
				wantToken(t, source, 1)
				if _, err := source.Replace(t.Context(), old); !errors.Is(err, errUnavailable) {
					t.Error(err)
				}
				time.Sleep(time.Minute)
				if lifetime > 0 {
					wantError(t, source, errUnavailable)
				} else {
					wantToken(t, source, 1)
				}
			})
		})
	}
}

func TestRefreshing_refreshIgnoresContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		var calls atomic.Int32
		source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
			calls.Add(1)
			<-finish
			return numbered(1, 0)
		}}
		started := time.Now()
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
		}
		if waited := time.Since(started); waited != 3*time.Second || calls.Load() != 1 {
			t.Errorf("%d refreshes, %s", calls.Load(), waited)
		}
		close(finish)
		wantToken(t, source, 1)
		if calls.Load() != 1 {
			t.Error("the late token was not used")
		}
	})
}

// A token source that calls Fatal in a test ends its goroutine.
func TestRefreshing_refreshEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
			runtime.Goexit()
			return nil, nil
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := source.Token(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

// The API refuses the exchange of every subject token, and each one is new.
func TestRefreshing_SubjectToken_alwaysRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, subjects := time.Now(), 0
		var refreshes []time.Duration
		source := &tokensource.Refreshing{
			SubjectToken: func(context.Context, string) (string, error) {
				subjects++
				return fmt.Sprintf("marked-secret-%d", subjects), nil
			},
			Refresh: func(context.Context) (*tokensource.Token, error) {
				refreshes = append(refreshes, time.Since(began))
				return nil, errRefused
			},
		}
		for range 10 * 100 { // ten times a second for 100 seconds
			wantError(t, source, tokensource.ErrRefused)
			time.Sleep(100 * time.Millisecond)
		}
		second, soon := time.Second, 100*time.Millisecond
		if want := []time.Duration{0, soon, second + soon, 3*second + soon, 7*second + soon, 15*second + soon, 31*second + soon, 61*second + soon, 91*second + soon}; !slices.Equal(refreshes, want) {
			t.Errorf("refreshes after %s, want %s", refreshes, want)
		}
	})
}
