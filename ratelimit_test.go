package flowretail_test

import (
	"context"
	"errors"
	"net/http"
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
