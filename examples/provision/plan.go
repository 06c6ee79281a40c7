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

// A plan is what makes the users of the tenant those of the file.
type plan struct {
	create []*person
	update []*update
	remove []*flowretail.User // with an external id, and not in the file
	kept   int
}

// An update is what changes of a user.
type update struct {
	user    *flowretail.User
	changes flowretail.UserUpdateRequest
	text    []string // for the reader: field, before and after
}

func (p *plan) isEmpty() bool { return len(p.create)+len(p.update)+len(p.remove) == 0 }

// compare reads all users of the tenant, with Complete: one that slipped
// through would look like somebody to create.
func (s *staff) compare(ctx context.Context, people []*person) (*plan, error) {
	self, err := s.client.Account.GetForTenant(ctx, s.tenantUID)
	if err != nil {
		return nil, err
	}
	byExternalID, byUID := map[string]*flowretail.User{}, map[string]*flowretail.User{}
	var users []*flowretail.User
	for user, err := range s.client.Users.All(ctx, s.tenantUID, nil, flowretail.Complete()) {
		if err != nil {
			return nil, err
		}
		if user.ExternalID == "" || user.AccountType == flowretail.AccountTypeIntegration || user.TenantUserUID == self.TenantUserUID {
			continue // not of the file's making
		}
		if other := byExternalID[user.ExternalID]; other != nil {
			return nil, fmt.Errorf("the users %s and %s both have the external id %q; clear that up first", other.TenantUserUID, user.TenantUserUID, user.ExternalID)
		}
		byExternalID[user.ExternalID], byUID[user.TenantUserUID] = user, user
		users = append(users, user)
	}
	plan := new(plan)
	met := map[*flowretail.User]bool{}
	for _, person := range people {
		user := byExternalID[person.externalID()]
		if user == nil { // somebody may have changed the external id of one who was made here
			user = byUID[s.uid(person)]
		}
		if user == nil || met[user] {
			plan.create = append(plan.create, person)
			continue
		}
		met[user] = true
		if update := person.differsFrom(user); len(update.text) > 0 {
			plan.update = append(plan.update, update)
		} else {
			plan.kept++
		}
	}
	for _, user := range users {
		if !met[user] {
			plan.remove = append(plan.remove, user)
		}
	}
	return plan, nil
}

// uid derives the UID of a person, so that whoever creates the same person
// again meets the first one: it is a UUID of version 8.
func (s *staff) uid(p *person) string {
	sum := sha256.Sum256([]byte("flowretail provision\x00" + s.tenantUID + "\x00" + p.externalID()))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	text := hex.EncodeToString(sum[:16])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

func (p *person) differsFrom(user *flowretail.User) *update {
	differs := &update{user: user}
	for _, field := range fields {
		value, has := p.values[field.column]
		if before := field.of(user); has && !field.equal(value, before) {
			field.update(&differs.changes, value)
			differs.text = append(differs.text, fmt.Sprintf("%s %q → %q", field.column, before, value))
		}
	}
	return differs
}

func (p *person) creation(uid string, password flowretail.Secret) *flowretail.UserCreateRequest {
	creation := &flowretail.UserCreateRequest{TenantUserUID: uid, Password: password}
	for _, field := range fields {
		field.create(creation, p.values[field.column])
	}
	return creation
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
	fmt.Fprintf(out, "%d to create, %d to update, %d as they should be, %d not in the file", len(p.create), len(p.update), p.kept, len(p.remove))
	if len(p.remove) > 0 && !removing {
		fmt.Fprint(out, " (kept; see -remove)")
	}
	fmt.Fprintln(out)
}
