package flowretail

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// SubscribersService handles the subscribers to the reports of a store.
type SubscribersService struct{ client *Client }

// A Subscriber is a user who receives a report of a store by mail.
type Subscriber struct {
	SubscriberUID string         `json:"subscriberUid" api:"present"`
	Subscription  Subscription   `json:"subscription"`
	TenantUser    SubscriberUser `json:"tenantUser"`
	CreatedAt     time.Time      `json:"createdAt"`
	CreatedBy     string         `json:"createdBy"`

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

func (s *Subscriber) uid() string          { return s.SubscriberUID }
func (s *Subscriber) createdAt() time.Time { return s.CreatedAt }

// A Subscription is a kind of report.
type Subscription struct {
	Type SubscriptionType `json:"type"`
	Name string           `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// A SubscriberUser has the main fields of the user who subscribes.
type SubscriberUser struct {
	TenantUserUID string `json:"tenantUserUid"`
	DisplayName   string `json:"displayName"`
	Email         string `json:"email"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// SubscriptionType is the type of a report. The API may add values.
type SubscriptionType string

// SalesSummaryReport is the only report that the API documents.
const SalesSummaryReport SubscriptionType = "SALES_SUMMARY_REPORT"

// SubscriberCreateRequest describes a new subscriber. TenantUserUID and
// SubscriptionType are required.
type SubscriberCreateRequest struct {
	// SubscriberUID is the UID of the new subscriber: letters, digits, - and _. With a
	// UID, or with WithGeneratedUIDs, the subscriber is created at most once, and
	// exactly once if Create returns no error. Without one, a create of unknown outcome
	// is not retried.
	SubscriberUID    string           `json:"subscriberUid,omitempty" api:"uid"`
	TenantUserUID    string           `json:"tenantUserUid" api:"required,uid"`
	SubscriptionType SubscriptionType `json:"subscriptionType" api:"required"`
}

// newCreation returns the POST, and what create needs for the lookup. It copies in,
// because create may set a generated UID. A nil in is rejected when it is encoded.
func (in *SubscriberCreateRequest) newCreation(tenantUID, storeUID string) creation[Subscriber] {
	if in == nil {
		return creation[Subscriber]{request: newRequest(operations.CreateSubscriber, tenantUID, storeUID).body(in)}
	}
	sent := *in
	return creation[Subscriber]{
		request:  newRequest(operations.CreateSubscriber, tenantUID, storeUID).body(&sent),
		uid:      &sent.SubscriberUID,
		find:     func(uid string) *request { return newRequest(operations.GetSubscriber, tenantUID, storeUID, uid) },
		mismatch: sent.mismatch,
	}
}

// mismatch returns the JSON name of the first field that found has with another value,
// or "".
func (in *SubscriberCreateRequest) mismatch(found *Subscriber) string {
	switch {
	case found.TenantUser.TenantUserUID != in.TenantUserUID:
		return "tenantUserUid"
	case found.Subscription.Type != in.SubscriptionType:
		return "subscriptionType"
	}
	return ""
}

// SubscriberListOptions choose a page of subscribers and filter them.
type SubscriberListOptions struct {
	ListOptions

	SubscriptionType SubscriptionType `url:"subscriptionType,omitempty"`
	TenantUserUIDs   []string         `url:"tenantUserUids,omitempty"`
}

// List returns one page of the subscribers of a store.
//
// Operation: get-subscribers.
func (s *SubscribersService) List(ctx context.Context, tenantUID, storeUID string, opts *SubscriberListOptions, call ...CallOption) (*Page[Subscriber], error) {
	return fetch[Page[Subscriber]](ctx, s.client, newRequest(operations.ListSubscribers, tenantUID, storeUID).query(opts), call)
}

// All iterates over the subscribers of a store, page by page. With Complete it misses
// no subscriber while others are created and deleted. The function All says how an iteration
// ends: with ErrListIncomplete, for instance, if the API counts more subscribers than
// it returns.
//
// Operation: get-subscribers.
func (s *SubscribersService) All(ctx context.Context, tenantUID, storeUID string, opts *SubscriberListOptions, options ...IterOption) iter.Seq2[*Subscriber, error] {
	return iterate(ctx, s.client, newRequest(operations.ListSubscribers, tenantUID, storeUID).query(opts), (*Subscriber).uid, options)
}

// Create subscribes a user to a report of a store. With in.SubscriberUID it does so
// exactly once: after an attempt of unknown outcome the SDK looks the UID up, and
// sends the create again only if it found nothing. The error is ErrConflict if a
// subscriber with the UID existed before the call; Get returns it.
//
// Operation: post-subscribers.
func (s *SubscribersService) Create(ctx context.Context, tenantUID, storeUID string, in *SubscriberCreateRequest, call ...CallOption) (*Subscriber, error) {
	return create(ctx, s.client, in.newCreation(tenantUID, storeUID), call)
}

// Get returns a subscriber of a store.
//
// Operation: get-subscribers-subscriberUid.
func (s *SubscribersService) Get(ctx context.Context, tenantUID, storeUID, subscriberUID string, call ...CallOption) (*Subscriber, error) {
	return fetch[Subscriber](ctx, s.client, newRequest(operations.GetSubscriber, tenantUID, storeUID, subscriberUID), call)
}

// Delete ends a subscription.
//
// Operation: delete-subscribers-subscriberUid.
func (s *SubscribersService) Delete(ctx context.Context, tenantUID, storeUID, subscriberUID string, call ...CallOption) error {
	return send(ctx, s.client, newRequest(operations.DeleteSubscriber, tenantUID, storeUID, subscriberUID), call)
}
