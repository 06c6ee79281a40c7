package flowretail

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// AccountService handles the authenticated user's account, login and invitations.
type AccountService struct{ client *Client }

// An Account is a person or an integration, with its users in all tenants.
type Account struct {
	GlobalRoles      []string `json:"globalRoles"`
	DefaultTenantUID string   `json:"defaultTenantUid"`
	Tenants          []User   `json:"tenants"`

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// A Session is the result of a login or of a token exchange.
type Session struct {
	AccessToken Secret `json:"accessToken"`
	TenantUser  User   `json:"tenantUser" api:"present"`

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An Invite is an invitation to a tenant.
type Invite struct {
	Tenant InviteTenant `json:"tenant"`
	User   InviteUser   `json:"user"`

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An InviteTenant is the tenant of an invitation.
type InviteTenant struct {
	Name string `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An InviteUser is the user who is invited.
type InviteUser struct {
	DisplayName string     `json:"displayName"`
	Firstname   string     `json:"firstname"`
	Lastname    string     `json:"lastname"`
	Email       string     `json:"email"`
	Mobile      string     `json:"mobile"`
	Status      UserStatus `json:"status"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

func (s *Session) secrets() []string { return []string{s.AccessToken.Reveal()} }

func (s *Session) validate() error {
	if s.AccessToken.IsZero() {
		return errors.New("accessToken is missing")
	}
	return nil
}

func (a *Account) validate() error {
	if a.DefaultTenantUID == "" && a.GlobalRoles == nil && a.Tenants == nil {
		return errors.New("globalRoles, defaultTenantUid and tenants are missing")
	}
	return nil
}

func (i *Invite) validate() error {
	if i.Tenant.Name == "" && i.User.Email == "" && i.User.Status == "" {
		return errors.New("tenant.name, user.email and user.status are missing")
	}
	return nil
}

// AccountLoginRequest has the credentials of a user on a device. Both fields are
// required.
type AccountLoginRequest struct {
	UserCode string `json:"userCode" api:"required"`
	Password Secret `json:"password" api:"required"`
}

// AccountUpdateRequest changes an account. DefaultTenantUID is required.
type AccountUpdateRequest struct {
	DefaultTenantUID string `json:"defaultTenantUid" api:"required,uid"`
}

// TenantAccountUpdateRequest changes the authenticated user in a tenant. Nil fields are
// not changed; new("") is sent.
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

// InviteAcceptRequest accepts an invitation. InviteToken is required.
type InviteAcceptRequest struct {
	InviteToken Secret `json:"inviteToken" api:"required"`
}

// Get returns the account of the token, with its users in all tenants.
//
// Operation: get-account.
func (s *AccountService) Get(ctx context.Context, call ...CallOption) (*Account, error) {
	return fetch[Account](ctx, s.client, newRequest(operations.GetAccount), call)
}

// Update changes the account of the token, and returns it.
//
// Operation: put-account.
func (s *AccountService) Update(ctx context.Context, in *AccountUpdateRequest, call ...CallOption) (*Account, error) {
	return fetch[Account](ctx, s.client, newRequest(operations.UpdateAccount).body(in), call)
}

// Login logs a user in on a device and returns an access token. It takes a device
// token. A client with WithDeviceLogin logs in by itself when it needs a token.
//
// Operation: post-account.
func (s *AccountService) Login(ctx context.Context, in *AccountLoginRequest, call ...CallOption) (*Session, error) {
	return fetch[Session](ctx, s.client, newRequest(operations.Login).body(in), call)
}

// GetForTenant returns the authenticated user in a tenant.
//
// Operation: get-tenants-account.
func (s *AccountService) GetForTenant(ctx context.Context, tenantUID string, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, newRequest(operations.GetTenantAccount, tenantUID), call)
}

// UpdateForTenant sets the non-nil fields of in for the authenticated user in a
// tenant, and returns the user.
//
// Operation: put-tenants-account.
func (s *AccountService) UpdateForTenant(ctx context.Context, tenantUID string, in *TenantAccountUpdateRequest, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, newRequest(operations.UpdateTenantAccount, tenantUID).body(in), call)
}

// CreateAccessToken exchanges an auth token for a short-lived access token of a
// tenant. A client with WithTenantExchange does so by itself when it needs a token.
//
// The API's document shows a response without a token. The SDK looks for it in the
// body and in the headers. If it finds none, the error is a *NoAccessTokenError with
// the user.
//
// Operation: post-tenants-account.
func (s *AccountService) CreateAccessToken(ctx context.Context, tenantUID string, call ...CallOption) (*Session, error) {
	return exchangeToken(ctx, s.client, tenantUID, call)
}

// GetInvite returns an invitation. It sends the invite token and no other
// credential.
//
// Operation: get-account-invite.
func (s *AccountService) GetInvite(ctx context.Context, inviteToken Secret, call ...CallOption) (*Invite, error) {
	return fetch[Invite](ctx, s.client, newRequest(operations.GetInvite).inviteToken(inviteToken), call)
}

// AcceptInvite accepts an invitation for the person of the auth token, and returns
// the new user. It uses the invitation up, so a request of unknown outcome is not
// retried.
//
// Operation: put-account-invite.
func (s *AccountService) AcceptInvite(ctx context.Context, in *InviteAcceptRequest, call ...CallOption) (*User, error) {
	return fetch[User](ctx, s.client, newRequest(operations.AcceptInvite).body(in), call)
}

// exchangeToken calls post-tenants-account and looks for the access token.
func exchangeToken(ctx context.Context, c *Client, tenantUID string, opts []CallOption) (*Session, error) {
	var session *Session
	err := c.call(ctx, newRequest(operations.CreateAccessToken, tenantUID), opts, func(response *transport.Response) (err error) {
		session, err = readExchange(response)
		return err
	})
	if err != nil {
		return nil, err
	}
	return session, nil
}

// readExchange reads a response of one of three forms: a tenant user with an
// additional accessToken, the form of the login's response, or a tenant user whose
// token is in a header.
func readExchange(response *transport.Response) (*Session, error) {
	var login struct {
		AccessToken Secret    `json:"accessToken"`
		TenantUser  *struct{} `json:"tenantUser"`
	}
	if err := jsonwire.Unmarshal(response.Body, &login); err != nil {
		return nil, &malformedError{response: response, err: err}
	}
	token := login.AccessToken
	if token.IsZero() {
		token = headerToken(response.Header)
	}
	response.Secrets = append(response.Secrets, token.Reveal())
	session := new(Session)
	var into any = &session.TenantUser
	if login.TenantUser != nil {
		into = session
	}
	if err := jsonwire.UnmarshalResponse(response.Body, into); err != nil {
		return nil, &malformedError{response: response, err: err}
	}
	session.AccessToken = token
	if token.IsZero() {
		return nil, transport.Final(&NoAccessTokenError{User: &session.TenantUser})
	}
	return session, nil
}

func headerToken(header http.Header) Secret {
	if scheme, token, ok := strings.Cut(header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return NewSecret(strings.TrimSpace(token))
	}
	return NewSecret(header.Get("X-Access-Token"))
}
