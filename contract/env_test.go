package contract

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/operations"
	"golang.org/x/oauth2"
)

// A testEnv is a fake and a client. Each of their exchanges is checked.
type testEnv struct {
	fake   *flowretailtest.Fake
	client *flowretail.Client // with the token of an administrator
	tenant string
	store  string
	stores []flowretail.Store

	user            string // of account type REGULAR
	integrationUser string // of account type INTEGRATION
	admin           string // an administrator who can log in
}

func newTestEnv(t *testing.T, checker *Checker, opts ...flowretailtest.Option) *testEnv {
	t.Helper()
	fake := flowretailtest.New(append(opts, flowretailtest.WithObserver(func(exchange flowretailtest.Exchange) {
		if err := checker.Check(fromFake(exchange)); err != nil {
			t.Error(err)
		}
	}))...)
	client, err := fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	env := &testEnv{fake: fake, client: client, tenant: fake.TenantUID()}
	env.stores = fake.Stores(env.tenant)
	env.store = env.stores[0].StoreUID
	users := fake.Users(env.tenant)
	env.integrationUser, env.admin = users[0].TenantUserUID, users[1].TenantUserUID
	env.user = fake.AddUser(env.tenant, flowretail.User{
		AccountType: flowretail.AccountTypeRegular, Email: "ola@example.com", Firstname: "Ola", Lastname: "Nordmann",
	})
	return env
}

// fromFake converts an exchange of the fake for a Checker.
func fromFake(exchange flowretailtest.Exchange) Exchange {
	sent := exchange.Request
	return Exchange{
		Request: &http.Request{
			Method: sent.Method, Header: sent.Header,
			URL: &url.URL{Path: sent.Path, RawQuery: sent.RawQuery},
		},
		RequestBody: sent.Body, Status: exchange.Status, Header: exchange.Header, ResponseBody: exchange.Body,
	}
}

// with returns a derived client.
func (env *testEnv) with(t *testing.T, opts ...flowretail.Option) *flowretail.Client {
	t.Helper()
	client, err := env.client.With(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (env *testEnv) withToken(token string) *flowretail.Client {
	client, err := env.client.With(flowretail.WithToken(token))
	if err != nil {
		panic(err)
	}
	return client
}

func staticSource(token string) oauth2.TokenSource {
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
}

// A call calls one operation of the SDK, which succeeds.
type call func(context.Context, *testEnv, ...flowretail.CallOption) error

// errOnly returns the error of a call without its result.
func errOnly[T any](_ T, err error) error { return err }

// calls has one call for each operation.
var calls = map[*operations.Operation]call{
	operations.ListTenants: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Tenants.List(ctx, nil, opts...))
	},
	operations.GetTenant: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Tenants.Get(ctx, env.tenant, opts...))
	},
	operations.UpdateTenant: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Tenants.Update(ctx, env.tenant, &flowretail.TenantUpdateRequest{Name: new("Fjell")}, opts...))
	},
	operations.ListUsers: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Users.List(ctx, env.tenant, nil, opts...))
	},
	operations.CreateUser: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Users.Create(ctx, env.tenant, newUser("", flowretail.AccountTypeRegular, flowretail.TenantRoleAccess), opts...))
	},
	operations.GetUser: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Users.Get(ctx, env.tenant, env.user, opts...))
	},
	operations.UpdateUser: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Users.Update(ctx, env.tenant, env.user, &flowretail.UserUpdateRequest{Mobile: new("+4790000000")}, opts...))
	},
	operations.DeleteUser: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return env.client.Users.Delete(ctx, env.tenant, env.user, opts...)
	},
	operations.ListTokens: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Tokens.List(ctx, env.tenant, env.integrationUser, opts...))
	},
	operations.CreateToken: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Tokens.Create(ctx, env.tenant, env.integrationUser, opts...))
	},
	operations.DeleteToken: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		env.fake.IntegrationToken(env.tenant, env.integrationUser)
		listed, err := env.client.Tokens.List(ctx, env.tenant, env.integrationUser)
		if err != nil || len(listed.Items) == 0 {
			return fmt.Errorf("no token to delete: %v", err)
		}
		return env.client.Tokens.Delete(ctx, env.tenant, env.integrationUser, listed.Items[0].TenantUserTokenUID, opts...)
	},
	operations.GetAccount: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Account.Get(ctx, opts...))
	},
	operations.Login: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.withToken(env.fake.DeviceToken(env.tenant)).Account.Login(ctx, env.login(), opts...))
	},
	operations.UpdateAccount: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Account.Update(ctx, &flowretail.AccountUpdateRequest{DefaultTenantUID: env.tenant}, opts...))
	},
	operations.GetTenantAccount: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Account.GetForTenant(ctx, env.tenant, opts...))
	},
	operations.CreateAccessToken: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.withToken(env.fake.AuthToken()).Account.CreateAccessToken(ctx, env.tenant, opts...))
	},
	operations.UpdateTenantAccount: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Account.UpdateForTenant(ctx, env.tenant, &flowretail.TenantAccountUpdateRequest{Mobile: new("+4790000000")}, opts...))
	},
	operations.GetInvite: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Account.GetInvite(ctx, env.invite(), opts...))
	},
	operations.AcceptInvite: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.withToken(env.fake.StrangerToken()).Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: env.invite()}, opts...))
	},
	operations.ListSubscribers: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Subscribers.List(ctx, env.tenant, env.store, nil, opts...))
	},
	operations.CreateSubscriber: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Subscribers.Create(ctx, env.tenant, env.store, env.newSubscriber(""), opts...))
	},
	operations.GetSubscriber: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return errOnly(env.client.Subscribers.Get(ctx, env.tenant, env.store, env.subscriber(), opts...))
	},
	operations.DeleteSubscriber: func(ctx context.Context, env *testEnv, opts ...flowretail.CallOption) error {
		return env.client.Subscribers.Delete(ctx, env.tenant, env.store, env.subscriber(), opts...)
	},
}

func (env *testEnv) login() *flowretail.AccountLoginRequest {
	for _, user := range env.fake.Users(env.tenant) {
		if user.TenantUserUID == env.admin {
			return &flowretail.AccountLoginRequest{UserCode: user.UserCode, Password: flowretail.NewSecret(env.fake.Password(env.tenant, env.admin))}
		}
	}
	return nil
}

func (env *testEnv) invite() flowretail.Secret {
	return flowretail.NewSecret(env.fake.Invite(env.tenant, env.user))
}

func (env *testEnv) subscriber() string {
	return env.fake.Subscribers(env.tenant, env.store)[0].SubscriberUID
}

func (env *testEnv) newSubscriber(uid string) *flowretail.SubscriberCreateRequest {
	return &flowretail.SubscriberCreateRequest{SubscriberUID: uid, TenantUserUID: env.user, SubscriptionType: flowretail.SalesSummaryReport}
}

// newUser returns a request with every field.
func newUser(uid string, accountType flowretail.AccountType, role flowretail.TenantRole) *flowretail.UserCreateRequest {
	return &flowretail.UserCreateRequest{
		TenantUserUID: uid, AccountType: accountType, TenantRole: role,
		UserCode: "code-" + uid, Password: flowretail.NewSecret("marked-secret-password"),
		ExternalID: "erp-7", DisplayName: "Kari", Firstname: "Kari", Lastname: "Nordmann",
		Email: "kari@example.com", Mobile: "+4790000000", LanguageCode: "nb",
	}
}
