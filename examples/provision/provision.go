package main

import (
	"context"
	"fmt"
	"io"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A provisioner updates the users of a tenant from a file.
type provisioner struct {
	client        *flowretail.Client
	tenantUID     string
	parallel      int
	passwordsPath string // of the file with random passwords
	recordPath    string // of the file with the calls that were made
	out           io.Writer
}

// run prints the plan for a file. With apply it makes the changes. It deletes at
// most maxRemove users.
func (p *provisioner) run(ctx context.Context, file string, maxRemove int, apply bool) error {
	people, err := readPeople(file)
	if err != nil {
		return &program.UsageError{Err: err}
	}
	plan, err := p.compare(ctx, people)
	if err != nil {
		return err
	}
	plan.print(p.out, maxRemove > 0)
	switch {
	case maxRemove <= 0:
		plan.remove = nil
	case len(plan.remove) > maxRemove:
		return program.UsageErrorf("%d users are not in the file, and -remove allows %d: is the file truncated?", len(plan.remove), maxRemove)
	}
	if plan.isEmpty() {
		fmt.Fprintln(p.out, "There is nothing to change.")
		return nil
	}
	if !apply {
		fmt.Fprintln(p.out, "Nothing was changed; use -apply to change it.")
		return nil
	}
	return p.apply(ctx, plan)
}
