package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A report is the sales summary of a tenant's stores.
type report struct {
	client    *flowretail.Client
	tenantUID string
	out       io.Writer
}

// A plan is what has to change in a store.
type plan struct {
	store  flowretail.Store
	kept   int
	add    []*flowretail.User
	remove []*flowretail.Subscriber
}

// compare holds the subscribers of a store against those that are wanted. It
// reads the list with Complete: a subscriber that slips through would go on
// getting the figures of the store.
func (r *report) compare(ctx context.Context, store flowretail.Store, wanted []*flowretail.User) (*plan, error) {
	plan := &plan{store: store}
	missing := map[string]bool{}
	for _, user := range wanted {
		missing[user.TenantUserUID] = true
	}
	for subscriber, err := range r.client.Subscribers.All(ctx, r.tenantUID, store.StoreUID, nil, flowretail.Complete()) {
		switch {
		case err != nil:
			return nil, err
		case subscriber.Subscription.Type != flowretail.SalesSummaryReport: // another report is not our business
		case missing[subscriber.TenantUser.TenantUserUID]:
			delete(missing, subscriber.TenantUser.TenantUserUID)
			plan.kept++
		default: // not wanted, or subscribed twice
			plan.remove = append(plan.remove, subscriber)
		}
	}
	for _, user := range wanted {
		if missing[user.TenantUserUID] {
			plan.add = append(plan.add, user)
		}
	}
	return plan, nil
}

func (p *plan) print(out io.Writer) {
	fmt.Fprintf(out, "%s (%d stay)\n", program.OneLine(p.store.Name), p.kept)
	for _, user := range p.add {
		fmt.Fprintf(out, "  + %s <%s>\n", program.OneLine(user.DisplayName), program.OneLine(user.Email))
	}
	for _, subscriber := range p.remove {
		fmt.Fprintf(out, "  - %s <%s>\n", program.OneLine(subscriber.TenantUser.DisplayName), program.OneLine(subscriber.TenantUser.Email))
	}
}

// finish carries the plans out, or says that it does not. A store that fails
// does not keep the others from being done.
func (r *report) finish(ctx context.Context, plans []*plan, apply bool) error {
	add, remove := 0, 0
	for _, plan := range plans {
		add += len(plan.add)
		remove += len(plan.remove)
	}
	switch {
	case add+remove == 0:
		fmt.Fprintln(r.out, "All is as it should be.")
		return nil
	case !apply:
		fmt.Fprintf(r.out, "%d to subscribe, %d to unsubscribe. Nothing was changed; -apply does it.\n", add, remove)
		return nil
	}
	var failures []error
	for _, plan := range plans {
		if err := r.carryOut(ctx, plan); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", program.OneLine(plan.store.Name), err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(failures) == 0 {
		fmt.Fprintf(r.out, "%d subscribed, %d unsubscribed.\n", add, remove)
	}
	return errors.Join(failures...)
}

// carryOut subscribes before it unsubscribes, so that at no time fewer people
// get the report than should.
func (r *report) carryOut(ctx context.Context, plan *plan) error {
	for _, user := range plan.add {
		_, err := r.client.Subscribers.Create(ctx, r.tenantUID, plan.store.StoreUID, &flowretail.SubscriberCreateRequest{
			TenantUserUID:    user.TenantUserUID,
			SubscriptionType: flowretail.SalesSummaryReport,
		})
		if err != nil {
			return err
		}
	}
	for _, subscriber := range plan.remove {
		err := r.client.Subscribers.Delete(ctx, r.tenantUID, plan.store.StoreUID, subscriber.SubscriberUID)
		if err != nil && !errors.Is(err, flowretail.ErrNotFound) { // gone is what was wanted
			return err
		}
	}
	return nil
}
