package flowretailtest_test

import (
	"context"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func Example() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	user, err := client.Users.Create(ctx, fake.TenantUID(), &flowretail.UserCreateRequest{
		AccountType: flowretail.AccountTypeRegular,
		TenantRole:  flowretail.TenantRoleAccess,
		UserCode:    "4711",
		Password:    flowretail.NewSecret("marked-secret-5"),
		DisplayName: "Åse Strand",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.DisplayName, user.Status)
	fmt.Println(fake.Requests()[0].Operation)
	// Output:
	// Åse Strand ACTIVE
	// post-tenants-users
}

// A fault shows what a program does when the API is not at its best.
func ExampleFake_Inject() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Operation: "get-account", Status: 403})

	_, err = client.Account.Get(context.Background())
	fmt.Println(err != nil)
	// Output: true
}
