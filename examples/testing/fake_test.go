package main

// The first way: the fake. It keeps state, so a test says what was before, does
// its thing, and looks at what is after. Most tests want nothing else.

import (
	"errors"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// newOffboarding makes the service with a fake behind it.
func newOffboarding(t *testing.T, fake *flowretailtest.Fake, opts ...flowretail.Option) *offboarding {
	t.Helper()
	client, err := fake.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &offboarding{client: client, tenantUID: fake.TenantUID()}
}

// hire adds a person with access to a store, behind the service's back.
func hire(fake *flowretailtest.Fake, externalID string) (userUID string) {
	store := fake.Stores(fake.TenantUID())[0]
	return fake.AddUser(fake.TenantUID(), flowretail.User{
		ExternalID:  externalID,
		DisplayName: "Åse Bjørk",
		StoreAccess: []flowretail.UserStoreAccess{{StoreUID: store.StoreUID, StoreRole: flowretail.StoreRoleRegular}},
	})
}

// user returns a user as the API has it, whatever the service believes.
func user(t *testing.T, fake *flowretailtest.Fake, userUID string) flowretail.User {
	t.Helper()
	for _, user := range fake.Users(fake.TenantUID()) {
		if user.TenantUserUID == userUID {
			return user
		}
	}
	t.Fatalf("user %s is gone", userUID)
	return flowretail.User{}
}

// sent counts the requests of an operation that reached the API.
func sent(fake *flowretailtest.Fake, operation string) (n int) {
	for _, request := range fake.Requests() {
		if request.Operation == operation {
			n++
		}
	}
	return n
}

func TestAPersonWhoHasLeftIsBlockedAndLosesTheStores(t *testing.T) {
	fake := flowretailtest.New()
	userUID := hire(fake, "hr-4711")
	if _, err := newOffboarding(t, fake).block(t.Context(), "hr-4711"); err != nil {
		t.Fatal(err)
	}
	if after := user(t, fake, userUID); after.TenantRole != flowretail.TenantRoleBlocked || len(after.StoreAccess) > 0 {
		t.Errorf("the user has the role %s and %d stores", after.TenantRole, len(after.StoreAccess))
	}
}

func TestBlockingAgainChangesNothing(t *testing.T) {
	fake := flowretailtest.New()
	hire(fake, "hr-4711")
	service := newOffboarding(t, fake)
	for range 2 {
		if _, err := service.block(t.Context(), "hr-4711"); err != nil {
			t.Fatal(err)
		}
	}
	if updates := sent(fake, "put-tenants-users-details"); updates != 1 {
		t.Errorf("%d updates were sent", updates)
	}
}

func TestAPersonIsFoundByTheWholeIDOnly(t *testing.T) {
	fake := flowretailtest.New()
	hire(fake, "hr-4711")
	hire(fake, "hr-twin")
	hire(fake, "hr-twin")
	for externalID, want := range map[string]error{
		"hr-471":  errUnknownPerson,
		"HR-4711": errUnknownPerson,
		"hr-twin": errAmbiguous,
	} {
		if _, err := newOffboarding(t, fake).block(t.Context(), externalID); !errors.Is(err, want) {
			t.Errorf("block(%q): %v; want %v", externalID, err, want)
		}
	}
	if updates := sent(fake, "put-tenants-users-details"); updates != 0 {
		t.Errorf("%d updates were sent", updates)
	}
}

// The fake enforces roles, so a test can show what a token is missing.
func TestATokenWithoutThePermissionIsRefused(t *testing.T) {
	fake := flowretailtest.New()
	hire(fake, "hr-4711")
	token := fake.AccessTokenWithRole(fake.TenantUID(), flowretail.TenantRoleBackoffice)
	_, err := newOffboarding(t, fake, flowretail.WithToken(token)).block(t.Context(), "hr-4711")
	if !errors.Is(err, flowretail.ErrForbidden) {
		t.Errorf("block: %v", err)
	}
}
