package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// Get one page and the total number of tenants.
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

// Iterate over all tenants. The iterator requests one page after the other.
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

// A tenant that does not exist is an error.
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

// Update sends the non-nil fields only. new(0) and new(false) are sent.
func ExampleTenantsService_Update() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	tenant, err := client.Tenants.Update(context.Background(), fake.TenantUID(), &flowretail.TenantUpdateRequest{
		AutoLogout:       new(0),     // seconds; 0 turns it off
		AutoPrintReceipt: new(false), // the other settings are not changed
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tenant.Settings.AutoLogout, tenant.Settings.AutoPrintReceipt, tenant.Settings.PrintCardPaymentDetails)
	// Output: 0 false true
}
