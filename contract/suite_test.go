package contract

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/operations"
)

// closing is printed after all tests.
var closing string

func TestMain(m *testing.M) {
	code := m.Run()
	fmt.Print(closing)
	os.Exit(code)
}

// The SDK is driven against the fake through everything that the document has.
// Both are held against it at each exchange, and nothing may be left out.
func TestTheSDKAndTheFakeKeepToTheWholeDocument(t *testing.T) {
	checker := newChecker(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *Checker)
	}{
		{"every operation in a language", everyOperation},
		{"every operation refused with every status", everyStatus},
		{"refusals of the fake's own", ownRefusals},
		{"lists with every parameter", everyParameter},
		{"iterators", iterators},
		{"tenants with every field", tenantFields},
		{"creates with every field and enum value", createFields},
		{"users with every field, zero value and enum value", userFields},
		{"one's own user with every field and zero value", ownUserFields},
		{"everything an answer may hold", answerValues},
		{"the token of an exchange in every place", exchangePlaces},
		{"clients that log in by themselves", sessions},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, checker) })
	}
	coverage := checker.Coverage()
	for _, missing := range coverage.Missing() {
		t.Errorf("not covered: %s", missing)
	}
	closing += fmt.Sprintf("%s%d violations\n", coverage, len(checker.Violations()))
}

func everyOperation(t *testing.T, checker *Checker) {
	for _, operation := range operations.All {
		if err := calls[operation](t.Context(), newWorld(t, checker), flowretail.Language("nb")); err != nil {
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
			w := newWorld(t, checker)
			w.fake.Inject(flowretailtest.Fault{Operation: operation.ID, Times: 1, Status: status, RetryAfter: "1"})
			err := calls[operation](t.Context(), w, flowretail.NoRetry())
			answered, ok := errors.AsType[*flowretail.GenericError](err)
			if !ok || !errors.Is(err, sentinels[status]) || answered.StatusCode != status || answered.Code == "" || answered.LogID == "" {
				t.Errorf("%s answered %d: %v", operation.ID, status, err)
			}
		}
	}
}

func ownRefusals(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
	ctx := t.Context()
	const nobody = "nobody"
	taken := newUser("taken", flowretail.AccountTypeRegular, flowretail.TenantRoleAccess)
	if _, err := w.client.Users.Create(ctx, w.tenant, taken); err != nil {
		t.Fatal(err)
	}
	rival := *taken
	rival.DisplayName = "Someone else"
	lesser := w.as(w.fake.AccessTokenWithRole(w.tenant, flowretail.TenantRoleAccess))
	used := w.invite()
	if _, err := w.as(w.fake.StrangerToken()).Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: used}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		err  error
		want error
	}{
		{"an unknown field to sort by", only(w.client.Users.List(ctx, w.tenant, &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{SortBy: "shoeSize"}})), flowretail.ErrBadRequest},
		{"an unknown token", only(w.as("marked-secret-unknown").Tenants.Get(ctx, w.tenant)), flowretail.ErrUnauthorized},
		{"a lesser role", only(lesser.Users.List(ctx, w.tenant, nil)), flowretail.ErrForbidden},
		{"another kind of token", only(w.client.Account.CreateAccessToken(ctx, w.tenant)), flowretail.ErrForbidden},
		{"an unknown tenant", only(w.client.Tenants.Get(ctx, nobody)), flowretail.ErrNotFound},
		{"an unknown user", only(w.client.Users.Get(ctx, w.tenant, nobody)), flowretail.ErrNotFound},
		{"an unknown subscriber", w.client.Subscribers.Delete(ctx, w.tenant, w.store, nobody), flowretail.ErrNotFound},
		{"an unknown invitation", only(w.client.Account.GetInvite(ctx, flowretail.NewSecret("marked-secret-unknown"))), flowretail.ErrNotFound},
		{"a UID that is taken", only(w.client.Users.Create(ctx, w.tenant, &rival)), flowretail.ErrConflict},
		{"a token for a person", only(w.client.Tokens.Create(ctx, w.tenant, w.user)), flowretail.ErrConflict},
		{"an invitation used up", only(w.as(w.fake.StrangerToken()).Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: used})), flowretail.ErrConflict},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, tc.err, tc.want)
		}
	}
}

func everyParameter(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
	for _, direction := range []flowretail.SortDirection{flowretail.SortAscending, flowretail.SortDescending} {
		page := flowretail.ListOptions{PageNumber: 1, PageSize: 2, SortBy: "createdAt", SortDirection: direction}
		if _, err := w.client.Tenants.List(t.Context(), &flowretail.TenantListOptions{ListOptions: page}); err != nil {
			t.Error(err)
		}
		if _, err := w.client.Users.List(t.Context(), w.tenant, &flowretail.UserListOptions{
			ListOptions: page, Query: "a b&c=æ", OrganizationUID: w.stores[0].OrganizationUID, StoreUID: w.store,
		}); err != nil {
			t.Error(err)
		}
		if _, err := w.client.Subscribers.List(t.Context(), w.tenant, w.store, &flowretail.SubscriberListOptions{
			ListOptions: page, SubscriptionType: flowretail.SalesSummaryReport, TenantUserUIDs: []string{w.user, w.robot},
		}); err != nil {
			t.Error(err)
		}
	}
}

func iterators(t *testing.T, checker *Checker) {
	w := newWorld(t, checker, flowretailtest.WithUsers(60), flowretailtest.WithTenants(5), flowretailtest.WithPageSize(3, 10))
	for name, opts := range map[string][]flowretail.IterOption{
		"one after the other": {flowretail.Prefetch(1)},
		"by default":          nil,
		"ahead":               {flowretail.Prefetch(4)},
		"complete":            {flowretail.Complete(), flowretail.Prefetch(4)},
	} {
		if users, err := flowretail.Collect(w.client.Users.All(t.Context(), w.tenant, nil, opts...)); err != nil || len(users) != 61 {
			t.Errorf("%s: %d users, %v", name, len(users), err)
		}
		if _, err := flowretail.Collect(w.client.Subscribers.All(t.Context(), w.tenant, w.store, nil, opts...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if tenants, err := flowretail.Collect(w.client.Tenants.All(t.Context(), nil)); err != nil || len(tenants) != 5 {
		t.Errorf("%d tenants, %v", len(tenants), err)
	}
	if _, err := flowretail.Collect(w.client.Tokens.All(t.Context(), w.tenant, w.robot)); err != nil {
		t.Error(err)
	}
}

func tenantFields(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
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
		if _, err := w.client.Tenants.Update(t.Context(), w.tenant, update); err != nil {
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
	w := newWorld(t, checker)
	for i := range accountTypes {
		uid := fmt.Sprint("new-", i)
		if _, err := w.client.Users.Create(t.Context(), w.tenant, newUser(uid, accountTypes[i], tenantRoles[i])); err != nil {
			t.Errorf("%s: %v", accountTypes[i], err)
		}
	}
	if _, err := w.client.Subscribers.Create(t.Context(), w.tenant, w.store, w.newSubscriber("new-subscriber")); err != nil {
		t.Error(err)
	}
	minted := w.with(t, flowretail.WithGeneratedUIDs())
	created, err := minted.Users.Create(t.Context(), w.tenant, newUser("", flowretail.AccountTypeRegular, flowretail.TenantRoleAccess))
	if err != nil || created.TenantUserUID == "" {
		t.Errorf("with a minted UID: %v", err)
	}
}

func userFields(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
	var access []flowretail.StoreAccessGrant
	for i, role := range storeRoles {
		access = append(access, flowretail.StoreAccessGrant{StoreUID: w.stores[i].StoreUID, StoreRole: role})
	}
	updates := []*flowretail.UserUpdateRequest{
		{
			UserCode: new("4711"), Password: new(flowretail.NewSecret("marked-secret-password")), ExternalID: new("erp-7"), DisplayName: new("Kari"),
			Firstname: new("Kari"), Lastname: new("Nordmann"), Email: new("kari@example.com"), Mobile: new("+4790000000"),
			LanguageCode: new("nb"), StoreAccess: access, DefaultStoreUID: new(w.store), ResendInvite: true,
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
		if _, err := w.client.Users.Update(t.Context(), w.tenant, w.user, update); err != nil {
			t.Errorf("update %d: %v", i, err)
		}
	}
}

func ownUserFields(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
	for name, update := range map[string]*flowretail.TenantAccountUpdateRequest{
		"values": {
			DefaultStoreUID: new(w.store), DisplayName: new("Kari"), Firstname: new("Kari"), Lastname: new("Nordmann"), Email: new("kari@example.com"),
			Mobile: new("+4790000000"), Password: new(flowretail.NewSecret("marked-secret-password")), LanguageCode: new("nb"),
		},
		"zero values": {
			DefaultStoreUID: new(""), DisplayName: new(""), Firstname: new(""), Lastname: new(""), Email: new(""),
			Mobile: new(""), Password: new(flowretail.NewSecret("")), LanguageCode: new(""),
		},
	} {
		if _, err := w.client.Account.UpdateForTenant(t.Context(), w.tenant, update); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// answerValues has the fake answer with every enum value, and with one that
// the document does not know.
func answerValues(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
	codes := slices.Concat(checker.document.Components.Schemas["ExtensionCode"].Value.Enum, []any{"ADDED_SINCE"})
	w.fake.EditTenant(w.tenant, func(tenant *flowretail.Tenant) {
		tenant.Extensions, tenant.AvailableExtensions = nil, nil
		for _, code := range codes {
			code := flowretail.ExtensionCode(fmt.Sprint(code))
			tenant.Extensions = append(tenant.Extensions, flowretail.TenantExtension{ExtensionCode: code, Name: string(code), Active: true})
			tenant.AvailableExtensions = append(tenant.AvailableExtensions, flowretail.AvailableExtension{ExtensionCode: code, Name: string(code)})
		}
	})
	tenant, err := w.client.Tenants.Get(t.Context(), w.tenant)
	if err != nil || len(tenant.Extensions) != len(codes) || len(tenant.AvailableExtensions) != len(codes) {
		t.Fatalf("tenant with all extensions: %v", err)
	}
	statuses := []flowretail.UserStatus{flowretail.UserStatusPendingInvite, flowretail.UserStatusActive, flowretail.UserStatusInactive, "ADDED_SINCE"}
	for i, status := range statuses {
		w.fake.EditUser(w.tenant, w.user, func(user *flowretail.User) {
			user.Status, user.AccountType, user.TenantRole = status, accountTypes[i], tenantRoles[i]
			user.DefaultStoreUID = w.store
		})
		if user, err := w.client.Users.Get(t.Context(), w.tenant, w.user); err != nil || user.Status != status {
			t.Errorf("user with the status %s: %v", status, err)
		}
	}
}

func exchangePlaces(t *testing.T, checker *Checker) {
	for _, place := range []flowretailtest.ExchangeToken{
		flowretailtest.BesideUser, flowretailtest.LikeLogin, flowretailtest.AuthorizationHeader, flowretailtest.AccessTokenHeader,
	} {
		w := newWorld(t, checker, flowretailtest.WithExchangeToken(place))
		if err := calls[operations.CreateAccessToken](t.Context(), w); err != nil {
			t.Errorf("place %d: %v", place, err)
		}
	}
	w := newWorld(t, checker, flowretailtest.WithExchangeToken(flowretailtest.Nowhere))
	err := calls[operations.CreateAccessToken](t.Context(), w)
	if missing, ok := errors.AsType[*flowretail.NoAccessTokenError](err); !ok || missing.User == nil {
		t.Errorf("nowhere: %v", err)
	}
}

// sessions checks that tokens are sent where they belong also when the client
// comes by them itself, and renews them.
func sessions(t *testing.T, checker *Checker) {
	w := newWorld(t, checker)
	who := w.login()
	for name, option := range map[string]flowretail.Option{
		"login":    flowretail.WithDeviceLogin(w.source(w.fake.DeviceToken(w.tenant)), who.UserCode, who.Password),
		"exchange": flowretail.WithTenantExchange(w.source(w.fake.AuthToken()), w.tenant),
	} {
		client := w.with(t, option)
		for range 2 {
			if _, err := client.Users.List(t.Context(), w.tenant, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			w.fake.ExpireTokens()
		}
	}
}

func TestEveryOperationHasACall(t *testing.T) {
	for _, operation := range operations.All {
		if calls[operation] == nil {
			t.Errorf("%s has none", operation.ID)
		}
	}
	if len(calls) != len(operations.All) {
		t.Errorf("%d calls for %d operations", len(calls), len(operations.All))
	}
}
