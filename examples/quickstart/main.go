// Command quickstart lists the tenants of an account and their users.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `quickstart lists the tenants that the token has access to, and their users with
roles, stores and permissions. It changes nothing.

Usage: quickstart [flags]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	search := flags.String("query", "", "list only the users that match `text`")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	client, err := terminal.Client(sample, flowretail.WithUserAgent("flowretail-quickstart"))
	if err != nil {
		return err
	}
	return list(ctx, client, *search, terminal.Stdout)
}

func sample() *flowretailtest.Fake {
	return flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(8))
}

func list(ctx context.Context, client *flowretail.Client, search string, out io.Writer) error {
	tenants, err := flowretail.Collect(client.Tenants.All(ctx, nil))
	if err != nil {
		return err
	}
	if err := printTenants(out, tenants); err != nil {
		return err
	}
	for _, tenant := range tenants {
		options := &flowretail.UserListOptions{Query: search}
		users, err := flowretail.Collect(client.Users.All(ctx, tenant.TenantUID, options))
		if errors.Is(err, flowretail.ErrForbidden) {
			fmt.Fprintf(out, "\n%s: the token may not list the users of this tenant\n", tenant.Name)
			continue
		}
		if err != nil {
			return fmt.Errorf("users of %s: %w", tenant.Name, err)
		}
		if err := printUsers(out, tenant, users); err != nil {
			return err
		}
	}
	return nil
}
