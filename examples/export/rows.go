package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

func addTenant(b *batch, tenant *flowretail.Tenant) {
	b.add(tenantsTable, textCell(tenant.TenantUID), textCell(tenant.Name), textCell(tenant.VATNumber), textCell(tenant.CountryCode),
		textCell(tenant.LanguageCode), textCell(tenant.Timezone), textCell(tenant.PricelistUID), jsonCell(tenant.Currency),
		jsonCell(tenant.Settings), jsonCell(tenant.AppSettings), jsonCell(tenant.Assets), jsonCell(tenant.Extensions),
		timeCell(tenant.CreatedAt), timeCell(tenant.LastModifiedAt), extraCell(tenant.Extra))
}

func addUser(b *batch, tenantUID string, user *flowretail.User) {
	b.add(usersTable, tenantUID, textCell(user.TenantUserUID), textCell(user.AccountType), textCell(user.Status), textCell(user.TenantRole),
		textCell(user.UserCode), textCell(user.ExternalID), textCell(user.DisplayName), textCell(user.Firstname), textCell(user.Lastname),
		textCell(user.Email), textCell(user.Mobile), textCell(user.LanguageCode), textCell(user.DefaultStoreUID), timeCell(user.LastAccessed),
		timeCell(user.CreatedAt), timeCell(user.LastModifiedAt), extraCell(user.Extra))
	for _, access := range user.StoreAccess {
		b.add(storeAccessTable, tenantUID, textCell(user.TenantUserUID), textCell(access.StoreUID), textCell(access.StoreAccessUID),
			textCell(access.StoreRole), timeCell(access.CreatedAt), timeCell(access.LastModifiedAt), extraCell(access.Extra))
	}
	if user.Permissions == nil {
		return
	}
	add := func(scope, scopeUID string, permissions []string) {
		for _, permission := range permissions {
			b.add(permissionsTable, tenantUID, textCell(user.TenantUserUID), scope, textCell(scopeUID), textCell(permission))
		}
	}
	add("tenant", tenantUID, user.Permissions.Tenant)
	for _, store := range user.Permissions.Stores {
		add("store", store.Store.StoreUID, store.Permissions)
	}
	for _, organization := range user.Permissions.Organizations {
		add("organization", organization.Organization.OrganizationUID, organization.Permissions)
	}
}

// collectStores adds the stores of a user to stores. Only permissions have the
// name of a store; store access has its UID.
func collectStores(stores map[string]flowretail.Store, user *flowretail.User) {
	for _, access := range user.StoreAccess {
		if _, has := stores[access.StoreUID]; !has {
			stores[access.StoreUID] = flowretail.Store{StoreUID: access.StoreUID}
		}
	}
	if user.Permissions != nil {
		for _, store := range user.Permissions.Stores {
			stores[store.Store.StoreUID] = store.Store
		}
	}
}

func addStore(b *batch, tenantUID string, store flowretail.Store) {
	b.add(storesTable, tenantUID, textCell(store.StoreUID), textCell(store.Name), textCell(store.OrganizationUID),
		textCell(store.OrganizationName), extraCell(store.Extra))
}

func addSubscriber(b *batch, tenantUID, storeUID string, subscriber *flowretail.Subscriber) {
	b.add(subscribersTable, tenantUID, storeUID, textCell(subscriber.SubscriberUID), textCell(subscriber.TenantUser.TenantUserUID),
		textCell(subscriber.Subscription.Type), textCell(subscriber.Subscription.Name), timeCell(subscriber.CreatedAt),
		textCell(subscriber.CreatedBy), extraCell(subscriber.Extra))
}

// textCell returns a cell for a text. It replaces NUL, which PostgreSQL rejects.
func textCell[T ~string](value T) string {
	return strings.ReplaceAll(string(value), "\x00", "\ufffd")
}

// timeCell returns a cell for a time. The zero time is NULL.
func timeCell(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

func extraCell(fields map[string]json.RawMessage) any {
	if len(fields) == 0 {
		return nil
	}
	return jsonCell(fields)
}

func jsonCell(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil { // cannot happen with a value that the SDK has decoded
		encoded = []byte("null")
	}
	return string(bytes.ReplaceAll(encoded, []byte(`\u0000`), []byte(`\ufffd`)))
}
