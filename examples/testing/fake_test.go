package main

// The first way is the fake. It keeps state: a test sets the state, calls the
// service, and checks the state. Most tests need nothing else.

import (
	"errors"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// newOffboarding returns the service with a client for the fake.
func newOffboarding(t *testing.T, fake *flowretailtest.Fake, opts ...flowretail.Option) *offboarding {
	t.Helper()
	client, err := fake.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &offboarding{client: client, tenantUID: fake.TenantUID()}
}

// addUser adds a user with access to a store to the fake.
func addUser(fake *flowretailtest.Fake, externalID string) (userUID string) {
	store := fake.Stores(fake.TenantUID())[0]
	return fake.AddUser(fake.TenantUID(), flowretail.User{
		ExternalID:  externalID,
		DisplayName: "Åse Bjørk",
		StoreAccess: []flowretail.UserStoreAccess{{StoreUID: store.StoreUID, StoreRole: flowretail.StoreRoleRegular}},
	})
}

// getUser returns a user of the fake.
func getUser(t *testing.T, fake *flowretailtest.Fake, userUID string) flowretail.User {
	t.Helper()
	for _, user := range fake.Users(fake.TenantUID()) {
		if user.TenantUserUID == userUID {
			return user
		}
	}
	t.Fatalf("the fake has no user %s", userUID)
	return flowretail.User{}
}

// countRequests returns how many requests of an operation the fake received.
func countRequests(fake *flowretailtest.Fake, operation string) (n int) {
	for _, request := range fake.Requests() {
		if request.Operation == operation {
			n++
		}
	}
	return n
}

func TestBlock(t *testing.T) {
	fake := flowretailtest.New()
	userUID := addUser(fake, "hr-4711")
	if _, err := newOffboarding(t, fake).block(t.Context(), "hr-4711"); err != nil {
		t.Fatal(err)
	}
	if user := getUser(t, fake, userUID); user.TenantRole != flowretail.TenantRoleBlocked || len(user.StoreAccess) > 0 {
		t.Errorf("the user has the role %s and access to %d stores", user.TenantRole, len(user.StoreAccess))
	}
}

func TestBlock_again(t *testing.T) {
	fake := flowretailtest.New()
	addUser(fake, "hr-4711")
	service := newOffboarding(t, fake)
	for range 2 {
		if _, err := service.block(t.Context(), "hr-4711"); err != nil {
			t.Fatal(err)
		}
	}
	if updates := countRequests(fake, "put-tenants-users-details"); updates != 1 {
		t.Errorf("%d updates were sent, want 1", updates)
	}
}

func TestBlock_wrongExternalID(t *testing.T) {
	fake := flowretailtest.New()
	addUser(fake, "hr-4711")
	addUser(fake, "hr-twin")
	addUser(fake, "hr-twin")
	for externalID, want := range map[string]error{
		"hr-471":  errUnknownUser,
		"HR-4711": errUnknownUser,
		"hr-twin": errAmbiguous,
	} {
		if _, err := newOffboarding(t, fake).block(t.Context(), externalID); !errors.Is(err, want) {
			t.Errorf("block(%q): %v, want %v", externalID, err, want)
		}
	}
	if updates := countRequests(fake, "put-tenants-users-details"); updates != 0 {
		t.Errorf("%d updates were sent, want 0", updates)
	}
}

// The fake enforces roles, so that a test can use a token without permission.
func TestBlock_forbidden(t *testing.T) {
	fake := flowretailtest.New()
	addUser(fake, "hr-4711")
	token := fake.AccessTokenWithRole(fake.TenantUID(), flowretail.TenantRoleBackoffice)
	_, err := newOffboarding(t, fake, flowretail.WithToken(token)).block(t.Context(), "hr-4711")
	if !errors.Is(err, flowretail.ErrForbidden) {
		t.Errorf("block: %v", err)
	}
}
