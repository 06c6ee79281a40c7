package flowretail_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestWithTokenSource_rejectedToken(t *testing.T) {
	t.Run("another token", func(t *testing.T) {
		fake := flowretailtest.New()
		token := "marked-secret-stale"
		tokens := &countingSource{next: func() (string, error) {
			defer func() { token = fake.AdminToken() }()
			return token, nil
		}}
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(tokens))...))
		for range 3 {
			must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		}
		wantRequests(t, fake, "", 4)
		if n := tokens.calls.Load(); n != 2 {
			t.Errorf("the source was called %d times", n)
		}
	})
	t.Run("the same token", func(t *testing.T) {
		fake := flowretailtest.New()
		tokens := fixedSource("marked-secret-stale")
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(tokens))...))
		for calls := range 3 {
			_, err := client.Account.Get(t.Context())
			if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.Code != "TOKEN_INVALID" || !errors.Is(err, flowretail.ErrRefused) {
				t.Errorf("%+v", err)
			}
			wantRequests(t, fake, "", calls+1)
			if n := int(tokens.calls.Load()); n != 2 {
				t.Errorf("the source was called %d times in %d calls", n, calls+1)
			}
		}
	})
	t.Run("source fails", func(t *testing.T) {
		fake := flowretailtest.New()
		errSource := errors.New("no connection")
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(),
			flowretail.WithTokenSource(&countingSource{next: func() (string, error) { return "", errSource }}))...))
		_, err := client.Account.Get(t.Context())
		if !errors.Is(err, errSource) || !errors.Is(err, flowretail.ErrNotSent) || !strings.Contains(err.Error(), "token source") {
			t.Error(err)
		}
		wantRequests(t, fake, "", 0)
	})
	t.Run("WithToken", func(t *testing.T) {
		fake := flowretailtest.New()
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithToken("marked-secret-stale"))...))
		if _, err := client.Account.Get(t.Context()); !errors.Is(err, flowretail.ErrUnauthorized) {
			t.Error(err)
		}
		wantRequests(t, fake, "", 1)
	})
}

func TestWithTokenSource_invalidToken(t *testing.T) {
	for name, tokens := range map[string]oauth2.TokenSource{
		"no token":                  tokenSourceFunc(func() (*oauth2.Token, error) { return nil, nil }),
		"an empty token":            fixedSource(""),
		"a token with a line break": fixedSource("marked-secret-token\r\nX-Injected: 1"),
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{RoundTripper: respond(200, "", accountJSON)}
			client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: w}), flowretail.WithTokenSource(tokens)))
			_, err := client.Account.Get(t.Context())
			if !errors.Is(err, flowretail.ErrNotSent) || w.calls != 0 || strings.Contains(err.Error(), "marked-secret") {
				t.Errorf("%v after %d requests", err, w.calls)
			}
		})
	}
}

type tokenSourceFunc func() (*oauth2.Token, error)

func (s tokenSourceFunc) Token() (*oauth2.Token, error) { return s() }

func TestWithTokenSource_sourceHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		fake := flowretailtest.New()
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(tokenSourceFunc(func() (*oauth2.Token, error) {
			<-finish
			return &oauth2.Token{AccessToken: fake.AdminToken()}, nil
		})))...))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		if _, err := client.Account.Get(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != time.Second {
			t.Errorf("%v after %s", err, time.Since(started))
		}
		close(finish)
		must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	})
}

// The cache of oauth2 holds a lock while it gets a token.
func TestWithTokenSource_reuseTokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New(flowretailtest.WithTokenLifetime(time.Minute))
		tenant := fake.TenantUID()
		var refreshes atomic.Int32
		cached := oauth2.ReuseTokenSource(nil, tokenSourceFunc(func() (*oauth2.Token, error) {
			refreshes.Add(1)
			time.Sleep(time.Second)
			return &oauth2.Token{AccessToken: fake.AccessTokenWithRole(tenant, flowretail.TenantRoleAdmin), Expiry: time.Now().Add(time.Minute)}, nil
		}))
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(cached))...))
		var workers sync.WaitGroup
		for range 20 {
			workers.Go(func() {
				for range 300 {
					if _, err := client.Account.Get(t.Context()); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Second)
				}
			})
		}
		workers.Wait()
		if n := refreshes.Load(); n < 5 || n > 7 {
			t.Errorf("%d tokens in five minutes", n)
		}
	})
}

func TestTokenRefresh_firstCallCanceled(t *testing.T) {
	for name, newEnv := range authEnvs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newEnv(t, flowretailtest.WithLatency(10*time.Second))
				canceled, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				started := time.Now()
				var calls sync.WaitGroup
				calls.Go(func() {
					if err := env.call(canceled); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, flowretail.ErrNotSent) || time.Since(started) != time.Second {
						t.Errorf("%v after %s", err, time.Since(started))
					}
				})
				synctest.Wait()
				calls.Go(func() {
					if err := env.call(t.Context()); err != nil {
						t.Error(err)
					}
				})
				calls.Wait()
				wantRequests(t, env.Fake, env.refreshOperation, 1)
			})
		})
	}
}

func TestTokenRefresh_allCallsCanceled(t *testing.T) {
	for name, newEnv := range authEnvs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newEnv(t, flowretailtest.WithLatency(20*time.Second))
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				started := time.Now()
				for range 5 {
					go env.call(ctx)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if requests := env.Requests(); len(requests) != 1 || requests[0].Status != 0 {
					t.Errorf("%+v", requests)
				}
				if err := env.call(t.Context()); err != nil || time.Since(started) != 41*time.Second {
					t.Errorf("%v after %s", err, time.Since(started))
				}
				wantRequests(t, env.Fake, env.refreshOperation, 2)
			})
		})
	}
}

func TestNoRetry_rejectedToken(t *testing.T) {
	for name, newEnv := range authEnvs {
		t.Run(name, func(t *testing.T) {
			env := newEnv(t, flowretailtest.WithOpaqueTokens())
			if err := env.call(t.Context()); err != nil {
				t.Fatal(err)
			}
			env.ExpireTokens()
			env.ResetRequests()
			if err := env.call(t.Context(), flowretail.NoRetry()); !errors.Is(err, flowretail.ErrUnauthorized) {
				t.Error(err)
			}
			wantRequests(t, env.Fake, "", 1)
			if err := env.call(t.Context()); err != nil {
				t.Error(err)
			}
			wantRequests(t, env.Fake, env.refreshOperation, 1)
		})
	}
}

func TestClientWith_sharesToken(t *testing.T) {
	for name, newEnv := range authEnvs {
		t.Run(name, func(t *testing.T) {
			env := newEnv(t)
			for _, language := range []string{"nb", "en", "sv"} {
				derived := must[*flowretail.Client](t)(env.With(flowretail.WithLanguage(language)))
				must[*flowretail.User](t)(derived.Account.GetForTenant(t.Context(), env.tenant))
			}
			wantRequests(t, env.Fake, env.refreshOperation, 1)
		})
	}
}
