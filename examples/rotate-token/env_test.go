package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A testEnv is a user with two tokens. The first one is rotated.
type testEnv struct {
	fake               *flowretailtest.Fake
	tenantUID, userUID string
	before             []string // the tokens before the rotation
	oldValue           string
	file               string
	output             strings.Builder
}

func newTestEnv(t *testing.T) *testEnv {
	t.Helper()
	fake := flowretailtest.New()
	env := &testEnv{fake: fake, tenantUID: fake.TenantUID(), file: filepath.Join(t.TempDir(), "token")}
	env.userUID = fake.Users(env.tenantUID)[0].TenantUserUID
	env.oldValue = fake.IntegrationToken(env.tenantUID, env.userUID)
	fake.IntegrationToken(env.tenantUID, env.userUID)
	env.before = env.tokens(t)
	return env
}

func (env *testEnv) tokens(t *testing.T) []string {
	t.Helper()
	client, err := env.fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	uids, err := (&rotation{tenantUID: env.tenantUID, userUID: env.userUID}).tokens(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return uids
}

// rotate runs the program with a token until it ends or is killed.
func (env *testEnv) rotate(t *testing.T, killer *killer, token, old string) error {
	t.Helper()
	client, err := flowretail.NewClient(flowretail.WithBaseURL(flowretailtest.BaseURL), flowretail.WithToken(token),
		flowretail.WithHTTPClient(&http.Client{Transport: killableTransport{killer, env.fake}}),
		flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return (&rotation{
		client: client, disk: killableDisk{killer, localDisk{}},
		tenantUID: env.tenantUID, userUID: env.userUID, file: env.file, old: old,
		printf: func(format string, args ...any) { fmt.Fprintf(&env.output, format+"\n", args...) },
	}).run(t.Context())
}

// check checks that there is one new token in place of the old one, that it is in
// the file, and that the program did not print it. It returns the new UID.
func (env *testEnv) check(t *testing.T) (newUID string) {
	t.Helper()
	after := env.tokens(t)
	if len(after) != 2 || !slices.Contains(after, env.before[1]) || slices.Contains(after, env.before[0]) {
		t.Fatalf("the tokens are %q, before they were %q", after, env.before)
	}
	data, err := os.ReadFile(env.file)
	if err != nil {
		t.Fatal(err)
	}
	value := strings.TrimSpace(string(data))
	client, err := env.fake.NewClient(flowretail.WithToken(value))
	if err != nil {
		t.Fatal(err)
	}
	if user, err := client.Account.GetForTenant(t.Context(), env.tenantUID); err != nil || user.TenantUserUID != env.userUID {
		t.Errorf("the token in the file does not work: %v", err)
	}
	env.checkFiles(t, value)
	if strings.Contains(env.output.String(), value) || strings.Contains(env.output.String(), env.oldValue) {
		t.Error("a token was printed")
	}
	return after[slices.IndexFunc(after, func(uid string) bool { return uid != env.before[1] })]
}

// checkFiles checks that there are a token file and a journal, that only their
// owner can read them, and that only the token file has the value.
func (env *testEnv) checkFiles(t *testing.T, value string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(env.file))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(filepath.Dir(env.file), entry.Name())
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", entry.Name(), info.Mode(), err)
		}
		if data, _ := os.ReadFile(path); path != env.file && strings.Contains(string(data), value) {
			t.Errorf("%s has the value of the token", entry.Name())
		}
	}
	if len(entries) != 2 {
		t.Errorf("the files are %v, want the token and the journal", entries)
	}
}

// A killer kills the program after a number of steps. A step is a request or a
// change of a file. Later steps have no effect.
type killer struct {
	steps           int
	lastTakesEffect bool // the step at which the program is killed takes effect
	killed          bool
}

// neverKill returns a killer that does not kill the program.
func neverKill() *killer { return &killer{steps: 1 << 30} }

var errKilled = errors.New("killed")

// step runs a step, or returns errKilled.
func (k *killer) step(run func() error) error {
	switch {
	case k.killed:
		return errKilled
	case k.steps > 0:
		k.steps--
		return run()
	}
	k.killed = true
	if k.lastTakesEffect {
		_ = run()
	}
	return errKilled
}

type killableTransport struct {
	killer *killer
	next   http.RoundTripper
}

func (k killableTransport) RoundTrip(request *http.Request) (response *http.Response, err error) {
	err = k.killer.step(func() error {
		response, err = k.next.RoundTrip(request)
		return err
	})
	if err != nil {
		return nil, err
	}
	return response, nil
}

type killableDisk struct {
	killer *killer
	next   disk
}

func (k killableDisk) write(path string, data []byte) error {
	return k.killer.step(func() error { return k.next.write(path, data) })
}

func (k killableDisk) rename(from, to string) error {
	return k.killer.step(func() error { return k.next.rename(from, to) })
}

func (k killableDisk) remove(path string) error {
	return k.killer.step(func() error { return k.next.remove(path) })
}
