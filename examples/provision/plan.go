package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A plan has the changes that make the users of the tenant equal to the file.
type plan struct {
	create []*person
	update []*update
	remove []*flowretail.User // have an external id that is not in the file
	kept   int
}

// An update has the changes of a user.
type update struct {
	user    *flowretail.User
	request flowretail.UserUpdateRequest
	text    []string // field, old and new value
}

func (p *plan) isEmpty() bool { return len(p.create)+len(p.update)+len(p.remove) == 0 }

// compare compares the users of the tenant with the file.
func (p *provisioner) compare(ctx context.Context, people []*person) (*plan, error) {
	users, err := p.readUsers(ctx)
	if err != nil {
		return nil, err
	}
	byExternalID, byUID := map[string]*flowretail.User{}, map[string]*flowretail.User{}
	for _, user := range users {
		byExternalID[user.ExternalID], byUID[user.TenantUserUID] = user, user
	}
	plan := new(plan)
	matched := map[*flowretail.User]bool{}
	for _, person := range people {
		user := byExternalID[person.externalID()]
		if user == nil { // perhaps created by this program, and given another external id since
			user = byUID[p.uid(person)]
		}
		if user == nil || matched[user] {
			plan.create = append(plan.create, person)
			continue
		}
		matched[user] = true
		update, err := person.diff(user)
		if err != nil {
			return nil, err
		}
		if len(update.text) > 0 {
			plan.update = append(plan.update, update)
		} else {
			plan.kept++
		}
	}
	for _, user := range users {
		if !matched[user] {
			plan.remove = append(plan.remove, user)
		}
	}
	return plan, nil
}

// readUsers returns the users that the program may change. It reads the list with
// Complete, because a missed user would be created again.
func (p *provisioner) readUsers(ctx context.Context) (users []*flowretail.User, err error) {
	self, err := p.client.Account.GetForTenant(ctx, p.tenantUID)
	if err != nil {
		return nil, err
	}
	byExternalID := map[string]*flowretail.User{}
	for user, err := range p.client.Users.All(ctx, p.tenantUID, nil, flowretail.Complete()) {
		if err != nil {
			return nil, err
		}
		if user.ExternalID == "" || user.AccountType == flowretail.AccountTypeIntegration || user.TenantUserUID == self.TenantUserUID {
			continue
		}
		if other := byExternalID[user.ExternalID]; other != nil {
			return nil, fmt.Errorf("the users %s and %s have the same external id %q; change one of them first", other.TenantUserUID, user.TenantUserUID, user.ExternalID)
		}
		byExternalID[user.ExternalID] = user
		users = append(users, user)
	}
	return users, nil
}

// uid derives the UID of a person, a UUID of version 8, from the external id. Each
// run derives the same UID, so that no run creates the person a second time.
func (p *provisioner) uid(person *person) string {
	sum := sha256.Sum256([]byte("flowretail provision\x00" + p.tenantUID + "\x00" + person.externalID()))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	text := hex.EncodeToString(sum[:16])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// diff returns the changes that make user equal to the person.
func (p *person) diff(user *flowretail.User) (*update, error) {
	var current map[string]any
	if err := convert(user, &current); err != nil {
		return nil, err
	}
	changes, changed := &update{user: user}, map[string]string{}
	for _, field := range fields {
		value, has := p.values[field.column]
		if before, _ := current[field.column].(string); has && !field.equal(value, before) {
			changed[field.column] = value
			changes.text = append(changes.text, fmt.Sprintf("%s %q → %q", field.column, before, value))
		}
	}
	if err := convert(changed, &changes.request); err != nil {
		return nil, err
	}
	return changes, nil
}

func (p *person) createRequest(uid string, password flowretail.Secret) (*flowretail.UserCreateRequest, error) {
	request := &flowretail.UserCreateRequest{TenantUserUID: uid, Password: password}
	if err := convert(p.values, request); err != nil {
		return nil, err
	}
	return request, nil
}

func (p *plan) print(out io.Writer, removing bool) {
	for _, person := range p.create {
		fmt.Fprintf(out, "create  %s  %s\n", person.externalID(), person.values["displayName"])
	}
	for _, update := range p.update {
		fmt.Fprintf(out, "update  %s  %s\n", program.OneLine(update.user.ExternalID), strings.Join(update.text, ", "))
	}
	if removing {
		for _, user := range p.remove {
			fmt.Fprintf(out, "delete  %s  %s\n", program.OneLine(user.ExternalID), program.OneLine(user.DisplayName))
		}
	}
	fmt.Fprintf(out, "%d to create, %d to update, %d unchanged, %d not in the file", len(p.create), len(p.update), p.kept, len(p.remove))
	if len(p.remove) > 0 && !removing {
		fmt.Fprint(out, " (not deleted without -remove)")
	}
	fmt.Fprintln(out)
}
