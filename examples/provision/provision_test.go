package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestProvision_apply(t *testing.T) {
	env := newTestEnv(t, string(sample))
	env.remove = 5
	if err := env.run(t.Context(), t, true); err != nil {
		t.Fatalf("%v\n%s", err, &env.out)
	}
	env.check(t)
	if len(env.users("emp-1-000006")) != 0 {
		t.Error("the user who is not in the file was not deleted")
	}
	if len(env.users("emp-1-000001")) != 1 {
		t.Error("the integration was deleted")
	}
	if err := env.run(t.Context(), t, true); err != nil || !strings.Contains(env.out.String(), "nothing to change") {
		t.Errorf("the second run: %v\n%s", err, &env.out)
	}
}

func TestProvision_withoutApply(t *testing.T) {
	env := newTestEnv(t, string(sample))
	env.remove = 5
	if err := env.run(t.Context(), t, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"create  emp-1-000101  Øyvind Åsen", `tenantRole "BACKOFFICE" → "ADMIN"`, `languageCode "nb" → "nn"`, "delete  emp-1-000006",
		"2 to create, 2 to update, 4 unchanged, 1 not in the file", "Nothing was changed",
	} {
		if !strings.Contains(env.out.String(), want) {
			t.Errorf("the plan does not contain %q:\n%s", want, &env.out)
		}
	}
	env.checkOnlyReads(t)
	if entries, _ := os.ReadDir(filepath.Dir(env.file)); len(entries) != 1 {
		t.Errorf("files were written: %v", entries)
	}
}

// Each run is killed at a later request than the one before, until one ends.
func TestProvision_killed(t *testing.T) {
	var file strings.Builder
	file.WriteString(header)
	for i := range 6 {
		fmt.Fprintf(&file, "new-%d,REGULAR,ACCESS,9%d,,,%s\n", i, i, []string{"", "marked-secret"}[i%2])
	}
	file.WriteString("emp-1-000004,REGULAR,BACKOFFICE,1003,,,\n")
	for _, reachesAPI := range []bool{false, true} {
		for requests := 0; ; requests++ {
			env := newTestEnv(t, file.String())
			ctx, cancel := context.WithCancel(t.Context())
			transport := programtest.KillAfter(requests, env.fake, cancel, reachesAPI)
			err := env.run(ctx, t, true, flowretail.WithHTTPClient(&http.Client{Transport: transport}))
			cancel()
			if err == nil {
				env.check(t)
				if requests < 9 {
					t.Errorf("the program has %d requests; the test does not reach all of them", requests)
				}
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed after %d requests: %v", requests, err)
			}
			if err := env.run(t.Context(), t, true); err != nil {
				t.Fatalf("the run after one that was killed after %d requests: %v", requests, err)
			}
			env.check(t)
		}
	}
}

func TestProvision_temporaryFaults(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"lost response to a create": {Operation: "post-tenants-users", Acted: true, Reset: true, Times: 2},
		"502 after a create":        {Operation: "post-tenants-users", Acted: true, Status: http.StatusBadGateway, Times: 2},
		"rate limit":                {Status: http.StatusTooManyRequests, RetryAfter: "2", Times: 3},
		"truncated list":            {Operation: "get-tenants-users", CutBody: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := newTestEnv(t, string(sample))
				env.fake.Inject(fault)
				if err := env.run(t.Context(), t, true); err != nil {
					t.Fatal(err)
				}
				env.check(t)
			})
		})
	}
}

func TestProvision_refusedCreate(t *testing.T) {
	env := newTestEnv(t, string(sample))
	env.remove = 5
	env.fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users", Status: http.StatusBadRequest, Times: 1})
	if err := env.run(t.Context(), t, true); !errors.Is(err, flowretail.ErrBadRequest) {
		t.Fatalf("run: %v", err)
	}
	if !strings.Contains(env.out.String(), "3 done, 1 failed") {
		t.Errorf("output:\n%s", &env.out)
	}
	if len(env.users("emp-1-000006")) != 1 {
		t.Error("a user was deleted although another change failed")
	}
	if err := env.run(t.Context(), t, true); err != nil {
		t.Fatal(err)
	}
	env.check(t)
}

func TestProvision_invalidRow(t *testing.T) {
	env := newTestEnv(t, string(sample)+"x,FULL,ACCESS,1,,,,,,\n")
	err := env.run(t.Context(), t, true)
	if _, isUsage := errors.AsType[*program.UsageError](err); !isUsage || !strings.Contains(err.Error(), "people.csv: line 10, column") {
		t.Errorf("run: %v", err)
	}
	if requests := env.fake.Requests(); len(requests) != 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
}

func TestProvision_truncatedFile(t *testing.T) {
	env := newTestEnv(t, header)
	env.remove = 2
	if err := env.run(t.Context(), t, true); err == nil || !strings.Contains(err.Error(), "is the file truncated?") {
		t.Errorf("run: %v", err)
	}
	if users := env.fake.Users(env.fake.TenantUID()); len(users) != 8 {
		t.Errorf("%d users, want 8", len(users))
	}
}

func TestProvision_keepsOtherUsers(t *testing.T) {
	env := newTestEnv(t, header)
	env.remove = 100
	noID := env.fake.AddUser(env.fake.TenantUID(), flowretail.User{})
	owner := env.fake.Users(env.fake.TenantUID())[1]
	if err := env.run(t.Context(), t, true, flowretail.WithToken(env.fake.AccessToken(env.fake.TenantUID(), owner.TenantUserUID))); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, user := range env.fake.Users(env.fake.TenantUID()) {
		left = append(left, user.TenantUserUID)
	}
	if len(left) != 3 || !slices.Contains(left, noID) || !slices.Contains(left, owner.TenantUserUID) {
		t.Errorf("the remaining users are %q, want the integration, the owner of the token, and the user without external id", left)
	}
}

func TestProvision_changedExternalID(t *testing.T) {
	env := newTestEnv(t, string(sample))
	if err := env.run(t.Context(), t, true); err != nil {
		t.Fatal(err)
	}
	created := env.users("emp-1-000101")[0]
	env.fake.EditUser(env.fake.TenantUID(), created.TenantUserUID, func(user *flowretail.User) { user.ExternalID = "typo" })
	if err := env.run(t.Context(), t, true); err != nil {
		t.Fatal(err)
	}
	env.check(t)
}

func TestProvision_passwords(t *testing.T) {
	env := newTestEnv(t, header+"new-1,REGULAR,ACCESS,91,,,\nnew-2,REGULAR,ACCESS,92,,,marked-secret-own\n")
	env.fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users", After: 1, Status: http.StatusBadRequest, Times: 1})
	err := env.run(t.Context(), t, true)
	passwords, readErr := readPasswords(env.file + ".passwords.csv")
	if err == nil || readErr != nil || len(passwords) != 1 {
		t.Fatalf("%v, %v, %d passwords", err, readErr, len(passwords))
	}
	for _, name := range []string{env.file + ".passwords.csv", env.file + ".done.csv"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	record, recordErr := os.ReadFile(env.file + ".done.csv")
	if recordErr != nil {
		t.Fatal(recordErr)
	}
	for name, text := range map[string]string{"output": env.out.String(), "record": string(record), "error": err.Error()} {
		for _, secret := range []string{passwords[0][4], "marked-secret-own"} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s has a password", name)
			}
		}
	}
	if rows, err := csv.NewReader(bytes.NewReader(record)).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("the record has %d lines, want 3; %v", len(rows), err)
	}
}

func TestProgram_onFake(t *testing.T) {
	programtest.UseEmbeddedFake(t)
	result := programtest.Run(t.Context(), run, "-apply", "-remove", "1")
	if result.Code != program.ExitDone || !strings.Contains(result.Stdout, "5 done, 0 failed") {
		t.Errorf("%+v", result)
	}
}
