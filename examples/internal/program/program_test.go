package program_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestAProgramExitsWithWhatBecameOfIt(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		err  error
		code int
	}{
		"done":                       {t.Context(), nil, 0},
		"failed":                     {t.Context(), errors.New("no luck"), 1},
		"started wrongly":            {t.Context(), program.Misused("no such tenant"), 2},
		"interrupted":                {cancelled, fmt.Errorf("users: %w", context.Canceled), 130},
		"failed before interruption": {cancelled, errors.New("no luck"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			terminal, _, stderr := pipes()
			code := program.Run(test.ctx, terminal, func(context.Context, *program.Terminal) error { return test.err })
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if (stderr.Len() > 0) != (test.err != nil) {
				t.Errorf("stderr says %q", stderr)
			}
		})
	}
}

func TestHelpGoesToStdoutAndMistakesToStderr(t *testing.T) {
	run := func(_ context.Context, terminal *program.Terminal) error {
		flags := terminal.Flags("greets\n")
		flags.String("name", "", "whom to greet")
		return terminal.Parse(flags)
	}
	for name, test := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"help":            {[]string{"-help"}, program.ExitDone, "whom to greet", ""},
		"unknown flag":    {[]string{"-nmae", "x"}, program.ExitUsage, "", "nmae"},
		"stray argument":  {[]string{"-name", "x", "y"}, program.ExitUsage, "", `unexpected argument "y"`},
		"nothing is fine": {nil, program.ExitDone, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			terminal, stdout, stderr := pipes(test.args...)
			if code := program.Run(t.Context(), terminal, run); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for stream, check := range map[string]struct{ got, want string }{"stdout": {stdout.String(), test.stdout}, "stderr": {stderr.String(), test.stderr}} {
				if !strings.Contains(check.got, check.want) || check.want == "" && check.got != "" {
					t.Errorf("%s says %q, want %q", stream, check.got, check.want)
				}
			}
		})
	}
}

func TestTheEnvironmentChoosesTheAPI(t *testing.T) {
	fake := flowretailtest.New()
	server := fake.Start(t)
	for name, test := range map[string]struct {
		token, base string
		embedded    bool
		misused     bool
	}{
		"nothing set":            {"", "", true, false},
		"token and base URL":     {fake.AdminToken(), server.URL, false, false},
		"base URL without token": {"", server.URL, false, true},
		"base URL in the clear":  {fake.AdminToken(), "http://example.com/v2", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(flowretail.EnvToken, test.token)
			t.Setenv(flowretail.EnvBaseURL, test.base)
			terminal, _, stderr := pipes()
			embedded := false
			client, err := terminal.Client(func() *flowretailtest.Fake { embedded = true; return flowretailtest.New() })
			if _, misused := errors.AsType[*program.UsageError](err); misused != test.misused {
				t.Fatalf("Client: %v", err)
			}
			if embedded != test.embedded || embedded != strings.Contains(stderr.String(), "fake") {
				t.Errorf("on the embedded fake: %t, and stderr says %q", embedded, stderr)
			}
			if err != nil {
				return
			}
			if _, err := client.Account.Get(t.Context()); err != nil {
				t.Errorf("the client does not work: %v", err)
			}
		})
	}
}

func pipes(args ...string) (terminal *program.Terminal, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	return &program.Terminal{Args: args, Stdout: stdout, Stderr: stderr}, stdout, stderr
}
