// Command subscribe makes the given users the only recipients of the sales
// summary of the given stores.
package main

import (
	"context"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `subscribe makes the given users the only recipients of the sales summary of the
given stores. It prints the changes, and makes them with -apply. After an
interruption, run it again to make the remaining changes.

Usage: subscribe -tenant UID -store STORE... -user USER... [-apply]

  subscribe -tenant 3217ae03 -store 'Oslo, Torget' -store 7 -user kari@example.com -apply
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	var stores, users program.List
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant")
	flags.Var(&stores, "store", "UID or name of a `store`; can be given several times")
	flags.Var(&users, "user", "UID, e-mail address or external id of a `user`; can be given several times")
	apply := flags.Bool("apply", false, "make the changes; without it they are only printed")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	client, err := terminal.Client(func() *flowretailtest.Fake {
		fake := flowretailtest.New()
		if *tenant == "" && len(stores) == 0 && len(users) == 0 {
			*tenant, stores, users = sample(fake)
		}
		return fake
	}, flowretail.WithUserAgent("flowretail-subscribe"), flowretail.WithGeneratedUIDs()) // each create exactly once
	switch {
	case err != nil:
		return err
	case *tenant == "" || len(stores) == 0 || len(users) == 0:
		return program.UsageErrorf("-tenant, -store and -user are required")
	}
	report := &report{client: client, tenantUID: *tenant, out: terminal.Stdout}
	return report.ensure(ctx, stores, users, *apply)
}

// sample returns two stores and two users of the fake.
func sample(fake *flowretailtest.Fake) (tenantUID string, stores, users program.List) {
	tenantUID = fake.TenantUID()
	for _, store := range fake.Stores(tenantUID)[:2] {
		stores = append(stores, store.Name)
	}
	all := fake.Users(tenantUID)
	return tenantUID, stores, program.List{all[1].Email, all[7].Email}
}
