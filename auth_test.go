package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

const (
	loginOperation    = "post-account"
	exchangeOperation = "post-tenants-account"
)

// A countingSource returns the tokens of next and counts the calls.
type countingSource struct {
	calls atomic.Int32
	next  func() (string, error)
}

func (s *countingSource) Token() (*oauth2.Token, error) {
	s.calls.Add(1)
	value, err := s.next()
	return &oauth2.Token{AccessToken: value}, err
}

func fixedSource(token string) *countingSource {
	return &countingSource{next: func() (string, error) { return token, nil }}
}

// An authEnv is a fake, and a client that gets its access tokens from
// refreshOperation.
type authEnv struct {
	*flowretailtest.Fake
	*flowretail.Client
	tenant           string
	refreshOperation string
}

// authEnvs has one function for each credential that gets access tokens from the API.
var authEnvs = map[string]func(*testing.T, ...flowretailtest.Option) *authEnv{
	"device login": newDeviceLoginEnv, "tenant exchange": newTenantExchangeEnv,
}

func newDeviceLoginEnv(t *testing.T, opts ...flowretailtest.Option) *authEnv {
	fake := flowretailtest.New(opts...)
	tenant := fake.TenantUID()
	seller := fake.AddUser(tenant, flowretail.User{TenantRole: flowretail.TenantRoleAdmin, UserCode: "1234567"})
	login := flowretail.WithDeviceLogin(fixedSource(fake.DeviceToken(tenant)), "1234567", flowretail.NewSecret(fake.Password(tenant, seller)))
	return &authEnv{fake, must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), login)...)), tenant, loginOperation}
}

func newTenantExchangeEnv(t *testing.T, opts ...flowretailtest.Option) *authEnv {
	fake := flowretailtest.New(opts...)
	tenant := fake.TenantUID()
	exchange := flowretail.WithTenantExchange(fixedSource(fake.AuthToken()), tenant)
	return &authEnv{fake, must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), exchange)...)), tenant, exchangeOperation}
}

// call makes a call that needs an access token.
func (e *authEnv) call(ctx context.Context, opts ...flowretail.CallOption) error {
	_, err := e.Account.GetForTenant(ctx, e.tenant, opts...)
	return err
}

// countRequests counts the requests of an operation, or all if operation is "".
func countRequests(fake *flowretailtest.Fake, operation string) int {
	count := 0
	for _, request := range fake.Requests() {
		if operation == "" || request.Operation == operation {
			count++
		}
	}
	return count
}

func wantRequests(t *testing.T, fake *flowretailtest.Fake, operation string, want int) {
	t.Helper()
	if got := countRequests(fake, operation); got != want {
		t.Errorf("%d requests of %q were sent, want %d", got, operation, want)
	}
}

// The tokens are valid for a minute; the calls go on for an hour.
func TestTokenRefresh_onceForAllCalls(t *testing.T) {
	for name, newEnv := range authEnvs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var refreshes, calls atomic.Int32
				var refreshOperation string
				env := newEnv(t, flowretailtest.WithTokenLifetime(time.Minute), flowretailtest.WithoutRecords(), flowretailtest.WithLatency(50*time.Millisecond),
					flowretailtest.WithObserver(func(exchange flowretailtest.Exchange) {
						if exchange.Request.Operation == refreshOperation {
							refreshes.Add(1)
						}
					}))
				refreshOperation = env.refreshOperation
				started := time.Now()
				var workers sync.WaitGroup
				for range 100 {
					workers.Go(func() {
						for time.Since(started) < time.Hour {
							calls.Add(1)
							if err := env.call(t.Context()); err != nil {
								t.Error(err)
							}
							time.Sleep(rand.N(time.Minute))
						}
					})
				}
				workers.Wait()
				if n := refreshes.Load(); n < 60 || n > 66 {
					t.Errorf("%d refreshes for %d calls, want 60 to 66", n, calls.Load())
				}
			})
		})
	}
}

func TestTokenRefresh_opaqueTokenRejected(t *testing.T) {
	for name, newEnv := range authEnvs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newEnv(t, flowretailtest.WithOpaqueTokens(), flowretailtest.WithTokenLifetime(time.Minute), flowretailtest.WithLatency(time.Second))
				for round := range 3 {
					var calls sync.WaitGroup
					for i := range 100 {
						calls.Go(func() {
							// Some calls start when others already know that the token has expired.
							time.Sleep(time.Duration(i) * 20 * time.Millisecond)
							var response flowretail.Response
							if err := env.call(t.Context(), flowretail.CaptureResponse(&response)); err != nil {
								t.Error(err)
							}
							if response.Attempts > 2 {
								t.Errorf("a call made %d attempts", response.Attempts)
							}
						})
					}
					calls.Wait()
					wantRequests(t, env.Fake, env.refreshOperation, round+1)
					time.Sleep(2 * time.Minute)
				}
			})
		})
	}
}

func TestTokenRefresh_onceInOneCall(t *testing.T) {
	env := newDeviceLoginEnv(t)
	env.Inject(flowretailtest.Fault{Operation: "get-tenants-account", ExpireToken: true})
	if err := env.call(t.Context()); !errors.Is(err, flowretail.ErrUnauthorized) || !errors.Is(err, flowretail.ErrRefused) {
		t.Error(err)
	}
	wantRequests(t, env.Fake, "get-tenants-account", 2)
	wantRequests(t, env.Fake, loginOperation, 2)
}

func TestCredentials_tokenOfEachOperation(t *testing.T) {
	authorization := func(fake *flowretailtest.Fake) map[string]string {
		seen := map[string]string{}
		for _, request := range fake.Requests() {
			seen[request.Operation] = strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
		}
		return seen
	}
	t.Run("device login", func(t *testing.T) {
		fake := flowretailtest.New()
		tenant, device := fake.TenantUID(), fake.DeviceToken(fake.TenantUID())
		seller := fake.AddUser(tenant, flowretail.User{UserCode: "1234567"})
		password := flowretail.NewSecret(fake.Password(tenant, seller))
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithDeviceLogin(fixedSource(device), "1234567", password))...))
		must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		session := must[*flowretail.Session](t)(client.Account.Login(t.Context(), &flowretail.AccountLoginRequest{UserCode: "1234567", Password: password}))
		seen := authorization(fake)
		if seen[loginOperation] != device || seen["get-account"] == device || seen["get-account"] == "" || session.TenantUser.TenantUserUID != seller {
			t.Errorf("the operations used %v", seen)
		}
	})
	t.Run("tenant exchange", func(t *testing.T) {
		fake := flowretailtest.New()
		tenant, auth := fake.TenantUID(), fake.AuthToken()
		invite := fake.Invite(tenant, fake.AddUser(tenant, flowretail.User{Email: "new@example.com", Status: flowretail.UserStatusPendingInvite}))
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTenantExchange(fixedSource(auth), tenant))...))
		must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		must[*flowretail.Session](t)(client.Account.CreateAccessToken(t.Context(), tenant))
		must[*flowretail.User](t)(client.Account.AcceptInvite(t.Context(), &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(invite)}))
		seen := authorization(fake)
		if seen[exchangeOperation] != auth || seen["put-account-invite"] != auth || seen["get-account"] == auth || seen["get-account"] == "" {
			t.Errorf("the operations used %v", seen)
		}
	})
}

func TestAccountCreateAccessToken_placeOfToken(t *testing.T) {
	for name, place := range map[string]flowretailtest.ExchangeToken{
		"beside the user": flowretailtest.BesideUser, "like a login": flowretailtest.LikeLogin,
		"in Authorization": flowretailtest.AuthorizationHeader, "in X-Access-Token": flowretailtest.AccessTokenHeader,
	} {
		t.Run(name, func(t *testing.T) {
			env := newTenantExchangeEnv(t, flowretailtest.WithExchangeToken(place))
			if err := env.call(t.Context()); err != nil {
				t.Fatal(err)
			}
			var response flowretail.Response
			session := must[*flowretail.Session](t)(env.Account.CreateAccessToken(t.Context(), env.tenant, flowretail.CaptureResponse(&response)))
			if session.TenantUser.TenantUID != env.tenant || session.AccessToken.IsZero() {
				t.Errorf("%+v", session)
			}
			other := must[*flowretail.Client](t)(env.With(flowretail.WithToken(session.AccessToken.Reveal())))
			must[*flowretail.User](t)(other.Account.GetForTenant(t.Context(), env.tenant))
			for what, kept := range map[string]string{
				"Extra":    fmt.Sprintf("%s %s", session.Extra, session.TenantUser.Extra),
				"Response": fmt.Sprint(response.Header),
			} {
				if strings.Contains(kept, session.AccessToken.Reveal()) {
					t.Errorf("the token is in %s", what)
				}
			}
		})
	}
}

func TestAccountCreateAccessToken_tokenNotInExtra(t *testing.T) {
	for name, body := range map[string]string{
		"beside the user":   `{"accessToken":"marked-secret-access","tenantUserUid":"7","tenantUid":"t"}`,
		"like a login":      `{"accessToken":"marked-secret-access","tenantUser":{"tenantUserUid":"7","tenantUid":"t"}}`,
		"in both":           `{"accessToken":"marked-secret-access","tenantUser":{"accessToken":"marked-secret-access","tenantUserUid":"7","tenantUid":"t"}}`,
		"in the user alone": `{"tenantUser":{"accessToken":"marked-secret-access","tenantUserUid":"7","tenantUid":"t"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			session, err := newClient(t, respond(200, "application/json", body)).Account.CreateAccessToken(t.Context(), "t")
			if failed, ok := errors.AsType[*flowretail.NoAccessTokenError](err); ok {
				session = &flowretail.Session{TenantUser: *failed.User}
			} else if err != nil || session.AccessToken.Reveal() != "marked-secret-access" {
				t.Fatal(err)
			}
			if session.Extra != nil || session.TenantUser.Extra != nil {
				t.Errorf("%s %s", session.Extra, session.TenantUser.Extra)
			}
		})
	}
}

func TestAccountCreateAccessToken_noToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := newTenantExchangeEnv(t, flowretailtest.WithExchangeToken(flowretailtest.Nowhere))
		check := func(err error) {
			t.Helper()
			failed, ok := errors.AsType[*flowretail.NoAccessTokenError](err)
			if !ok || failed.User == nil || failed.User.TenantUID != env.tenant || !errors.Is(err, flowretail.ErrMalformedResponse) {
				t.Errorf("error %v with user %+v", err, failed)
			}
		}
		_, err := env.Account.CreateAccessToken(t.Context(), env.tenant)
		check(err)
		wantRequests(t, env.Fake, "", 1)
		for range 10 {
			check(env.call(t.Context()))
		}
		wantRequests(t, env.Fake, "", 2)
	})
}
