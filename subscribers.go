package flowretail

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// SubscribersService manages who gets the reports of a store by mail.
type SubscribersService struct{ client *Client }

// A Subscriber is a user who gets a report of a store.
type Subscriber struct {
	SubscriberUID string         `json:"subscriberUid"`
	Subscription  Subscription   `json:"subscription"`
	TenantUser    SubscriberUser `json:"tenantUser"`
	CreatedAt     time.Time      `json:"createdAt"`
	CreatedBy     string         `json:"createdBy"`

	// Extra holds what the API sent beyond the fields above; nil when there is nothing.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// A Subscription is a report that can be subscribed to.
type Subscription struct {
	Type SubscriptionType `json:"type"`
	Name string           `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// SubscriberUser is the user behind a subscriber, in short.
type SubscriberUser struct {
	TenantUserUID string `json:"tenantUserUid"`
	DisplayName   string `json:"displayName"`
	Email         string `json:"email"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// SubscriptionType names a report. The list may grow.
type SubscriptionType string

// SalesSummaryReport is the only report that the API documents.
const SalesSummaryReport SubscriptionType = "SALES_SUMMARY_REPORT"

// SubscriberCreateRequest describes a new subscriber. TenantUserUID and
// SubscriptionType are required.
type SubscriberCreateRequest struct {
	// SubscriberUID is the UID that the subscriber gets. With one chosen here,
	// or by WithGeneratedUIDs, the create is carried out exactly once whatever the
	// network does; without one, a create whose outcome is unknown is not repeated.
	SubscriberUID    string           `json:"subscriberUid,omitempty" api:"uid"`
	TenantUserUID    string           `json:"tenantUserUid" api:"required,uid"`
	SubscriptionType SubscriptionType `json:"subscriptionType" api:"required"`
}

// SubscriberListOptions choose a page of subscribers, and filter them.
type SubscriberListOptions struct {
	ListOptions

	SubscriptionType SubscriptionType `url:"subscriptionType,omitempty"`
	TenantUserUIDs   []string         `url:"tenantUserUids,omitempty"`
}

// List returns one page of the subscribers of a store.
//
// Operation: get-subscribers.
func (s *SubscribersService) List(ctx context.Context, tenantUID, storeUID string, opts *SubscriberListOptions, call ...CallOption) (*Page[Subscriber], error) {
	return fetch[Page[Subscriber]](ctx, s.client, at(operations.ListSubscribers, tenantUID, storeUID).query(opts), call)
}

// All iterates over the subscribers of a store, page after page. With Complete
// none is missed while others are created and deleted.
//
// Operation: get-subscribers.
func (s *SubscribersService) All(ctx context.Context, tenantUID, storeUID string, opts *SubscriberListOptions, iter ...IterOption) iter.Seq2[*Subscriber, error] {
	return iterate(ctx, s.client, at(operations.ListSubscribers, tenantUID, storeUID).query(opts), (*Subscriber).identity, iter)
}

// Create subscribes a user to a report of a store. With a SubscriberUID it does
// so exactly once: after an unknown outcome the SDK looks for the UID before it
// sends again, and answers ErrConflict when a different subscriber has it. A later
// call with the same UID is ErrConflict too, even for the same one: Get tells.
//
// Operation: post-subscribers.
func (s *SubscribersService) Create(ctx context.Context, tenantUID, storeUID string, in *SubscriberCreateRequest, call ...CallOption) (*Subscriber, error) {
	return create(ctx, s.client, newSubscriber(tenantUID, storeUID, in), call)
}

// Get returns a subscriber of a store.
//
// Operation: get-subscribers-subscriberUid.
func (s *SubscribersService) Get(ctx context.Context, tenantUID, storeUID, subscriberUID string, call ...CallOption) (*Subscriber, error) {
	return fetch[Subscriber](ctx, s.client, at(operations.GetSubscriber, tenantUID, storeUID, subscriberUID), call)
}

// Delete ends the subscription of a subscriber.
//
// Operation: delete-subscribers-subscriberUid.
func (s *SubscribersService) Delete(ctx context.Context, tenantUID, storeUID, subscriberUID string, call ...CallOption) error {
	return send(ctx, s.client, at(operations.DeleteSubscriber, tenantUID, storeUID, subscriberUID), call)
}
