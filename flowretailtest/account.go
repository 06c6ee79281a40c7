package flowretailtest

import (
	"encoding/json"
	"net/http"
	"slices"

	flowretail "github.com/flowretail/flowretail-go"
)

// An account is a person or a program, which is a user of any number of tenants.
type account struct {
	users            []*storedUser
	defaultTenantUID string
}

func (a *account) addUser(user *storedUser) { a.users = append(a.users, user) }

func (a *account) removeUser(user *storedUser) {
	a.users = slices.DeleteFunc(a.users, func(u *storedUser) bool { return u == user })
}

// usersIn returns the users of a tenant that the account is.
func (a *account) usersIn(tenant *storedTenant) []*storedUser {
	return filter(a.users, func(u *storedUser) bool { return u.tenant == tenant })
}

// accountView returns an account as the API shows it, with the users in the
// order of their tenants.
func (f *Fake) accountView(a *account) flowretail.Account {
	view := flowretail.Account{DefaultTenantUID: a.defaultTenantUID}
	for _, tenant := range f.tenants.items {
		view.Tenants = append(view.Tenants, views(a.usersIn(tenant), (*storedUser).view)...)
	}
	if view.DefaultTenantUID == "" && len(view.Tenants) > 0 {
		view.DefaultTenantUID = view.Tenants[0].TenantUID
	}
	return view
}

func (f *Fake) getAccount(c *call) (*response, error) { return ok(f.accountView(c.token.account)), nil }

func (f *Fake) updateAccount(c *call) (*response, error) {
	in, err := decode[flowretail.AccountUpdateRequest](c.body)
	if err != nil {
		return nil, err
	}
	tenant, exists := f.tenants.byUID[in.DefaultTenantUID]
	if !exists || len(c.token.account.usersIn(tenant)) == 0 {
		return nil, badRequest("UNKNOWN_REFERENCE", "defaultTenantUid")
	}
	c.token.account.defaultTenantUID = in.DefaultTenantUID
	return ok(f.accountView(c.token.account)), nil
}

// login finds the user by user code and password. The API's document does not
// say that user codes are unique, so there may be several; the first is taken.
func (f *Fake) login(c *call) (*response, error) {
	in, err := decode[flowretail.AccountLoginRequest](c.body)
	if err != nil {
		return nil, err
	}
	for _, user := range c.token.device.users.items {
		if user.UserCode != in.UserCode || user.password != in.Password.Reveal() {
			continue
		}
		if err := authorize(user, ""); err != nil {
			return nil, err
		}
		return ok(f.openSession(user, c)), nil
	}
	return nil, newError(http.StatusUnauthorized, "WRONG_LOGIN")
}

func (f *Fake) openSession(user *storedUser, c *call) flowretail.Session {
	user.LastAccessed = later(user.CreatedAt, c.now)
	return flowretail.Session{
		AccessToken: flowretail.NewSecret(f.issueAccessToken(user).value),
		TenantUser:  user.view(),
	}
}

func (f *Fake) getTenantAccount(c *call) (*response, error) { return ok(c.user.view()), nil }

// createAccessToken puts the access token where WithExchangeToken says.
func (f *Fake) createAccessToken(c *call) (*response, error) {
	session := f.openSession(c.user, c)
	value, user := session.AccessToken.Reveal(), session.TenantUser
	switch f.config.exchangeToken {
	case BesideUser:
		if user.Extra == nil {
			user.Extra = map[string]json.RawMessage{}
		}
		user.Extra["accessToken"] = appendString(nil, value)
	case LikeLogin:
		return ok(session), nil
	case AuthorizationHeader:
		return &response{http.StatusOK, http.Header{"Authorization": {"Bearer " + value}}, user}, nil
	case AccessTokenHeader:
		return &response{http.StatusOK, http.Header{"X-Access-Token": {value}}, user}, nil
	}
	return ok(user), nil
}

func (f *Fake) updateTenantAccount(c *call) (*response, error) {
	in, err := decode[flowretail.TenantAccountUpdateRequest](c.body)
	if err != nil {
		return nil, err
	}
	if err := c.tenant.checkDefaultStore(in.DefaultStoreUID); err != nil {
		return nil, err
	}
	c.user.update(in, in.Password, c.now)
	return ok(c.user.view()), nil
}

// Password returns the password of a user. A login takes it with the user code.
func (f *Fake) Password(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mustUser(tenantUID, userUID).password
}
