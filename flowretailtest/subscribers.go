package flowretailtest

import (
	"fmt"
	"slices"

	flowretail "github.com/flowretail/flowretail-go"
)

// A storedSubscriber is a subscriber with its user.
type storedSubscriber struct {
	flowretail.Subscriber // TenantUser is empty; view adds it
	user                  *storedUser
}

func (s *storedSubscriber) uid() string { return s.SubscriberUID }

// view returns the subscriber as the API shows it, with its user as it is now.
func (s *storedSubscriber) view() flowretail.Subscriber {
	subscriber := s.Subscriber
	subscriber.TenantUser = flowretail.SubscriberUser{
		TenantUserUID: s.user.TenantUserUID, DisplayName: s.user.DisplayName, Email: s.user.Email,
	}
	return subscriber
}

var salesSummary = flowretail.Subscription{Type: flowretail.SalesSummaryReport, Name: "Sales summary"}

// pathSubscriber returns the subscriber that the path names, and its store.
func (c *call) pathSubscriber() (*storedStore, *storedSubscriber, error) {
	store, err := c.pathStore()
	if err != nil {
		return nil, nil, err
	}
	subscriber, err := store.subscribers.find(c.path["subscriberUid"], "SUBSCRIBER")
	return store, subscriber, err
}

var subscriberSortKeys = sortKeys[*storedSubscriber]{
	"subscriptionType": func(s *storedSubscriber) string { return string(s.Subscription.Type) },
	"createdBy":        func(s *storedSubscriber) string { return s.CreatedBy },
	"displayName":      func(s *storedSubscriber) string { return s.user.DisplayName },
	"email":            func(s *storedSubscriber) string { return s.user.Email },
}

func (f *Fake) listSubscribers(c *call) (*response, error) {
	store, err := c.pathStore()
	if err != nil {
		return nil, err
	}
	kind, userUIDs := c.query.Get("subscriptionType"), c.query["tenantUserUids"]
	if c.hasParameter("subscriptionType") && !slices.Contains(enums[subscriptionType], kind) {
		return nil, badRequest("INVALID_PARAMETER", "subscriptionType")
	}
	subscribers := filter(store.subscribers.items, func(s *storedSubscriber) bool {
		return (kind == "" || kind == string(s.Subscription.Type)) &&
			(len(userUIDs) == 0 || slices.Contains(userUIDs, s.user.TenantUserUID))
	})
	return paginate(f, c, subscribers, subscriberSortKeys, (*storedSubscriber).view)
}

func (f *Fake) createSubscriber(c *call) (*response, error) {
	in, err := decode[flowretail.SubscriberCreateRequest](c.body)
	if err != nil {
		return nil, err
	}
	store, err := c.pathStore()
	if err != nil {
		return nil, err
	}
	user, exists := c.tenant.users.byUID[in.TenantUserUID]
	if !exists {
		return nil, badRequest("UNKNOWN_REFERENCE", "tenantUserUid")
	}
	if _, exists := store.subscribers.byUID[in.SubscriberUID]; exists {
		return nil, conflict("UID_EXISTS", "subscriberUid")
	}
	subscriber := &storedSubscriber{
		Subscriber: flowretail.Subscriber{
			SubscriberUID: in.SubscriberUID,
			Subscription:  salesSummary,
			CreatedAt:     store.subscribers.nextCreatedAt(c.now),
			CreatedBy:     c.user.DisplayName,
		},
		user: user,
	}
	if subscriber.SubscriberUID == "" {
		subscriber.SubscriberUID = f.newUID()
	}
	store.subscribers.add(subscriber, subscriber.CreatedAt)
	return created(subscriber.view()), nil
}

func (f *Fake) getSubscriber(c *call) (*response, error) {
	_, subscriber, err := c.pathSubscriber()
	if err != nil {
		return nil, err
	}
	return ok(subscriber.view()), nil
}

func (f *Fake) deleteSubscriber(c *call) (*response, error) {
	store, subscriber, err := c.pathSubscriber()
	if err != nil {
		return nil, err
	}
	store.subscribers.remove(func(s *storedSubscriber) bool { return s == subscriber })
	return noContent(), nil
}

// Subscribers returns all subscribers of a store in the order of their creation.
func (f *Fake) Subscribers(tenantUID, storeUID string) []flowretail.Subscriber {
	f.mu.Lock()
	defer f.mu.Unlock()
	store, exists := f.mustTenant(tenantUID).stores.byUID[storeUID]
	if !exists {
		panic(fmt.Sprintf("flowretailtest: tenant %q has no store %q", tenantUID, storeUID))
	}
	return views(store.subscribers.items, (*storedSubscriber).view)
}
