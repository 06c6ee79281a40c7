// Package program is what the examples have in common: how a program finds its
// API, explains itself, stops on ctrl-c, and tells the shell how it went.
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

// What a program exits with.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130
)

const footer = `
Environment:
  FLOWRETAIL_TOKEN     the token; without it the program runs on an embedded fake of the API
  FLOWRETAIL_BASE_URL  where the API is served; production when it is not set

Exit codes:
  0    done
  1    failed; stderr says why
  2    a flag, the environment or an input file is wrong; nothing was done
  130  interrupted
`

// A Terminal is where a program was started: its arguments and streams.
type Terminal struct {
	Args   []string // without the name of the program
	Stdout io.Writer
	Stderr io.Writer
}

// Main runs a program until it ends or is interrupted, and exits.
func Main(run func(context.Context, *Terminal) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second ctrl-c does not ask
	os.Exit(Run(ctx, &Terminal{Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr}, run))
}

// Run runs a program and returns what it exits with.
func Run(ctx context.Context, t *Terminal, run func(context.Context, *Terminal) error) int {
	err := run(ctx, t)
	_, misused := errors.AsType[*UsageError](err)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return ExitDone
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(t.Stderr, "interrupted: %v\n", err)
		return ExitInterrupted
	case misused:
		fmt.Fprintf(t.Stderr, "%v\nTry -help.\n", err)
		return ExitUsage
	}
	fmt.Fprintln(t.Stderr, err)
	return ExitFailed
}

// A UsageError says that the program was started with something wrong.
type UsageError struct{ Err error }

// Misused makes a UsageError.
func Misused(format string, values ...any) error {
	return &UsageError{fmt.Errorf(format, values...)}
}

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what was wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// Flags makes the flags of a program; about is what -help says first.
func (t *Terminal) Flags(about string) *flag.FlagSet {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Parse says what is wrong, once
	flags.Usage = func() {
		fmt.Fprint(t.Stdout, about, "\nFlags:\n  -help\n    \tprint this\n")
		flags.SetOutput(t.Stdout)
		flags.PrintDefaults()
		fmt.Fprint(t.Stdout, footer)
	}
	return flags
}

// Parse reads the arguments. It returns flag.ErrHelp after -help.
func (t *Terminal) Parse(flags *flag.FlagSet) error {
	usage := flags.Usage
	flags.Usage = func() {} // a mistake does not deserve a page
	switch err := flags.Parse(t.Args); {
	case errors.Is(err, flag.ErrHelp):
		usage()
		return err
	case err != nil:
		return &UsageError{err}
	case flags.NArg() > 0:
		return Misused("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// OnFake reports whether the environment names no token, and says on stderr
// that the program runs on the fake then.
func (t *Terminal) OnFake() (bool, error) {
	switch {
	case os.Getenv(flowretail.EnvToken) != "":
		return false, nil
	case os.Getenv(flowretail.EnvBaseURL) != "":
		return false, Misused("%s is set, but %s is not", flowretail.EnvBaseURL, flowretail.EnvToken)
	}
	fmt.Fprintln(t.Stderr, "FLOWRETAIL_TOKEN is not set: running on an embedded fake of the API, with sample data.")
	return true, nil
}

// Client makes a client for the API that the environment names, or else for
// the fake that newFake returns.
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
