package flowretail

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
)

// UsersService handles the users of a tenant.
type UsersService struct{ client *Client }

// A User is a person or an integration in a tenant. One person can be a user of
// several tenants.
type User struct {
	TenantUserUID   string            `json:"tenantUserUid" api:"present"`
	TenantUID       string            `json:"tenantUid"`
	TenantName      string            `json:"tenantName,omitempty"` // empty in the responses of some operations
	AccountType     AccountType       `json:"accountType"`
	Status          UserStatus        `json:"status"`
	TenantRole      TenantRole        `json:"tenantRole"`
	UserCode        string            `json:"userCode"` // for the login on a device; lower case, without spaces
	ExternalID      string            `json:"externalId"`
	DisplayName     string            `json:"displayName"`
	Firstname       string            `json:"firstname"`
	Lastname        string            `json:"lastname"`
	Email           string            `json:"email"`
	Mobile          string            `json:"mobile"`
	LanguageCode    string            `json:"languageCode"`              // ISO 639-1
	DefaultStoreUID string            `json:"defaultStoreUid,omitempty"` // empty if there is none
	StoreAccess     []UserStoreAccess `json:"storeAccess"`
	Permissions     *UserPermissions  `json:"permissions,omitempty"` // nil in the responses of some operations
	LastAccessed    time.Time         `json:"lastAccessed"`          // zero before the first login
	CreatedAt       time.Time         `json:"createdAt"`
	LastModifiedAt  time.Time         `json:"lastModifiedAt"`

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// uid is for iterators, createdAt for Complete.
func (u *User) uid() string          { return u.TenantUserUID }
func (u *User) createdAt() time.Time { return u.CreatedAt }

// UserStoreAccess is the access of a user to a store.
type UserStoreAccess struct {
	StoreAccessUID string    `json:"storeAccessUid"`
	StoreUID       string    `json:"storeUid"`
	StoreRole      StoreRole `json:"storeRole"`
	CreatedAt      time.Time `json:"createdAt"`
	LastModifiedAt time.Time `json:"lastModifiedAt"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// UserPermissions are the permissions of a user. The API derives them from the roles.
type UserPermissions struct {
	Tenant        []string                  `json:"tenant"`
	Stores        []StorePermissions        `json:"stores"`
	Organizations []OrganizationPermissions `json:"organizations"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// StorePermissions are the permissions of a user in a store.
type StorePermissions struct {
	Store       Store    `json:"store"`
	Permissions []string `json:"permissions"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// OrganizationPermissions are the permissions of a user in an organization.
type OrganizationPermissions struct {
	Organization Organization `json:"organization"`
	Permissions  []string     `json:"permissions"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// AccountType says what kind of account a user has. The API may add values.
type AccountType string

// The account types that the API documents.
const (
	AccountTypeFull        AccountType = "FULL"        // may use the back office and set up devices
	AccountTypeRegular     AccountType = "REGULAR"     // may log in to devices that are set up
	AccountTypeSupport     AccountType = "SUPPORT"     // for support
	AccountTypeIntegration AccountType = "INTEGRATION" // for programs; it can have integration tokens
)

// UserStatus is the status of a user. The API may add values.
type UserStatus string

// The statuses that the API documents.
const (
	UserStatusPendingInvite UserStatus = "PENDING_INVITE"
	UserStatusActive        UserStatus = "ACTIVE"
	UserStatusInactive      UserStatus = "INACTIVE"
)

// TenantRole is the role of a user in a tenant. The API may add values.
type TenantRole string

// The tenant roles that the API documents.
const (
	TenantRoleAccess     TenantRole = "ACCESS"     // can see the tenant
	TenantRoleAdmin      TenantRole = "ADMIN"      // can do everything, and add users and stores
	TenantRoleBackoffice TenantRole = "BACKOFFICE" // can edit products, price lists and the like
	TenantRoleBlocked    TenantRole = "BLOCKED"    // has no access
)

// StoreRole is the role of a user in a store. The API may add values.
type StoreRole string

// The store roles that the API documents.
const (
	StoreRoleAdmin      StoreRole = "ADMIN"
	StoreRoleBackoffice StoreRole = "BACKOFFICE" // prices, purchase orders and the like
	StoreRoleRegular    StoreRole = "REGULAR"    // the app: look products up, sell, deliver
)

// UserCreateRequest describes a new user. AccountType, TenantRole, UserCode and
// Password are required, and Email if AccountType is AccountTypeFull.
type UserCreateRequest struct {
	// TenantUserUID is the UID of the new user: letters, digits, - and _, for instance
	// a UUID. With a UID, or with WithGeneratedUIDs, the user is created at most once,
	// and exactly once if Create returns no error. Without one, a create of unknown
	// outcome is not retried.
	TenantUserUID string      `json:"tenantUserUid,omitempty" api:"uid"`
	AccountType   AccountType `json:"accountType" api:"required"`
	TenantRole    TenantRole  `json:"tenantRole" api:"required"`
	UserCode      string      `json:"userCode" api:"required"`
	Password      Secret      `json:"password" api:"required"` // NewSecret("…")
	ExternalID    string      `json:"externalId,omitempty"`
	DisplayName   string      `json:"displayName,omitempty"`
	Firstname     string      `json:"firstname,omitempty"`
	Lastname      string      `json:"lastname,omitempty"`
	Email         string      `json:"email,omitempty"`
	Mobile        string      `json:"mobile,omitempty"`
	LanguageCode  string      `json:"languageCode,omitempty"` // ISO 639-1
}

// checkBody checks a rule that the OpenAPI document states in prose only.
func (in *UserCreateRequest) checkBody() *jsonwire.FieldError {
	if in != nil && in.AccountType == AccountTypeFull && in.Email == "" {
		return &jsonwire.FieldError{Path: "email", Problem: "is required when accountType is FULL"}
	}
	return nil
}

// newCreation returns the POST, and what create needs for the lookup. It copies in,
// because create may set a generated UID. A nil in is rejected when it is encoded.
func (in *UserCreateRequest) newCreation(tenantUID string) creation[User] {
	if in == nil {
		return creation[User]{request: newRequest(operations.CreateUser, tenantUID).body(in)}
	}
	sent := *in
	return creation[User]{
		request:  newRequest(operations.CreateUser, tenantUID).body(&sent),
		uid:      &sent.TenantUserUID,
		find:     func(uid string) *request { return newRequest(operations.GetUser, tenantUID, uid) },
		mismatch: sent.mismatch,
	}
}

// mismatch returns the JSON name of the first field that was sent and that found has
// with another value, or "". The password is not in responses and is not compared.
// Case of the email, format of the mobile number and surrounding spaces are ignored,
// because the API may normalize them.
func (in *UserCreateRequest) mismatch(found *User) string {
	for _, field := range []struct{ name, sent, found string }{
		{"accountType", string(in.AccountType), string(found.AccountType)},
		{"tenantRole", string(in.TenantRole), string(found.TenantRole)},
		{"userCode", in.UserCode, found.UserCode},
		{"externalId", in.ExternalID, found.ExternalID},
		{"displayName", in.DisplayName, found.DisplayName},
		{"firstname", in.Firstname, found.Firstname},
		{"lastname", in.Lastname, found.Lastname},
		{"email", strings.ToLower(in.Email), strings.ToLower(found.Email)},
		{"mobile", onlyDigits(in.Mobile), onlyDigits(found.Mobile)},
		{"languageCode", in.LanguageCode, found.LanguageCode},
	} {
		if field.sent != "" && strings.TrimSpace(field.sent) != strings.TrimSpace(field.found) {
			return field.name
		}
	}
	return ""
}

func onlyDigits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// UserUpdateRequest changes a user. Nil fields are not changed. new("") clears a
// text; DefaultStoreUID cannot be cleared. A StoreAccess that is empty but not nil removes all
// access to stores.
type UserUpdateRequest struct {
	AccountType     *AccountType       `json:"accountType,omitempty"`
	TenantRole      *TenantRole        `json:"tenantRole,omitempty"`
	UserCode        *string            `json:"userCode,omitempty"`
	Password        *Secret            `json:"password,omitempty"`
	ExternalID      *string            `json:"externalId,omitempty"`
	DisplayName     *string            `json:"displayName,omitempty"`
	Firstname       *string            `json:"firstname,omitempty"`
	Lastname        *string            `json:"lastname,omitempty"`
	Email           *string            `json:"email,omitempty"`
	Mobile          *string            `json:"mobile,omitempty"`
	LanguageCode    *string            `json:"languageCode,omitempty"` // ISO 639-1
	DefaultStoreUID *string            `json:"defaultStoreUid,omitempty" api:"uid"`
	StoreAccess     []StoreAccessGrant `json:"storeAccess,omitzero"`

	// ResendInvite sends the invitation mail again. Such an update of unknown outcome
	// is not retried, because a retry could send a second mail.
	ResendInvite bool `json:"-" url:"resendInvite,omitempty"`
}

// StoreAccessGrant gives a user a role in a store. Both fields are required.
type StoreAccessGrant struct {
	StoreUID  string    `json:"storeUid" api:"required,uid"`
	StoreRole StoreRole `json:"storeRole" api:"required"`
}

// UserListOptions choose a page of users and filter them:
//
//	&flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 100}, StoreUID: storeUID}
type UserListOptions struct {
	ListOptions

	Query           string `url:"query,omitempty"` // a search text
	OrganizationUID string `url:"tenantuserOrganizationUid,omitempty"`
	StoreUID        string `url:"tenantuserStoreUid,omitempty"`
}

// List returns one page of the users of a tenant.
//
// Permission: tenant administrator. Operation: get-tenants-users.
func (s *UsersService) List(ctx context.Context, tenantUID string, opts *UserListOptions, call ...CallOption) (*Page[User], error) {
	return fetch[Page[User]](ctx, s.client, newRequest(operations.ListUsers, tenantUID).query(opts), call)
}

// All iterates over the users of a tenant, page by page. With Complete it misses no
// user while others are created and deleted. The function All says how an iteration ends: with
// ErrListIncomplete, for instance, if the API counts more users than it returns.
//
// Permission: tenant administrator. Operation: get-tenants-users.
func (s *UsersService) All(ctx context.Context, tenantUID string, opts *UserListOptions, options ...IterOption) iter.Seq2[*User, error] {
	return iterate(ctx, s.client, newRequest(operations.ListUsers, tenantUID).query(opts), (*User).uid, options)
}

// Create adds a user to a tenant. With in.TenantUserUID it does so exactly once:
// after an attempt of unknown outcome the SDK looks the UID up, and sends the create
// again only if it found nothing. The error is ErrConflict if a user with the UID
// existed before the call; Get returns it.
//
// Permission: tenant administrator. Operation: post-tenants-users.
func (s *UsersService) Create(ctx context.Context, tenantUID string, in *UserCreateRequest, call ...CallOption) (*User, error) {
	return create(ctx, s.client, in.newCreation(tenantUID), call)
}

// Get returns a user of a tenant.
//
// Permission: tenant administrator. Operation: get-tenants-users-details.
func (s *UsersService) Get(ctx context.Context, tenantUID, userUID string, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, newRequest(operations.GetUser, tenantUID, userUID), call)
}

// Update sets the non-nil fields of in, and returns the user.
//
// Permission: tenant administrator. Operation: put-tenants-users-details.
func (s *UsersService) Update(ctx context.Context, tenantUID, userUID string, in *UserUpdateRequest, call ...CallOption) (*User, error) {
	request := newRequest(operations.UpdateUser, tenantUID, userUID).body(in)
	if in != nil && in.ResendInvite {
		request.query(url.Values{"resendInvite": {"true"}}).notIdempotent()
	}
	return fetch[User](ctx, s.client, request, call)
}

// Delete removes a user from a tenant. It cannot be undone.
//
// Permission: tenant administrator. Operation: delete-tenants-users-details.
func (s *UsersService) Delete(ctx context.Context, tenantUID, userUID string, call ...CallOption) error {
	return send(ctx, s.client, newRequest(operations.DeleteUser, tenantUID, userUID), call)
}
