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

func TestATokenSourceIsAskedAgainWhenItsTokenIsRejected(t *testing.T) {
	t.Run("and has another", func(t *testing.T) {
		fake := flowretailtest.New()
		token := "marked-secret-stale"
		tokens := &source{next: func() (string, error) {
			defer func() { token = fake.AdminToken() }()
			return token, nil
		}}
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(tokens))...))
		for range 3 {
			must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		}
		wantSent(t, fake, "", 4)
		if asked := tokens.asked.Load(); asked != 2 {
			t.Errorf("the source was asked %d times", asked)
		}
	})
	t.Run("and has none", func(t *testing.T) {
		fake := flowretailtest.New()
		tokens := always("marked-secret-stale")
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(tokens))...))
		for calls := range 3 {
			_, err := client.Account.Get(t.Context())
			if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.Code != "TOKEN_INVALID" || !errors.Is(err, flowretail.ErrRefused) {
				t.Errorf("%+v", err)
			}
			wantSent(t, fake, "", calls+1)
			if asked := int(tokens.asked.Load()); asked != calls+2 {
				t.Errorf("the source was asked %d times after %d calls", asked, calls+1)
			}
		}
	})
	t.Run("and fails", func(t *testing.T) {
		fake := flowretailtest.New()
		errOffline := errors.New("the vault is sealed")
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(),
			flowretail.WithTokenSource(&source{next: func() (string, error) { return "", errOffline }}))...))
		_, err := client.Account.Get(t.Context())
		if !errors.Is(err, errOffline) || !errors.Is(err, flowretail.ErrNotSent) || !strings.Contains(err.Error(), "token source") {
			t.Error(err)
		}
		wantSent(t, fake, "", 0)
	})
	t.Run("but not when the token is static", func(t *testing.T) {
		fake := flowretailtest.New()
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithToken("marked-secret-stale"))...))
		if _, err := client.Account.Get(t.Context()); !errors.Is(err, flowretail.ErrUnauthorized) {
			t.Error(err)
		}
		wantSent(t, fake, "", 1)
	})
}

func TestATokenSourceThatHandsOutRubbish(t *testing.T) {
	for name, tokens := range map[string]oauth2.TokenSource{
		"no token":                  tokenSource(func() (*oauth2.Token, error) { return nil, nil }),
		"an empty token":            always(""),
		"a token with a line break": always("marked-secret-token\r\nX-Injected: 1"),
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

type tokenSource func() (*oauth2.Token, error)

func (s tokenSource) Token() (*oauth2.Token, error) { return s() }

func TestATokenSourceThatHangsHangsNoCallWhoseContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sealed := make(chan struct{})
		fake := flowretailtest.New()
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTokenSource(tokenSource(func() (*oauth2.Token, error) {
			<-sealed
			return &oauth2.Token{AccessToken: fake.AdminToken()}, nil
		})))...))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := client.Account.Get(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		close(sealed)
		must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	})
}

// oauth2's own cache holds a lock while it fetches.
func TestTheCacheOfOAuth2WorksAsASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New(flowretailtest.WithTokenLifetime(time.Minute))
		tenant := fake.TenantUID()
		var opened atomic.Int32
		cached := oauth2.ReuseTokenSource(nil, tokenSource(func() (*oauth2.Token, error) {
			opened.Add(1)
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
		if n := opened.Load(); n < 5 || n > 7 {
			t.Errorf("%d tokens in five minutes", n)
		}
	})
}

func TestACallThatGivesUpDoesNotEndTheLoginOfOthers(t *testing.T) {
	for name, open := range tills {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				till := open(t, flowretailtest.WithLatency(10*time.Second))
				impatient, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				var calls sync.WaitGroup
				calls.Go(func() {
					if err := till.call(impatient); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, flowretail.ErrNotSent) || time.Since(began) != time.Second {
						t.Errorf("%v after %s", err, time.Since(began))
					}
				})
				synctest.Wait()
				calls.Go(func() {
					if err := till.call(t.Context()); err != nil {
						t.Error(err)
					}
				})
				calls.Wait()
				wantSent(t, till.Fake, till.opening, 1)
			})
		})
	}
}

func TestALoginThatNobodyWaitsForIsStopped(t *testing.T) {
	for name, open := range tills {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				till := open(t, flowretailtest.WithLatency(20*time.Second))
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				for range 5 {
					go till.call(ctx)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if requests := till.Requests(); len(requests) != 1 || requests[0].Status != 0 {
					t.Errorf("%+v", requests)
				}
				if err := till.call(t.Context()); err != nil || time.Since(began) != 41*time.Second {
					t.Errorf("%v after %s", err, time.Since(began))
				}
				wantSent(t, till.Fake, till.opening, 2)
			})
		})
	}
}

func TestWithNoRetryARejectionIsFinal(t *testing.T) {
	for name, open := range tills {
		t.Run(name, func(t *testing.T) {
			till := open(t, flowretailtest.WithOpaqueTokens())
			if err := till.call(t.Context()); err != nil {
				t.Fatal(err)
			}
			till.ExpireTokens()
			till.ResetRequests()
			if err := till.call(t.Context(), flowretail.NoRetry()); !errors.Is(err, flowretail.ErrUnauthorized) {
				t.Error(err)
			}
			wantSent(t, till.Fake, "", 1)
			if err := till.call(t.Context()); err != nil {
				t.Error(err)
			}
			wantSent(t, till.Fake, till.opening, 1)
		})
	}
}

func TestADerivedClientSharesTheToken(t *testing.T) {
	for name, open := range tills {
		t.Run(name, func(t *testing.T) {
			till := open(t)
			for _, language := range []string{"nb", "en", "sv"} {
				derived := must[*flowretail.Client](t)(till.With(flowretail.WithLanguage(language)))
				must[*flowretail.User](t)(derived.Account.GetForTenant(t.Context(), till.tenant))
			}
			wantSent(t, till.Fake, till.opening, 1)
		})
	}
}
