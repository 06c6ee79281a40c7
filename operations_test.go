package flowretail_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
)

// uids are what the calls of the table are about.
type uids struct {
	tenant, user, token, store, subscriber string
	invite                                 string // a token
	userCode, password                     string
}

// An operationCase is one call, and what it has to look like on the wire.
type operationCase struct {
	method string // of the SDK
	call   func(context.Context, *flowretail.Client, uids) (any, error)
	verb   string
	path   string // {tenant} and the like stand for the UIDs
	query  url.Values
	body   string
	status int
	answer string // by httpmock
}

var operationCases = []operationCase{
	{
		method: "Tenants.List", verb: "GET", path: "/tenants",
		call: func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Tenants.List(ctx, &flowretail.TenantListOptions{ListOptions: flowretail.ListOptions{
				PageNumber: 1, PageSize: 2, SortBy: "name", SortDirection: flowretail.SortDescending,
			}})
		},
		query:  url.Values{"pageNumber": {"1"}, "pageSize": {"2"}, "sortBy": {"name"}, "sortDirection": {"DESC"}},
		answer: page(tenantJSON),
	},
	{
		method: "Tenants.All", verb: "GET", path: "/tenants",
		call: func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return flowretail.Collect(c.Tenants.All(ctx, nil))
		},
		query: url.Values{"pageNumber": {"1"}, "pageSize": {"1000"}}, answer: page(tenantJSON),
	},
	{
		method: "Tenants.Get", verb: "GET", path: "/tenants/{tenant}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tenants.Get(ctx, id.tenant)
		},
		answer: tenantJSON,
	},
	{
		method: "Tenants.Update", verb: "PUT", path: "/tenants/{tenant}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tenants.Update(ctx, id.tenant, &flowretail.TenantUpdate{
				Name: new("Fjord & Fjell"), VATNumber: new(""), PricelistUID: new(""), LanguageCode: new("nb"), Timezone: new("Europe/Oslo"),
				LogoAssetUID: new(""), SplashAssetUID: new(""), AllowExternalCashDrawer: new(false), AutoLogout: new(0), AutoPrintReceipt: new(false),
				NumericSKUCounter: new(0), PrintCardPaymentDetails: new(true), SendInvoicesExternally: new(false), ShowOutOfStockWarning: new(false),
			})
		},
		body: `{"name":"Fjord & Fjell","vatNumber":"","pricelistUid":"","languageCode":"nb","timezone":"Europe/Oslo","logoAssetUid":"",
			"splashAssetUid":"","allowExternalCashDrawer":false,"autoLogout":0,"autoPrintReceipt":false,"numericSkuCounter":0,
			"printCardPaymentDetails":true,"sendInvoicesExternally":false,"showOutOfStockWarning":false}`,
		answer: tenantJSON,
	},
	{
		method: "Users.List", verb: "GET", path: "/tenants/{tenant}/users",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.List(ctx, id.tenant, &flowretail.UserListOptions{
				ListOptions: flowretail.ListOptions{PageNumber: 1, PageSize: 3, SortBy: "createdAt", SortDirection: flowretail.SortAscending},
				Query:       "a b&c", OrganizationUID: "org-1", StoreUID: id.store,
			})
		},
		query: url.Values{
			"pageNumber": {"1"}, "pageSize": {"3"}, "sortBy": {"createdAt"}, "sortDirection": {"ASC"}, "query": {"a b&c"},
			"tenantuserOrganizationUid": {"org-1"}, "tenantuserStoreUid": {"{store}"},
		},
		answer: page(userJSON),
	},
	{
		method: "Users.All", verb: "GET", path: "/tenants/{tenant}/users",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return flowretail.Collect(c.Users.All(ctx, id.tenant, &flowretail.UserListOptions{Query: "a"}))
		},
		query: url.Values{"pageNumber": {"1"}, "pageSize": {"1000"}, "query": {"a"}}, answer: page(userJSON),
	},
	{
		method: "Users.Create", verb: "POST", path: "/tenants/{tenant}/users",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Create(ctx, id.tenant, &flowretail.UserCreate{
				TenantUserUID: "chosen-1", AccountType: flowretail.AccountFull, TenantRole: flowretail.TenantRoleAdmin, UserCode: "9001",
				Password: flowretail.NewSecret("marked-secret-password"), ExternalID: "ext-1", DisplayName: "Kari Ås", Firstname: "Kari",
				Lastname: "Ås", Email: "kari@example.com", Mobile: "+4790000001", LanguageCode: "nb",
			})
		},
		body: `{"tenantUserUid":"chosen-1","accountType":"FULL","tenantRole":"ADMIN","userCode":"9001","password":"marked-secret-password",
			"externalId":"ext-1","displayName":"Kari Ås","firstname":"Kari","lastname":"Ås","email":"kari@example.com","mobile":"+4790000001","languageCode":"nb"}`,
		answer: userJSON,
	},
	{
		method: "Users.Get", verb: "GET", path: "/tenants/{tenant}/users/{user}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Get(ctx, id.tenant, id.user)
		},
		answer: userJSON,
	},
	{
		method: "Users.Update", verb: "PUT", path: "/tenants/{tenant}/users/{user}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Update(ctx, id.tenant, id.user, &flowretail.UserUpdate{
				AccountType: new(flowretail.AccountIntegration), TenantRole: new(flowretail.TenantRoleAccess), UserCode: new("9002"),
				Password: new(flowretail.NewSecret("marked-secret-password")), ExternalID: new(""), DisplayName: new("Ola"), Firstname: new(""),
				Lastname: new(""), Email: new(""), Mobile: new(""), LanguageCode: new("en"), DefaultStoreUID: new(id.store),
				StoreAccess:  []flowretail.StoreAccessGrant{{StoreUID: id.store, StoreRole: flowretail.StoreRoleRegular}},
				ResendInvite: true,
			})
		},
		query: url.Values{"resendInvite": {"true"}},
		body: `{"accountType":"INTEGRATION","tenantRole":"ACCESS","userCode":"9002","password":"marked-secret-password","externalId":"",
			"displayName":"Ola","firstname":"","lastname":"","email":"","mobile":"","languageCode":"en","defaultStoreUid":"{store}",
			"storeAccess":[{"storeUid":"{store}","storeRole":"REGULAR"}]}`,
		answer: userJSON,
	},
	{
		method: "Tokens.Create", verb: "POST", path: "/tenants/{tenant}/users/{user}/tokens",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tokens.Create(ctx, id.tenant, id.user)
		},
		answer: page(tokenJSON),
	},
	{
		method: "Tokens.List", verb: "GET", path: "/tenants/{tenant}/users/{user}/tokens",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tokens.List(ctx, id.tenant, id.user)
		},
		answer: page(tokenJSON),
	},
	{
		method: "Tokens.All", verb: "GET", path: "/tenants/{tenant}/users/{user}/tokens",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return flowretail.Collect(c.Tokens.All(ctx, id.tenant, id.user))
		},
		answer: page(tokenJSON),
	},
	{
		method: "Tokens.Delete", verb: "DELETE", path: "/tenants/{tenant}/users/{user}/tokens/{token}", status: 204,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Tokens.Delete(ctx, id.tenant, id.user, id.token)
		},
	},
	{
		method: "Account.Get", verb: "GET", path: "/account",
		call:   func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) { return c.Account.Get(ctx) },
		answer: accountJSON,
	},
	{
		method: "Account.Login", verb: "POST", path: "/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.Login(ctx, &flowretail.AccountLogin{UserCode: id.userCode, Password: flowretail.NewSecret(id.password)})
		},
		body: `{"userCode":"{userCode}","password":"{password}"}`, answer: `{"accessToken":"marked-secret-access","tenantUser":` + userJSON + `}`,
	},
	{
		method: "Account.Update", verb: "PUT", path: "/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.Update(ctx, &flowretail.AccountUpdate{DefaultTenantUID: id.tenant})
		},
		body: `{"defaultTenantUid":"{tenant}"}`, answer: accountJSON,
	},
	{
		method: "Account.GetForTenant", verb: "GET", path: "/tenants/{tenant}/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.GetForTenant(ctx, id.tenant)
		},
		answer: userJSON,
	},
	{
		method: "Account.UpdateForTenant", verb: "PUT", path: "/tenants/{tenant}/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.UpdateForTenant(ctx, id.tenant, &flowretail.TenantAccountUpdate{
				DefaultStoreUID: new(""), DisplayName: new("Me"), Firstname: new(""), Lastname: new(""), Email: new("me@example.com"), Mobile: new(""),
				Password: new(flowretail.NewSecret("marked-secret-password")), LanguageCode: new("nb"),
			})
		},
		body: `{"defaultStoreUid":"","displayName":"Me","firstname":"","lastname":"","email":"me@example.com","mobile":"",
			"password":"marked-secret-password","languageCode":"nb"}`,
		answer: userJSON,
	},
	{
		method: "Account.CreateAccessToken", verb: "POST", path: "/tenants/{tenant}/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.CreateAccessToken(ctx, id.tenant)
		},
		answer: `{"accessToken":"marked-secret-access","tenantUser":` + userJSON + `}`,
	},
	{
		method: "Account.GetInvite", verb: "GET", path: "/account/invite",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.GetInvite(ctx, flowretail.NewSecret(id.invite))
		},
		answer: inviteJSON,
	},
	{
		method: "Account.AcceptInvite", verb: "PUT", path: "/account/invite",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.AcceptInvite(ctx, &flowretail.InviteAccept{InviteToken: flowretail.NewSecret(id.invite)})
		},
		body: `{"inviteToken":"{invite}"}`, answer: userJSON,
	},
	{
		method: "Subscribers.Create", verb: "POST", path: "/tenants/{tenant}/stores/{store}/subscribers", status: 201,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Subscribers.Create(ctx, id.tenant, id.store, &flowretail.SubscriberCreate{
				SubscriberUID: "chosen-2", TenantUserUID: id.user, SubscriptionType: flowretail.SalesSummaryReport,
			})
		},
		body: `{"subscriberUid":"chosen-2","tenantUserUid":"{user}","subscriptionType":"SALES_SUMMARY_REPORT"}`, answer: subscriberJSON,
	},
	{
		method: "Subscribers.List", verb: "GET", path: "/tenants/{tenant}/stores/{store}/subscribers",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Subscribers.List(ctx, id.tenant, id.store, &flowretail.SubscriberListOptions{
				ListOptions:      flowretail.ListOptions{PageNumber: 1, PageSize: 5, SortBy: "createdAt", SortDirection: flowretail.SortAscending},
				SubscriptionType: flowretail.SalesSummaryReport, TenantUserUIDs: []string{"u-1", id.user},
			})
		},
		query: url.Values{
			"pageNumber": {"1"}, "pageSize": {"5"}, "sortBy": {"createdAt"}, "sortDirection": {"ASC"},
			"subscriptionType": {"SALES_SUMMARY_REPORT"}, "tenantUserUids": {"u-1", "{user}"},
		},
		answer: page(subscriberJSON),
	},
	{
		method: "Subscribers.All", verb: "GET", path: "/tenants/{tenant}/stores/{store}/subscribers",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return flowretail.Collect(c.Subscribers.All(ctx, id.tenant, id.store, nil))
		},
		query: url.Values{"pageNumber": {"1"}, "pageSize": {"1000"}}, answer: page(subscriberJSON),
	},
	{
		method: "Subscribers.Get", verb: "GET", path: "/tenants/{tenant}/stores/{store}/subscribers/{subscriber}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Subscribers.Get(ctx, id.tenant, id.store, id.subscriber)
		},
		answer: subscriberJSON,
	},
	{
		method: "Subscribers.Delete", verb: "DELETE", path: "/tenants/{tenant}/stores/{store}/subscribers/{subscriber}", status: 204,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Subscribers.Delete(ctx, id.tenant, id.store, id.subscriber)
		},
	},
	{
		method: "Users.Delete", verb: "DELETE", path: "/tenants/{tenant}/users/{user}", status: 204,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Users.Delete(ctx, id.tenant, id.user)
		},
	},
}

func (o operationCase) fill(text string, id uids) string {
	return strings.NewReplacer("{tenant}", id.tenant, "{user}", id.user, "{token}", id.token, "{store}", id.store,
		"{subscriber}", id.subscriber, "{invite}", id.invite, "{userCode}", id.userCode, "{password}", id.password).Replace(text)
}

// check compares a request with what the case expects of it.
func (o operationCase) check(t *testing.T, w *wire, id uids) {
	t.Helper()
	base := must[*url.URL](t)(url.Parse(flowretail.ProductionURL))
	if got, want := w.request.Method+" "+w.request.URL.Path, o.verb+" "+base.Path+o.fill(o.path, id); got != want {
		t.Errorf("request %s, want %s", got, want)
	}
	want := url.Values{}
	for name, values := range o.query {
		for _, value := range values {
			want.Add(name, o.fill(value, id))
		}
	}
	if got := w.request.URL.Query(); !reflect.DeepEqual(got, want) {
		t.Errorf("query %v, want %v", got, want)
	}
	if o.body == "" && w.sent != nil {
		t.Errorf("body %s, want none", w.sent)
	} else if o.body != "" {
		sameJSON(t, "body", w.sent, []byte(o.fill(o.body, id)))
	}
	o.checkHeader(t, w.request.Header, id)
}

func (o operationCase) checkHeader(t *testing.T, header http.Header, id uids) {
	t.Helper()
	isInvite := o.method == "Account.GetInvite"
	if authorized := strings.HasPrefix(header.Get("Authorization"), "Bearer "); authorized == isInvite {
		t.Errorf("Authorization is sent: %v", authorized)
	}
	wantInvite := ""
	if isInvite {
		wantInvite = id.invite
	}
	if header.Get("X-Invite-Token") != wantInvite {
		t.Error("x-invite-token is not as it should be")
	}
	wantType := ""
	if o.body != "" {
		wantType = "application/json"
	}
	for name, want := range map[string]string{
		"Content-Type": wantType, "Accept": "application/json", "Accept-Language": "nb", "User-Agent": "suite/1 flowretail-go/" + flowretail.Version,
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// resource is the JSON of what a call returned, with secrets in clear.
func resource(t *testing.T, value any) []byte {
	t.Helper()
	data, _, err := jsonwire.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEachOperationAgainstHTTPMock(t *testing.T) {
	id := uids{tenant: "t-1", user: "7", token: "tok-1", store: "s_1", subscriber: "sub-1", invite: "marked-secret-invite", userCode: "1001", password: "marked-secret-password"}
	for _, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			mock := httpmock.NewMockTransport()
			w := &wire{RoundTripper: mock}
			status := max(operation.status, 200)
			mock.RegisterResponder(operation.verb, flowretail.ProductionURL+operation.fill(operation.path, id),
				httpmock.NewStringResponder(status, operation.answer).HeaderSet(http.Header{"Content-Type": {"application/json"}}))
			client := newClient(t, w, flowretail.WithLanguage("nb"), flowretail.WithUserAgent("suite/1"))
			got, err := operation.call(t.Context(), client, id)
			if err != nil {
				t.Fatal(err)
			}
			operation.check(t, w, id)
			if operation.answer == "" {
				return
			}
			want := []byte(operation.answer)
			if strings.HasSuffix(operation.method, ".All") {
				want = items(t, want)
			}
			sameJSON(t, "what came back", resource(t, got), want)
		})
	}
}

func TestEachOperationAgainstTheFake(t *testing.T) {
	for _, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			fake := flowretailtest.New()
			id, token := prepare(t, fake, operation.method)
			w := &wire{RoundTripper: fake}
			client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: w}),
				flowretail.WithToken(token), flowretail.WithLanguage("nb"), flowretail.WithUserAgent("suite/1")))
			got, err := operation.call(t.Context(), client, id)
			if err != nil {
				t.Fatal(err)
			}
			operation.check(t, w, id)
			if got == nil {
				return
			}
			want := w.received
			if strings.HasSuffix(operation.method, ".All") {
				want = items(t, want)
			}
			if operation.method != "Account.CreateAccessToken" { // which has a shape of its own
				sameJSON(t, "what came back", resource(t, got), want)
			}
		})
	}
}

func items(t *testing.T, page []byte) []byte {
	t.Helper()
	var parts struct{ Items json.RawMessage }
	if err := json.Unmarshal(page, &parts); err != nil {
		t.Fatal(err)
	}
	return parts.Items
}

// Each operation of the table has the methods that it names, each method of a
// service belongs to an operation, and each is tried above.
func TestOperationsAndMethodsAgree(t *testing.T) {
	tried := map[string]bool{}
	for _, operation := range operationCases {
		tried[operation.method] = true
	}
	named := map[string]bool{}
	for _, operation := range operations.All {
		if len(operation.Calls) == 0 {
			t.Errorf("%s has no method", operation.ID)
		}
		for _, method := range operation.Calls {
			named[method] = true
			if !tried[method] {
				t.Errorf("%s of %s is not tried", method, operation.ID)
			}
		}
	}
	if len(operations.All) != 23 {
		t.Errorf("%d operations, want 23", len(operations.All))
	}
	client := reflect.TypeFor[flowretail.Client]()
	for i := range client.NumField() {
		service := client.Field(i)
		if !service.IsExported() {
			continue
		}
		for j := range service.Type.NumMethod() {
			method := service.Name + "." + service.Type.Method(j).Name
			if !named[method] {
				t.Errorf("%s belongs to no operation", method)
			}
			delete(named, method)
		}
	}
	for method := range named {
		t.Errorf("%s is named by an operation, and does not exist", method)
	}
}
