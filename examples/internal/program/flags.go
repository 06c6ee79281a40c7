package program

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

const footer = `
Environment:
  FLOWRETAIL_TOKEN     the token; without it the program runs on an embedded fake of the API
  FLOWRETAIL_BASE_URL  the base URL of the API; the default is production

Exit codes:
  0    done
  1    failed; stderr says why
  2    a flag, the environment or an input file is wrong; nothing was done
  130  interrupted
`

// Flags returns the flags of a program. -help prints about before them.
func (t *Terminal) Flags(about string) *flag.FlagSet {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Parse returns the error, and Run prints it
	flags.Usage = func() {
		fmt.Fprint(t.Stdout, about, "\nFlags:\n  -help\n    \tprint this text\n")
		flags.SetOutput(t.Stdout)
		flags.PrintDefaults()
		fmt.Fprint(t.Stdout, footer)
	}
	return flags
}

// Parse parses the arguments. It returns flag.ErrHelp after -help.
func (t *Terminal) Parse(flags *flag.FlagSet) error {
	usage := flags.Usage
	flags.Usage = func() {} // print the usage after -help only, not after an error
	switch err := flags.Parse(t.Args); {
	case errors.Is(err, flag.ErrHelp):
		usage()
		return err
	case err != nil:
		return &UsageError{err}
	case flags.NArg() > 0:
		return UsageErrorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// A List is a flag that can be given several times.
type List []string

// String returns the values.
func (l *List) String() string { return strings.Join(*l, ", ") }

// Set adds a value.
func (l *List) Set(value string) error {
	*l = append(*l, value)
	return nil
}
