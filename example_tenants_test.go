package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// One page, and what the API says about the whole list.
func ExampleTenantsService_List() {
	fake := flowretailtest.New(flowretailtest.WithTenants(3))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	page, err := client.Tenants.List(context.Background(), &flowretail.TenantListOptions{
		ListOptions: flowretail.ListOptions{PageSize: 2, SortBy: "name", SortDirection: flowretail.SortAscending},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Items), "of", page.Paging.TotalCount)
	// Output: 2 of 3
}

// An integration often serves several tenants: the loop goes over all of them,
// whatever the size of a page.
func ExampleTenantsService_All() {
	fake := flowretailtest.New(flowretailtest.WithTenants(3))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	for tenant, err := range client.Tenants.All(context.Background(), nil) {
		if err != nil {
			log.Fatal(err) // the loop ends after an error
		}
		fmt.Println(tenant.Name, tenant.Currency.Code)
	}
	// Output:
	// Nordlys Sport NOK
	// Fjordkant Interiør NOK
	// Bølgen Bokhandel NOK
}

// What is not there is an error, and never an empty tenant.
func ExampleTenantsService_Get() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	tenant, err := client.Tenants.Get(ctx, fake.TenantUID())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tenant.Name, tenant.Timezone)

	_, err = client.Tenants.Get(ctx, "unknown")
	fmt.Println(errors.Is(err, flowretail.ErrNotFound))
	// Output:
	// Nordlys Sport Europe/Oslo
	// true
}

// Only what is set is sent: new(0) and new(false) are values, nil is none.
func ExampleTenantsService_Update() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	tenant, err := client.Tenants.Update(context.Background(), fake.TenantUID(), &flowretail.TenantUpdateRequest{
		AutoLogout:       new(0),     // seconds; turns it off
		AutoPrintReceipt: new(false), // the other settings stay as they are
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tenant.Settings.AutoLogout, tenant.Settings.AutoPrintReceipt, tenant.Settings.PrintCardPaymentDetails)
	// Output: 0 false true
}
