package flowretailtest

import (
	"encoding/base64"
	"fmt"
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

// A token is good for an account in all its tenants or, when it is bound, for
// one user of one tenant.
type token struct {
	value   string
	uid     string // of an integration token that is listed
	kind    tokenKind
	account string
	bound   bool
	tenant  int32
	user    int32
	expires time.Time // zero for never
}

// An account is a person or a program across tenants.
type account struct {
	id            string
	defaultTenant string
	members       []reference // beyond those that follow from the sample
}

// A reference names a user of a tenant.
type reference struct{ tenant, user int32 }

// mint gives a token its value. The values are made at run time, differ, and
// say that they are fake.
func (f *Fake) mint(t *token) *token {
	f.minted++
	mark := fmt.Sprintf("%016x", mix(f.config.seed, ofSecret, uint64(f.minted)))
	t.value = "fake-" + string(t.kind) + "-" + mark
	if t.kind == accessToken {
		// The claim has whole seconds, and the token ends when it says so.
		t.expires = time.Unix(time.Now().Add(f.config.lifetime+time.Second-1).Unix(), 0)
		if !f.config.opaque {
			encode := base64.RawURLEncoding.EncodeToString
			t.value = encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
				encode(fmt.Appendf(nil, `{"iss":"flowretailtest","jti":"fake-%s","exp":%d}`, mark, t.expires.Unix())) + ".fake"
		}
	}
	f.tokens[t.value] = t
	return t
}

// mintListed makes an integration token of a user, which the API lists.
func (f *Fake) mintListed(state *tenantState, user int32) *token {
	made := f.mint(&token{kind: integrationToken, account: state.users.get(user).account, bound: true, tenant: state.number, user: user})
	made.uid = uid(mix(f.config.seed, ofToken), f.minted)
	state.tokens[user] = append(state.tokens[user], made)
	f.account(made.account, reference{state.number, user})
	return made
}

// account returns the account of a name, and notes that the user belongs to it.
func (f *Fake) account(id string, of ...reference) *account {
	known := f.accounts[id]
	if known == nil {
		known = &account{id: id}
		f.accounts[id] = known
	}
	for _, ref := range of {
		if !shared(id, ref) && !slices.Contains(known.members, ref) {
			known.members = append(known.members, ref)
		}
	}
	return known
}

// shared tells whether a membership follows from the sample.
func shared(id string, ref reference) bool {
	return id == integrationAccount && ref.user == 0 || id == ownerAccount && ref.user == 1
}

// membersIn returns the users that an account is in a tenant.
func (f *Fake) membersIn(id string, state *tenantState) []int32 {
	var found []int32
	keep := func(user int32) {
		if state.users.has(user) && state.users.get(user).account == id {
			found = append(found, user)
		}
	}
	switch id {
	case integrationAccount:
		keep(0)
	case ownerAccount:
		keep(1)
	}
	if known := f.accounts[id]; known != nil {
		for _, ref := range known.members {
			if ref.tenant == state.number {
				keep(ref.user)
			}
		}
	}
	return found
}

// AdminToken returns an integration token that is good in every tenant, with
// the role of an administrator.
func (f *Fake) AdminToken() string { return f.adminToken }

// IntegrationToken makes an integration token for a user, bound to the tenant.
func (f *Fake) IntegrationToken(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, user := f.mustUser(tenantUID, userUID)
	return f.mintListed(state, user).value
}

// AccessToken makes an access token for a user, as a login does.
func (f *Fake) AccessToken(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, user := f.mustUser(tenantUID, userUID)
	return f.open(state, user).value
}

// open makes the access token that a login or an exchange ends with.
func (f *Fake) open(state *tenantState, user int32) *token {
	id := state.users.get(user).account
	f.account(id, reference{state.number, user})
	return f.mint(&token{kind: accessToken, account: id, bound: true, tenant: state.number, user: user})
}

// AccessTokenWithRole makes an access token for some active user of a tenant
// that has the role, and adds such a user when there is none.
func (f *Fake) AccessTokenWithRole(tenantUID string, role flowretail.TenantRole) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	for index := range min(state.users.len(), 1000) {
		number := state.users.at(index)
		if user := state.users.get(number); user.TenantRole == role && user.Status == flowretail.UserStatusActive {
			return f.open(state, number).value
		}
	}
	return f.open(state, f.addUser(state, flowretail.User{TenantRole: role})).value
}

// AuthToken makes an auth token for the owner, the person who is an
// administrator of every tenant.
func (f *Fake) AuthToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mint(&token{kind: authToken, account: ownerAccount}).value
}

// AuthTokenOf makes an auth token for the person behind a user.
func (f *Fake) AuthTokenOf(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, user := f.mustUser(tenantUID, userUID)
	id := state.users.get(user).account
	f.account(id, reference{state.number, user})
	return f.mint(&token{kind: authToken, account: id}).value
}

// StrangerToken makes an auth token for a new person, who is no user of any
// tenant yet and may accept an invitation.
func (f *Fake) StrangerToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := fmt.Sprintf("stranger/%d", f.minted)
	return f.mint(&token{kind: authToken, account: id}).value
}

// DeviceToken makes a token for a device of a tenant, which can do nothing but
// log users in.
func (f *Fake) DeviceToken(tenantUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mint(&token{kind: deviceToken, bound: true, tenant: f.mustTenant(tenantUID).number}).value
}

// ExpireTokens ends the life of all access tokens.
func (f *Fake) ExpireTokens() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.tokens {
		if t.kind == accessToken {
			t.expires = time.Unix(0, 0)
		}
	}
}

// RevokeToken ends the life of a token of any kind.
func (f *Fake) RevokeToken(value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expire(value)
}

func (f *Fake) expire(value string) {
	if t := f.tokens[value]; t != nil {
		t.expires = time.Unix(0, 0)
	}
}

// Password returns what a user logs in with, beside the user code.
func (f *Fake) Password(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.password(f.mustUser(tenantUID, userUID))
}

func (f *Fake) password(state *tenantState, user int32) string {
	if password := state.users.get(user).password; password != nil {
		return *password
	}
	return fmt.Sprintf("fake-password-%08x", uint32(mix(f.config.seed, ofSecret, uint64(state.number), uint64(user))))
}
