package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestList_everyUser(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "Bjørn\tÅs\x1b[31m"})
	text := runList(t, fake, "")
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
		t.Error("the permissions are missing")
	}
	if strings.ContainsRune(text, '\x1b') {
		t.Error("the output has an escape sequence of a name")
	}
}

func TestList_alignedColumns(t *testing.T) {
	column := 0
	for line := range strings.Lines(runList(t, sample(), "")) {
		if width := utf8.RuneCountInString(strings.TrimSpace(line)); width > 120 {
			t.Errorf("a line has %d characters: %s", width, line)
		}
		switch before, _, header := strings.Cut(line, "WHERE"); {
		case header:
			column = utf8.RuneCountInString(before)
		case strings.Contains(line, "whole tenant"):
			before, _, _ := strings.Cut(line, "whole tenant")
			if got := utf8.RuneCountInString(before); got != column {
				t.Errorf("the cell begins in column %d, its header in %d: %s", got, column, line)
			}
		}
	}
}

func TestList_query(t *testing.T) {
	fake := flowretailtest.New()
	fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "Öyvind Marked"})
	if text := runList(t, fake, "marked"); !strings.Contains(text, ": 1 users") || !strings.Contains(text, "Öyvind Marked") {
		t.Errorf("want the one user:\n%s", text)
	}
}

func TestList_forbiddenTenant(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Times: 1, Status: 403})
	text := runList(t, fake, "")
	if !strings.Contains(text, "may not list the users") || !strings.Contains(text, ": 25 users") {
		t.Errorf("want one forbidden tenant and one with its users:\n%s", text)
	}
}

func TestProgram_onFake(t *testing.T) {
	programtest.UseEmbeddedFake(t)
	result := programtest.Run(t.Context(), run)
	if result.Code != program.ExitDone || !strings.Contains(result.Stdout, "8 users") || strings.Count(result.Stderr, "\n") != 1 {
		t.Errorf("%+v", result)
	}
}

func TestProgram_interrupted(t *testing.T) {
	programtest.UseEmbeddedFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if result := programtest.Run(ctx, run); result.Code != program.ExitInterrupted {
		t.Errorf("%+v", result)
	}
}

func runList(t *testing.T, fake *flowretailtest.Fake, search string) string {
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
