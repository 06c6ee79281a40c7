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
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestRun_exitCodes(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		err  error
		code int
	}{
		"done":                       {t.Context(), nil, 0},
		"failed":                     {t.Context(), errors.New("failed"), 1},
		"wrong usage":                {t.Context(), program.UsageErrorf("no such tenant"), 2},
		"interrupted":                {cancelled, fmt.Errorf("users: %w", context.Canceled), 130},
		"failed before interruption": {cancelled, errors.New("failed"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			result := programtest.Run(test.ctx, func(context.Context, *program.Terminal) error { return test.err })
			if result.Code != test.code {
				t.Errorf("exit code %d, want %d", result.Code, test.code)
			}
			if (result.Stderr != "") != (test.err != nil) {
				t.Errorf("stderr %q", result.Stderr)
			}
		})
	}
}

func TestParse(t *testing.T) {
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
		"help":                {[]string{"-help"}, program.ExitDone, "whom to greet", ""},
		"unknown flag":        {[]string{"-nmae", "x"}, program.ExitUsage, "", "nmae"},
		"unexpected argument": {[]string{"-name", "x", "y"}, program.ExitUsage, "", `unexpected argument "y"`},
		"no arguments":        {nil, program.ExitDone, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			result := programtest.Run(t.Context(), run, test.args...)
			if result.Code != test.code {
				t.Errorf("exit code %d, want %d", result.Code, test.code)
			}
			for stream, check := range map[string]struct{ got, want string }{"stdout": {result.Stdout, test.stdout}, "stderr": {result.Stderr, test.stderr}} {
				if !strings.Contains(check.got, check.want) || check.want == "" && check.got != "" {
					t.Errorf("%s is %q, want %q", stream, check.got, check.want)
				}
			}
		})
	}
}

func TestClient_environment(t *testing.T) {
	fake := flowretailtest.New()
	server := fake.Start(t)
	for name, test := range map[string]struct {
		token, base string
		embedded    bool
		isUsage     bool
	}{
		"nothing set":            {"", "", true, false},
		"token and base URL":     {fake.AdminToken(), server.URL, false, false},
		"base URL without token": {"", server.URL, false, true},
		"base URL without TLS":   {fake.AdminToken(), "http://example.com/v2", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(flowretail.EnvToken, test.token)
			t.Setenv(flowretail.EnvBaseURL, test.base)
			var stderr bytes.Buffer
			terminal := &program.Terminal{Stderr: &stderr}
			embedded := false
			client, err := terminal.Client(func() *flowretailtest.Fake { embedded = true; return flowretailtest.New() })
			if _, isUsage := errors.AsType[*program.UsageError](err); isUsage != test.isUsage {
				t.Fatalf("Client: %v", err)
			}
			if embedded != test.embedded || embedded != strings.Contains(stderr.String(), "fake") {
				t.Errorf("on the embedded fake: %t; stderr: %q", embedded, &stderr)
			}
			if err != nil {
				return
			}
			if _, err := client.Account.Get(t.Context()); err != nil {
				t.Errorf("Account.Get: %v", err)
			}
		})
	}
}
