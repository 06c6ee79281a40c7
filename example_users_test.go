package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// Search for users. A page may be smaller than requested; Paging has its real size.
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

// With a UID derived from the key that the user has in another system, the user is
// created exactly once, also when the network fails or the program runs again.
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
	for range 2 { // the program runs twice
		_, err = client.Users.Create(context.Background(), fake.TenantUID(), in)
		fmt.Println("created:", err == nil, "exists already:", errors.Is(err, flowretail.ErrConflict))
	}
	// Output:
	// created: true exists already: false
	// created: false exists already: true
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

// Nil fields are not changed. new("") clears a field.
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

// StoreAccess replaces the whole list. Nil does not change it, an empty list removes
// all access.
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

// ResendInvite can be the only field of an update. Such an update is not retried after
// an unknown outcome, because a retry could send a second mail.
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

// ErrNotFound means that the user was deleted before.
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
		fmt.Println("deleted; it existed:", err == nil)
	}
	// Output:
	// deleted; it existed: true
	// deleted; it existed: false
}
