package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// Check whether a user gets the sales summary of a store.
func ExampleSubscribersService_List() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	tenantUID := fake.TenantUID()
	storeUID, user := fake.Stores(tenantUID)[0].StoreUID, fake.Users(tenantUID)[0]

	page, err := client.Subscribers.List(context.Background(), tenantUID, storeUID, &flowretail.SubscriberListOptions{
		SubscriptionType: flowretail.SalesSummaryReport,
		TenantUserUIDs:   []string{user.TenantUserUID},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, subscriber := range page.Items {
		fmt.Println(subscriber.TenantUser.DisplayName, "gets", subscriber.Subscription.Name)
	}
	// Output: Flow Integration gets Sales summary
}

// Count the reports that each user gets.
func ExampleSubscribersService_All() {
	fake := flowretailtest.New(flowretailtest.WithStores(3), flowretailtest.WithSubscribers(2))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	ctx, tenantUID := context.Background(), fake.TenantUID()
	mails := map[string]int{}
	for _, store := range fake.Stores(tenantUID) {
		for subscriber, err := range client.Subscribers.All(ctx, tenantUID, store.StoreUID, nil) {
			if err != nil {
				log.Fatal(err)
			}
			mails[subscriber.TenantUser.TenantUserUID]++
		}
	}
	fmt.Println(len(mails), "people get 6 reports")
	// Output: 4 people get 6 reports
}

// With a UID chosen by the caller the subscriber is created exactly once.
func ExampleSubscribersService_Create() {
	fake := flowretailtest.New(flowretailtest.WithSubscribers(0))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	tenantUID := fake.TenantUID()
	storeUID, user := fake.Stores(tenantUID)[0].StoreUID, fake.Users(tenantUID)[1]

	subscriber, err := client.Subscribers.Create(context.Background(), tenantUID, storeUID, &flowretail.SubscriberCreateRequest{
		SubscriberUID:    "summary-" + user.TenantUserUID,
		TenantUserUID:    user.TenantUserUID,
		SubscriptionType: flowretail.SalesSummaryReport,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscriber.Subscription.Type, subscriber.TenantUser.Email == user.Email)
	// Output: SALES_SUMMARY_REPORT true
}

func ExampleSubscribersService_Get() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	tenantUID := fake.TenantUID()
	storeUID := fake.Stores(tenantUID)[0].StoreUID
	subscriberUID := fake.Subscribers(tenantUID, storeUID)[0].SubscriberUID

	subscriber, err := client.Subscribers.Get(context.Background(), tenantUID, storeUID, subscriberUID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscriber.TenantUser.DisplayName)
	// Output: Flow Integration
}

func ExampleSubscribersService_Delete() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx, tenantUID := context.Background(), fake.TenantUID()
	storeUID := fake.Stores(tenantUID)[0].StoreUID
	subscriberUID := fake.Subscribers(tenantUID, storeUID)[0].SubscriberUID

	if err := client.Subscribers.Delete(ctx, tenantUID, storeUID, subscriberUID); err != nil {
		log.Fatal(err)
	}
	_, err = client.Subscribers.Get(ctx, tenantUID, storeUID, subscriberUID)
	fmt.Println(errors.Is(err, flowretail.ErrNotFound))
	// Output: true
}
