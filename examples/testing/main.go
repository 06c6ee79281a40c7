// Command testing blocks people who have left. It is small on purpose: its
// tests are what to copy. They work in three ways, a file each: with the fake
// (fake_test.go), with answers made by hand (httpmock_test.go), and with faults
// (faults_test.go).
package main

import (
	"context"
	"fmt"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `testing blocks a person who has left: the user with the given external id can no
longer enter the tenant, and loses the access to its stores.

Its purpose is its tests; see fake_test.go, httpmock_test.go and faults_test.go.

Usage: testing -tenant UID -external-id ID
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant; on the fake its own")
	externalID := flags.String("external-id", "", "the `ID` of the person in your own system; on the fake emp-1-000004")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	client, err := terminal.Client(func() *flowretailtest.Fake {
		fake := flowretailtest.New()
		if *tenant == "" && *externalID == "" {
			*tenant, *externalID = fake.TenantUID(), "emp-1-000004"
		}
		return fake
	}, flowretail.WithUserAgent("flowretail-offboarding"))
	switch {
	case err != nil:
		return err
	case *tenant == "" || *externalID == "":
		return program.UsageErrorf("-tenant and -external-id are needed")
	}
	user, err := (&offboarding{client: client, tenantUID: *tenant}).block(ctx, *externalID)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.Stdout, "%s (%s) is blocked\n", user.DisplayName, user.ExternalID)
	return nil
}
