package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A search. A page may be smaller than it was asked to be: Paging has the facts.
func ExampleUsersService_List() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	page, err := client.Users.List(context.Background(), fake.TenantUID(), &flowretail.UserListOptions{
		ListOptions: flowretail.ListOptions{PageSize: 10},
		Query:       "integration",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range page.Items {
		fmt.Println(user.DisplayName, user.AccountType)
	}
	fmt.Println("found:", page.Paging.TotalCount)
	// Output:
	// Flow Integration INTEGRATION
	// found: 1
}

func ExampleUsersService_All() {
	fake := flowretailtest.New(flowretailtest.WithUsers(2500))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	blocked := 0
	for user, err := range client.Users.All(context.Background(), fake.TenantUID(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		if user.TenantRole == flowretail.TenantRoleBlocked {
			blocked++
		}
	}
	fmt.Println("blocked:", blocked)
	// Output: blocked: 1
}

// A UID of one's own, derived from the key that the user has in another system,
// makes the create exactly-once: in this call, whatever the network does, and
// when the program is run again.
func ExampleUsersService_Create() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	in := &flowretail.UserCreateRequest{
		TenantUserUID: "emp-4711",
		AccountType:   flowretail.AccountTypeRegular,
		TenantRole:    flowretail.TenantRoleAccess,
		UserCode:      "4711",
		Password:      flowretail.NewSecret("marked-secret-pin"),
	}
	for range 2 { // the program, and the program once more
		_, err = client.Users.Create(context.Background(), fake.TenantUID(), in)
		fmt.Println("made:", err == nil, "there before:", errors.Is(err, flowretail.ErrConflict))
	}
	// Output:
	// made: true there before: false
	// made: false there before: true
}

func ExampleUsersService_Get() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	user, err := client.Users.Get(context.Background(), fake.TenantUID(), "emp-4711")
	switch {
	case errors.Is(err, flowretail.ErrNotFound):
		fmt.Println("no such user")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println(user.DisplayName)
	}
	// Output: no such user
}

// What is nil stays as it is, and new("") empties a field.
func ExampleUsersService_Update() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	userUID := fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "Åse", Mobile: "+4790000001", ExternalID: "emp-1"})

	user, err := client.Users.Update(context.Background(), fake.TenantUID(), userUID, &flowretail.UserUpdateRequest{
		Mobile:     new("+4790000000"),
		ExternalID: new(""),
		TenantRole: new(flowretail.TenantRoleBackoffice),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, %s, %q, %s\n", user.DisplayName, user.Mobile, user.ExternalID, user.TenantRole)
	// Output: Åse, +4790000000, "", BACKOFFICE
}

// StoreAccess replaces the whole list: nil leaves it alone, empty takes it away.
func ExampleUsersService_Update_storeAccess() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx, tenantUID := context.Background(), fake.TenantUID()
	userUID := fake.AddUser(tenantUID, flowretail.User{DisplayName: "Åse Strand"})

	for _, access := range [][]flowretail.StoreAccessGrant{
		{{StoreUID: fake.Stores(tenantUID)[0].StoreUID, StoreRole: flowretail.StoreRoleRegular}},
		nil,
		{},
	} {
		user, err := client.Users.Update(ctx, tenantUID, userUID, &flowretail.UserUpdateRequest{StoreAccess: access})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("stores:", len(user.StoreAccess))
	}
	// Output:
	// stores: 1
	// stores: 1
	// stores: 0
}

// ResendInvite goes with an update that may change nothing else. It is not
// repeated after an unknown outcome, which could send a second mail.
func ExampleUsersService_Update_resendInvite() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	userUID := fake.AddUser(fake.TenantUID(), flowretail.User{
		AccountType: flowretail.AccountTypeFull, Status: flowretail.UserStatusPendingInvite, Email: "ase@example.com",
	})

	_, err = client.Users.Update(context.Background(), fake.TenantUID(), userUID, &flowretail.UserUpdateRequest{ResendInvite: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("mailed to", fake.Mails()[0].Email)
	// Output: mailed to ase@example.com
}

// To somebody who wants the user gone, a user who is gone already is no failure.
func ExampleUsersService_Delete() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	userUID := fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "Åse Strand"})

	for range 2 {
		err := client.Users.Delete(context.Background(), fake.TenantUID(), userUID)
		if err != nil && !errors.Is(err, flowretail.ErrNotFound) {
			log.Fatal(err)
		}
		fmt.Println("gone; it was there:", err == nil)
	}
	// Output:
	// gone; it was there: true
	// gone; it was there: false
}
