// Package program has what the examples share: flags, the choice of the API,
// interruption, and exit codes.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// The exit codes of a program.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130
)

// A Terminal has the arguments and the output streams of a program.
type Terminal struct {
	Args   []string // without the name of the program
	Stdout io.Writer
	Stderr io.Writer
}

// Main runs a program until it ends or is interrupted, and exits.
func Main(run func(context.Context, *Terminal) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second ctrl-c ends the program at once
	os.Exit(Run(ctx, &Terminal{Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr}, run))
}

// Run runs a program and returns its exit code.
func Run(ctx context.Context, t *Terminal, run func(context.Context, *Terminal) error) int {
	err := run(ctx, t)
	_, isUsage := errors.AsType[*UsageError](err)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return ExitDone
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(t.Stderr, "interrupted: %v\n", err)
		return ExitInterrupted
	case isUsage:
		fmt.Fprintf(t.Stderr, "%v\nTry -help.\n", err)
		return ExitUsage
	}
	fmt.Fprintln(t.Stderr, err)
	return ExitFailed
}

// A UsageError is returned when a flag, the environment or an input file is
// wrong.
type UsageError struct{ Err error }

// UsageErrorf returns a UsageError with a formatted message.
func UsageErrorf(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *UsageError) Unwrap() error { return e.Err }

// OnFake reports whether the program has to run on a fake, because the
// environment has no token. It says so on stderr.
func (t *Terminal) OnFake() (bool, error) {
	switch {
	case os.Getenv(flowretail.EnvToken) != "":
		return false, nil
	case os.Getenv(flowretail.EnvBaseURL) != "":
		return false, UsageErrorf("%s is set, but %s is not", flowretail.EnvBaseURL, flowretail.EnvToken)
	}
	fmt.Fprintln(t.Stderr, "FLOWRETAIL_TOKEN is not set: running on an embedded fake of the API, with sample data.")
	return true, nil
}

// Client returns a client for the API that the environment names, or for the
// fake that newFake returns if the environment has no token.
func (t *Terminal) Client(newFake func() *flowretailtest.Fake, opts ...flowretail.Option) (*flowretail.Client, error) {
	onFake, err := t.OnFake()
	switch {
	case err != nil:
		return nil, err
	case onFake:
		return newFake().NewClient(opts...)
	}
	client, err := flowretail.NewClient(append(opts, flowretail.FromEnv())...)
	if err != nil {
		return nil, &UsageError{err}
	}
	return client, nil
}
