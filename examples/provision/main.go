// Command provision brings the users of a tenant in line with a CSV file.
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

const about = `provision brings the users of a tenant in line with a CSV file of people. It
prints what it would create, update and delete, and does it with -apply. Nothing
is done until every row is right. Run again after an interruption, it does what
is left, and nobody is created twice.

Columns, named in the first line, separated by commas or semicolons, in UTF-8:
  externalId    required; who the person is in your own system
  accountType   required; FULL, REGULAR or SUPPORT
  tenantRole    required; ACCESS, ADMIN, BACKOFFICE or BLOCKED
  userCode      required; what the person logs in with on a till
  email         required for FULL
  displayName, firstname, lastname, mobile, languageCode
  password      of people who are created; a random one where it is empty
A column that is not there is left alone; an empty cell empties the field.

Random passwords are written to a file that only its owner can read, before the
person is created. Hand them out, and delete it.

Users without an external id, integrations and the owner of the token are never
touched. What was done is added to FILE.done.csv.

Usage: provision -tenant UID -file FILE [-apply] [-remove N]
`

//go:embed sample.csv
var sample []byte

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	tenant := flags.String("tenant", "", "`UID` of the tenant")
	file := flags.String("file", "", "`path` of the CSV file; on the fake there is a sample")
	apply := flags.Bool("apply", false, "do it; without it the plan is printed and nothing else")
	remove := flags.Int("remove", 0, "delete the users that are not in the file, if they are `N` at most; more are taken for a file that is cut")
	passwords := flags.String("passwords", "", "`path` of the file for random passwords (default FILE.passwords.csv)")
	parallel := flags.Int("parallel", 8, "how many `people` to work on at a time")
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
		directory, err := os.MkdirTemp("", "provision-") // the fake ends with the program, and so do its files
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(directory) }()
		fmt.Fprintln(terminal.Stderr, "No -file is given: this is the sample, and its files are removed at the end.")
		*file = filepath.Join(directory, "sample.csv")
		if err := os.WriteFile(*file, sample, 0o600); err != nil {
			return err
		}
	}
	if *tenant == "" || *file == "" || *parallel < 1 {
		return program.UsageErrorf("-tenant and -file are needed, and -parallel of 1 or more")
	}
	staff := &staff{
		client:    client,
		tenantUID: *tenant,
		parallel:  *parallel,
		passwords: cmp.Or(*passwords, *file+".passwords.csv"),
		done:      *file + ".done.csv",
		out:       terminal.Stdout,
	}
	return staff.provision(ctx, *file, *remove, *apply)
}

func (s *staff) provision(ctx context.Context, file string, mayRemove int, apply bool) error {
	people, err := readPeople(file)
	if err != nil {
		return &program.UsageError{Err: err}
	}
	plan, err := s.compare(ctx, people)
	if err != nil {
		return err
	}
	plan.print(s.out, mayRemove > 0)
	switch removals := len(plan.remove); {
	case mayRemove > 0 && removals > mayRemove:
		return program.UsageErrorf("%d users are not in the file, and -remove allows %d: is the file cut?", removals, mayRemove)
	case mayRemove <= 0:
		plan.remove = nil
	}
	if plan.isEmpty() {
		fmt.Fprintln(s.out, "There is nothing to do.")
		return nil
	}
	if !apply {
		fmt.Fprintln(s.out, "Nothing was changed; -apply does it.")
		return nil
	}
	return s.apply(ctx, plan)
}
