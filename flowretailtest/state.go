package flowretailtest

import (
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
)

// A tenantState is what a tenant has. It is made when it is first asked for.
type tenantState struct {
	fake      *Fake
	number    int32
	uid       string
	userSpace uint64

	users       *list[member]
	subscribers map[string]*list[subscription] // by store
	tokens      map[int32][]*token             // the integration tokens, by user
	invites     map[int32]*invite              // those not accepted yet, by user
	sampled     []flowretail.Store
}

// A subscription is a subscriber with a reference to its user.
type subscription struct {
	flowretail.Subscriber // without the user, which may change
	user                  int32
}

func (f *Fake) state(tenant int32) *tenantState {
	if state := f.states[tenant]; state != nil {
		return state
	}
	kept := f.tenants.get(tenant)
	f.tenants.changed[tenant] = kept // its name is asked for with every user
	state := &tenantState{
		fake:        f,
		number:      tenant,
		uid:         kept.TenantUID,
		userSpace:   mix(f.config.seed, ofUser, uint64(tenant)),
		subscribers: map[string]*list[subscription]{},
		tokens:      map[int32][]*token{},
		invites:     map[int32]*invite{},
	}
	state.users = newList(f.config.users, f.userCalendar.at(int32(f.config.users-1)),
		func(number int32) member { return f.sampleMember(state, number) },
		func(text string) (int32, bool) { return decodeUID(state.userSpace, text) })
	f.states[tenant] = state
	return state
}

func (s *tenantState) stores() []flowretail.Store {
	if s.sampled == nil {
		s.sampled = s.fake.sampleStores(s.number)
	}
	return s.sampled
}

func (s *tenantState) store(storeUID string) (index int, ok bool) {
	number, ok := decodeUID(mix(s.fake.config.seed, ofStore, uint64(s.number)), storeUID)
	return int(number), ok && int(number) < len(s.stores())
}

// subscribersOf returns the subscribers of the store at index.
func (s *tenantState) subscribersOf(index int) *list[subscription] {
	storeUID := s.stores()[index].StoreUID
	if subscribers := s.subscribers[storeUID]; subscribers != nil {
		return subscribers
	}
	config := s.fake.config
	space := mix(config.seed, ofSubscriber, uint64(s.number), uint64(index))
	days := newCalendar(s.fake.began, config.subscribers)
	subscribers := newList(config.subscribers, days.at(int32(config.subscribers-1)),
		func(number int32) subscription {
			return subscription{
				Subscriber: flowretail.Subscriber{
					SubscriberUID: uid(space, number),
					Subscription:  salesSummary,
					CreatedAt:     days.at(number),
					CreatedBy:     "Flow Integration",
				},
				user: int32((index + int(number)) % config.users),
			}
		},
		func(text string) (int32, bool) { return decodeUID(space, text) })
	s.subscribers[storeUID] = subscribers
	// Who has left before now has no subscriptions either.
	for number := range int32(config.subscribers) {
		if !s.users.has(subscribers.generate(number).user) {
			subscribers.remove(number, "")
		}
	}
	return subscribers
}

var salesSummary = flowretail.Subscription{Type: flowretail.SalesSummaryReport, Name: "Sales summary"}

// unsubscribe removes the subscriptions that a user has to the store at index.
func unsubscribe(subscribers *list[subscription], user int32, index, users int) {
	if int(user) < users {
		first := ((int(user)-index)%users + users) % users
		for number := first; number < int(subscribers.sample); number += users {
			if subscribers.get(int32(number)).user == user {
				subscribers.remove(int32(number), "")
			}
		}
	}
	for subscriberUID, number := range subscribers.added {
		if subscribers.get(number).user == user {
			subscribers.remove(number, subscriberUID)
		}
	}
}

// removeUser takes a user away, with its subscriptions and invitation. Its
// tokens are refused from then on, since numbers are never used again.
func (s *tenantState) removeUser(number int32) {
	removed := s.users.get(number)
	s.users.remove(number, removed.TenantUserUID)
	delete(s.tokens, number)
	if sent := s.invites[number]; sent != nil {
		delete(s.invites, number)
		delete(s.fake.invites, sent.token)
	}
	for storeUID, subscribers := range s.subscribers {
		index, _ := s.store(storeUID)
		unsubscribe(subscribers, number, index, s.fake.config.users)
	}
}

// view is a user as the API shows it: with the name of the tenant, and with
// the permissions that follow from the roles.
func (s *tenantState) view(number int32) flowretail.User {
	user := s.users.get(number).User
	user.TenantName = s.fake.tenants.get(s.number).Name
	user.StoreAccess = slices.Clone(user.StoreAccess)
	user.Permissions = s.permissions(&user)
	return user
}

var (
	tenantPermissions = map[flowretail.TenantRole][]string{
		flowretail.TenantRoleAccess:     {"TENANT.ACCESS"},
		flowretail.TenantRoleBackoffice: {"TENANT.ACCESS", "TENANT.BACKOFFICE"},
		flowretail.TenantRoleAdmin:      {"TENANT.ACCESS", "TENANT.BACKOFFICE", "TENANT.ADMIN"},
	}
	storePermissions = map[flowretail.StoreRole][]string{
		flowretail.StoreRoleRegular:    {"STORE.ACCESS"},
		flowretail.StoreRoleBackoffice: {"STORE.ACCESS", "STORE.BACKOFFICE"},
		flowretail.StoreRoleAdmin:      {"STORE.ACCESS", "STORE.BACKOFFICE", "STORE.ADMIN"},
	}
	organizationPermissions = []string{"ORGANIZATION.ACCESS"}
)

func (s *tenantState) permissions(user *flowretail.User) *flowretail.UserPermissions {
	permissions := &flowretail.UserPermissions{Tenant: slices.Clone(tenantPermissions[user.TenantRole])}
	if user.TenantRole == flowretail.TenantRoleBlocked {
		return permissions
	}
	for _, access := range user.StoreAccess {
		index, ok := s.store(access.StoreUID)
		if !ok {
			continue
		}
		store := s.stores()[index]
		permissions.Stores = append(permissions.Stores, flowretail.StorePermissions{
			Store: store, Permissions: slices.Clone(storePermissions[access.StoreRole]),
		})
		known := slices.ContainsFunc(permissions.Organizations, func(o flowretail.OrganizationPermissions) bool {
			return o.Organization.OrganizationUID == store.OrganizationUID
		})
		if !known {
			permissions.Organizations = append(permissions.Organizations, flowretail.OrganizationPermissions{
				Organization: flowretail.Organization{OrganizationUID: store.OrganizationUID, Name: store.OrganizationName},
				Permissions:  slices.Clone(organizationPermissions),
			})
		}
	}
	return permissions
}

// matches tells whether text is in what a search for users looks at.
func (m *member) matches(text string) bool {
	for _, field := range []string{m.DisplayName, m.Firstname, m.Lastname, m.Email, m.UserCode, m.ExternalID} {
		if strings.Contains(strings.ToLower(field), text) {
			return true
		}
	}
	return false
}
