package flowretailtest

import (
	"fmt"
	"maps"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// A storedTenant is a tenant with its stores and users.
type storedTenant struct {
	flowretail.Tenant
	stores list[*storedStore]
	users  list[*storedUser]
}

func (t *storedTenant) uid() string { return t.TenantUID }

// view returns the tenant as the API shows it. The caller may change it.
func (t *storedTenant) view() flowretail.Tenant { return copyTenant(t.Tenant) }

var tenantSortKeys = sortKeys[*storedTenant]{
	"name":           func(t *storedTenant) string { return t.Name },
	"vatNumber":      func(t *storedTenant) string { return t.VATNumber },
	"countryCode":    func(t *storedTenant) string { return t.CountryCode },
	"lastModifiedAt": func(t *storedTenant) string { return timeSortKey(t.LastModifiedAt) },
}

// listTenants lists the tenants that the token has access to.
func (f *Fake) listTenants(c *call) (*response, error) {
	accessible := filter(f.tenants.items, func(t *storedTenant) bool {
		user := c.token.userIn(t)
		return user != nil && authorize(user, tenantAccess) == nil
	})
	return paginate(f, c, accessible, tenantSortKeys, (*storedTenant).view)
}

func (f *Fake) getTenant(c *call) (*response, error) { return ok(c.tenant.view()), nil }

func (f *Fake) updateTenant(c *call) (*response, error) {
	in, err := decode[flowretail.TenantUpdateRequest](c.body)
	if err != nil {
		return nil, err
	}
	tenant := c.tenant
	setFields(&tenant.Tenant, in)
	setFields(&tenant.Settings, in)
	setFields(&tenant.AppSettings, in)
	if in.LogoAssetUID != nil {
		tenant.Assets.Logo = newAsset(*in.LogoAssetUID)
	}
	if in.SplashAssetUID != nil {
		tenant.Assets.Splash = newAsset(*in.SplashAssetUID)
	}
	tenant.LastModifiedAt = later(tenant.LastModifiedAt, c.now)
	return ok(tenant.view()), nil
}

// newAsset returns the asset with a UID, or no asset for "".
func newAsset(assetUID string) flowretail.Asset {
	if assetUID == "" {
		return flowretail.Asset{}
	}
	return flowretail.Asset{AssetUID: assetUID, URL: "https://assets.example.com/" + assetUID + ".png"}
}

// TenantUID returns the UID of the first tenant, or "" when all were removed.
func (f *Fake) TenantUID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.tenants.items) == 0 {
		return ""
	}
	return f.tenants.items[0].TenantUID
}

// Tenants returns all tenants in the order of their creation.
func (f *Fake) Tenants() []flowretail.Tenant {
	f.mu.Lock()
	defer f.mu.Unlock()
	return views(f.tenants.items, (*storedTenant).view)
}

// AddTenant adds a tenant with sample data, without a request, and returns its UID.
func (f *Fake) AddTenant() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.addSampleTenant(f.tenants.nextCreatedAt(time.Now())).TenantUID
}

// RemoveTenant removes a tenant with everything in it, without a request.
func (f *Fake) RemoveTenant(tenantUID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tenant := f.mustTenant(tenantUID)
	f.deleteTokensAndInvites(func(u *storedUser) bool { return u.tenant == tenant })
	maps.DeleteFunc(f.tokens, func(_ string, t *token) bool { return t.device == tenant })
	for _, user := range tenant.users.items {
		user.account.removeUser(user)
	}
	f.tenants.remove(func(t *storedTenant) bool { return t == tenant })
}

// EditTenant changes a tenant without a request. It can change what no operation
// of the API changes. The UID and the time of creation stay. The function edit
// must not call methods of the fake.
func (f *Fake) EditTenant(tenantUID string, edit func(*flowretail.Tenant)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tenant := f.mustTenant(tenantUID)
	edited := copyTenant(tenant.Tenant)
	edit(&edited)
	changed := copyTenant(edited) // edit may have kept the pointer
	changed.TenantUID, changed.CreatedAt = tenantUID, tenant.CreatedAt
	tenant.Tenant = changed
}

func (f *Fake) mustTenant(tenantUID string) *storedTenant {
	tenant, exists := f.tenants.byUID[tenantUID]
	if !exists {
		panic(fmt.Sprintf("flowretailtest: the fake has no tenant %q", tenantUID))
	}
	return tenant
}
