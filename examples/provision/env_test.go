package main

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A testEnv is a fake and a file for its tenant.
type testEnv struct {
	fake   *flowretailtest.Fake
	file   string
	out    bytes.Buffer // of the last run
	remove int          // the flag
}

func newTestEnv(t *testing.T, content string) *testEnv {
	t.Helper()
	env := &testEnv{fake: flowretailtest.New(flowretailtest.WithUsers(8)), file: filepath.Join(t.TempDir(), "people.csv")}
	if err := os.WriteFile(env.file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return env
}

func (env *testEnv) run(ctx context.Context, t *testing.T, apply bool, opts ...flowretail.Option) error {
	t.Helper()
	client, err := env.fake.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	env.out.Reset()
	return (&provisioner{
		client: client, tenantUID: env.fake.TenantUID(), parallel: 3, out: &env.out,
		passwordsPath: env.file + ".passwords.csv", recordPath: env.file + ".done.csv",
	}).run(ctx, env.file, env.remove, apply)
}

// users returns the users of the fake with an external id.
func (env *testEnv) users(externalID string) (users []flowretail.User) {
	for _, user := range env.fake.Users(env.fake.TenantUID()) {
		if user.ExternalID == externalID {
			users = append(users, user)
		}
	}
	return users
}

// check compares the tenant with the file. Each person must exist once, with the
// fields of the file, and be able to log in.
func (env *testEnv) check(t *testing.T) {
	t.Helper()
	people, err := readPeople(env.file)
	if err != nil {
		t.Fatal(err)
	}
	passwords := map[string]string{}
	rows, err := readPasswords(env.file + ".passwords.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		passwords[row[1]] = row[4]
	}
	device, err := env.fake.NewClient(flowretail.WithToken(env.fake.DeviceToken(env.fake.TenantUID())))
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range people {
		users := env.users(person.externalID())
		if len(users) != 1 {
			t.Errorf("%d users have the external id %s, want 1", len(users), person.externalID())
			continue
		}
		if diff, err := person.diff(&users[0]); err != nil || len(diff.text) > 0 {
			t.Errorf("%s: %s, %v", person.externalID(), diff.text, err)
		}
		password := cmp.Or(person.password.Reveal(), passwords[person.externalID()])
		if password == "" || users[0].Status != flowretail.UserStatusActive {
			continue // existed before, or has not accepted the invitation
		}
		login := &flowretail.AccountLoginRequest{UserCode: users[0].UserCode, Password: flowretail.NewSecret(password)}
		if _, err := device.Account.Login(t.Context(), login); err != nil {
			t.Errorf("%s cannot log in: %v", person.externalID(), err)
		}
	}
}

// checkOnlyReads checks that no request has changed anything.
func (env *testEnv) checkOnlyReads(t *testing.T) {
	t.Helper()
	for _, request := range env.fake.Requests() {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s was sent", request.Method, request.Path)
		}
	}
}
