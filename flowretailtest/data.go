package flowretailtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// An invite is an invitation that has been sent.
type invite struct {
	token        string
	tenant, user int32
	accepted     bool
}

// An InviteMail is a mail that the fake has sent to somebody who is invited.
type InviteMail struct {
	TenantUID   string
	UserUID     string
	Email       string
	InviteToken string
}

func (f *Fake) mustTenant(tenantUID string) *tenantState {
	number, ok := f.tenants.find(tenantUID)
	if !ok {
		panic(fmt.Sprintf("flowretailtest: the fake has no tenant %q", tenantUID))
	}
	return f.state(number)
}

func (f *Fake) mustUser(tenantUID, userUID string) (*tenantState, int32) {
	state := f.mustTenant(tenantUID)
	number, ok := state.users.find(userUID)
	if !ok {
		panic(fmt.Sprintf("flowretailtest: tenant %q has no user %q", tenantUID, userUID))
	}
	return state, number
}

// TenantUID returns the UID of the first tenant.
func (f *Fake) TenantUID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tenants.get(f.tenants.at(0)).TenantUID
}

// Tenants returns all tenants in the order of their creation.
func (f *Fake) Tenants() []flowretail.Tenant {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]flowretail.Tenant, f.tenants.len())
	for i := range all {
		all[i] = f.tenant(f.tenants.at(i))
	}
	return all
}

// tenant returns a tenant that the caller may change.
func (f *Fake) tenant(number int32) flowretail.Tenant {
	tenant := f.tenants.get(number)
	tenant.Extensions = slices.Clone(tenant.Extensions)
	tenant.AvailableExtensions = slices.Clone(tenant.AvailableExtensions)
	return tenant
}

// Stores returns the stores of a tenant.
func (f *Fake) Stores(tenantUID string) []flowretail.Store {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.mustTenant(tenantUID).stores())
}

// Users returns all users of a tenant in the order of their creation. The
// first is an integration and the second a person, both administrators.
func (f *Fake) Users(tenantUID string) []flowretail.User {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	all := make([]flowretail.User, state.users.len())
	for i := range all {
		all[i] = state.view(state.users.at(i))
	}
	return all
}

// Subscribers returns all subscribers of a store in the order of their creation.
func (f *Fake) Subscribers(tenantUID, storeUID string) []flowretail.Subscriber {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	index, ok := state.store(storeUID)
	if !ok {
		panic(fmt.Sprintf("flowretailtest: tenant %q has no store %q", tenantUID, storeUID))
	}
	subscribers := state.subscribersOf(index)
	all := make([]flowretail.Subscriber, subscribers.len())
	for i := range all {
		all[i] = state.subscriber(subscribers.get(subscribers.at(i)))
	}
	return all
}

// AddTenant adds a tenant with sample data and returns its UID.
func (f *Fake) AddTenant() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	tenant := f.sampleTenant(f.tenants.next)
	tenant.CreatedAt = f.tenants.stamp(time.Now())
	tenant.LastModifiedAt = tenant.CreatedAt
	f.tenants.add(tenant.TenantUID, tenant)
	return tenant.TenantUID
}

// RemoveTenant removes a tenant with all that it has.
func (f *Fake) RemoveTenant(tenantUID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	f.tenants.remove(state.number, tenantUID)
	delete(f.states, state.number)
	for value, sent := range f.invites {
		if sent.tenant == state.number {
			delete(f.invites, value)
		}
	}
}

// EditTenant changes a tenant in ways that the API does not offer. The UID and
// the time of creation stay. The function must not call the fake.
func (f *Fake) EditTenant(tenantUID string, edit func(*flowretail.Tenant)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	tenant := f.tenant(state.number)
	created := tenant.CreatedAt
	edit(&tenant)
	tenant.TenantUID, tenant.CreatedAt = tenantUID, created
	f.tenants.set(state.number, tenant)
}

// AddUser adds a user to a tenant, behind the back of the client, and returns
// the UID. What is left empty is filled, also in an access to a store: an active
// regular user with access to the tenant. The user is created now, whatever CreatedAt says.
func (f *Fake) AddUser(tenantUID string, user flowretail.User) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	if _, exists := state.users.find(user.TenantUserUID); exists {
		panic(fmt.Sprintf("flowretailtest: tenant %q has a user %q", tenantUID, user.TenantUserUID))
	}
	return state.users.get(f.addUser(state, user)).TenantUserUID
}

func (f *Fake) addUser(state *tenantState, user flowretail.User) int32 {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	number := state.users.next
	fill(&user.TenantUserUID, uid(state.userSpace, number))
	fill((*string)(&user.AccountType), string(flowretail.AccountTypeRegular))
	fill((*string)(&user.TenantRole), string(flowretail.TenantRoleAccess))
	fill((*string)(&user.Status), string(flowretail.UserStatusActive))
	fill(&user.UserCode, fmt.Sprint(1000+number))
	fill(&user.LanguageCode, f.tenants.get(state.number).LanguageCode)
	fill(&user.DisplayName, user.Firstname+" "+user.Lastname)
	return f.insertUser(state, member{User: user})
}

// insertUser adds a user as it is, with an account of its own.
func (f *Fake) insertUser(state *tenantState, added member) int32 {
	added.TenantUID, added.TenantName, added.Permissions = state.uid, "", nil
	added.CreatedAt = state.users.stamp(time.Now())
	added.LastModifiedAt = added.CreatedAt
	added.account = "user/" + added.TenantUserUID
	added.StoreAccess = f.fillAccesses(added.StoreAccess, added.CreatedAt)
	return state.users.add(added.TenantUserUID, added)
}

// fillAccesses returns a copy of accesses to stores, with what is left empty filled.
func (f *Fake) fillAccesses(accesses []flowretail.UserStoreAccess, now time.Time) []flowretail.UserStoreAccess {
	filled := slices.Clone(accesses)
	for i := range filled {
		access := &filled[i]
		if access.StoreAccessUID == "" {
			f.minted++
			access.StoreAccessUID = uid(mix(f.config.seed, ofStoreAccess), f.minted)
		}
		access.StoreRole = cmp.Or(access.StoreRole, flowretail.StoreRoleRegular)
		access.CreatedAt = cmp.Or(access.CreatedAt, now)
		access.LastModifiedAt = cmp.Or(access.LastModifiedAt, access.CreatedAt)
	}
	return filled
}

// RemoveUser removes a user, with its tokens and subscriptions, and tells
// whether there was one.
func (f *Fake) RemoveUser(tenantUID, userUID string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.mustTenant(tenantUID)
	number, ok := state.users.find(userUID)
	if ok {
		state.removeUser(number)
	}
	return ok
}

// EditUser changes a user in ways that the API does not offer, such as the
// status. The UID and the time of creation stay, and what is left empty in an
// access to a store is filled. The function must not call the fake.
func (f *Fake) EditUser(tenantUID, userUID string, edit func(*flowretail.User)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, number := f.mustUser(tenantUID, userUID)
	edited := state.users.get(number)
	created := edited.CreatedAt
	edited.StoreAccess = slices.Clone(edited.StoreAccess)
	edit(&edited.User)
	edited.TenantUserUID, edited.TenantUID, edited.CreatedAt = userUID, tenantUID, created
	edited.TenantName, edited.Permissions = "", nil
	edited.StoreAccess = f.fillAccesses(edited.StoreAccess, later(created, time.Now()))
	state.users.set(number, edited)
}

// Invite invites a user, whose status becomes PENDING_INVITE, by mail, and
// returns the invite token.
func (f *Fake) Invite(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, number := f.mustUser(tenantUID, userUID)
	invited := state.users.get(number)
	invited.Status = flowretail.UserStatusPendingInvite
	state.users.set(number, invited)
	return f.mail(state, number)
}

// mail sends an invitation mail. A second one has the token of the first.
func (f *Fake) mail(state *tenantState, user int32) string {
	sent := state.invites[user]
	if sent == nil {
		f.minted++
		sent = &invite{
			token:  fmt.Sprintf("fake-invite-%016x", mix(f.config.seed, ofSecret, uint64(f.minted))),
			tenant: state.number, user: user,
		}
		f.invites[sent.token], state.invites[user] = sent, sent
	}
	invited := state.users.get(user)
	f.mails = append(f.mails, InviteMail{state.uid, invited.TenantUserUID, invited.Email, sent.token})
	return sent.token
}

// Mails returns the invitation mails that were sent, the oldest first.
func (f *Fake) Mails() []InviteMail {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.mails)
}
