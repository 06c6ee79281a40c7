package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

func addTenant(to *batch, tenant *flowretail.Tenant) {
	to.add(tenantsTable, text(tenant.TenantUID), text(tenant.Name), text(tenant.VATNumber), text(tenant.CountryCode),
		text(tenant.LanguageCode), text(tenant.Timezone), text(tenant.PricelistUID), document(tenant.Currency),
		document(tenant.Settings), document(tenant.AppSettings), document(tenant.Assets), document(tenant.Extensions),
		moment(tenant.CreatedAt), moment(tenant.LastModifiedAt), extra(tenant.Extra))
}

func addUser(to *batch, tenantUID string, user *flowretail.User) {
	to.add(usersTable, tenantUID, text(user.TenantUserUID), text(user.AccountType), text(user.Status), text(user.TenantRole),
		text(user.UserCode), text(user.ExternalID), text(user.DisplayName), text(user.Firstname), text(user.Lastname),
		text(user.Email), text(user.Mobile), text(user.LanguageCode), text(user.DefaultStoreUID), moment(user.LastAccessed),
		moment(user.CreatedAt), moment(user.LastModifiedAt), extra(user.Extra))
	for _, access := range user.StoreAccess {
		to.add(storeAccessTable, tenantUID, text(user.TenantUserUID), text(access.StoreUID), text(access.StoreAccessUID),
			text(access.StoreRole), moment(access.CreatedAt), moment(access.LastModifiedAt), extra(access.Extra))
	}
	if user.Permissions == nil {
		return
	}
	add := func(scope, scopeUID string, permissions []string) {
		for _, permission := range permissions {
			to.add(permissionsTable, tenantUID, text(user.TenantUserUID), scope, text(scopeUID), text(permission))
		}
	}
	add("tenant", tenantUID, user.Permissions.Tenant)
	for _, of := range user.Permissions.Stores {
		add("store", of.Store.StoreUID, of.Permissions)
	}
	for _, of := range user.Permissions.Organizations {
		add("organization", of.Organization.OrganizationUID, of.Permissions)
	}
}

// noteStores collects the stores that a user tells of. Access names a store by
// its UID alone; permissions know the rest.
func noteStores(known map[string]flowretail.Store, user *flowretail.User) {
	for _, access := range user.StoreAccess {
		if _, has := known[access.StoreUID]; !has {
			known[access.StoreUID] = flowretail.Store{StoreUID: access.StoreUID}
		}
	}
	if user.Permissions != nil {
		for _, of := range user.Permissions.Stores {
			known[of.Store.StoreUID] = of.Store
		}
	}
}

func addStore(to *batch, tenantUID string, store flowretail.Store) {
	to.add(storesTable, tenantUID, text(store.StoreUID), text(store.Name), text(store.OrganizationUID),
		text(store.OrganizationName), extra(store.Extra))
}

func addSubscriber(to *batch, tenantUID, storeUID string, subscriber *flowretail.Subscriber) {
	to.add(subscribersTable, tenantUID, storeUID, text(subscriber.SubscriberUID), text(subscriber.TenantUser.TenantUserUID),
		text(subscriber.Subscription.Type), text(subscriber.Subscription.Name), moment(subscriber.CreatedAt),
		text(subscriber.CreatedBy), extra(subscriber.Extra))
}

// text makes a cell. PostgreSQL takes no NUL in a text, and one such name
// should not end an export.
func text[T ~string](value T) string {
	return strings.ReplaceAll(string(value), "\x00", "\ufffd")
}

// moment makes a cell of a time; one that the API left out is NULL.
func moment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC()
}

func extra(fields map[string]json.RawMessage) any {
	if len(fields) == 0 {
		return nil
	}
	return document(fields)
}

func document(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil { // what the SDK has decoded can be encoded
		encoded = []byte("null")
	}
	return string(bytes.ReplaceAll(encoded, []byte(`\u0000`), []byte(`\ufffd`)))
}
