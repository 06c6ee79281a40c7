package flowretail

import (
	"context"
	"encoding/json"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// AccountService is about the one whose token is used: account, login, invitations.
type AccountService struct{ client *Client }

// An Account is a person or an integration, with the memberships of tenants.
type Account struct {
	GlobalRoles      []string `json:"globalRoles"`
	DefaultTenantUID string   `json:"defaultTenantUid"`
	Tenants          []User   `json:"tenants"`

	// Extra holds what the API sent beyond the fields above; nil when there is nothing.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// A Session is what a login or a token exchange opens.
type Session struct {
	AccessToken Secret `json:"accessToken"`
	TenantUser  User   `json:"tenantUser"`

	// Extra holds what the API sent beyond the fields above; nil when there is nothing.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An Invite is what an invitation says about itself to the one who holds its token.
type Invite struct {
	Tenant InviteTenant `json:"tenant"`
	User   InviteUser   `json:"user"`

	// Extra holds what the API sent beyond the fields above; nil when there is nothing.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// InviteTenant is the tenant that somebody is invited to.
type InviteTenant struct {
	Name string `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// InviteUser is the one who is invited.
type InviteUser struct {
	DisplayName string     `json:"displayName"`
	Firstname   string     `json:"firstname"`
	Lastname    string     `json:"lastname"`
	Email       string     `json:"email"`
	Mobile      string     `json:"mobile"`
	Status      UserStatus `json:"status"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// AccountLoginRequest is what a user types into a device. Both fields are required.
type AccountLoginRequest struct {
	UserCode string `json:"userCode" api:"required"`
	Password Secret `json:"password" api:"required"`
}

// AccountUpdateRequest changes an account. Its field is required.
type AccountUpdateRequest struct {
	DefaultTenantUID string `json:"defaultTenantUid" api:"required,uid"`
}

// TenantAccountUpdateRequest changes one's own user of a tenant. What is nil stays as
// it is; new("") is sent.
type TenantAccountUpdateRequest struct {
	DefaultStoreUID *string `json:"defaultStoreUid,omitempty" api:"uid"` // new("") clears it
	DisplayName     *string `json:"displayName,omitempty"`
	Firstname       *string `json:"firstname,omitempty"`
	Lastname        *string `json:"lastname,omitempty"`
	Email           *string `json:"email,omitempty"`
	Mobile          *string `json:"mobile,omitempty"`
	Password        *Secret `json:"password,omitempty"`
	LanguageCode    *string `json:"languageCode,omitempty"` // ISO 639-1
}

// InviteAcceptRequest accepts an invitation. Its field is required.
type InviteAcceptRequest struct {
	InviteToken Secret `json:"inviteToken" api:"required"`
}

// Get returns the account that the token belongs to, with all its tenants.
//
// Operation: get-account.
func (s *AccountService) Get(ctx context.Context, call ...CallOption) (*Account, error) {
	return fetch[Account](ctx, s.client, at(operations.GetAccount), call)
}

// Update changes the account that the token belongs to.
//
// Operation: put-account.
func (s *AccountService) Update(ctx context.Context, in *AccountUpdateRequest, call ...CallOption) (*Account, error) {
	return fetch[Account](ctx, s.client, at(operations.UpdateAccount).body(in), call)
}

// Login logs a user in on a device. It takes a device token; WithDeviceLogin
// does it by itself whenever that is due.
//
// Operation: post-account.
func (s *AccountService) Login(ctx context.Context, in *AccountLoginRequest, call ...CallOption) (*Session, error) {
	return fetch[Session](ctx, s.client, at(operations.Login).body(in), call)
}

// GetForTenant returns one's own user of a tenant.
//
// Operation: get-tenants-account.
func (s *AccountService) GetForTenant(ctx context.Context, tenantUID string, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, at(operations.GetTenantAccount, tenantUID), call)
}

// UpdateForTenant changes one's own user of a tenant.
//
// Operation: put-tenants-account.
func (s *AccountService) UpdateForTenant(ctx context.Context, tenantUID string, in *TenantAccountUpdateRequest, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, at(operations.UpdateTenantAccount, tenantUID).body(in), call)
}

// CreateAccessToken exchanges an auth token for a short-lived access token of a
// tenant; WithTenantExchange does it by itself whenever that is due.
//
// The API's document shows an answer without a token. The SDK looks for it in
// the body and in the headers; where there is none the error is a
// *NoAccessTokenError, which holds the user.
//
// Operation: post-tenants-account.
func (s *AccountService) CreateAccessToken(ctx context.Context, tenantUID string, call ...CallOption) (*Session, error) {
	return exchangeToken(ctx, s.client, tenantUID, call)
}

// GetInvite returns what an invitation says. It sends the invite token and no
// other credential.
//
// Operation: get-account-invite.
func (s *AccountService) GetInvite(ctx context.Context, inviteToken Secret, call ...CallOption) (*Invite, error) {
	return fetch[Invite](ctx, s.client, at(operations.GetInvite).invite(inviteToken), call)
}

// AcceptInvite accepts an invitation for the person that the auth token belongs
// to. An invitation is used up by it, so it is never repeated when its outcome
// is unknown.
//
// Operation: put-account-invite.
func (s *AccountService) AcceptInvite(ctx context.Context, in *InviteAcceptRequest, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, at(operations.AcceptInvite).body(in), call)
}
