package flowretail_test

import (
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// Responses with every documented field, each with a different value. They also have
// enum values and fields that the SDK does not know.
const (
	tenantJSON = `{
		"tenantUid":"t-1","name":"Fjord & Fjell","vatNumber":"NO999999999MVA","countryCode":"NO","languageCode":"nb","timezone":"Europe/Oslo",
		"pricelistUid":"pl-1","createdAt":"2025-10-28T16:54:56.636Z","lastModifiedAt":"2025-10-29T16:54:56Z",
		"currency":{"code":"NOK","name":"krone","symbol":"kr","symbolPosition":"suffix","decimalSeparator":",","thousandSeparator":" ","cashRounding":1},
		"settings":{"allowExternalCashDrawer":true,"autoLogout":30,"autoPrintReceipt":true,"numericSkuCounter":7,"printCardPaymentDetails":true,"sendInvoicesExternally":true},
		"appSettings":{"showOutOfStockWarning":true},
		"assets":{"logo":{"url":"https://example.com/l.png","assetUid":"a-1"},"splash":{"url":"https://example.com/s.png","assetUid":"a-2","width":640}},
		"extensions":[{"extensionCode":"VIPPS","name":"Vipps","active":true},{"extensionCode":"FROM_THE_FUTURE","name":"?","active":true}],
		"availableExtensions":[{"extensionCode":"KID","name":"KID"}],
		"plan":{"name":"gold","seats":[1,2]}}`
	userJSON = `{
		"tenantUserUid":"7","tenantUid":"t-1","tenantName":"Fjord & Fjell","accountType":"INTEGRATION","status":"SOMETHING_NEW","tenantRole":"BACKOFFICE",
		"userCode":"1001","externalId":"ext-1","displayName":"Kari Ås","firstname":"Kari","lastname":"Ås","email":"kari@example.com","mobile":"+4790000001",
		"languageCode":"nb","defaultStoreUid":"s_1","lastAccessed":"2025-10-28T16:54:56.6Z","createdAt":"2025-10-28T16:54:56Z","lastModifiedAt":"2025-10-28T16:54:57Z",
		"storeAccess":[{"storeAccessUid":"sa-1","storeUid":"s_1","storeRole":"REGULAR","createdAt":"2025-10-28T16:54:58Z","lastModifiedAt":"2025-10-28T16:54:59Z","since":null}],
		"permissions":{"tenant":["TENANT.ACCESS"],
			"stores":[{"store":{"storeUid":"s_1","name":"Oslo","organizationUid":"o-1","organizationName":"Fjord AS"},"permissions":["SALE.CREATE"]}],
			"organizations":[{"organization":{"organizationUid":"o-1","name":"Fjord AS"},"permissions":["ORG.READ"]}]},
		"shoeSize":43}`
	tokenJSON      = `{"tenantUserTokenUid":"tok-1","token":"marked-secret-new","note":"n"}`
	accountJSON    = `{"globalRoles":["SUPPORT"],"defaultTenantUid":"t-1","tenants":[` + userJSON + `],"beta":true}`
	inviteJSON     = `{"tenant":{"name":"Fjord"},"user":{"displayName":"Kari","firstname":"Kari","lastname":"Ås","email":"kari@example.com","mobile":"+4790000001","status":"PENDING_INVITE"},"expires":1}`
	subscriberJSON = `{"subscriberUid":"sub-1","subscription":{"type":"SALES_SUMMARY_REPORT","name":"Sales"},"tenantUser":{"tenantUserUid":"7","displayName":"Kari","email":"kari@example.com"},"createdAt":"2025-10-28T16:54:56Z","createdBy":"system","n":0}`
)

func page(items string) string {
	return `{"items":[` + items + `],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":1}}`
}

// prepare creates the resources that an operationCase needs in the fake. It returns
// their UIDs and the token for the call.
func prepare(t *testing.T, fake *flowretailtest.Fake, method string) (uids, string) {
	t.Helper()
	tenant := fake.TenantUID()
	id := uids{tenant: tenant, store: fake.Stores(tenant)[0].StoreUID}
	admin := must[*flowretail.Client](t)(fake.NewClient())
	id.userCode = "1234567"
	id.user = fake.AddUser(tenant, flowretail.User{
		AccountType: flowretail.AccountTypeIntegration, TenantRole: flowretail.TenantRoleAdmin, UserCode: id.userCode, Email: "it@example.com",
	})
	id.password = fake.Password(tenant, id.user)
	tokens := must[*flowretail.Page[flowretail.Token]](t)(admin.Tokens.Create(t.Context(), tenant, id.user))
	id.token = tokens.Items[0].TenantUserTokenUID
	subscriber := must[*flowretail.Subscriber](t)(admin.Subscribers.Create(t.Context(), tenant, id.store,
		&flowretail.SubscriberCreateRequest{TenantUserUID: id.user, SubscriptionType: flowretail.SalesSummaryReport}))
	id.subscriber = subscriber.SubscriberUID
	switch method {
	case "Account.Login":
		return id, fake.DeviceToken(tenant)
	case "Account.CreateAccessToken":
		return id, fake.AuthToken()
	case "Account.GetInvite", "Account.AcceptInvite":
		invited := fake.AddUser(tenant, flowretail.User{Email: "new@example.com", Status: flowretail.UserStatusPendingInvite})
		id.invite = fake.Invite(tenant, invited)
		return id, fake.StrangerToken()
	}
	return id, fake.AdminToken()
}
