// Command provision updates the users of a tenant from a CSV file.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `provision updates the users of a tenant from a CSV file. It prints which users it
would create, update and delete, and makes the changes with -apply. It changes
nothing if a row of the file is wrong. After an interruption, run it again to make
the remaining changes; no user is created twice.

The first line names the columns. They are separated by commas or semicolons, and
the file is encoded in UTF-8:
  externalId    required; identifies the person in your own system
  accountType   required; FULL, REGULAR or SUPPORT
  tenantRole    required; ACCESS, ADMIN, BACKOFFICE or BLOCKED
  userCode      required; the name to log in with on a device
  email         required for FULL
  displayName, firstname, lastname, mobile, languageCode
  password      for new users; if it is empty, the program chooses a random one
A missing column leaves a field unchanged. An empty cell clears a field.

Random passwords are written to a file that only its owner can read, before the
users are created. Give them to their users and delete the file.

Users without an external id, integrations and the owner of the token are never
changed. The calls that were made are added to FILE.done.csv.

Usage: provision -tenant UID -file FILE [-apply] [-remove N]
`

//go:embed sample.csv
var sample []byte

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant")
	file := flags.String("file", "", "`path` of the CSV file; the default on the fake is a sample")
	apply := flags.Bool("apply", false, "make the changes; without it they are only printed")
	remove := flags.Int("remove", 0, "delete the users that are not in the file, but fail if they are more than `N`")
	passwords := flags.String("passwords", "", "`path` of the file for random passwords (default FILE.passwords.csv)")
	parallel := flags.Int("parallel", 8, "number of `users` to change at the same time")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	client, err := terminal.Client(func() *flowretailtest.Fake {
		fake := flowretailtest.New(flowretailtest.WithUsers(8))
		*tenant = cmp.Or(*tenant, fake.TenantUID())
		return fake
	}, flowretail.WithUserAgent("flowretail-provision"))
	if err != nil {
		return err
	}
	if os.Getenv(flowretail.EnvToken) == "" && *file == "" {
		directory, err := os.MkdirTemp("", "provision-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(directory) }()
		fmt.Fprintln(terminal.Stderr, "-file is not set: using a sample, whose files are deleted at the end.")
		*file = filepath.Join(directory, "sample.csv")
		if err := os.WriteFile(*file, sample, 0o600); err != nil {
			return err
		}
	}
	if *tenant == "" || *file == "" || *parallel < 1 {
		return program.UsageErrorf("-tenant and -file are required, and -parallel must be 1 or more")
	}
	p := &provisioner{
		client:        client,
		tenantUID:     *tenant,
		parallel:      *parallel,
		passwordsPath: cmp.Or(*passwords, *file+".passwords.csv"),
		recordPath:    *file + ".done.csv",
		out:           terminal.Stdout,
	}
	return p.run(ctx, *file, *remove, *apply)
}
