package flowretailtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"

	flowretail "github.com/flowretail/flowretail-go"
)

// memberships returns the users that an account is, in the order of the tenants.
func (f *Fake) memberships(id string) []flowretail.User {
	users := []flowretail.User{}
	for index := range f.tenants.len() {
		state := f.state(f.tenants.at(index))
		for _, user := range f.membersIn(id, state) {
			users = append(users, state.view(user))
		}
	}
	return users
}

func (f *Fake) accountOf(c *call) flowretail.Account {
	shown := flowretail.Account{Tenants: f.memberships(c.token.account)}
	if known := f.accounts[c.token.account]; known != nil {
		shown.DefaultTenantUID = known.defaultTenant
	}
	if shown.DefaultTenantUID == "" && len(shown.Tenants) > 0 {
		shown.DefaultTenantUID = shown.Tenants[0].TenantUID
	}
	return shown
}

func getAccount(f *Fake, c *call) (answer, *refusal) { return ok(f.accountOf(c)), nil }

func updateAccount(f *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.AccountUpdateRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	number, exists := f.tenants.find(in.DefaultTenantUID)
	if !exists || len(f.membersIn(c.token.account, f.state(number))) == 0 {
		return answer{}, badRequest("UNKNOWN_REFERENCE", "defaultTenantUid")
	}
	f.account(c.token.account).defaultTenant = in.DefaultTenantUID
	return ok(f.accountOf(c)), nil
}

// login looks for the user among all of the tenant: the API does not say that
// user codes are unique.
func login(f *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.AccountLoginRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	state := f.state(c.token.tenant)
	for _, number := range state.withCode(in.UserCode) {
		if f.password(state, number) != in.Password.Reveal() {
			continue
		}
		if refused := allow(state.users.get(number), anybody); refused != nil {
			return answer{}, refused
		}
		return ok(f.session(state, number, c)), nil
	}
	return answer{}, refuse(http.StatusUnauthorized, "WRONG_LOGIN")
}

// withCode returns the users that have a user code. That of the sample users
// follows from their numbers.
func (s *tenantState) withCode(code string) []int32 {
	var found []int32
	if parsed, err := strconv.ParseInt(code, 10, 32); err == nil && parsed >= 1000 {
		if number := int32(parsed - 1000); number < s.users.sample && s.users.has(number) && s.users.get(number).UserCode == code {
			found = append(found, number)
		}
	}
	for number, changed := range s.users.changed {
		if changed.UserCode == code && (len(found) == 0 || found[0] != number) {
			found = append(found, number)
		}
	}
	return found
}

// session opens a session: an access token, and the user it is for.
func (f *Fake) session(state *tenantState, user int32, c *call) flowretail.Session {
	entered := state.users.get(user)
	entered.LastAccessed = later(entered.CreatedAt, c.now)
	state.users.set(user, entered)
	return flowretail.Session{
		AccessToken: flowretail.NewSecret(f.open(state, user).value),
		TenantUser:  state.view(user),
	}
}

func getTenantAccount(_ *Fake, c *call) (answer, *refusal) { return ok(c.state.view(c.user)), nil }

func exchangeToken(f *Fake, c *call) (answer, *refusal) {
	opened := f.session(c.state, c.user, c)
	value, user := opened.AccessToken.Reveal(), opened.TenantUser
	switch f.config.exchange {
	case LikeLogin:
		return ok(opened), nil
	case AuthorizationHeader:
		return answer{http.StatusOK, user, http.Header{"Authorization": {"Bearer " + value}}}, nil
	case AccessTokenHeader:
		return answer{http.StatusOK, user, http.Header{"X-Access-Token": {value}}}, nil
	case Nowhere:
		return ok(user), nil
	}
	user.Extra = maps.Clone(user.Extra)
	if user.Extra == nil {
		user.Extra = map[string]json.RawMessage{}
	}
	user.Extra["accessToken"] = appendString(nil, value)
	return ok(user), nil
}

func updateTenantAccount(_ *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.TenantAccountUpdateRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	changed := c.state.users.get(c.user)
	if refused := c.state.assignDefaultStore(&changed, in.DefaultStoreUID); refused != nil {
		return answer{}, refused
	}
	assign(&changed.DisplayName, in.DisplayName)
	assign(&changed.Firstname, in.Firstname)
	assign(&changed.Lastname, in.Lastname)
	assign(&changed.Email, in.Email)
	assign(&changed.Mobile, in.Mobile)
	assign(&changed.LanguageCode, in.LanguageCode)
	assignPassword(&changed, in.Password)
	changed.LastModifiedAt = later(changed.LastModifiedAt, c.now)
	c.state.users.set(c.user, changed)
	return ok(c.state.view(c.user)), nil
}

func getInvite(f *Fake, c *call) (answer, *refusal) {
	sent := f.invites[c.header.Get(inviteHeader)]
	if sent == nil || sent.accepted {
		return answer{}, notFound("INVITE")
	}
	state := f.state(sent.tenant)
	invited := state.users.get(sent.user)
	return ok(flowretail.Invite{
		Tenant: flowretail.InviteTenant{Name: f.tenants.get(sent.tenant).Name},
		User: flowretail.InviteUser{
			DisplayName: invited.DisplayName,
			Firstname:   invited.Firstname,
			Lastname:    invited.Lastname,
			Email:       invited.Email,
			Mobile:      invited.Mobile,
			Status:      invited.Status,
		},
	}), nil
}

// acceptInvite makes the invited user one of the account that the token is for.
func acceptInvite(f *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.InviteAcceptRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	sent := f.invites[in.InviteToken.Reveal()]
	switch {
	case sent == nil:
		return answer{}, notFound("INVITE")
	case sent.accepted:
		return answer{}, refuse(http.StatusConflict, "INVITE_ACCEPTED")
	}
	state := f.state(sent.tenant)
	sent.accepted = true
	delete(state.invites, sent.user)
	accepted := state.users.get(sent.user)
	accepted.Status, accepted.account = flowretail.UserStatusActive, c.token.account
	accepted.LastModifiedAt = later(accepted.LastModifiedAt, c.now)
	state.users.set(sent.user, accepted)
	f.account(c.token.account, reference{sent.tenant, sent.user})
	return ok(state.view(sent.user)), nil
}
