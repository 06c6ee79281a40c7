package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A bench is a tenant and a file of people.
type bench struct {
	fake   *flowretailtest.Fake
	file   string
	out    bytes.Buffer
	remove int
}

func newBench(t *testing.T, file string) *bench {
	t.Helper()
	b := &bench{fake: flowretailtest.New(flowretailtest.WithUsers(8)), file: filepath.Join(t.TempDir(), "people.csv")}
	b.write(t, file)
	return b
}

func (b *bench) write(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(b.file, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) provision(ctx context.Context, t *testing.T, apply bool, opts ...flowretail.Option) error {
	t.Helper()
	client, err := b.fake.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	b.out.Reset()
	return (&staff{
		client: client, tenantUID: b.fake.TenantUID(), parallel: 3, out: &b.out,
		passwords: b.file + ".passwords.csv", done: b.file + ".done.csv",
	}).provision(ctx, b.file, b.remove, apply)
}

func (b *bench) users(externalID string) (users []flowretail.User) {
	for _, user := range b.fake.Users(b.fake.TenantUID()) {
		if user.ExternalID == externalID {
			users = append(users, user)
		}
	}
	return users
}

// check holds the tenant against the file: everybody is there once, is as the
// file says, and can log in with the password that was handed out.
func (b *bench) check(t *testing.T) {
	t.Helper()
	people, err := readPeople(b.file)
	if err != nil {
		t.Fatal(err)
	}
	handedOut := map[string]string{}
	rows, err := readPasswords(b.file + ".passwords.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		handedOut[row[1]] = row[4]
	}
	device, err := b.fake.NewClient(flowretail.WithToken(b.fake.DeviceToken(b.fake.TenantUID())))
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range people {
		users := b.users(person.externalID())
		if len(users) != 1 {
			t.Errorf("%d users have the external id %s", len(users), person.externalID())
			continue
		}
		if differs := person.differsFrom(&users[0]); len(differs.text) > 0 {
			t.Errorf("%s: %s", person.externalID(), differs.text)
		}
		password := cmp.Or(person.password.Reveal(), handedOut[person.externalID()])
		if password == "" || users[0].Status != flowretail.UserStatusActive {
			continue // was there before, or has to accept an invitation first
		}
		login := &flowretail.AccountLoginRequest{UserCode: users[0].UserCode, Password: flowretail.NewSecret(password)}
		if _, err := device.Account.Login(t.Context(), login); err != nil {
			t.Errorf("%s cannot log in: %v", person.externalID(), err)
		}
	}
}

func TestTheTenantComesToBeAsTheFileSays(t *testing.T) {
	b := newBench(t, string(sample))
	b.remove = 5
	if err := b.provision(t.Context(), t, true); err != nil {
		t.Fatalf("%v\n%s", err, &b.out)
	}
	b.check(t)
	if gone := b.users("emp-1-000006"); len(gone) != 0 {
		t.Error("the user who is not in the file is still there")
	}
	if integrations := b.users("emp-1-000001"); len(integrations) != 1 {
		t.Error("the integration is gone")
	}
	if err := b.provision(t.Context(), t, true); err != nil || !strings.Contains(b.out.String(), "nothing to do") {
		t.Errorf("the second run: %v\n%s", err, &b.out)
	}
}

func TestThePlanNamesEveryChangeAndMakesNone(t *testing.T) {
	b := newBench(t, string(sample))
	b.remove = 5
	if err := b.provision(t.Context(), t, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"create  emp-1-000101  Øyvind Åsen", `tenantRole "BACKOFFICE" → "ADMIN"`, `languageCode "nb" → "nn"`, "delete  emp-1-000006",
		"2 to create, 2 to update, 4 as they should be, 1 not in the file", "Nothing was changed",
	} {
		if !strings.Contains(b.out.String(), want) {
			t.Errorf("the plan does not say %q:\n%s", want, &b.out)
		}
	}
	for _, request := range b.fake.Requests() {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s was sent", request.Method, request.Path)
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(b.file)); len(entries) != 1 {
		t.Errorf("files were written: %v", entries)
	}
}

func TestKilledAtAnyRequestAndRunAgainNobodyIsThereTwiceAndEveryPasswordWorks(t *testing.T) {
	var file strings.Builder
	file.WriteString(header)
	for i := range 6 {
		fmt.Fprintf(&file, "new-%d,REGULAR,ACCESS,9%d,,,%s\n", i, i, []string{"", "marked-secret"}[i%2])
	}
	file.WriteString("emp-1-000004,REGULAR,BACKOFFICE,1003,,,\n")
	for _, effect := range []bool{false, true} {
		for lives := int32(0); ; lives++ {
			b := newBench(t, file.String())
			ctx, kill := context.WithCancel(t.Context())
			transport := &killing{fake: b.fake, kill: kill, effect: effect}
			transport.left.Store(lives)
			err := b.provision(ctx, t, true, flowretail.WithHTTPClient(&http.Client{Transport: transport}))
			if err == nil {
				b.check(t)
				if lives < 9 {
					t.Errorf("the program took %d requests; the test does not reach all", lives)
				}
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed at request %d: %v", lives, err)
			}
			if err := b.provision(t.Context(), t, true); err != nil {
				t.Fatalf("killed at request %d, the run after it: %v", lives, err)
			}
			b.check(t)
		}
	}
}

// killing ends the program at a request, which reaches the API or does not.
type killing struct {
	fake   *flowretailtest.Fake
	kill   context.CancelFunc
	effect bool
	left   atomic.Int32
}

func (k *killing) RoundTrip(request *http.Request) (*http.Response, error) {
	left := k.left.Add(-1)
	if left >= 0 {
		return k.fake.RoundTrip(request)
	}
	if left == -1 && k.effect {
		if response, err := k.fake.RoundTrip(request); err == nil {
			_ = response.Body.Close()
		}
	}
	k.kill()
	return nil, context.Canceled
}

func TestFaultsOfTheNetworkMakeNobodyTwice(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"answers to creates are lost": {Operation: "post-tenants-users", Acted: true, Reset: true, Times: 2},
		"creates answer 502":          {Operation: "post-tenants-users", Acted: true, Status: http.StatusBadGateway, Times: 2},
		"throttling":                  {Status: http.StatusTooManyRequests, RetryAfter: "2", Times: 3},
		"a list is cut":               {Operation: "get-tenants-users", CutBody: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, string(sample))
				b.fake.Inject(fault)
				if err := b.provision(t.Context(), t, true); err != nil {
					t.Fatal(err)
				}
				b.check(t)
			})
		})
	}
}

func TestOneRefusalDoesNotKeepTheOthersFromBeingDone(t *testing.T) {
	b := newBench(t, string(sample))
	b.remove = 5
	b.fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users", Status: http.StatusBadRequest, Times: 1})
	if err := b.provision(t.Context(), t, true); !errors.Is(err, flowretail.ErrBadRequest) {
		t.Fatalf("provision: %v", err)
	}
	if !strings.Contains(b.out.String(), "3 done, 1 failed") {
		t.Errorf("the program says:\n%s", &b.out)
	}
	if len(b.users("emp-1-000006")) != 1 {
		t.Error("a user was deleted although not all else went well")
	}
	if err := b.provision(t.Context(), t, true); err != nil {
		t.Fatal(err)
	}
	b.check(t)
}

func TestNothingIsDoneWhileARowIsWrong(t *testing.T) {
	b := newBench(t, string(sample)+"x,FULL,ACCESS,1,,,,,,\n")
	err := b.provision(t.Context(), t, true)
	if _, isUsage := errors.AsType[*program.UsageError](err); !isUsage || !strings.Contains(err.Error(), "people.csv: line 10, column") {
		t.Errorf("provision: %v", err)
	}
	if requests := b.fake.Requests(); len(requests) != 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
}

func TestAFileThatIsCutDeletesNobody(t *testing.T) {
	b := newBench(t, header)
	b.remove = 2
	if err := b.provision(t.Context(), t, true); err == nil || !strings.Contains(err.Error(), "is the file cut?") {
		t.Errorf("provision: %v", err)
	}
	if users := b.fake.Users(b.fake.TenantUID()); len(users) != 8 {
		t.Errorf("%d users are left of 8", len(users))
	}
}

func TestOnlyPeopleOfTheFilesMakingAreDeleted(t *testing.T) {
	b := newBench(t, header)
	b.remove = 100
	noID := b.fake.AddUser(b.fake.TenantUID(), flowretail.User{})
	owner := b.fake.Users(b.fake.TenantUID())[1]
	if err := b.provision(t.Context(), t, true, flowretail.WithToken(b.fake.AccessToken(b.fake.TenantUID(), owner.TenantUserUID))); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, user := range b.fake.Users(b.fake.TenantUID()) {
		left = append(left, user.TenantUserUID)
	}
	if len(left) != 3 || !slices.Contains(left, noID) || !slices.Contains(left, owner.TenantUserUID) {
		t.Errorf("left are %q; want the integration, the owner of the token, and the user without external id", left)
	}
}

func TestAPersonWhoseExternalIDWasChangedByHandIsMetAgain(t *testing.T) {
	b := newBench(t, string(sample))
	if err := b.provision(t.Context(), t, true); err != nil {
		t.Fatal(err)
	}
	made := b.users("emp-1-000101")[0]
	b.fake.EditUser(b.fake.TenantUID(), made.TenantUserUID, func(user *flowretail.User) { user.ExternalID = "typo" })
	if err := b.provision(t.Context(), t, true); err != nil {
		t.Fatal(err)
	}
	b.check(t)
}

func TestPasswordsStandInTheirPrivateFileAndNowhereElse(t *testing.T) {
	b := newBench(t, header+"new-1,REGULAR,ACCESS,91,,,\nnew-2,REGULAR,ACCESS,92,,,marked-secret-own\n")
	b.fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users", After: 1, Status: http.StatusBadRequest, Times: 1})
	err := b.provision(t.Context(), t, true)
	passwords, readErr := readPasswords(b.file + ".passwords.csv")
	if err == nil || readErr != nil || len(passwords) != 1 {
		t.Fatalf("%v, %v, %d passwords", err, readErr, len(passwords))
	}
	for _, name := range []string{b.file + ".passwords.csv", b.file + ".done.csv"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	record, err2 := os.ReadFile(b.file + ".done.csv")
	if err2 != nil {
		t.Fatal(err2)
	}
	for place, text := range map[string]string{"output": b.out.String(), "record": string(record), "error": err.Error()} {
		for _, secret := range []string{passwords[0][4], "marked-secret-own"} {
			if strings.Contains(text, secret) {
				t.Errorf("a password is in the %s", place)
			}
		}
	}
	if rows, err := csv.NewReader(bytes.NewReader(record)).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("the record has %d lines, %v; want the head and two", len(rows), err)
	}
}

func TestTheProgramRunsOnItsSample(t *testing.T) {
	t.Setenv(flowretail.EnvToken, "")
	t.Setenv(flowretail.EnvBaseURL, "")
	var stdout, stderr bytes.Buffer
	terminal := &program.Terminal{Args: []string{"-apply", "-remove", "1"}, Stdout: &stdout, Stderr: &stderr}
	if code := program.Run(t.Context(), terminal, run); code != program.ExitDone || !strings.Contains(stdout.String(), "5 done, 0 failed") {
		t.Errorf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
}
