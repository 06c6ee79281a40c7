package main

import (
	"context"
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A directory finds the users and stores of a tenant by what people call them.
type directory struct {
	users  []*flowretail.User
	stores []flowretail.Store
}

// readDirectory reads all users. The stores are those that somebody has
// permissions in.
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
		for _, of := range user.Permissions.Stores {
			if !slices.ContainsFunc(read.stores, func(s flowretail.Store) bool { return s.StoreUID == of.Store.StoreUID }) {
				read.stores = append(read.stores, of.Store)
			}
		}
	}
	return read, nil
}

// recipients returns the users that are named, each once. All must be able to get mail.
func (d *directory) recipients(names []string) ([]*flowretail.User, error) {
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
			return nil, program.Misused("nobody is called %q", name)
		case len(matches) > 1:
			return nil, program.Misused("%d users are called %q; name them by their UIDs", len(matches), name)
		case matches[0].Email == "":
			return nil, program.Misused("%q has no e-mail address to send a report to", name)
		case !slices.Contains(found, matches[0]):
			found = append(found, matches[0])
		}
	}
	return found, nil
}

// storesNamed returns the stores that are named, each once. A UID may be one of
// a store that nobody has permissions in.
func (d *directory) storesNamed(names []string) ([]flowretail.Store, error) {
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
			return nil, program.Misused("%d stores are called %q; name them by their UIDs", len(matches), name)
		case len(matches) == 0:
			matches = append(matches, flowretail.Store{StoreUID: name, Name: name})
		}
		if !slices.ContainsFunc(found, func(s flowretail.Store) bool { return s.StoreUID == matches[0].StoreUID }) {
			found = append(found, matches[0])
		}
	}
	return found, nil
}
