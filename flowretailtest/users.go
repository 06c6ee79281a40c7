package flowretailtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// A storedUser is a user with what the API does not show.
type storedUser struct {
	flowretail.User // TenantName and Permissions are empty; view adds them
	tenant          *storedTenant
	account         *account
	password        string
	tokens          []*token // the integration tokens that the API lists
	invite          *invite  // the latest invitation; nil if there was none
}

func (u *storedUser) uid() string { return u.TenantUserUID }

// view returns the user as the API shows it. The caller may change it.
func (u *storedUser) view() flowretail.User {
	user := copyUser(u.User)
	user.TenantName = u.tenant.Name
	user.Permissions = u.permissions()
	return user
}

// pathUser returns the user that the path names.
func (c *call) pathUser() (*storedUser, error) {
	return c.tenant.users.find(c.path["tenantUserUid"], "USER")
}

var userSortKeys = sortKeys[*storedUser]{
	"displayName":    func(u *storedUser) string { return u.DisplayName },
	"firstname":      func(u *storedUser) string { return u.Firstname },
	"lastname":       func(u *storedUser) string { return u.Lastname },
	"email":          func(u *storedUser) string { return u.Email },
	"mobile":         func(u *storedUser) string { return u.Mobile },
	"userCode":       func(u *storedUser) string { return u.UserCode },
	"externalId":     func(u *storedUser) string { return u.ExternalID },
	"accountType":    func(u *storedUser) string { return string(u.AccountType) },
	"tenantRole":     func(u *storedUser) string { return string(u.TenantRole) },
	"status":         func(u *storedUser) string { return string(u.Status) },
	"lastModifiedAt": func(u *storedUser) string { return timeSortKey(u.LastModifiedAt) },
	"lastAccessed":   func(u *storedUser) string { return timeSortKey(u.LastAccessed) },
}

func (f *Fake) listUsers(c *call) (*response, error) {
	text := strings.ToLower(c.query.Get("query"))
	store, organization := c.query.Get("tenantuserStoreUid"), c.query.Get("tenantuserOrganizationUid")
	users := c.tenant.users.items
	if text != "" {
		users = filter(users, func(u *storedUser) bool { return u.matches(text) })
	}
	if store != "" || organization != "" {
		wanted := func(s *storedStore) bool {
			return (store == "" || s.StoreUID == store) && (organization == "" || s.OrganizationUID == organization)
		}
		users = filter(users, func(u *storedUser) bool { return u.hasAccess(wanted) })
	}
	return paginate(f, c, users, userSortKeys, (*storedUser).view)
}

// matches reports whether a field that the search looks at contains text.
func (u *storedUser) matches(text string) bool {
	fields := []string{u.DisplayName, u.Firstname, u.Lastname, u.Email, u.UserCode, u.ExternalID}
	return slices.ContainsFunc(fields, func(field string) bool { return strings.Contains(strings.ToLower(field), text) })
}

func (f *Fake) createUser(c *call) (*response, error) {
	in, err := decode[flowretail.UserCreateRequest](c.body)
	if err != nil {
		return nil, err
	}
	if in.AccountType == flowretail.AccountTypeFull && in.Email == "" {
		return nil, badRequest("FIELD_REQUIRED", "email")
	}
	if _, exists := c.tenant.users.byUID[in.TenantUserUID]; exists {
		return nil, conflict("UID_EXISTS", "tenantUserUid")
	}
	fields := flowretail.User{Status: flowretail.UserStatusActive}
	setFields(&fields, in)
	if fields.AccountType == flowretail.AccountTypeFull {
		fields.Status = flowretail.UserStatusPendingInvite
	}
	user := f.insertUser(c.tenant, in.Password.Reveal(), fields)
	if user.Status == flowretail.UserStatusPendingInvite {
		f.sendInvite(user)
	}
	return ok(user.view()), nil
}

// insertUser adds a user that is created now, with a new account. It generates
// the UID if there is none.
func (f *Fake) insertUser(tenant *storedTenant, password string, user flowretail.User) *storedUser {
	user = copyUser(user)
	if user.TenantUserUID == "" {
		user.TenantUserUID = f.newUID()
	}
	user.TenantUID, user.TenantName, user.Permissions = tenant.TenantUID, "", nil
	user.CreatedAt = tenant.users.nextCreatedAt(time.Now())
	user.LastModifiedAt = user.CreatedAt
	f.setAccessDefaults(user.StoreAccess, user.CreatedAt)
	added := &storedUser{User: user, tenant: tenant, account: &account{}, password: password}
	added.account.addUser(added)
	tenant.users.add(added, user.CreatedAt)
	return added
}

func (f *Fake) getUser(c *call) (*response, error) {
	user, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	return ok(user.view()), nil
}

func (f *Fake) updateUser(c *call) (*response, error) {
	resend := c.query.Get("resendInvite")
	if c.hasParameter("resendInvite") && resend != "true" && resend != "false" {
		return nil, badRequest("INVALID_PARAMETER", "resendInvite")
	}
	in, err := decode[flowretail.UserUpdateRequest](c.body)
	if err != nil {
		return nil, err
	}
	user, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	// "" clears the default store in put-tenants-account, and is no UID here.
	if in.DefaultStoreUID != nil && *in.DefaultStoreUID == "" {
		return nil, badRequest("INVALID_UID", "defaultStoreUid")
	}
	if err := c.tenant.checkDefaultStore(in.DefaultStoreUID); err != nil {
		return nil, err
	}
	if in.StoreAccess != nil {
		accesses, err := f.applyGrants(user, in.StoreAccess, c.now)
		if err != nil {
			return nil, err
		}
		user.StoreAccess = accesses
	}
	user.update(in, in.Password, c.now)
	if resend == "true" {
		f.sendInvite(user)
	}
	return ok(user.view()), nil
}

// update sets the fields that a request has, and the password unless it is nil.
func (u *storedUser) update(request any, password *flowretail.Secret, now time.Time) {
	setFields(&u.User, request)
	if password != nil {
		u.password = password.Reveal()
	}
	u.LastModifiedAt = later(u.LastModifiedAt, now)
}

func (f *Fake) deleteUser(c *call) (*response, error) {
	user, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	f.removeUser(user)
	return noContent(), nil
}

// removeUser removes a user with its tokens, invitation and subscriptions.
func (f *Fake) removeUser(user *storedUser) {
	f.deleteTokensAndInvites(func(u *storedUser) bool { return u == user })
	user.account.removeUser(user)
	user.tenant.users.remove(func(u *storedUser) bool { return u == user })
	for _, store := range user.tenant.stores.items {
		store.subscribers.remove(func(s *storedSubscriber) bool { return s.user == user })
	}
}

// Users returns all users of a tenant in the order of their creation. The first
// is an integration and the second a person; both are tenant administrators.
func (f *Fake) Users(tenantUID string) []flowretail.User {
	f.mu.Lock()
	defer f.mu.Unlock()
	return views(f.mustTenant(tenantUID).users.items, (*storedUser).view)
}

// AddUser adds a user to a tenant without a request, and returns its UID. Fields
// that are empty get a default: a generated UID, account type REGULAR, tenant role
// ACCESS, status ACTIVE, and so on; in StoreAccess, store role REGULAR. CreatedAt
// is ignored, since the user is created now.
func (f *Fake) AddUser(tenantUID string, user flowretail.User) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	tenant := f.mustTenant(tenantUID)
	if _, exists := tenant.users.byUID[user.TenantUserUID]; exists {
		panic(fmt.Sprintf("flowretailtest: tenant %q already has a user %q", tenantUID, user.TenantUserUID))
	}
	return f.addUserWithDefaults(tenant, user).TenantUserUID
}

func (f *Fake) addUserWithDefaults(tenant *storedTenant, user flowretail.User) *storedUser {
	user.AccountType = cmp.Or(user.AccountType, flowretail.AccountTypeRegular)
	user.TenantRole = cmp.Or(user.TenantRole, flowretail.TenantRoleAccess)
	user.Status = cmp.Or(user.Status, flowretail.UserStatusActive)
	user.UserCode = cmp.Or(user.UserCode, defaultUserCode(tenant.users.added))
	user.LanguageCode = cmp.Or(user.LanguageCode, tenant.LanguageCode)
	user.DisplayName = cmp.Or(user.DisplayName, strings.TrimSpace(user.Firstname+" "+user.Lastname))
	return f.insertUser(tenant, f.newSecret("password"), user)
}

func defaultUserCode(number int) string { return fmt.Sprint(1000 + number) }

// RemoveUser removes a user with its tokens and subscriptions, without a request.
// It reports whether the user existed.
func (f *Fake) RemoveUser(tenantUID, userUID string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	user, exists := f.mustTenant(tenantUID).users.byUID[userUID]
	if exists {
		f.removeUser(user)
	}
	return exists
}

// EditUser changes a user without a request. It can change what no operation of
// the API changes, such as the status. The UIDs and the time of creation stay, and
// empty fields of StoreAccess get the defaults of AddUser. The function edit must
// not call methods of the fake.
func (f *Fake) EditUser(tenantUID, userUID string, edit func(*flowretail.User)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	user := f.mustUser(tenantUID, userUID)
	edited := copyUser(user.User)
	edit(&edited)
	changed := copyUser(edited) // edit may have kept the pointer
	changed.TenantUserUID, changed.TenantUID, changed.CreatedAt = userUID, tenantUID, user.CreatedAt
	changed.TenantName, changed.Permissions = "", nil
	f.setAccessDefaults(changed.StoreAccess, later(user.CreatedAt, time.Now()))
	user.User = changed
}

func (f *Fake) mustUser(tenantUID, userUID string) *storedUser {
	user, exists := f.mustTenant(tenantUID).users.byUID[userUID]
	if !exists {
		panic(fmt.Sprintf("flowretailtest: tenant %q has no user %q", tenantUID, userUID))
	}
	return user
}
