// Command testing blocks a user who has left. Its tests show three ways to test
// a service that uses the SDK: with the fake (fake_test.go), with responses of
// httpmock (httpmock_test.go), and with faults of the fake (faults_test.go).
package main

import (
	"context"
	"fmt"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `testing blocks the user with the given external id: the user loses the access to
the tenant and to its stores.

This example is about its tests; see fake_test.go, httpmock_test.go and
faults_test.go.

Usage: testing -tenant UID -external-id ID
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant; the default on the fake is its tenant")
	externalID := flags.String("external-id", "", "external `ID` of the user; the default on the fake is emp-1-000004")
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
		return program.UsageErrorf("-tenant and -external-id are required")
	}
	user, err := (&offboarding{client: client, tenantUID: *tenant}).block(ctx, *externalID)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.Stdout, "%s (%s) is blocked\n", user.DisplayName, user.ExternalID)
	return nil
}
