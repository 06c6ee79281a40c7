// Command rotate-token replaces an integration token.
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

const about = `rotate-token replaces an integration token. It creates a new token, checks that
it works, writes it to a file that only its owner can read, and deletes the old
token. It does not print the new token.

The journal (the name of the file with .journal) has the UIDs of the tokens
before the rotation, and no values. After an interruption, run the program again
with the same flags: it continues, and deletes a token that was created but whose
value was lost. Nobody else may create tokens for the user meanwhile, because
the program deletes a token that is newer than the journal.

FLOWRETAIL_TOKEN is the token of a tenant administrator. It may be the token to
replace.

Usage: rotate-token -tenant UID -user UID -file PATH [-old UID]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant")
	user := flags.String("user", "", "`UID` of the user, whose account type is INTEGRATION")
	file := flags.String("file", "", "`path` of the file for the new token")
	old := flags.String("old", "", "`UID` of the token to replace; the default is the token in the journal")
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
		fmt.Fprintln(terminal.Stderr, "The files of this rotation are deleted at the end.")
		defer func() { _ = os.RemoveAll(directory) }()
	}
	if *tenant == "" || *user == "" || *file == "" {
		return program.UsageErrorf("-tenant, -user and -file are required")
	}
	rotation := &rotation{
		client:    client,
		disk:      localDisk{},
		tenantUID: *tenant,
		userUID:   *user,
		file:      *file,
		old:       *old,
		printf:    func(format string, args ...any) { fmt.Fprintf(terminal.Stdout, format+"\n", args...) },
	}
	return rotation.run(ctx)
}

// prepare sets the flags for the embedded fake. It creates a token to replace and
// a temporary directory, which it returns.
func prepare(ctx context.Context, client *flowretail.Client, fake *flowretailtest.Fake, tenant, user, file, old *string) (string, error) {
	*tenant = fake.TenantUID()
	*user = fake.Users(*tenant)[0].TenantUserUID // of account type INTEGRATION
	tokens, err := client.Tokens.Create(ctx, *tenant, *user)
	if err != nil {
		return "", err
	}
	*old = tokens.Items[0].TenantUserTokenUID
	directory, err := os.MkdirTemp("", "rotate-token-")
	*file = filepath.Join(directory, "flowretail.token")
	return directory, err
}
