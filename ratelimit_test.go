package flowretail_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
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
