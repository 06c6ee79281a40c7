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

// A world is a fake with a client, whose every exchange is checked.
type world struct {
	fake   *flowretailtest.Fake
	client *flowretail.Client // of an administrator
	tenant string
	store  string
	stores []flowretail.Store
	user   string // of account type REGULAR
	robot  string // of account type INTEGRATION
	person string // an administrator who logs in
}

func newWorld(t *testing.T, checker *Checker, opts ...flowretailtest.Option) *world {
	t.Helper()
	fake := flowretailtest.New(append(opts, flowretailtest.WithObserver(func(exchange flowretailtest.Exchange) {
		if err := checker.Check(onTheWire(exchange)); err != nil {
			t.Error(err)
		}
	}))...)
	client, err := fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{fake: fake, client: client, tenant: fake.TenantUID()}
	w.stores = fake.Stores(w.tenant)
	w.store = w.stores[0].StoreUID
	users := fake.Users(w.tenant)
	w.robot, w.person = users[0].TenantUserUID, users[1].TenantUserUID
	w.user = fake.AddUser(w.tenant, flowretail.User{
		AccountType: flowretail.AccountTypeRegular, Email: "ola@example.com", Firstname: "Ola", Lastname: "Nordmann",
	})
	return w
}

// onTheWire is an exchange of the fake as a Checker takes it.
func onTheWire(exchange flowretailtest.Exchange) Exchange {
	sent := exchange.Request
	return Exchange{
		Request: &http.Request{
			Method: sent.Method, Header: sent.Header,
			URL: &url.URL{Path: sent.Path, RawQuery: sent.RawQuery},
		},
		RequestBody: sent.Body, Status: exchange.Status, Header: exchange.Header, ResponseBody: exchange.Body,
	}
}

// with derives a client with other options.
func (w *world) with(t *testing.T, opts ...flowretail.Option) *flowretail.Client {
	t.Helper()
	client, err := w.client.With(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (w *world) as(token string) *flowretail.Client {
	client, err := w.client.With(flowretail.WithToken(token))
	if err != nil {
		panic(err)
	}
	return client
}

func (w *world) source(token string) oauth2.TokenSource {
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
}

// A call makes the SDK call one operation, in a world where that succeeds.
type call func(context.Context, *world, ...flowretail.CallOption) error

// only drops the answer of a call.
func only[T any](_ T, err error) error { return err }

// calls has one call for each operation.
var calls = map[*operations.Operation]call{
	operations.ListTenants: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Tenants.List(ctx, nil, opts...))
	},
	operations.GetTenant: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Tenants.Get(ctx, w.tenant, opts...))
	},
	operations.UpdateTenant: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Tenants.Update(ctx, w.tenant, &flowretail.TenantUpdateRequest{Name: new("Fjell")}, opts...))
	},
	operations.ListUsers: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Users.List(ctx, w.tenant, nil, opts...))
	},
	operations.CreateUser: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Users.Create(ctx, w.tenant, newUser("", flowretail.AccountTypeRegular, flowretail.TenantRoleAccess), opts...))
	},
	operations.GetUser: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Users.Get(ctx, w.tenant, w.user, opts...))
	},
	operations.UpdateUser: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Users.Update(ctx, w.tenant, w.user, &flowretail.UserUpdateRequest{Mobile: new("+4790000000")}, opts...))
	},
	operations.DeleteUser: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return w.client.Users.Delete(ctx, w.tenant, w.user, opts...)
	},
	operations.ListTokens: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Tokens.List(ctx, w.tenant, w.robot, opts...))
	},
	operations.CreateToken: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Tokens.Create(ctx, w.tenant, w.robot, opts...))
	},
	operations.DeleteToken: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		w.fake.IntegrationToken(w.tenant, w.robot)
		listed, err := w.client.Tokens.List(ctx, w.tenant, w.robot)
		if err != nil || len(listed.Items) == 0 {
			return fmt.Errorf("no token to delete: %w", err)
		}
		return w.client.Tokens.Delete(ctx, w.tenant, w.robot, listed.Items[0].TenantUserTokenUID, opts...)
	},
	operations.GetAccount: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Account.Get(ctx, opts...))
	},
	operations.Login: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.as(w.fake.DeviceToken(w.tenant)).Account.Login(ctx, w.login(), opts...))
	},
	operations.UpdateAccount: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Account.Update(ctx, &flowretail.AccountUpdateRequest{DefaultTenantUID: w.tenant}, opts...))
	},
	operations.GetTenantAccount: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Account.GetForTenant(ctx, w.tenant, opts...))
	},
	operations.CreateAccessToken: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.as(w.fake.AuthToken()).Account.CreateAccessToken(ctx, w.tenant, opts...))
	},
	operations.UpdateTenantAccount: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Account.UpdateForTenant(ctx, w.tenant, &flowretail.TenantAccountUpdateRequest{Mobile: new("+4790000000")}, opts...))
	},
	operations.GetInvite: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Account.GetInvite(ctx, w.invite(), opts...))
	},
	operations.AcceptInvite: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.as(w.fake.StrangerToken()).Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: w.invite()}, opts...))
	},
	operations.ListSubscribers: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Subscribers.List(ctx, w.tenant, w.store, nil, opts...))
	},
	operations.CreateSubscriber: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Subscribers.Create(ctx, w.tenant, w.store, w.newSubscriber(""), opts...))
	},
	operations.GetSubscriber: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return only(w.client.Subscribers.Get(ctx, w.tenant, w.store, w.subscriber(), opts...))
	},
	operations.DeleteSubscriber: func(ctx context.Context, w *world, opts ...flowretail.CallOption) error {
		return w.client.Subscribers.Delete(ctx, w.tenant, w.store, w.subscriber(), opts...)
	},
}

func (w *world) login() *flowretail.AccountLoginRequest {
	for _, user := range w.fake.Users(w.tenant) {
		if user.TenantUserUID == w.person {
			return &flowretail.AccountLoginRequest{UserCode: user.UserCode, Password: flowretail.NewSecret(w.fake.Password(w.tenant, w.person))}
		}
	}
	return nil
}

func (w *world) invite() flowretail.Secret {
	return flowretail.NewSecret(w.fake.Invite(w.tenant, w.user))
}

func (w *world) subscriber() string {
	return w.fake.Subscribers(w.tenant, w.store)[0].SubscriberUID
}

func (w *world) newSubscriber(uid string) *flowretail.SubscriberCreateRequest {
	return &flowretail.SubscriberCreateRequest{SubscriberUID: uid, TenantUserUID: w.user, SubscriptionType: flowretail.SalesSummaryReport}
}

// newUser is a user with every field that a create has.
func newUser(uid string, accountType flowretail.AccountType, role flowretail.TenantRole) *flowretail.UserCreateRequest {
	return &flowretail.UserCreateRequest{
		TenantUserUID: uid, AccountType: accountType, TenantRole: role,
		UserCode: "code-" + uid, Password: flowretail.NewSecret("marked-secret-password"),
		ExternalID: "erp-7", DisplayName: "Kari", Firstname: "Kari", Lastname: "Nordmann",
		Email: "kari@example.com", Mobile: "+4790000000", LanguageCode: "nb",
	}
}
