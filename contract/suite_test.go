package contract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/operations"
)

// The SDK calls the fake with everything that the document has. Each exchange is
// checked, and together they have to cover the whole document.
func TestSDKAndFake_coverDocument(t *testing.T) {
	checker := newChecker(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *Checker)
	}{
		{"operations", everyOperation},
		{"error statuses", everyStatus},
		{"refusals", refusals},
		{"list parameters", everyParameter},
		{"iterators", iterators},
		{"tenant fields", tenantFields},
		{"create fields", createFields},
		{"user fields", userFields},
		{"tenant account fields", tenantAccountFields},
		{"response values", responseValues},
		{"exchange tokens", exchangeTokens},
		{"token sources", tokenSources},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, checker) })
	}
	for _, missing := range checker.Missing() {
		t.Errorf("not covered: %s", missing)
	}
	t.Logf("%d operations, parameters, fields, headers, statuses and values are covered", len(checker.expected)-len(checker.Missing()))
}

func everyOperation(t *testing.T, checker *Checker) {
	for _, operation := range operations.All {
		if err := calls[operation](t.Context(), newTestEnv(t, checker), flowretail.Language("nb")); err != nil {
			t.Errorf("%s: %v", operation.ID, err)
		}
	}
}

func everyStatus(t *testing.T, checker *Checker) {
	sentinels := map[int]error{
		http.StatusBadRequest: flowretail.ErrBadRequest, http.StatusUnauthorized: flowretail.ErrUnauthorized,
		http.StatusForbidden: flowretail.ErrForbidden, http.StatusNotFound: flowretail.ErrNotFound,
		http.StatusConflict: flowretail.ErrConflict, http.StatusTooManyRequests: flowretail.ErrRateLimited,
		http.StatusInternalServerError: flowretail.ErrServer, http.StatusServiceUnavailable: flowretail.ErrServer,
	}
	statuses := errorStatuses(checker.operations[0].Responses.Default().Value)
	for _, operation := range operations.All {
		for _, status := range statuses {
			env := newTestEnv(t, checker)
			env.fake.Inject(flowretailtest.Fault{Operation: operation.ID, Times: 1, Status: status, RetryAfter: "1"})
			err := calls[operation](t.Context(), env, flowretail.NoRetry())
			generic, ok := errors.AsType[*flowretail.GenericError](err)
			if !ok || !errors.Is(err, sentinels[status]) || generic.StatusCode != status || generic.Code == "" || generic.LogID == "" {
				t.Errorf("%s with status %d: %v", operation.ID, status, err)
			}
		}
	}
}

// refusals checks the refusals of the fake itself, not injected ones.
func refusals(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	ctx := t.Context()
	const unknown = "unknown"
	existing := newUser("existing", flowretail.AccountTypeRegular, flowretail.TenantRoleAccess)
	if _, err := env.client.Users.Create(ctx, env.tenant, existing); err != nil {
		t.Fatal(err)
	}
	conflicting := *existing
	conflicting.DisplayName = "Someone else"
	restricted := env.withToken(env.fake.AccessTokenWithRole(env.tenant, flowretail.TenantRoleAccess))
	used := env.invite()
	if _, err := env.withToken(env.fake.StrangerToken()).Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: used}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		err  error
		want error
	}{
		{"unknown sort field", errOnly(env.client.Users.List(ctx, env.tenant, &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{SortBy: "shoeSize"}})), flowretail.ErrBadRequest},
		{"unknown token", errOnly(env.withToken("marked-secret-unknown").Tenants.Get(ctx, env.tenant)), flowretail.ErrUnauthorized},
		{"restricted role", errOnly(restricted.Users.List(ctx, env.tenant, nil)), flowretail.ErrForbidden},
		{"another kind of token", errOnly(env.client.Account.CreateAccessToken(ctx, env.tenant)), flowretail.ErrForbidden},
		{"unknown tenant", errOnly(env.client.Tenants.Get(ctx, unknown)), flowretail.ErrNotFound},
		{"unknown user", errOnly(env.client.Users.Get(ctx, env.tenant, unknown)), flowretail.ErrNotFound},
		{"unknown subscriber", env.client.Subscribers.Delete(ctx, env.tenant, env.store, unknown), flowretail.ErrNotFound},
		{"unknown invitation", errOnly(env.client.Account.GetInvite(ctx, flowretail.NewSecret("marked-secret-unknown"))), flowretail.ErrNotFound},
		{"existing UID", errOnly(env.client.Users.Create(ctx, env.tenant, &conflicting)), flowretail.ErrConflict},
		{"token for a regular user", errOnly(env.client.Tokens.Create(ctx, env.tenant, env.user)), flowretail.ErrConflict},
		{"accepted invitation", errOnly(env.withToken(env.fake.StrangerToken()).Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: used})), flowretail.ErrConflict},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
		}
	}
}

func everyParameter(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	for _, direction := range []flowretail.SortDirection{flowretail.SortAscending, flowretail.SortDescending} {
		page := flowretail.ListOptions{PageNumber: 1, PageSize: 2, SortBy: "createdAt", SortDirection: direction}
		if _, err := env.client.Tenants.List(t.Context(), &flowretail.TenantListOptions{ListOptions: page}); err != nil {
			t.Error(err)
		}
		if _, err := env.client.Users.List(t.Context(), env.tenant, &flowretail.UserListOptions{
			ListOptions: page, Query: "a b&c=æ", OrganizationUID: env.stores[0].OrganizationUID, StoreUID: env.store,
		}); err != nil {
			t.Error(err)
		}
		if _, err := env.client.Subscribers.List(t.Context(), env.tenant, env.store, &flowretail.SubscriberListOptions{
			ListOptions: page, SubscriptionType: flowretail.SalesSummaryReport, TenantUserUIDs: []string{env.user, env.integrationUser},
		}); err != nil {
			t.Error(err)
		}
	}
}

func iterators(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker, flowretailtest.WithUsers(60), flowretailtest.WithTenants(5), flowretailtest.WithPageSize(3, 10))
	for name, opts := range map[string][]flowretail.IterOption{
		"one page at a time": {flowretail.Prefetch(1)},
		"default":            nil,
		"prefetch":           {flowretail.Prefetch(4)},
		"complete":           {flowretail.Complete(), flowretail.Prefetch(4)},
	} {
		if users, err := flowretail.Collect(env.client.Users.All(t.Context(), env.tenant, nil, opts...)); err != nil || len(users) != 61 {
			t.Errorf("%s: %d users, %v", name, len(users), err)
		}
		if _, err := flowretail.Collect(env.client.Subscribers.All(t.Context(), env.tenant, env.store, nil, opts...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if tenants, err := flowretail.Collect(env.client.Tenants.All(t.Context(), nil)); err != nil || len(tenants) != 5 {
		t.Errorf("%d tenants, %v", len(tenants), err)
	}
	if _, err := flowretail.Collect(env.client.Tokens.All(t.Context(), env.tenant, env.integrationUser)); err != nil {
		t.Error(err)
	}
}

func tenantFields(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	for name, update := range map[string]*flowretail.TenantUpdateRequest{
		"values": {
			Name: new("Fjell"), VATNumber: new("NO999999999MVA"), PricelistUID: new("price-1"), LanguageCode: new("nn"),
			Timezone: new("Europe/Oslo"), LogoAssetUID: new("logo-1"), SplashAssetUID: new("splash-1"),
			AllowExternalCashDrawer: new(true), AutoLogout: new(600), AutoPrintReceipt: new(true), NumericSKUCounter: new(7),
			PrintCardPaymentDetails: new(true), SendInvoicesExternally: new(true), ShowOutOfStockWarning: new(true),
		},
		"zero values": {
			Name: new(""), VATNumber: new(""), PricelistUID: new(""), LanguageCode: new(""),
			Timezone: new(""), LogoAssetUID: new(""), SplashAssetUID: new(""),
			AllowExternalCashDrawer: new(false), AutoLogout: new(0), AutoPrintReceipt: new(false), NumericSKUCounter: new(0),
			PrintCardPaymentDetails: new(false), SendInvoicesExternally: new(false), ShowOutOfStockWarning: new(false),
		},
		"nothing": {},
	} {
		if _, err := env.client.Tenants.Update(t.Context(), env.tenant, update); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var (
	accountTypes = []flowretail.AccountType{flowretail.AccountTypeFull, flowretail.AccountTypeRegular, flowretail.AccountTypeSupport, flowretail.AccountTypeIntegration}
	tenantRoles  = []flowretail.TenantRole{flowretail.TenantRoleAccess, flowretail.TenantRoleAdmin, flowretail.TenantRoleBackoffice, flowretail.TenantRoleBlocked}
	storeRoles   = []flowretail.StoreRole{flowretail.StoreRoleAdmin, flowretail.StoreRoleBackoffice, flowretail.StoreRoleRegular}
)

func createFields(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	for i := range accountTypes {
		uid := fmt.Sprint("new-", i)
		if _, err := env.client.Users.Create(t.Context(), env.tenant, newUser(uid, accountTypes[i], tenantRoles[i])); err != nil {
			t.Errorf("%s: %v", accountTypes[i], err)
		}
	}
	if _, err := env.client.Subscribers.Create(t.Context(), env.tenant, env.store, env.newSubscriber("new-subscriber")); err != nil {
		t.Error(err)
	}
	generating := env.with(t, flowretail.WithGeneratedUIDs())
	created, err := generating.Users.Create(t.Context(), env.tenant, newUser("", flowretail.AccountTypeRegular, flowretail.TenantRoleAccess))
	if err != nil || created.TenantUserUID == "" {
		t.Errorf("with a generated UID: %v", err)
	}
}

func userFields(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	var access []flowretail.StoreAccessGrant
	for i, role := range storeRoles {
		access = append(access, flowretail.StoreAccessGrant{StoreUID: env.stores[i].StoreUID, StoreRole: role})
	}
	updates := []*flowretail.UserUpdateRequest{
		{
			UserCode: new("4711"), Password: new(flowretail.NewSecret("marked-secret-password")), ExternalID: new("erp-7"), DisplayName: new("Kari"),
			Firstname: new("Kari"), Lastname: new("Nordmann"), Email: new("kari@example.com"), Mobile: new("+4790000000"),
			LanguageCode: new("nb"), StoreAccess: access, DefaultStoreUID: new(env.store), ResendInvite: true,
		},
		{
			UserCode: new(""), Password: new(flowretail.NewSecret("")), ExternalID: new(""), DisplayName: new(""),
			Firstname: new(""), Lastname: new(""), Email: new(""), Mobile: new(""),
			LanguageCode: new(""), StoreAccess: []flowretail.StoreAccessGrant{},
		},
		{},
	}
	for _, accountType := range accountTypes {
		updates = append(updates, &flowretail.UserUpdateRequest{AccountType: &accountType, Email: new("kari@example.com")})
	}
	for _, role := range tenantRoles {
		updates = append(updates, &flowretail.UserUpdateRequest{TenantRole: &role})
	}
	for i, update := range updates {
		if _, err := env.client.Users.Update(t.Context(), env.tenant, env.user, update); err != nil {
			t.Errorf("update %d: %v", i, err)
		}
	}
}

func tenantAccountFields(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	for name, update := range map[string]*flowretail.TenantAccountUpdateRequest{
		"values": {
			DefaultStoreUID: new(env.store), DisplayName: new("Kari"), Firstname: new("Kari"), Lastname: new("Nordmann"), Email: new("kari@example.com"),
			Mobile: new("+4790000000"), Password: new(flowretail.NewSecret("marked-secret-password")), LanguageCode: new("nb"),
		},
		"zero values": {
			DefaultStoreUID: new(""), DisplayName: new(""), Firstname: new(""), Lastname: new(""), Email: new(""),
			Mobile: new(""), Password: new(flowretail.NewSecret("")), LanguageCode: new(""),
		},
	} {
		if _, err := env.client.Account.UpdateForTenant(t.Context(), env.tenant, update); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// responseValues makes the fake respond with every enum value, and with one that
// is not in the document.
func responseValues(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	codes := slices.Concat(checker.document.Components.Schemas["ExtensionCode"].Value.Enum, []any{"ADDED_VALUE"})
	env.fake.EditTenant(env.tenant, func(tenant *flowretail.Tenant) {
		tenant.Extensions, tenant.AvailableExtensions = nil, nil
		for _, code := range codes {
			code := flowretail.ExtensionCode(fmt.Sprint(code))
			tenant.Extensions = append(tenant.Extensions, flowretail.TenantExtension{ExtensionCode: code, Name: string(code), Active: true})
			tenant.AvailableExtensions = append(tenant.AvailableExtensions, flowretail.AvailableExtension{ExtensionCode: code, Name: string(code)})
		}
	})
	tenant, err := env.client.Tenants.Get(t.Context(), env.tenant)
	if err != nil || len(tenant.Extensions) != len(codes) || len(tenant.AvailableExtensions) != len(codes) {
		t.Fatalf("tenant with all extensions: %v", err)
	}
	statuses := []flowretail.UserStatus{flowretail.UserStatusPendingInvite, flowretail.UserStatusActive, flowretail.UserStatusInactive, "ADDED_VALUE"}
	for i, status := range statuses {
		env.fake.EditUser(env.tenant, env.user, func(user *flowretail.User) {
			user.Status, user.AccountType, user.TenantRole = status, accountTypes[i], tenantRoles[i]
			user.DefaultStoreUID = env.store
		})
		if user, err := env.client.Users.Get(t.Context(), env.tenant, env.user); err != nil || user.Status != status {
			t.Errorf("user with the status %s: %v", status, err)
		}
	}
}

// exchangeTokens checks the token exchange with the access token in each location.
func exchangeTokens(t *testing.T, checker *Checker) {
	for _, location := range []flowretailtest.ExchangeToken{
		flowretailtest.BesideUser, flowretailtest.LikeLogin, flowretailtest.AuthorizationHeader, flowretailtest.AccessTokenHeader,
	} {
		env := newTestEnv(t, checker, flowretailtest.WithExchangeToken(location))
		if err := calls[operations.CreateAccessToken](t.Context(), env); err != nil {
			t.Errorf("location %d: %v", location, err)
		}
	}
	env := newTestEnv(t, checker, flowretailtest.WithExchangeToken(flowretailtest.Nowhere))
	err := calls[operations.CreateAccessToken](t.Context(), env)
	if missing, ok := errors.AsType[*flowretail.NoAccessTokenError](err); !ok || missing.User == nil {
		t.Errorf("without an access token: %v", err)
	}
}

// tokenSources checks the requests of clients that get and refresh their tokens
// themselves.
func tokenSources(t *testing.T, checker *Checker) {
	env := newTestEnv(t, checker)
	login := env.login()
	for name, option := range map[string]flowretail.Option{
		"login":    flowretail.WithDeviceLogin(staticSource(env.fake.DeviceToken(env.tenant)), login.UserCode, login.Password),
		"exchange": flowretail.WithTenantExchange(staticSource(env.fake.AuthToken()), env.tenant),
	} {
		client := env.with(t, option)
		for range 2 {
			if _, err := client.Users.List(t.Context(), env.tenant, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			env.fake.ExpireTokens()
		}
	}
}

func TestCalls_everyOperation(t *testing.T) {
	for _, operation := range operations.All {
		if calls[operation] == nil {
			t.Errorf("%s has no call", operation.ID)
		}
	}
	if len(calls) != len(operations.All) {
		t.Errorf("%d calls for %d operations", len(calls), len(operations.All))
	}
}
