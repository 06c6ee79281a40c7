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
)

func TestWithDeviceLogin_refusedLoginIsNotRetried(t *testing.T) {
	for name, test := range map[string]struct {
		password string
		fault    flowretailtest.Fault
		want     error
	}{
		"a wrong password": {password: "marked-secret-wrong", want: flowretail.ErrUnauthorized},
		"a locked account": {fault: flowretailtest.Fault{Operation: loginOperation, Status: http.StatusForbidden}, want: flowretail.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := flowretailtest.New(flowretailtest.WithLatency(time.Second))
				tenant := fake.TenantUID()
				password := fake.Password(tenant, fake.AddUser(tenant, flowretail.User{UserCode: "1234567"}))
				if test.password != "" {
					password = test.password
				} else {
					fake.Inject(test.fault)
				}
				login := flowretail.WithDeviceLogin(fixedSource(fake.DeviceToken(tenant)), "1234567", flowretail.NewSecret(password))
				client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), login)...))
				var calls sync.WaitGroup
				for range 20 {
					calls.Go(func() {
						for range 3 {
							_, err := client.Account.Get(t.Context())
							failed, ok := errors.AsType[*flowretail.CallError](err)
							if !ok || !errors.Is(err, test.want) || failed.Retryable || failed.Outcome != flowretail.ErrNotSent {
								t.Errorf("%+v", err)
							}
							time.Sleep(time.Hour)
						}
					})
				}
				calls.Wait()
				wantRequests(t, fake, "", 1)
			})
		})
	}
}

// The first call is canceled before the login is refused.
func TestWithDeviceLogin_refusedAfterCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins := 0
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
			logins++
			cancel()
			time.Sleep(time.Second)
			return respond(http.StatusUnauthorized, "application/json", `{"code":"WRONG_LOGIN"}`)(request)
		})
		client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: transport}),
			flowretail.WithDeviceLogin(fixedSource("marked-secret-device"), "1", flowretail.NewSecret("marked-secret-wrong"))))
		if _, err := client.Account.Get(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := client.Account.Get(t.Context()); !errors.Is(err, flowretail.ErrUnauthorized) {
			t.Error(err)
		}
		if logins != 1 {
			t.Errorf("a refused login was sent %d times", logins)
		}
	})
}

func TestWithDeviceLogin_delayAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := newDeviceLoginEnv(t)
		env.Inject(flowretailtest.Fault{Operation: loginOperation, Status: http.StatusServiceUnavailable})
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				for range 60 {
					if err := env.call(t.Context()); !errors.Is(err, flowretail.ErrServer) {
						t.Error(err)
					}
					time.Sleep(time.Second)
				}
			})
		}
		calls.Wait()
		if got := countRequests(env.Fake, loginOperation); got < 4 || got > 40 {
			t.Errorf("%d logins were sent in a minute", got)
		}
		env.ClearFaults()
		time.Sleep(time.Minute)
		if err := env.call(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWithDeviceLogin_rejectedDeviceToken(t *testing.T) {
	fake := flowretailtest.New()
	tenant := fake.TenantUID()
	password := flowretail.NewSecret(fake.Password(tenant, fake.AddUser(tenant, flowretail.User{UserCode: "1234567"})))
	device := fake.DeviceToken(tenant)
	login := flowretail.WithDeviceLogin(&countingSource{next: func() (string, error) { return device, nil }}, "1234567", password)
	client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), login)...))
	must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	fake.RevokeToken(device)
	fake.ExpireTokens()
	device = fake.DeviceToken(tenant)
	must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	wantRequests(t, fake, loginOperation, 3)
}

func TestWithTenantExchange_refusedUntilNewAuthToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		tenant, auth := fake.TenantUID(), fake.AuthToken()
		fake.RevokeToken(auth)
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(),
			flowretail.WithTenantExchange(&countingSource{next: func() (string, error) { return auth, nil }}, tenant))...))
		for range 10 {
			if _, err := client.Account.Get(t.Context()); !errors.Is(err, flowretail.ErrUnauthorized) {
				t.Error(err)
			}
			time.Sleep(time.Hour)
		}
		wantRequests(t, fake, "", 1)
		auth = fake.AuthToken()
		must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		wantRequests(t, fake, exchangeOperation, 2)
	})
}
