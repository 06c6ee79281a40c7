package flowretailtest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

type tokenKind string

const (
	accessToken      tokenKind = "access"
	authToken        tokenKind = "auth"
	integrationToken tokenKind = "integration"
	deviceToken      tokenKind = "device"
)

// A token is valid for one of the following:
//
//   - one user, when user is set: access tokens, and the integration tokens that
//     the API lists
//   - an account, with all its users: auth tokens, and the token of AdminToken
//   - the device of a tenant, when device is set
type token struct {
	value   string
	uid     string // of an integration token that the API lists
	kind    tokenKind
	user    *storedUser
	account *account
	device  *storedTenant
	expires time.Time // zero for never
}

// issue generates the value of a token and makes it valid.
func (f *Fake) issue(t *token) *token {
	t.value = f.newSecret(string(t.kind))
	if t.kind == accessToken {
		// The exp claim has whole seconds; the token expires exactly then.
		t.expires = time.Unix(time.Now().Add(f.config.lifetime+time.Second-1).Unix(), 0)
		if !f.config.opaque {
			base64URL := base64.RawURLEncoding.EncodeToString
			t.value = base64URL([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
				base64URL(fmt.Appendf(nil, `{"iss":"flowretailtest","jti":%q,"exp":%d}`, t.value, t.expires.Unix())) + ".fake"
		}
	}
	f.tokens[t.value] = t
	return t
}

func (f *Fake) issueAccessToken(user *storedUser) *token {
	return f.issue(&token{kind: accessToken, user: user, account: user.account})
}

// issueIntegrationToken issues an integration token that the API lists.
func (f *Fake) issueIntegrationToken(user *storedUser) *token {
	issued := f.issue(&token{uid: f.newUID(), kind: integrationToken, user: user, account: user.account})
	user.tokens = append(user.tokens, issued)
	return issued
}

// deleteTokensAndInvites deletes the tokens and invitations of the users that are selected.
func (f *Fake) deleteTokensAndInvites(selected func(*storedUser) bool) {
	maps.DeleteFunc(f.tokens, func(_ string, t *token) bool { return t.user != nil && selected(t.user) })
	maps.DeleteFunc(f.invites, func(_ string, i *invite) bool { return selected(i.user) })
}

func (f *Fake) listTokens(c *call) (*response, error) {
	user, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	return f.tokenPage(user, nil), nil
}

// tokenPage returns all integration tokens of a user on one page, since the
// operations have no paging parameters. Only a token that was just created has
// its value.
func (f *Fake) tokenPage(user *storedUser, newToken *token) *response {
	items := views(user.tokens, func(t *token) flowretail.Token {
		item := flowretail.Token{TenantUserTokenUID: t.uid}
		if t == newToken {
			item.Token = flowretail.NewSecret(t.value)
		}
		return item
	})
	return ok(page[flowretail.Token]{items, paging{1, max(f.config.pageSize, len(items)), len(items)}})
}

func (f *Fake) createToken(c *call) (*response, error) {
	user, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	if user.AccountType != flowretail.AccountTypeIntegration {
		return nil, conflict("NOT_AN_INTEGRATION")
	}
	return f.tokenPage(user, f.issueIntegrationToken(user)), nil
}

func (f *Fake) deleteToken(c *call) (*response, error) {
	user, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(user.tokens, func(t *token) bool { return t.uid == c.path["tenantUserTokenUid"] })
	if i < 0 {
		return nil, notFound("USER_TOKEN")
	}
	delete(f.tokens, user.tokens[i].value)
	user.tokens = slices.Delete(user.tokens, i, i+1)
	return noContent(), nil
}

// AdminToken returns an integration token that is valid in every tenant. It is for
// the first user of each, who is a tenant administrator.
func (f *Fake) AdminToken() string { return f.adminToken }

// IntegrationToken issues an integration token for a user. It is valid in the
// user's tenant.
func (f *Fake) IntegrationToken(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.issueIntegrationToken(f.mustUser(tenantUID, userUID)).value
}

// AccessToken issues an access token for a user, like a login.
func (f *Fake) AccessToken(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.issueAccessToken(f.mustUser(tenantUID, userUID)).value
}

// AccessTokenWithRole issues an access token for an active user of a tenant that
// has the role. It adds such a user if there is none.
func (f *Fake) AccessTokenWithRole(tenantUID string, role flowretail.TenantRole) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	tenant := f.mustTenant(tenantUID)
	for _, user := range tenant.users.items {
		if user.TenantRole == role && user.Status == flowretail.UserStatusActive {
			return f.issueAccessToken(user).value
		}
	}
	return f.issueAccessToken(f.addUserWithDefaults(tenant, flowretail.User{TenantRole: role})).value
}

// AuthToken issues an auth token that is valid in every tenant. It is for the second
// user of each, a person who is a tenant administrator.
func (f *Fake) AuthToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.issue(&token{kind: authToken, account: f.owner}).value
}

// AuthTokenOf issues an auth token for the person behind a user. It is valid in all
// tenants of that person.
func (f *Fake) AuthTokenOf(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.issue(&token{kind: authToken, account: f.mustUser(tenantUID, userUID).account}).value
}

// StrangerToken issues an auth token for a new person, who is not yet a user of
// any tenant. The person can accept an invitation.
func (f *Fake) StrangerToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.issue(&token{kind: authToken, account: &account{}}).value
}

// DeviceToken issues a token for a device of a tenant. It can only log users in.
func (f *Fake) DeviceToken(tenantUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.issue(&token{kind: deviceToken, device: f.mustTenant(tenantUID)}).value
}

// ExpireTokens makes all access tokens expire now.
func (f *Fake) ExpireTokens() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.tokens {
		if t.kind == accessToken {
			t.expire()
		}
	}
}

// RevokeToken makes a token of any kind expire now.
func (f *Fake) RevokeToken(value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens[value].expire()
}

// expire does nothing for nil, the token of an unknown value.
func (t *token) expire() {
	if t != nil {
		t.expires = time.Unix(0, 0)
	}
}
