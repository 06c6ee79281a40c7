// Package operations is the table of the Flow Retail API's operations. Every fact about an
// operation stands here: the client builds requests from it, the fake serves it, logs and
// traces name it, and the contract tests compare it with the API's document.
package operations

// A TokenKind is the kind of token that an operation takes.
type TokenKind uint8

const (
	// AnyToken is an access token, an auth token or an integration token.
	AnyToken TokenKind = iota
	// DeviceToken belongs to a point-of-sale device and can only log users in.
	DeviceToken
	// AuthToken belongs to a person and comes from the vendor's auth service.
	AuthToken
	// NoToken means that no Authorization header is sent.
	NoToken
)

// Idempotency says whether an operation may be sent again when it is not known
// whether the API has carried it out.
type Idempotency uint8

const (
	// Idempotent operations have the same effect however often they are sent.
	Idempotent Idempotency = iota
	// IdempotentWithUID operations create something under a UID. When the caller
	// chose the UID, a lookup tells whether an earlier request was carried out.
	IdempotentWithUID
	// NotIdempotent operations have their effect each time they are sent.
	NotIdempotent
)

// An Operation is one endpoint. Its zero fields are the common case: any token,
// idempotent, no secret in the response, no stable order.
type Operation struct {
	ID          string // the operationId of the API's document
	Method      string // the HTTP method
	Path        string // the path template below the base URL
	Token       TokenKind
	Idempotency Idempotency
	// SecretInResponse means that a response may carry a token that no one has
	// seen before. Errors show no excerpt of such a response.
	SecretInResponse bool
	// StableOrder means that the list can be sorted by creation and that nothing
	// enters it in the middle. Complete requires it.
	StableOrder bool
	// Unpaged means that the list has no paging parameters: one response has all of it.
	Unpaged bool
	// SDKMethods are the SDK's methods that call the operation, such as "Users.List".
	SDKMethods []string
}

// All holds every operation, in the order of the API's document.
var All []*Operation

func define(operation Operation, sdkMethods ...string) *Operation {
	operation.SDKMethods = sdkMethods
	All = append(All, &operation)
	return &operation
}

const (
	tenants       = "/tenants"
	tenant        = tenants + "/{tenantUid}"
	users         = tenant + "/users"
	user          = users + "/{tenantUserUid}"
	tokens        = user + "/tokens"
	token         = tokens + "/{tenantUserTokenUid}"
	account       = "/account"
	invite        = account + "/invite"
	tenantAccount = tenant + "/account"
	subscribers   = tenant + "/stores/{storeUid}/subscribers"
	subscriber    = subscribers + "/{subscriberUid}"
)

// The operations on tenants, their users and the users' integration tokens.
var (
	ListTenants  = define(Operation{ID: "get-tenants", Method: "GET", Path: tenants}, "Tenants.List", "Tenants.All")
	GetTenant    = define(Operation{ID: "get-tenants-details", Method: "GET", Path: tenant}, "Tenants.Get")
	UpdateTenant = define(Operation{ID: "put-tenants-details", Method: "PUT", Path: tenant}, "Tenants.Update")

	ListUsers  = define(Operation{ID: "get-tenants-users", Method: "GET", Path: users, StableOrder: true}, "Users.List", "Users.All")
	CreateUser = define(Operation{ID: "post-tenants-users", Method: "POST", Path: users, Idempotency: IdempotentWithUID}, "Users.Create")
	GetUser    = define(Operation{ID: "get-tenants-users-details", Method: "GET", Path: user}, "Users.Get")
	// UpdateUser is not idempotent with resendInvite=true, which sends a mail.
	UpdateUser = define(Operation{ID: "put-tenants-users-details", Method: "PUT", Path: user}, "Users.Update")
	DeleteUser = define(Operation{ID: "delete-tenants-users-details", Method: "DELETE", Path: user}, "Users.Delete")

	ListTokens  = define(Operation{ID: "get-tenants-users-tokens", Method: "GET", Path: tokens, SecretInResponse: true, Unpaged: true}, "Tokens.List", "Tokens.All")
	CreateToken = define(Operation{ID: "post-tenants-users-tokens", Method: "POST", Path: tokens, Idempotency: NotIdempotent, SecretInResponse: true}, "Tokens.Create")
	DeleteToken = define(Operation{ID: "delete-tenants-users-tokens-details", Method: "DELETE", Path: token}, "Tokens.Delete")
)

// The operations on the account of the person, device or integration that calls.
var (
	GetAccount    = define(Operation{ID: "get-account", Method: "GET", Path: account}, "Account.Get")
	Login         = define(Operation{ID: "post-account", Method: "POST", Path: account, Token: DeviceToken, SecretInResponse: true}, "Account.Login")
	UpdateAccount = define(Operation{ID: "put-account", Method: "PUT", Path: account}, "Account.Update")

	GetTenantAccount    = define(Operation{ID: "get-tenants-account", Method: "GET", Path: tenantAccount}, "Account.GetForTenant")
	CreateAccessToken   = define(Operation{ID: "post-tenants-account", Method: "POST", Path: tenantAccount, Token: AuthToken, SecretInResponse: true}, "Account.CreateAccessToken")
	UpdateTenantAccount = define(Operation{ID: "put-tenants-account", Method: "PUT", Path: tenantAccount}, "Account.UpdateForTenant")

	GetInvite = define(Operation{ID: "get-account-invite", Method: "GET", Path: invite, Token: NoToken}, "Account.GetInvite")
	// AcceptInvite is not idempotent: it uses the invitation up.
	AcceptInvite = define(Operation{ID: "put-account-invite", Method: "PUT", Path: invite, Token: AuthToken, Idempotency: NotIdempotent}, "Account.AcceptInvite")
)

// The operations on the subscribers to a store's reports.
var (
	ListSubscribers  = define(Operation{ID: "get-subscribers", Method: "GET", Path: subscribers, StableOrder: true}, "Subscribers.List", "Subscribers.All")
	CreateSubscriber = define(Operation{ID: "post-subscribers", Method: "POST", Path: subscribers, Idempotency: IdempotentWithUID}, "Subscribers.Create")
	GetSubscriber    = define(Operation{ID: "get-subscribers-subscriberUid", Method: "GET", Path: subscriber}, "Subscribers.Get")
	DeleteSubscriber = define(Operation{ID: "delete-subscribers-subscriberUid", Method: "DELETE", Path: subscriber}, "Subscribers.Delete")
)
