package flowretailtest

import (
	"cmp"
	"slices"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// A storedStore is a store with the subscribers to its reports.
type storedStore struct {
	flowretail.Store
	subscribers list[*storedSubscriber]
}

func (s *storedStore) uid() string { return s.StoreUID }

// pathStore returns the store that the path names.
func (c *call) pathStore() (*storedStore, error) {
	return c.tenant.stores.find(c.path["storeUid"], "STORE")
}

// Stores returns the stores of a tenant.
func (f *Fake) Stores(tenantUID string) []flowretail.Store {
	f.mu.Lock()
	defer f.mu.Unlock()
	return views(f.mustTenant(tenantUID).stores.items, func(s *storedStore) flowretail.Store { return s.Store })
}

// checkDefaultStore checks a new default store of a user. nil and "" are allowed.
func (t *storedTenant) checkDefaultStore(storeUID *string) error {
	if storeUID == nil || *storeUID == "" {
		return nil
	}
	if _, exists := t.stores.byUID[*storeUID]; !exists {
		return badRequest("UNKNOWN_REFERENCE", "defaultStoreUid")
	}
	return nil
}

// hasAccess reports whether the user has access to a store that is wanted.
func (u *storedUser) hasAccess(wanted func(*storedStore) bool) bool {
	return slices.ContainsFunc(u.StoreAccess, func(access flowretail.UserStoreAccess) bool {
		store, exists := u.tenant.stores.byUID[access.StoreUID]
		return exists && wanted(store)
	})
}

// setAccessDefaults sets the empty fields of accesses to stores.
func (f *Fake) setAccessDefaults(accesses []flowretail.UserStoreAccess, now time.Time) {
	for i := range accesses {
		access := &accesses[i]
		if access.StoreAccessUID == "" {
			access.StoreAccessUID = f.newUID()
		}
		access.StoreRole = cmp.Or(access.StoreRole, flowretail.StoreRoleRegular)
		access.CreatedAt = cmp.Or(access.CreatedAt, now)
		access.LastModifiedAt = cmp.Or(access.LastModifiedAt, access.CreatedAt)
	}
}

// applyGrants returns the accesses to stores that a user has after an update.
// An access to a store that the user has already keeps its UID.
func (f *Fake) applyGrants(user *storedUser, grants []flowretail.StoreAccessGrant, now time.Time) ([]flowretail.UserStoreAccess, error) {
	now = later(user.CreatedAt, now)
	accesses := []flowretail.UserStoreAccess{}
	for _, grant := range grants {
		if _, exists := user.tenant.stores.byUID[grant.StoreUID]; !exists {
			return nil, badRequest("UNKNOWN_REFERENCE", "storeAccess.storeUid")
		}
		sameStore := func(a flowretail.UserStoreAccess) bool { return a.StoreUID == grant.StoreUID }
		if slices.ContainsFunc(accesses, sameStore) {
			return nil, badRequest("REPEATED_FIELD", "storeAccess.storeUid")
		}
		access := flowretail.UserStoreAccess{StoreUID: grant.StoreUID, StoreRole: grant.StoreRole}
		if i := slices.IndexFunc(user.StoreAccess, sameStore); i >= 0 {
			access = user.StoreAccess[i]
			if access.StoreRole != grant.StoreRole {
				access.StoreRole, access.LastModifiedAt = grant.StoreRole, now
			}
		}
		accesses = append(accesses, access)
	}
	f.setAccessDefaults(accesses, now)
	return accesses, nil
}

const (
	tenantAccess = "TENANT.ACCESS"
	tenantAdmin  = "TENANT.ADMIN"
)

var (
	tenantPermissions = map[flowretail.TenantRole][]string{
		flowretail.TenantRoleAccess:     {tenantAccess},
		flowretail.TenantRoleBackoffice: {tenantAccess, "TENANT.BACKOFFICE"},
		flowretail.TenantRoleAdmin:      {tenantAccess, "TENANT.BACKOFFICE", tenantAdmin},
	}
	storePermissions = map[flowretail.StoreRole][]string{
		flowretail.StoreRoleRegular:    {"STORE.ACCESS"},
		flowretail.StoreRoleBackoffice: {"STORE.ACCESS", "STORE.BACKOFFICE"},
		flowretail.StoreRoleAdmin:      {"STORE.ACCESS", "STORE.BACKOFFICE", "STORE.ADMIN"},
	}
)

// permissions returns what the user may do by its roles.
func (u *storedUser) permissions() *flowretail.UserPermissions {
	permissions := &flowretail.UserPermissions{Tenant: slices.Clone(tenantPermissions[u.TenantRole])}
	if u.TenantRole == flowretail.TenantRoleBlocked {
		return permissions
	}
	for _, access := range u.StoreAccess {
		store, exists := u.tenant.stores.byUID[access.StoreUID]
		if !exists {
			continue
		}
		permissions.Stores = append(permissions.Stores, flowretail.StorePermissions{
			Store: store.Store, Permissions: slices.Clone(storePermissions[access.StoreRole]),
		})
		known := slices.ContainsFunc(permissions.Organizations, func(o flowretail.OrganizationPermissions) bool {
			return o.Organization.OrganizationUID == store.OrganizationUID
		})
		if !known {
			permissions.Organizations = append(permissions.Organizations, flowretail.OrganizationPermissions{
				Organization: flowretail.Organization{OrganizationUID: store.OrganizationUID, Name: store.OrganizationName},
				Permissions:  []string{"ORGANIZATION.ACCESS"},
			})
		}
	}
	return permissions
}
