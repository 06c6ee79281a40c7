package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// newTable returns a writer that aligns cells separated by tabs. It counts
// characters, not bytes, so that å and ø have the width 1.
func newTable(out io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
}

func printTenants(out io.Writer, tenants []*flowretail.Tenant) error {
	table := newTable(out)
	fmt.Fprintln(table, "TENANT\tUID\tCOUNTRY\tCURRENCY\tTIME ZONE")
	for _, tenant := range tenants {
		printRow(table, tenant.Name, tenant.TenantUID, tenant.CountryCode, tenant.Currency.Code, tenant.Timezone)
	}
	return table.Flush()
}

// printUsers prints one line for the role of a user in the tenant, and one for the
// role in each store.
func printUsers(out io.Writer, tenant *flowretail.Tenant, users []*flowretail.User) error {
	fmt.Fprintf(out, "\n%s: %d users\n\n", tenant.Name, len(users))
	names := storeNames(users)
	table := newTable(out)
	fmt.Fprintln(table, "USER\tACCOUNT\tSTATUS\tWHERE\tROLE\tPERMISSIONS")
	for _, user := range users {
		var permissions flowretail.UserPermissions // some operations leave them out
		if user.Permissions != nil {
			permissions = *user.Permissions
		}
		printRow(table, user.DisplayName, string(user.AccountType), string(user.Status),
			"whole tenant", string(user.TenantRole), short(permissions.Tenant))
		for _, access := range user.StoreAccess {
			printRow(table, "", "", "", names[access.StoreUID], string(access.StoreRole), short(storePermissions(permissions, access.StoreUID)))
		}
	}
	return table.Flush()
}

func printRow(table io.Writer, cells ...string) {
	for i, cell := range cells {
		cells[i] = program.OneLine(cell)
	}
	fmt.Fprintln(table, strings.Join(cells, "\t"))
}

// storeNames returns the names of the stores by UID. Only permissions have the
// name of a store, and not every user has permissions.
func storeNames(users []*flowretail.User) map[string]string {
	names := map[string]string{}
	for _, user := range users {
		for _, access := range user.StoreAccess {
			if names[access.StoreUID] == "" {
				names[access.StoreUID] = access.StoreUID
			}
		}
		if user.Permissions == nil {
			continue
		}
		for _, store := range user.Permissions.Stores {
			names[store.Store.StoreUID] = store.Store.Name
		}
	}
	return names
}

func storePermissions(permissions flowretail.UserPermissions, storeUID string) []string {
	for _, store := range permissions.Stores {
		if store.Store.StoreUID == storeUID {
			return store.Permissions
		}
	}
	return nil
}

// short joins the last parts of the permissions: ADMIN for TENANT.ADMIN.
func short(permissions []string) string {
	if len(permissions) == 0 {
		return "-"
	}
	words := make([]string, len(permissions))
	for i, permission := range permissions {
		words[i] = permission[strings.LastIndex(permission, ".")+1:]
	}
	return strings.Join(words, ", ")
}
