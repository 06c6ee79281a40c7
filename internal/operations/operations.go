// Package operations is the single place that says what an endpoint of the
// Flow Retail API is. The client builds its requests from it, the fake
// dispatches on it, logs and traces name it, and the contract check compares it
// with the API's document.
package operations

// A Credential is the kind of token that an operation takes.
type Credential uint8

const (
	// AnyToken is an access token, an auth token or an integration token.
	AnyToken Credential = iota
	// DeviceToken belongs to a point-of-sale device; it only logs users in.
	DeviceToken
	// AuthToken belongs to a person and comes from the vendor's auth service.
	AuthToken
	// NoToken means that no Authorization header is sent at all.
	NoToken
)

// A Repeat says whether an operation may be sent again when nobody knows
// whether the API has carried it out.
type Repeat uint8

const (
	// Repeatable operations end in the same state however often they are sent.
	Repeatable Repeat = iota
	// RepeatableWithUID holds for creates: when the caller chose the UID, the
	// client can ask whether the first attempt arrived.
	RepeatableWithUID
	// NotRepeatable operations would do their work twice.
	NotRepeatable
)

// An Operation is one endpoint.
type Operation struct {
	ID         string     // the operationId of the API's document
	Method     string     // the HTTP method
	Path       string     // the path template below the base URL
	Credential Credential // the token it takes
	Repeat     Repeat     // whether it may be sent twice
	Calls      []string   // the SDK's methods that call it, such as "Users.List"
}

// All holds every operation, in the order of the API's document.
var All []*Operation

func define(id, method, path string, credential Credential, repeat Repeat, calls ...string) *Operation {
	operation := &Operation{ID: id, Method: method, Path: path, Credential: credential, Repeat: repeat, Calls: calls}
	All = append(All, operation)
	return operation
}

const (
	tenants     = "/tenants"
	tenant      = tenants + "/{tenantUid}"
	users       = tenant + "/users"
	user        = users + "/{tenantUserUid}"
	tokens      = user + "/tokens"
	token       = tokens + "/{tenantUserTokenUid}"
	account     = "/account"
	invite      = account + "/invite"
	ofTenant    = tenant + "/account"
	subscribers = tenant + "/stores/{storeUid}/subscribers"
	subscriber  = subscribers + "/{subscriberUid}"
)

// The operations on tenants, their users and the users' integration tokens.
var (
	ListTenants  = define("get-tenants", "GET", tenants, AnyToken, Repeatable, "Tenants.List", "Tenants.All")
	GetTenant    = define("get-tenants-details", "GET", tenant, AnyToken, Repeatable, "Tenants.Get")
	UpdateTenant = define("put-tenants-details", "PUT", tenant, AnyToken, Repeatable, "Tenants.Update")

	ListUsers  = define("get-tenants-users", "GET", users, AnyToken, Repeatable, "Users.List", "Users.All")
	CreateUser = define("post-tenants-users", "POST", users, AnyToken, RepeatableWithUID, "Users.Create")
	GetUser    = define("get-tenants-users-details", "GET", user, AnyToken, Repeatable, "Users.Get")
	// UpdateUser is not repeatable with resendInvite=true, which sends a mail.
	UpdateUser = define("put-tenants-users-details", "PUT", user, AnyToken, Repeatable, "Users.Update")
	DeleteUser = define("delete-tenants-users-details", "DELETE", user, AnyToken, Repeatable, "Users.Delete")

	ListTokens  = define("get-tenants-users-tokens", "GET", tokens, AnyToken, Repeatable, "Tokens.List", "Tokens.All")
	CreateToken = define("post-tenants-users-tokens", "POST", tokens, AnyToken, NotRepeatable, "Tokens.Create")
	DeleteToken = define("delete-tenants-users-tokens-details", "DELETE", token, AnyToken, Repeatable, "Tokens.Delete")
)

// The operations on the account of the person, device or integration that calls.
var (
	GetAccount    = define("get-account", "GET", account, AnyToken, Repeatable, "Account.Get")
	Login         = define("post-account", "POST", account, DeviceToken, Repeatable, "Account.Login")
	UpdateAccount = define("put-account", "PUT", account, AnyToken, Repeatable, "Account.Update")

	GetTenantAccount    = define("get-tenants-account", "GET", ofTenant, AnyToken, Repeatable, "Account.GetForTenant")
	CreateAccessToken   = define("post-tenants-account", "POST", ofTenant, AuthToken, Repeatable, "Account.CreateAccessToken")
	UpdateTenantAccount = define("put-tenants-account", "PUT", ofTenant, AnyToken, Repeatable, "Account.UpdateForTenant")

	GetInvite = define("get-account-invite", "GET", invite, NoToken, Repeatable, "Account.GetInvite")
	// AcceptInvite uses the invitation up.
	AcceptInvite = define("put-account-invite", "PUT", invite, AuthToken, NotRepeatable, "Account.AcceptInvite")
)

// The operations on the subscribers to a store's reports.
var (
	ListSubscribers  = define("get-subscribers", "GET", subscribers, AnyToken, Repeatable, "Subscribers.List", "Subscribers.All")
	CreateSubscriber = define("post-subscribers", "POST", subscribers, AnyToken, RepeatableWithUID, "Subscribers.Create")
	GetSubscriber    = define("get-subscribers-subscriberUid", "GET", subscriber, AnyToken, Repeatable, "Subscribers.Get")
	DeleteSubscriber = define("delete-subscribers-subscriberUid", "DELETE", subscriber, AnyToken, Repeatable, "Subscribers.Delete")
)
