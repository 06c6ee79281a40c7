package flowretail_test

import (
	"context"
	"net/url"

	flowretail "github.com/flowretail/flowretail-go"
)

// uids are the arguments of the calls in operationCases.
type uids struct {
	tenant, user, token, store, subscriber string
	invite                                 string // the invite token
	userCode, password                     string
}

// An operationCase is one call and the request that it has to send.
type operationCase struct {
	method     string // of the SDK
	call       func(context.Context, *flowretail.Client, uids) (any, error)
	httpMethod string
	path       string // {tenant}, {user} and so on are replaced by the UIDs
	query      url.Values
	body       string
	status     int
	response   string // of httpmock
}

var operationCases = []operationCase{
	{
		method: "Tenants.List", httpMethod: "GET", path: "/tenants",
		call: func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Tenants.List(ctx, &flowretail.TenantListOptions{ListOptions: flowretail.ListOptions{
				PageNumber: 1, PageSize: 2, SortBy: "name", SortDirection: flowretail.SortDescending,
			}})
		},
		query:    url.Values{"pageNumber": {"1"}, "pageSize": {"2"}, "sortBy": {"name"}, "sortDirection": {"DESC"}},
		response: page(tenantJSON),
	},
	{
		method: "Tenants.All", httpMethod: "GET", path: "/tenants",
		call: func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return flowretail.Collect(c.Tenants.All(ctx, nil))
		},
		query: url.Values{"pageNumber": {"1"}, "pageSize": {"1000"}}, response: page(tenantJSON),
	},
	{
		method: "Tenants.Get", httpMethod: "GET", path: "/tenants/{tenant}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tenants.Get(ctx, id.tenant)
		},
		response: tenantJSON,
	},
	{
		method: "Tenants.Update", httpMethod: "PUT", path: "/tenants/{tenant}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tenants.Update(ctx, id.tenant, &flowretail.TenantUpdateRequest{
				Name: new("Fjord & Fjell"), VATNumber: new(""), PricelistUID: new(""), LanguageCode: new("nb"), Timezone: new("Europe/Oslo"),
				LogoAssetUID: new(""), SplashAssetUID: new(""), AllowExternalCashDrawer: new(false), AutoLogout: new(0), AutoPrintReceipt: new(false),
				NumericSKUCounter: new(0), PrintCardPaymentDetails: new(true), SendInvoicesExternally: new(false), ShowOutOfStockWarning: new(false),
			})
		},
		body: `{"name":"Fjord & Fjell","vatNumber":"","pricelistUid":"","languageCode":"nb","timezone":"Europe/Oslo","logoAssetUid":"",
			"splashAssetUid":"","allowExternalCashDrawer":false,"autoLogout":0,"autoPrintReceipt":false,"numericSkuCounter":0,
			"printCardPaymentDetails":true,"sendInvoicesExternally":false,"showOutOfStockWarning":false}`,
		response: tenantJSON,
	},
	{
		method: "Users.List", httpMethod: "GET", path: "/tenants/{tenant}/users",
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
		response: page(userJSON),
	},
	{
		method: "Users.All", httpMethod: "GET", path: "/tenants/{tenant}/users",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return flowretail.Collect(c.Users.All(ctx, id.tenant, &flowretail.UserListOptions{Query: "a"}))
		},
		query: url.Values{"pageNumber": {"1"}, "pageSize": {"1000"}, "query": {"a"}}, response: page(userJSON),
	},
	{
		method: "Users.Create", httpMethod: "POST", path: "/tenants/{tenant}/users",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Create(ctx, id.tenant, &flowretail.UserCreateRequest{
				TenantUserUID: "chosen-1", AccountType: flowretail.AccountTypeFull, TenantRole: flowretail.TenantRoleAdmin, UserCode: "9001",
				Password: flowretail.NewSecret("marked-secret-password"), ExternalID: "ext-1", DisplayName: "Kari Ås", Firstname: "Kari",
				Lastname: "Ås", Email: "kari@example.com", Mobile: "+4790000001", LanguageCode: "nb",
			})
		},
		body: `{"tenantUserUid":"chosen-1","accountType":"FULL","tenantRole":"ADMIN","userCode":"9001","password":"marked-secret-password",
			"externalId":"ext-1","displayName":"Kari Ås","firstname":"Kari","lastname":"Ås","email":"kari@example.com","mobile":"+4790000001","languageCode":"nb"}`,
		response: userJSON,
	},
	{
		method: "Users.Get", httpMethod: "GET", path: "/tenants/{tenant}/users/{user}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Get(ctx, id.tenant, id.user)
		},
		response: userJSON,
	},
	{
		method: "Users.Update", httpMethod: "PUT", path: "/tenants/{tenant}/users/{user}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Update(ctx, id.tenant, id.user, &flowretail.UserUpdateRequest{
				AccountType: new(flowretail.AccountTypeIntegration), TenantRole: new(flowretail.TenantRoleAccess), UserCode: new("9002"),
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
		response: userJSON,
	},
	{
		method: "Tokens.Create", httpMethod: "POST", path: "/tenants/{tenant}/users/{user}/tokens",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tokens.Create(ctx, id.tenant, id.user)
		},
		response: page(tokenJSON),
	},
	{
		method: "Tokens.List", httpMethod: "GET", path: "/tenants/{tenant}/users/{user}/tokens",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Tokens.List(ctx, id.tenant, id.user)
		},
		response: page(tokenJSON),
	},
	{
		method: "Tokens.All", httpMethod: "GET", path: "/tenants/{tenant}/users/{user}/tokens",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return flowretail.Collect(c.Tokens.All(ctx, id.tenant, id.user))
		},
		response: page(tokenJSON),
	},
	{
		method: "Tokens.Delete", httpMethod: "DELETE", path: "/tenants/{tenant}/users/{user}/tokens/{token}", status: 204,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Tokens.Delete(ctx, id.tenant, id.user, id.token)
		},
	},
	{
		method: "Account.Get", httpMethod: "GET", path: "/account",
		call:     func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) { return c.Account.Get(ctx) },
		response: accountJSON,
	},
	{
		method: "Account.Login", httpMethod: "POST", path: "/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: id.userCode, Password: flowretail.NewSecret(id.password)})
		},
		body: `{"userCode":"{userCode}","password":"{password}"}`, response: `{"accessToken":"marked-secret-access","tenantUser":` + userJSON + `}`,
	},
	{
		method: "Account.Update", httpMethod: "PUT", path: "/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.Update(ctx, &flowretail.AccountUpdateRequest{DefaultTenantUID: id.tenant})
		},
		body: `{"defaultTenantUid":"{tenant}"}`, response: accountJSON,
	},
	{
		method: "Account.GetForTenant", httpMethod: "GET", path: "/tenants/{tenant}/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.GetForTenant(ctx, id.tenant)
		},
		response: userJSON,
	},
	{
		method: "Account.UpdateForTenant", httpMethod: "PUT", path: "/tenants/{tenant}/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.UpdateForTenant(ctx, id.tenant, &flowretail.TenantAccountUpdateRequest{
				DefaultStoreUID: new(""), DisplayName: new("Me"), Firstname: new(""), Lastname: new(""), Email: new("me@example.com"), Mobile: new(""),
				Password: new(flowretail.NewSecret("marked-secret-password")), LanguageCode: new("nb"),
			})
		},
		body: `{"defaultStoreUid":"","displayName":"Me","firstname":"","lastname":"","email":"me@example.com","mobile":"",
			"password":"marked-secret-password","languageCode":"nb"}`,
		response: userJSON,
	},
	{
		method: "Account.CreateAccessToken", httpMethod: "POST", path: "/tenants/{tenant}/account",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.CreateAccessToken(ctx, id.tenant)
		},
		response: `{"accessToken":"marked-secret-access","tenantUser":` + userJSON + `}`,
	},
	{
		method: "Account.GetInvite", httpMethod: "GET", path: "/account/invite",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.GetInvite(ctx, flowretail.NewSecret(id.invite))
		},
		response: inviteJSON,
	},
	{
		method: "Account.AcceptInvite", httpMethod: "PUT", path: "/account/invite",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(id.invite)})
		},
		body: `{"inviteToken":"{invite}"}`, response: userJSON,
	},
	{
		method: "Subscribers.Create", httpMethod: "POST", path: "/tenants/{tenant}/stores/{store}/subscribers", status: 201,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Subscribers.Create(ctx, id.tenant, id.store, &flowretail.SubscriberCreateRequest{
				SubscriberUID: "chosen-2", TenantUserUID: id.user, SubscriptionType: flowretail.SalesSummaryReport,
			})
		},
		body: `{"subscriberUid":"chosen-2","tenantUserUid":"{user}","subscriptionType":"SALES_SUMMARY_REPORT"}`, response: subscriberJSON,
	},
	{
		method: "Subscribers.List", httpMethod: "GET", path: "/tenants/{tenant}/stores/{store}/subscribers",
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
		response: page(subscriberJSON),
	},
	{
		method: "Subscribers.All", httpMethod: "GET", path: "/tenants/{tenant}/stores/{store}/subscribers",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return flowretail.Collect(c.Subscribers.All(ctx, id.tenant, id.store, nil))
		},
		query: url.Values{"pageNumber": {"1"}, "pageSize": {"1000"}}, response: page(subscriberJSON),
	},
	{
		method: "Subscribers.Get", httpMethod: "GET", path: "/tenants/{tenant}/stores/{store}/subscribers/{subscriber}",
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Subscribers.Get(ctx, id.tenant, id.store, id.subscriber)
		},
		response: subscriberJSON,
	},
	{
		method: "Subscribers.Delete", httpMethod: "DELETE", path: "/tenants/{tenant}/stores/{store}/subscribers/{subscriber}", status: 204,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Subscribers.Delete(ctx, id.tenant, id.store, id.subscriber)
		},
	},
	{
		method: "Users.Delete", httpMethod: "DELETE", path: "/tenants/{tenant}/users/{user}", status: 204,
		call: func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Users.Delete(ctx, id.tenant, id.user)
		},
	},
}
