package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestEveryUserIsListedWithRolesStoresAndPermissions(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "Bjørn\tÅs\x1b[31m"})
	text := listed(t, fake, "")
	for _, tenant := range fake.Tenants() {
		if !strings.Contains(text, tenant.Name) || !strings.Contains(text, tenant.TenantUID) {
			t.Errorf("tenant %s is missing", tenant.Name)
		}
		for _, user := range fake.Users(tenant.TenantUID) {
			if name := strings.NewReplacer("\t", " ", "\x1b", " ").Replace(user.DisplayName); !strings.Contains(text, name) {
				t.Errorf("user %q is missing", name)
			}
		}
		for _, store := range fake.Stores(tenant.TenantUID) {
			if !strings.Contains(text, store.Name) {
				t.Errorf("store %q is missing", store.Name)
			}
		}
	}
	if !strings.Contains(text, "ACCESS, BACKOFFICE, ADMIN") {
		t.Error("no permissions are shown")
	}
	if strings.ContainsRune(text, '\x1b') {
		t.Error("an escape sequence in a name reached the terminal")
	}
}

func TestColumnsAreAlignedAndFitOneTerminal(t *testing.T) {
	column := 0
	for line := range strings.Lines(listed(t, sample(), "")) {
		if width := utf8.RuneCountInString(strings.TrimSpace(line)); width > 120 {
			t.Errorf("a line is %d wide: %s", width, line)
		}
		switch before, _, header := strings.Cut(line, "WHERE"); {
		case header:
			column = utf8.RuneCountInString(before)
		case strings.Contains(line, "whole tenant"):
			before, _, _ := strings.Cut(line, "whole tenant")
			if at := utf8.RuneCountInString(before); at != column {
				t.Errorf("the cell begins in column %d, its header in %d: %s", at, column, line)
			}
		}
	}
}

func TestAQueryNarrowsTheUsers(t *testing.T) {
	fake := flowretailtest.New()
	fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "Öyvind Marked"})
	if text := listed(t, fake, "marked"); !strings.Contains(text, ": 1 users") || !strings.Contains(text, "Öyvind Marked") {
		t.Errorf("want the one user:\n%s", text)
	}
}

func TestATenantWithoutPermissionIsSaidAndSkipped(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Times: 1, Status: 403})
	text := listed(t, fake, "")
	if !strings.Contains(text, "may not list the users") || !strings.Contains(text, ": 25 users") {
		t.Errorf("want one tenant refused and one listed:\n%s", text)
	}
}

func TestItRunsOnTheEmbeddedFakeWithoutAToken(t *testing.T) {
	t.Setenv(flowretail.EnvToken, "")
	t.Setenv(flowretail.EnvBaseURL, "")
	var stdout, stderr bytes.Buffer
	code := program.Run(t.Context(), &program.Terminal{Stdout: &stdout, Stderr: &stderr}, run)
	if code != program.ExitDone || !strings.Contains(stdout.String(), "8 users") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
}

func TestAnInterruptionEndsIt(t *testing.T) {
	t.Setenv(flowretail.EnvToken, "")
	t.Setenv(flowretail.EnvBaseURL, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := program.Run(ctx, &program.Terminal{Stdout: &stdout, Stderr: &stderr}, run); code != program.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
}

func listed(t *testing.T, fake *flowretailtest.Fake, search string) string {
	t.Helper()
	client, err := fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := list(t.Context(), client, search, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
