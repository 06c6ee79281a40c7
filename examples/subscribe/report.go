package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A report is the sales summary of the stores of a tenant.
type report struct {
	client    *flowretail.Client
	tenantUID string
	out       io.Writer
}

// A plan is what to change in a store.
type plan struct {
	store  flowretail.Store
	kept   int
	add    []*flowretail.User
	remove []*flowretail.Subscriber
}

// ensure makes the users the only subscribers of the stores. Without apply it
// only prints the changes.
func (r *report) ensure(ctx context.Context, stores, users []string, apply bool) error {
	directory, err := r.readDirectory(ctx)
	if err != nil {
		return err
	}
	recipients, err := directory.findUsers(users)
	if err != nil {
		return err
	}
	found, err := directory.findStores(stores)
	if err != nil {
		return err
	}
	var plans []*plan
	for _, store := range found {
		plan, err := r.compare(ctx, store, recipients)
		if err != nil {
			return fmt.Errorf("subscribers of %s: %w", program.OneLine(store.Name), err)
		}
		plan.print(r.out)
		plans = append(plans, plan)
	}
	return r.finish(ctx, plans, apply)
}

// compare compares the subscribers of a store with the recipients. It reads the
// list with Complete, because a missed subscriber would keep getting the report.
func (r *report) compare(ctx context.Context, store flowretail.Store, recipients []*flowretail.User) (*plan, error) {
	plan := &plan{store: store}
	missing := map[string]bool{}
	for _, user := range recipients {
		missing[user.TenantUserUID] = true
	}
	for subscriber, err := range r.client.Subscribers.All(ctx, r.tenantUID, store.StoreUID, nil, flowretail.Complete()) {
		switch {
		case err != nil:
			return nil, err
		case subscriber.Subscription.Type != flowretail.SalesSummaryReport: // another report
		case missing[subscriber.TenantUser.TenantUserUID]:
			delete(missing, subscriber.TenantUser.TenantUserUID)
			plan.kept++
		default: // not a recipient, or a second subscription of one
			plan.remove = append(plan.remove, subscriber)
		}
	}
	for _, user := range recipients {
		if missing[user.TenantUserUID] {
			plan.add = append(plan.add, user)
		}
	}
	return plan, nil
}

func (p *plan) print(out io.Writer) {
	fmt.Fprintf(out, "%s (%d unchanged)\n", program.OneLine(p.store.Name), p.kept)
	for _, user := range p.add {
		fmt.Fprintf(out, "  + %s <%s>\n", program.OneLine(user.DisplayName), program.OneLine(user.Email))
	}
	for _, subscriber := range p.remove {
		fmt.Fprintf(out, "  - %s <%s>\n", program.OneLine(subscriber.TenantUser.DisplayName), program.OneLine(subscriber.TenantUser.Email))
	}
}

// finish applies the plans, or says that nothing was changed. It goes on after a
// store that fails.
func (r *report) finish(ctx context.Context, plans []*plan, apply bool) error {
	add, remove := 0, 0
	for _, plan := range plans {
		add += len(plan.add)
		remove += len(plan.remove)
	}
	switch {
	case add+remove == 0:
		fmt.Fprintln(r.out, "There is nothing to change.")
		return nil
	case !apply:
		fmt.Fprintf(r.out, "%d to subscribe, %d to unsubscribe. Nothing was changed; use -apply to change it.\n", add, remove)
		return nil
	}
	var failures []error
	for _, plan := range plans {
		if err := r.apply(ctx, plan); err != nil {
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

// apply subscribes users before it unsubscribes others, so that an interruption
// leaves too many subscribers, not too few.
func (r *report) apply(ctx context.Context, plan *plan) error {
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
		if err != nil && !errors.Is(err, flowretail.ErrNotFound) { // already deleted
			return err
		}
	}
	return nil
}
