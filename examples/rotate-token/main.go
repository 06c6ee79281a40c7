// Command rotate-token replaces an integration token by a new one.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `rotate-token replaces an integration token: it makes a new one, proves that it
works, writes it to a file that only its owner can read, and then deletes the
old one. The new token is never printed.

A journal beside the file (its name with .journal) holds the UIDs of the tokens
that stood before, and no values. Killed at any point, run it again with the
same flags: it goes on, and deletes a token that was made but whose value was
lost. Let nobody else make tokens for that user meanwhile, since a token that
has appeared since the journal was begun is taken for the lost one.

FLOWRETAIL_TOKEN is the token of a tenant administrator. It may be the token
that is replaced.

Usage: rotate-token -tenant UID -user UID -file PATH [-old UID]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant")
	user := flags.String("user", "", "`UID` of the user, whose account type is INTEGRATION")
	file := flags.String("file", "", "`path` of the file for the new token")
	old := flags.String("old", "", "`UID` of the token to replace; from the second time on the journal knows it")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	fake := flowretailtest.New()
	client, err := terminal.Client(func() *flowretailtest.Fake { return fake }, flowretail.WithUserAgent("flowretail-rotate-token"))
	if err != nil {
		return err
	}
	if os.Getenv(flowretail.EnvToken) == "" {
		directory, err := prepare(ctx, client, fake, tenant, user, file, old)
		if err != nil {
			return err
		}
		fmt.Fprintln(terminal.Stderr, "The files of this rotation are removed at the end.")
		defer func() { _ = os.RemoveAll(directory) }()
	}
	if *tenant == "" || *user == "" || *file == "" {
		return program.UsageErrorf("-tenant, -user and -file are needed")
	}
	rotation := &rotation{
		operator:  client,
		disk:      localDisk{},
		tenantUID: *tenant,
		userUID:   *user,
		file:      *file,
		old:       *old,
		say:       func(format string, values ...any) { fmt.Fprintf(terminal.Stdout, format+"\n", values...) },
	}
	return rotation.run(ctx)
}

// prepare fills in the flags for the embedded fake: a token to replace, and a
// directory that is removed at the end, since the fake ends with the program.
func prepare(ctx context.Context, client *flowretail.Client, fake *flowretailtest.Fake, tenant, user, file, old *string) (string, error) {
	*tenant = fake.TenantUID()
	*user = fake.Users(*tenant)[0].TenantUserUID // an integration
	tokens, err := client.Tokens.Create(ctx, *tenant, *user)
	if err != nil {
		return "", err
	}
	*old = tokens.Items[0].TenantUserTokenUID
	directory, err := os.MkdirTemp("", "rotate-token-")
	*file = filepath.Join(directory, "flowretail.token")
	return directory, err
}
