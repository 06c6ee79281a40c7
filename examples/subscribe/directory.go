package main

import (
	"context"
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A directory finds the users and stores of a tenant by name or identifier.
type directory struct {
	users  []*flowretail.User
	stores []flowretail.Store
}

// readDirectory reads all users. The stores are those in which a user has
// permissions.
func (r *report) readDirectory(ctx context.Context) (*directory, error) {
	read := new(directory)
	for user, err := range r.client.Users.All(ctx, r.tenantUID, nil, flowretail.Complete()) {
		if err != nil {
			return nil, err
		}
		read.users = append(read.users, user)
		if user.Permissions == nil {
			continue
		}
		for _, permissions := range user.Permissions.Stores {
			if !containsStore(read.stores, permissions.Store.StoreUID) {
				read.stores = append(read.stores, permissions.Store)
			}
		}
	}
	return read, nil
}

// findUsers returns the users with these names, each once. All of them must have
// an e-mail address.
func (d *directory) findUsers(names []string) ([]*flowretail.User, error) {
	var found []*flowretail.User
	for _, name := range names {
		var matches []*flowretail.User
		for _, user := range d.users {
			if user.TenantUserUID == name || user.ExternalID == name || strings.EqualFold(user.Email, name) {
				matches = append(matches, user)
			}
		}
		switch {
		case len(matches) == 0:
			return nil, program.UsageErrorf("there is no user %q", name)
		case len(matches) > 1:
			return nil, program.UsageErrorf("%d users match %q; use their UIDs", len(matches), name)
		case matches[0].Email == "":
			return nil, program.UsageErrorf("the user %q has no e-mail address", name)
		case !slices.Contains(found, matches[0]):
			found = append(found, matches[0])
		}
	}
	return found, nil
}

// findStores returns the stores with these names, each once. A name without a
// match is used as the UID of a store in which no user has permissions.
func (d *directory) findStores(names []string) ([]flowretail.Store, error) {
	var found []flowretail.Store
	for _, name := range names {
		matches := []flowretail.Store{}
		for _, store := range d.stores {
			if store.StoreUID == name || strings.EqualFold(store.Name, name) {
				matches = append(matches, store)
			}
		}
		switch {
		case len(matches) > 1:
			return nil, program.UsageErrorf("%d stores match %q; use their UIDs", len(matches), name)
		case len(matches) == 0:
			matches = append(matches, flowretail.Store{StoreUID: name, Name: name})
		}
		if !containsStore(found, matches[0].StoreUID) {
			found = append(found, matches[0])
		}
	}
	return found, nil
}

func containsStore(stores []flowretail.Store, uid string) bool {
	return slices.ContainsFunc(stores, func(store flowretail.Store) bool { return store.StoreUID == uid })
}
