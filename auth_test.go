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

// A source hands out what next returns, and counts how often it is asked.
type source struct {
	asked atomic.Int32
	next  func() (string, error)
}

func (s *source) Token() (*oauth2.Token, error) {
	s.asked.Add(1)
	value, err := s.next()
	return &oauth2.Token{AccessToken: value}, err
}

func always(token string) *source {
	return &source{next: func() (string, error) { return token, nil }}
}

// A till is a fake with a seller, a client that gets access tokens by itself,
// and the operation by which it does.
type till struct {
	*flowretailtest.Fake
	*flowretail.Client
	tenant  string
	opening string
}

// tills are the two ways of getting access tokens.
var tills = map[string]func(*testing.T, ...flowretailtest.Option) *till{"device login": newDeviceTill, "tenant exchange": newExchangeTill}

func newDeviceTill(t *testing.T, opts ...flowretailtest.Option) *till {
	fake := flowretailtest.New(opts...)
	tenant := fake.TenantUID()
	seller := fake.AddUser(tenant, flowretail.User{TenantRole: flowretail.TenantRoleAdmin, UserCode: "1234567"})
	login := flowretail.WithDeviceLogin(always(fake.DeviceToken(tenant)), "1234567", flowretail.NewSecret(fake.Password(tenant, seller)))
	return &till{fake, must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), login)...)), tenant, loginOperation}
}

func newExchangeTill(t *testing.T, opts ...flowretailtest.Option) *till {
	fake := flowretailtest.New(opts...)
	tenant := fake.TenantUID()
	exchange := flowretail.WithTenantExchange(always(fake.AuthToken()), tenant)
	return &till{fake, must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), exchange)...)), tenant, exchangeOperation}
}

func (l *till) call(ctx context.Context, opts ...flowretail.CallOption) error {
	_, err := l.Account.GetForTenant(ctx, l.tenant, opts...)
	return err
}

// sent counts the requests of an operation; "" is for all.
func sent(fake *flowretailtest.Fake, operation string) int {
	count := 0
	for _, request := range fake.Requests() {
		if operation == "" || request.Operation == operation {
			count++
		}
	}
	return count
}

func wantSent(t *testing.T, fake *flowretailtest.Fake, operation string, want int) {
	t.Helper()
	if got := sent(fake, operation); got != want {
		t.Errorf("%d requests of %q were sent, want %d", got, operation, want)
	}
}

func TestAnHourWithTokensOfAMinute(t *testing.T) {
	for name, open := range tills {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var opened, calls atomic.Int32
				var opening string
				till := open(t, flowretailtest.WithTokenLifetime(time.Minute), flowretailtest.WithoutRecords(), flowretailtest.WithLatency(50*time.Millisecond),
					flowretailtest.WithObserver(func(exchange flowretailtest.Exchange) {
						if exchange.Request.Operation == opening {
							opened.Add(1)
						}
					}))
				opening = till.opening
				began := time.Now()
				var workers sync.WaitGroup
				for range 100 {
					workers.Go(func() {
						for time.Since(began) < time.Hour {
							calls.Add(1)
							if err := till.call(t.Context()); err != nil {
								t.Error(err)
							}
							time.Sleep(rand.N(time.Minute))
						}
					})
				}
				workers.Wait()
				if n := opened.Load(); n < 60 || n > 66 {
					t.Errorf("%d tokens were opened for %d calls, want 60 to 66", n, calls.Load())
				}
			})
		})
	}
}

func TestOpaqueTokensAreRenewedWhenTheyAreRejected(t *testing.T) {
	for name, open := range tills {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				till := open(t, flowretailtest.WithOpaqueTokens(), flowretailtest.WithTokenLifetime(time.Minute), flowretailtest.WithLatency(time.Second))
				for round := range 3 {
					var calls sync.WaitGroup
					for i := range 100 {
						calls.Go(func() {
							// Some calls set out while others know already that the token has expired.
							time.Sleep(time.Duration(i) * 20 * time.Millisecond)
							var response flowretail.Response
							if err := till.call(t.Context(), flowretail.CaptureResponse(&response)); err != nil {
								t.Error(err)
							}
							if response.Attempts > 2 {
								t.Errorf("a call made %d attempts", response.Attempts)
							}
						})
					}
					calls.Wait()
					wantSent(t, till.Fake, till.opening, round+1)
					time.Sleep(2 * time.Minute)
				}
			})
		})
	}
}

func TestAnExpiredTokenIsReplacedOnceACall(t *testing.T) {
	till := newDeviceTill(t)
	till.Inject(flowretailtest.Fault{Operation: "get-tenants-account", ExpireToken: true})
	if err := till.call(t.Context()); !errors.Is(err, flowretail.ErrUnauthorized) || !errors.Is(err, flowretail.ErrRefused) {
		t.Error(err)
	}
	wantSent(t, till.Fake, "get-tenants-account", 2)
	wantSent(t, till.Fake, loginOperation, 2)
}

func TestOperationsUseTheTokenThatTheyTake(t *testing.T) {
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
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithDeviceLogin(always(device), "1234567", password))...))
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
		client := must[*flowretail.Client](t)(flowretail.NewClient(append(fake.Options(), flowretail.WithTenantExchange(always(auth), tenant))...))
		must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		must[*flowretail.Session](t)(client.Account.CreateAccessToken(t.Context(), tenant))
		must[*flowretail.User](t)(client.Account.AcceptInvite(t.Context(), &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(invite)}))
		seen := authorization(fake)
		if seen[exchangeOperation] != auth || seen["put-account-invite"] != auth || seen["get-account"] == auth || seen["get-account"] == "" {
			t.Errorf("the operations used %v", seen)
		}
	})
}

func TestTheTokenOfAnExchangeIsFoundWhereverItIs(t *testing.T) {
	for name, place := range map[string]flowretailtest.ExchangeToken{
		"beside the user": flowretailtest.BesideUser, "as a login answers": flowretailtest.LikeLogin,
		"in Authorization": flowretailtest.AuthorizationHeader, "in X-Access-Token": flowretailtest.AccessTokenHeader,
	} {
		t.Run(name, func(t *testing.T) {
			till := newExchangeTill(t, flowretailtest.WithExchangeToken(place))
			if err := till.call(t.Context()); err != nil {
				t.Fatal(err)
			}
			var response flowretail.Response
			session := must[*flowretail.Session](t)(till.Account.CreateAccessToken(t.Context(), till.tenant, flowretail.CaptureResponse(&response)))
			if session.TenantUser.TenantUID != till.tenant || session.AccessToken.IsZero() {
				t.Errorf("%+v", session)
			}
			other := must[*flowretail.Client](t)(till.With(flowretail.WithToken(session.AccessToken.Reveal())))
			must[*flowretail.User](t)(other.Account.GetForTenant(t.Context(), till.tenant))
			for what, kept := range map[string]string{
				"Extra":    fmt.Sprintf("%s %s", session.Extra, session.TenantUser.Extra),
				"Response": fmt.Sprint(response.Header),
			} {
				if strings.Contains(kept, session.AccessToken.Reveal()) {
					t.Errorf("the token stays in %s", what)
				}
			}
		})
	}
}

func TestTheTokenOfAnExchangeStaysInNoExtra(t *testing.T) {
	for name, body := range map[string]string{
		"beside the user":    `{"accessToken":"marked-secret-access","tenantUserUid":"7","tenantUid":"t"}`,
		"as a login answers": `{"accessToken":"marked-secret-access","tenantUser":{"tenantUserUid":"7","tenantUid":"t"}}`,
		"in both":            `{"accessToken":"marked-secret-access","tenantUser":{"accessToken":"marked-secret-access","tenantUserUid":"7","tenantUid":"t"}}`,
		"in the user alone":  `{"tenantUser":{"accessToken":"marked-secret-access","tenantUserUid":"7","tenantUid":"t"}}`,
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

func TestAnExchangeWithoutAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		till := newExchangeTill(t, flowretailtest.WithExchangeToken(flowretailtest.Nowhere))
		check := func(err error) {
			t.Helper()
			failed, ok := errors.AsType[*flowretail.NoAccessTokenError](err)
			if !ok || failed.User == nil || failed.User.TenantUID != till.tenant || !errors.Is(err, flowretail.ErrMalformedResponse) {
				t.Errorf("error %v with user %+v", err, failed)
			}
		}
		_, err := till.Account.CreateAccessToken(t.Context(), till.tenant)
		check(err)
		wantSent(t, till.Fake, "", 1)
		for range 10 {
			check(till.call(t.Context()))
		}
		wantSent(t, till.Fake, "", 2)
	})
}
