package flowretail

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// UsersService reads and changes the users of a tenant.
type UsersService struct{ client *Client }

// A User is a person's, or an integration's, membership of a tenant.
type User struct {
	TenantUserUID   string            `json:"tenantUserUid"`
	TenantUID       string            `json:"tenantUid"`
	TenantName      string            `json:"tenantName,omitempty"` // some operations leave it out
	AccountType     AccountType       `json:"accountType"`
	Status          UserStatus        `json:"status"`
	TenantRole      TenantRole        `json:"tenantRole"`
	UserCode        string            `json:"userCode"` // what the user logs in with on a device
	ExternalID      string            `json:"externalId"`
	DisplayName     string            `json:"displayName"`
	Firstname       string            `json:"firstname"`
	Lastname        string            `json:"lastname"`
	Email           string            `json:"email"`
	Mobile          string            `json:"mobile"`
	LanguageCode    string            `json:"languageCode"`              // ISO 639-1
	DefaultStoreUID string            `json:"defaultStoreUid,omitempty"` // empty when there is none
	StoreAccess     []UserStoreAccess `json:"storeAccess"`
	Permissions     *UserPermissions  `json:"permissions,omitempty"` // nil where the operation leaves it out
	LastAccessed    time.Time         `json:"lastAccessed"`          // zero before the first login
	CreatedAt       time.Time         `json:"createdAt"`
	LastModifiedAt  time.Time         `json:"lastModifiedAt"`

	// Extra holds what the API sent beyond the fields above; nil when there is nothing.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// UserStoreAccess is the access of a user to a store.
type UserStoreAccess struct {
	StoreAccessUID string    `json:"storeAccessUid"`
	StoreUID       string    `json:"storeUid"`
	StoreRole      StoreRole `json:"storeRole"`
	CreatedAt      time.Time `json:"createdAt"`
	LastModifiedAt time.Time `json:"lastModifiedAt"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// UserPermissions are what a user may do, as the API works it out from the roles.
type UserPermissions struct {
	Tenant        []string                  `json:"tenant"`
	Stores        []StorePermissions        `json:"stores"`
	Organizations []OrganizationPermissions `json:"organizations"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// StorePermissions are what a user may do in a store.
type StorePermissions struct {
	Store       Store    `json:"store"`
	Permissions []string `json:"permissions"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// OrganizationPermissions are what a user may do in an organization.
type OrganizationPermissions struct {
	Organization Organization `json:"organization"`
	Permissions  []string     `json:"permissions"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// AccountType says what kind of account a user has. The list may grow.
type AccountType string

// The account types that the API documents.
const (
	AccountTypeFull        AccountType = "FULL"        // may use the back office and set up devices
	AccountTypeRegular     AccountType = "REGULAR"     // may log in to devices that are set up
	AccountTypeSupport     AccountType = "SUPPORT"     // for support
	AccountTypeIntegration AccountType = "INTEGRATION" // for programs; it can have integration tokens
)

// UserStatus says where a user stands between invitation and departure. The list may grow.
type UserStatus string

// The states of a user that the API documents.
const (
	UserStatusPendingInvite UserStatus = "PENDING_INVITE"
	UserStatusActive        UserStatus = "ACTIVE"
	UserStatusInactive      UserStatus = "INACTIVE"
)

// TenantRole is the role of a user in the whole tenant. The list may grow.
type TenantRole string

// The tenant roles that the API documents.
const (
	TenantRoleAccess     TenantRole = "ACCESS"     // may see the tenant
	TenantRoleAdmin      TenantRole = "ADMIN"      // may do everything, and add users and stores
	TenantRoleBackoffice TenantRole = "BACKOFFICE" // may work on products, price lists and the like
	TenantRoleBlocked    TenantRole = "BLOCKED"    // may not enter
)

// StoreRole is the role of a user in one store. The list may grow.
type StoreRole string

// The store roles that the API documents.
const (
	StoreRoleAdmin      StoreRole = "ADMIN"
	StoreRoleBackoffice StoreRole = "BACKOFFICE" // prices, purchase orders and the like
	StoreRoleRegular    StoreRole = "REGULAR"    // the app: look products up, sell, deliver
)

// UserCreateRequest describes a new user. AccountType, TenantRole, UserCode and
// Password are required, and Email when AccountType is AccountTypeFull.
type UserCreateRequest struct {
	// TenantUserUID is the UID that the user gets. With one chosen here, or by
	// WithGeneratedUIDs, the create is carried out exactly once whatever the
	// network does; without one, a create whose outcome is unknown is not repeated.
	// A UID has letters, digits, - and _; a UUID is a good one.
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

// UserUpdateRequest changes a user. What is nil stays as it is; new("") is sent, which
// the API documents for all texts but DefaultStoreUID. A StoreAccess that is empty
// but not nil takes all access to stores away.
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

	// ResendInvite sends the invitation mail again. Such an update is not
	// repeated when its outcome is unknown: that would send a second mail.
	ResendInvite bool `json:"-" url:"resendInvite,omitempty"`
}

// StoreAccessGrant gives a user a role in a store. Both fields are required.
type StoreAccessGrant struct {
	StoreUID  string    `json:"storeUid" api:"required,uid"`
	StoreRole StoreRole `json:"storeRole" api:"required"`
}

// UserListOptions choose a page of users, and filter them:
//
//	&flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 100}, StoreUID: storeUID}
type UserListOptions struct {
	ListOptions

	Query           string `url:"query,omitempty"` // a text to search for
	OrganizationUID string `url:"tenantuserOrganizationUid,omitempty"`
	StoreUID        string `url:"tenantuserStoreUid,omitempty"`
}

// List returns one page of the users of a tenant.
//
// Permission: tenant administrator. Operation: get-tenants-users.
func (s *UsersService) List(ctx context.Context, tenantUID string, opts *UserListOptions, call ...CallOption) (*Page[User], error) {
	return fetch[Page[User]](ctx, s.client, at(operations.ListUsers, tenantUID).query(opts), call)
}

// All iterates over the users of a tenant, page after page. With Complete none
// is missed while others are created and deleted.
//
// Permission: tenant administrator. Operation: get-tenants-users.
func (s *UsersService) All(ctx context.Context, tenantUID string, opts *UserListOptions, iter ...IterOption) iter.Seq2[*User, error] {
	return iterate(ctx, s.client, at(operations.ListUsers, tenantUID).query(opts), (*User).identity, iter)
}

// Create adds a user to a tenant. With a TenantUserUID it does so exactly once:
// after an unknown outcome the SDK looks for the UID before it sends again, and
// answers ErrConflict when a different user has it. A later call with the same UID
// is ErrConflict too, even for the same user: Get tells.
//
// Permission: tenant administrator. Operation: post-tenants-users.
func (s *UsersService) Create(ctx context.Context, tenantUID string, in *UserCreateRequest, call ...CallOption) (*User, error) {
	return create(ctx, s.client, newUser(tenantUID, in), call)
}

// Get returns a user of a tenant.
//
// Permission: tenant administrator. Operation: get-tenants-users-details.
func (s *UsersService) Get(ctx context.Context, tenantUID, userUID string, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, at(operations.GetUser, tenantUID, userUID), call)
}

// Update changes the fields of a user that are set in in, and returns the user.
//
// Permission: tenant administrator. Operation: put-tenants-users-details.
func (s *UsersService) Update(ctx context.Context, tenantUID, userUID string, in *UserUpdateRequest, call ...CallOption) (*User, error) {
	request := at(operations.UpdateUser, tenantUID, userUID).body(in)
	if in != nil && in.ResendInvite {
		request.query(url.Values{"resendInvite": {"true"}}).once()
	}
	return fetch[User](ctx, s.client, request, call)
}

// Delete removes a user from a tenant for good.
//
// Permission: tenant administrator. Operation: delete-tenants-users-details.
func (s *UsersService) Delete(ctx context.Context, tenantUID, userUID string, call ...CallOption) error {
	return send(ctx, s.client, at(operations.DeleteUser, tenantUID, userUID), call)
}
