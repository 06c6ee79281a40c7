package flowretailtest

import (
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
)

var tenantOrder = order[flowretail.Tenant]{
	"name":           func(t *flowretail.Tenant) string { return strings.ToLower(t.Name) },
	"vatNumber":      func(t *flowretail.Tenant) string { return t.VATNumber },
	"countryCode":    func(t *flowretail.Tenant) string { return t.CountryCode },
	"lastModifiedAt": func(t *flowretail.Tenant) string { return byTime(t.LastModifiedAt) },
}

// listTenants shows a bound token its own tenant, and others all tenants in
// which the account may do something.
func listTenants(f *Fake, c *call) (answer, *refusal) {
	accessible := filter[flowretail.Tenant]{key: uncached, keep: func(number int32, _ *flowretail.Tenant) bool {
		if c.token.bound && c.token.tenant != number {
			return false
		}
		if f.states[number] == nil && (c.token.account == integrationAccount || c.token.account == ownerAccount) {
			return true // nothing has changed in it
		}
		state := f.state(number)
		user, member := f.callerIn(c.token, state)
		return member && allow(state.users.get(user), access) == nil
	}}
	return paginate(f, c, f.tenants, tenantOrder, accessible, f.tenant)
}

func getTenant(f *Fake, c *call) (answer, *refusal) { return ok(f.tenant(c.state.number)), nil }

func updateTenant(f *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.TenantUpdateRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	tenant := f.tenant(c.state.number)
	assign(&tenant.Name, in.Name)
	assign(&tenant.VATNumber, in.VATNumber)
	assign(&tenant.PricelistUID, in.PricelistUID)
	assign(&tenant.LanguageCode, in.LanguageCode)
	assign(&tenant.Timezone, in.Timezone)
	assignAsset(&tenant.Assets.Logo, in.LogoAssetUID)
	assignAsset(&tenant.Assets.Splash, in.SplashAssetUID)
	assign(&tenant.Settings.AllowExternalCashDrawer, in.AllowExternalCashDrawer)
	assign(&tenant.Settings.AutoLogout, in.AutoLogout)
	assign(&tenant.Settings.AutoPrintReceipt, in.AutoPrintReceipt)
	assign(&tenant.Settings.NumericSKUCounter, in.NumericSKUCounter)
	assign(&tenant.Settings.PrintCardPaymentDetails, in.PrintCardPaymentDetails)
	assign(&tenant.Settings.SendInvoicesExternally, in.SendInvoicesExternally)
	assign(&tenant.AppSettings.ShowOutOfStockWarning, in.ShowOutOfStockWarning)
	tenant.LastModifiedAt = later(tenant.LastModifiedAt, c.now)
	f.tenants.set(c.state.number, tenant)
	return ok(f.tenant(c.state.number)), nil
}

func assignAsset(asset *flowretail.Asset, assetUID *string) {
	if assetUID == nil {
		return
	}
	*asset = flowretail.Asset{AssetUID: *assetUID}
	if *assetUID != "" {
		asset.URL = "https://assets.example.com/" + *assetUID + ".png"
	}
}
