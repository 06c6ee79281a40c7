// Command subscribe makes sure that the given users, and nobody else, get the
// sales summary of the given stores.
package main

import (
	"context"
	"fmt"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `subscribe makes sure that the given users get the sales summary of the given
stores by mail, and nobody else. It prints what it would change, and changes it
with -apply. Run again after an interruption, it does what is left.

Usage: subscribe -tenant UID -store STORE... -user USER... [-apply]

  subscribe -tenant 3217ae03 -store 'Oslo, Torget' -store 7 -user kari@example.com -apply
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	var stores, users program.List
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant")
	flags.Var(&stores, "store", "UID or name of a `store`; give it again for more")
	flags.Var(&users, "user", "UID, e-mail address or external id of a `user`; give it again for more")
	apply := flags.Bool("apply", false, "make the changes; without it they are only shown")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	client, err := terminal.Client(func() *flowretailtest.Fake {
		fake := flowretailtest.New()
		if *tenant == "" && len(stores) == 0 && len(users) == 0 {
			*tenant, stores, users = sample(fake)
		}
		return fake
	}, flowretail.WithUserAgent("flowretail-subscribe"), flowretail.WithGeneratedUIDs()) // every create exactly once
	switch {
	case err != nil:
		return err
	case *tenant == "" || len(stores) == 0 || len(users) == 0:
		return program.Misused("-tenant, and at least one -store and one -user, are needed")
	}
	report := &report{client: client, tenantUID: *tenant, out: terminal.Stdout}
	return report.ensure(ctx, stores, users, *apply)
}

// sample asks for two stores and two users of the fake.
func sample(fake *flowretailtest.Fake) (tenantUID string, stores, users program.List) {
	tenantUID = fake.TenantUID()
	for _, store := range fake.Stores(tenantUID)[:2] {
		stores = append(stores, store.Name)
	}
	people := fake.Users(tenantUID)
	return tenantUID, stores, program.List{people[1].Email, people[7].Email}
}

func (r *report) ensure(ctx context.Context, stores, users []string, apply bool) error {
	directory, err := r.readDirectory(ctx)
	if err != nil {
		return err
	}
	wanted, err := directory.recipients(users)
	if err != nil {
		return err
	}
	named, err := directory.storesNamed(stores)
	if err != nil {
		return err
	}
	var plans []*plan
	for _, store := range named {
		plan, err := r.compare(ctx, store, wanted)
		if err != nil {
			return fmt.Errorf("subscribers of %s: %w", program.OneLine(store.Name), err)
		}
		plan.print(r.out)
		plans = append(plans, plan)
	}
	return r.finish(ctx, plans, apply)
}
