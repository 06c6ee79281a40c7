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

// A bench is a user with two tokens, the first of which is rotated.
type bench struct {
	fake               *flowretailtest.Fake
	tenantUID, userUID string
	standing           []string // before the rotation; the first is the old one
	oldValue           string
	file               string
	said               strings.Builder
}

func newBench(t *testing.T) *bench {
	t.Helper()
	fake := flowretailtest.New()
	b := &bench{fake: fake, tenantUID: fake.TenantUID(), file: filepath.Join(t.TempDir(), "token")}
	b.userUID = fake.Users(b.tenantUID)[0].TenantUserUID
	b.oldValue = fake.IntegrationToken(b.tenantUID, b.userUID)
	fake.IntegrationToken(b.tenantUID, b.userUID)
	b.standing = b.tokens(t)
	return b
}

func (b *bench) tokens(t *testing.T) []string {
	t.Helper()
	client, err := b.fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	uids, err := (&rotation{tenantUID: b.tenantUID, userUID: b.userUID}).tokens(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return uids
}

// rotate runs the program once, for as long as its life lasts.
func (b *bench) rotate(t *testing.T, life *life, operator, old string) error {
	t.Helper()
	client, err := flowretail.NewClient(flowretail.WithBaseURL(flowretailtest.BaseURL), flowretail.WithToken(operator),
		flowretail.WithHTTPClient(&http.Client{Transport: mortalTransport{life, b.fake}}),
		flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return (&rotation{
		operator: client, disk: mortalDisk{life, localDisk{}},
		tenantUID: b.tenantUID, userUID: b.userUID, file: b.file, old: old,
		say: func(format string, values ...any) { fmt.Fprintf(&b.said, format+"\n", values...) },
	}).run(t.Context())
}

// check holds the end against the promise: one new token in place of the old
// one, no orphan, and a private file whose token works.
func (b *bench) check(t *testing.T) (newUID string) {
	t.Helper()
	left := b.tokens(t)
	if len(left) != 2 || !slices.Contains(left, b.standing[1]) || slices.Contains(left, b.standing[0]) {
		t.Fatalf("tokens %q stand, there were %q", left, b.standing)
	}
	newUID = left[slices.IndexFunc(left, func(uid string) bool { return uid != b.standing[1] })]
	data, err := os.ReadFile(b.file)
	if err != nil {
		t.Fatal(err)
	}
	value := strings.TrimSpace(string(data))
	client, err := b.fake.NewClient(flowretail.WithToken(value))
	if err != nil {
		t.Fatal(err)
	}
	if user, err := client.Account.GetForTenant(t.Context(), b.tenantUID); err != nil || user.TenantUserUID != b.userUID {
		t.Errorf("the token in the file does not work: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(b.file))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(filepath.Dir(b.file), entry.Name())
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", entry.Name(), info.Mode(), err)
		}
		if data, _ := os.ReadFile(path); path != b.file && strings.Contains(string(data), value) {
			t.Errorf("%s holds the value of the token", entry.Name())
		}
	}
	if len(entries) != 2 {
		t.Errorf("the files %v are left; want the token and the journal", entries)
	}
	if strings.Contains(b.said.String(), value) || strings.Contains(b.said.String(), b.oldValue) {
		t.Error("a token was printed")
	}
	return newUID
}

func TestKilledAnywhereAndRunAgainItLeavesOneNewTokenAndNoOrphan(t *testing.T) {
	for _, operator := range []string{"an administrator", "the token that is rotated"} {
		for _, second := range []int{0, 1, 2, 3, 4, 5, 6} { // when the second run is killed too; 0 is never
			t.Run(fmt.Sprintf("%s rotates, second run dies at step %d", operator, second), func(t *testing.T) {
				steps := 0
				for survived := false; !survived; steps++ {
					for _, effect := range []bool{false, true} {
						b := newBench(t)
						token := b.fake.AdminToken()
						if operator != "an administrator" {
							token = b.oldValue
						}
						first := &life{left: steps, lastTakesEffect: effect}
						err := b.rotate(t, first, token, b.standing[0])
						if survived = err == nil; survived != !first.dead && !errors.Is(err, errKilled) {
							t.Fatalf("killed at step %d: %v", steps, err)
						}
						if second > 0 {
							_ = b.rotate(t, &life{left: second - 1, lastTakesEffect: effect}, token, b.standing[0])
						}
						if err := b.rotate(t, immortal(), token, b.standing[0]); err != nil {
							t.Fatalf("killed at step %d (with effect: %t), the run after it: %v\n%s", steps, effect, err, &b.said)
						}
						b.check(t)
					}
				}
				if steps < 11 {
					t.Errorf("the program took %d steps; the test does not reach all of them", steps)
				}
			})
		}
	}
}

func TestTheNextRotationReplacesTheTokenOfTheLast(t *testing.T) {
	b := newBench(t)
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), b.standing[0]); err != nil {
		t.Fatal(err)
	}
	first := b.check(t)
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), b.standing[0]); err != nil || b.check(t) != first {
		t.Errorf("the same command again has to do nothing: %v", err)
	}
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), ""); err != nil {
		t.Fatal(err)
	}
	if b.check(t) == first {
		t.Error("without -old the token of the last rotation has to be replaced")
	}
}

func TestATokenThatDoesNotWorkReplacesNothing(t *testing.T) {
	b := newBench(t)
	b.fake.Inject(flowretailtest.Fault{Operation: "get-tenants-account", Status: http.StatusUnauthorized, Times: 1})
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), b.standing[0]); !errors.Is(err, flowretail.ErrUnauthorized) {
		t.Fatalf("run: %v", err)
	}
	if left := b.tokens(t); !slices.Contains(left, b.standing[0]) {
		t.Error("the old token is gone")
	}
	if _, err := os.Stat(b.file); err == nil {
		t.Error("the file has a token that does not work")
	}
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), b.standing[0]); err != nil {
		t.Fatal(err)
	}
	b.check(t)
}

func TestAnAnswerThatIsLostLeavesNoOrphan(t *testing.T) {
	b := newBench(t)
	b.fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users-tokens", CutBody: true, Times: 1})
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), b.standing[0]); !errors.Is(err, flowretail.ErrOutcomeUnknown) {
		t.Fatalf("run: %v", err)
	}
	if err := b.rotate(t, immortal(), b.fake.AdminToken(), b.standing[0]); err != nil {
		t.Fatal(err)
	}
	b.check(t)
}

func TestItRefusesToGuess(t *testing.T) {
	for name, test := range map[string]struct {
		old     func(*bench) string
		prepare func(*testing.T, *bench)
		want    string
	}{
		"which of the tokens is old":    {func(*bench) string { return "" }, nil, "-old"},
		"what a wrong UID stands for":   {func(*bench) string { return "7" }, nil, "has no token 7"},
		"which token is the orphan":     {oldest, afterTwoStrangers, "appeared since"},
		"that an unfinished run is off": {func(b *bench) string { return b.standing[1] }, unfinished, "unfinished"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if test.prepare != nil {
				test.prepare(t, b)
			}
			before := b.tokens(t)
			err := b.rotate(t, immortal(), b.fake.AdminToken(), test.old(b))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("run: %v; want %q", err, test.want)
			}
			if after := b.tokens(t); !slices.Equal(before, after) {
				t.Errorf("tokens %q became %q", before, after)
			}
		})
	}
}

func oldest(b *bench) string { return b.standing[0] }

// unfinished leaves the journal of a run that was killed as it made a token.
func unfinished(t *testing.T, b *bench) {
	if err := b.rotate(t, &life{left: 2}, b.fake.AdminToken(), b.standing[0]); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
}

func afterTwoStrangers(t *testing.T, b *bench) {
	unfinished(t, b)
	b.fake.IntegrationToken(b.tenantUID, b.userUID)
	b.fake.IntegrationToken(b.tenantUID, b.userUID)
}

// A life ends after a number of steps: requests and changes of files. What a
// program tries after that does not happen, as if it had been killed.
type life struct {
	left            int
	lastTakesEffect bool // the step that it dies at happens, but it does not learn of that
	dead            bool
}

func immortal() *life { return &life{left: 1 << 30} }

var errKilled = errors.New("killed")

// step does what takes effect, and returns errKilled at the end of the life and after.
func (l *life) step(do func() error) error {
	switch {
	case l.dead:
		return errKilled
	case l.left > 0:
		l.left--
		return do()
	}
	l.dead = true
	if l.lastTakesEffect {
		_ = do()
	}
	return errKilled
}

type mortalTransport struct {
	life    *life
	carrier http.RoundTripper
}

func (m mortalTransport) RoundTrip(request *http.Request) (response *http.Response, err error) {
	err = m.life.step(func() error {
		response, err = m.carrier.RoundTrip(request)
		return err
	})
	if err != nil {
		return nil, err
	}
	return response, nil
}

type mortalDisk struct {
	life *life
	disk disk
}

func (m mortalDisk) write(path string, data []byte) error {
	return m.life.step(func() error { return m.disk.write(path, data) })
}

func (m mortalDisk) rename(from, to string) error {
	return m.life.step(func() error { return m.disk.rename(from, to) })
}

func (m mortalDisk) remove(path string) error {
	return m.life.step(func() error { return m.disk.remove(path) })
}
