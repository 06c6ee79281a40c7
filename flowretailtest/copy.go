package flowretailtest

import (
	"encoding/json"
	"slices"

	flowretail "github.com/flowretail/flowretail-go"
)

// What a test or a response gets is a copy that shares no slice and no map with
// the state of the fake.

func copyUser(user flowretail.User) flowretail.User {
	user.Extra = copyExtra(user.Extra)
	user.StoreAccess = slices.Clone(user.StoreAccess)
	for i := range user.StoreAccess {
		user.StoreAccess[i].Extra = copyExtra(user.StoreAccess[i].Extra)
	}
	return user
}

func copyExtra(extra map[string]json.RawMessage) map[string]json.RawMessage {
	if extra == nil {
		return nil
	}
	copied := make(map[string]json.RawMessage, len(extra))
	for name, value := range extra {
		copied[name] = slices.Clone(value)
	}
	return copied
}

func copyTenant(tenant flowretail.Tenant) flowretail.Tenant {
	tenant.Extensions = slices.Clone(tenant.Extensions)
	for i := range tenant.Extensions {
		tenant.Extensions[i].Extra = copyExtra(tenant.Extensions[i].Extra)
	}
	tenant.AvailableExtensions = slices.Clone(tenant.AvailableExtensions)
	for i := range tenant.AvailableExtensions {
		tenant.AvailableExtensions[i].Extra = copyExtra(tenant.AvailableExtensions[i].Extra)
	}
	for _, extra := range []*map[string]json.RawMessage{
		&tenant.Extra, &tenant.Currency.Extra, &tenant.Settings.Extra, &tenant.AppSettings.Extra,
		&tenant.Assets.Extra, &tenant.Assets.Logo.Extra, &tenant.Assets.Splash.Extra,
	} {
		*extra = copyExtra(*extra)
	}
	return tenant
}
