package flowretail_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

func TestRetryAfter_beyondDeadline(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "30"})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		_, err := env.client.Users.Get(ctx, env.tenant, env.user)
		if !errors.Is(err, flowretail.ErrRateLimited) || time.Since(began) > time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		generic, _ := errors.AsType[*flowretail.GenericError](err)
		if generic.RetryAfter != 30*time.Second || !callError(t, err).Retryable {
			t.Errorf("%+v", generic)
		}
		// The whole client is paused. A call whose deadline is earlier is not sent.
		before := len(env.Requests())
		_, err = env.client.Users.Get(ctx, env.tenant, env.user)
		if !errors.Is(err, flowretail.ErrNotSent) || !errors.Is(err, flowretail.ErrRateLimited) || len(env.Requests()) != before {
			t.Errorf("%v", err)
		}
	})
}

func TestRateLimit_sharedWithDerivedClient(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		derived := must[*flowretail.Client](t)(env.client.With(flowretail.WithLanguage("nb")))
		env.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "30", Times: 1})
		_, _ = env.client.Users.Get(t.Context(), env.tenant, env.user, flowretail.NoRetry())
		began := time.Now()
		must[*flowretail.User](t)(derived.Users.Get(t.Context(), env.tenant, env.user))
		if waited := time.Since(began); waited < 30*time.Second {
			t.Errorf("it waited %v", waited)
		}
	})
}

func TestRateLimit_waitIsNotPartOfHTTPClientTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		client := must[*flowretail.Client](t)(fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: fake, Timeout: 10 * time.Second})))
		fake.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "30", Times: 1})
		fake.Inject(flowretailtest.Fault{Latency: time.Hour, Times: 1})
		began := time.Now()
		must[*flowretail.Tenant](t)(client.Tenants.Get(t.Context(), fake.TenantUID()))
		if took := time.Since(began); took < 40*time.Second || took > 42*time.Second {
			t.Errorf("it took %v: want 30 s of waiting and 10 s until the attempt timed out", took)
		}
	})
}

func TestRateLimit_tokenExpiresDuringWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New(flowretailtest.WithTokenLifetime(20 * time.Second))
		client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(fake.HTTPClient()),
			flowretail.WithTenantExchange(fixedSource(fake.AuthToken()), fake.TenantUID())))
		must[*flowretail.Tenant](t)(client.Tenants.Get(t.Context(), fake.TenantUID()))
		fake.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "40", Times: 1})
		must[*flowretail.Tenant](t)(client.Tenants.Get(t.Context(), fake.TenantUID()))
		rejected := 0
		for _, request := range fake.Requests() {
			if request.Status == 401 {
				rejected++
			}
		}
		if rejected > 1 {
			t.Errorf("%d requests were sent with an expired token, want one, and another token after it", rejected)
		}
	})
}

// limited lets 50 requests a second through to the fake, and refuses the others.
func limited(fake *flowretailtest.Fake, retryAfter string) *http.Client {
	bucket := faultserver.NewTokenBucket(50)
	return &http.Client{Transport: roundTripFunc(func(request *http.Request) (*http.Response, error) {
		time.Sleep(50 * time.Millisecond)
		if bucket.Take() {
			return fake.RoundTrip(request)
		}
		response, err := respond(429, "application/json", `{"code":"RATE_LIMITED"}`)(request)
		if retryAfter != "" {
			response.Header.Set("Retry-After", retryAfter)
		}
		return response, err
	})}
}

// A limit makes a sync slower, and does not end it.
func TestRateLimit_syncs(t *testing.T) {
	for _, retryAfter := range []string{"", "1"} {
		for _, prefetch := range []int{1, 2, 8, 32, 256} {
			for _, order := range []flowretail.IterOption{flowretail.Prefetch(prefetch), flowretail.Complete()} {
				synctest.Test(t, func(t *testing.T) {
					fake := flowretailtest.New(flowretailtest.WithUsers(2000), flowretailtest.WithoutRecords())
					client := must[*flowretail.Client](t)(fake.NewClient(flowretail.WithHTTPClient(limited(fake, retryAfter))))
					users, err := flowretail.Collect(client.Users.All(t.Context(), fake.TenantUID(),
						&flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 10}}, flowretail.Prefetch(prefetch), order))
					if want := len(fake.Users(fake.TenantUID())); err != nil || len(users) != want {
						t.Errorf("Prefetch %d, Retry-After %q: %d of %d users, %v", prefetch, retryAfter, len(users), want, err)
					}
				})
			}
		}
	}
}

// So it is with the calls of many goroutines.
func TestRateLimit_manyCalls(t *testing.T) {
	for _, retryAfter := range []string{"", "1"} {
		synctest.Test(t, func(t *testing.T) {
			fake := flowretailtest.New()
			client := must[*flowretail.Client](t)(fake.NewClient(flowretail.WithHTTPClient(limited(fake, retryAfter))))
			var calls sync.WaitGroup
			for range 50 {
				calls.Go(func() {
					for range 20 {
						if _, err := client.Tenants.Get(t.Context(), fake.TenantUID()); err != nil {
							t.Errorf("Retry-After %q: %v", retryAfter, err)
						}
					}
				})
			}
			calls.Wait()
		})
	}
}

// A 401 is returned at once, also while all calls of the client wait for the end of a pause.
func TestRateLimit_rejectedTokenDuringPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
			if strings.HasSuffix(request.URL.Path, "/account") {
				time.Sleep(time.Second)
				return respond(401, "application/json", `{"code":"TOKEN_INVALID"}`)(request)
			}
			response, err := respond(429, "application/json", "{}")(request)
			response.Header.Set("Retry-After", "60")
			return response, err
		}))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		go func() { _, _ = client.Users.Get(ctx, "t", "u") }()
		_, err := client.Account.Get(ctx)
		if !errors.Is(err, flowretail.ErrUnauthorized) || errors.Is(err, flowretail.ErrRateLimited) {
			t.Error(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// Calls that need a login wait for it before they wait for the rate limiter. So the login
// does not wait for them, and they do not come all at once after it.
func TestRateLimit_loginBeforeQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sent []time.Duration
		began := time.Now()
		transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
			if request.Method == http.MethodPost {
				if time.Since(began) > 0 {
					t.Errorf("the login was sent after %s", time.Since(began))
				}
				time.Sleep(5 * time.Second)
				return respond(200, "application/json", `{"accessToken":"marked-secret-access","tenantUser":`+userJSON+`}`)(request)
			}
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, time.Since(began))
			return respond(200, "application/json", userJSON)(request)
		})
		client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: transport}), flowretail.WithMaxRate(10),
			flowretail.WithDeviceLogin(fixedSource("marked-secret-device"), "4711", flowretail.NewSecret("marked-secret-password"))))
		var calls sync.WaitGroup
		for range 30 {
			calls.Go(func() { must[*flowretail.User](t)(client.Users.Get(t.Context(), "t", "u")) })
		}
		calls.Wait()
		for i, at := range sent {
			if want := 5*time.Second + time.Duration(i)*100*time.Millisecond; at != want {
				t.Fatalf("request %d was sent after %s, want %s", i+1, at, want)
			}
		}
	})
}

// After two seconds in which the API refuses everything, no call with a deadline of 30
// seconds fails.
func TestRateLimit_deadlinesAfterRefusals(t *testing.T) {
	for _, workers := range []int{10, 50, 200} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
				time.Sleep(50 * time.Millisecond)
				if after := time.Since(began); after > 5*time.Second && after < 7*time.Second {
					return respond(429, "application/json", "{}")(request)
				}
				return respond(200, "application/json", userJSON)(request)
			}))
			var calls sync.WaitGroup
			for range workers {
				calls.Go(func() {
					for time.Since(began) < 15*time.Second {
						ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
						_, err := client.Users.Get(ctx, "t", "u")
						cancel()
						if err != nil {
							t.Errorf("%d workers, after %s: %v", workers, time.Since(began), err)
						}
					}
				})
			}
			calls.Wait()
		})
	}
}
