package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestRotation_killed(t *testing.T) {
	for _, selfRotating := range []bool{false, true} { // with the token that is rotated
		for second := range 7 { // the step at which the second run is killed; 0 for no second run
			t.Run(fmt.Sprintf("own token %t, second run killed at step %d", selfRotating, second), func(t *testing.T) {
				steps := 0
				for finished := false; !finished; steps++ {
					for _, effect := range []bool{false, true} {
						finished = killAndFinish(t, steps, second, effect, selfRotating)
					}
				}
				if steps < 11 {
					t.Errorf("the program has %d steps; the test does not reach all of them", steps)
				}
			})
		}
	}
}

// killAndFinish kills the first run after a number of steps and the second run at
// a step, lets the third run finish, and checks the result. It reports whether
// the first run had finished.
func killAndFinish(t *testing.T, steps, second int, effect, selfRotating bool) (finished bool) {
	env := newTestEnv(t)
	token := env.fake.AdminToken()
	if selfRotating {
		token = env.oldValue
	}
	first := &killer{steps: steps, lastTakesEffect: effect}
	err := env.rotate(t, first, token, env.before[0])
	if finished = err == nil; finished != !first.killed && !errors.Is(err, errKilled) {
		t.Fatalf("killed at step %d: %v", steps, err)
	}
	if second > 0 {
		_ = env.rotate(t, &killer{steps: second - 1, lastTakesEffect: effect}, token, env.before[0])
	}
	if err := env.rotate(t, neverKill(), token, env.before[0]); err != nil {
		t.Fatalf("the run after one that was killed at step %d (with effect: %t): %v\n%s", steps, effect, err, &env.output)
	}
	env.check(t)
	return finished
}

func TestRotation_again(t *testing.T) {
	env := newTestEnv(t)
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), env.before[0]); err != nil {
		t.Fatal(err)
	}
	first := env.check(t)
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), env.before[0]); err != nil || env.check(t) != first {
		t.Errorf("the same command changed something: %v", err)
	}
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), ""); err != nil {
		t.Fatal(err)
	}
	if env.check(t) == first {
		t.Error("without -old the token of the last rotation was not replaced")
	}
}

func TestRotation_rejectedToken(t *testing.T) {
	env := newTestEnv(t)
	env.fake.Inject(flowretailtest.Fault{Operation: "get-tenants-account", Status: http.StatusUnauthorized, Times: 1})
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), env.before[0]); !errors.Is(err, flowretail.ErrUnauthorized) {
		t.Fatalf("run: %v", err)
	}
	if after := env.tokens(t); !slices.Contains(after, env.before[0]) {
		t.Error("the old token was deleted")
	}
	if _, err := os.Stat(env.file); err == nil {
		t.Error("the file has a token that does not work")
	}
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), env.before[0]); err != nil {
		t.Fatal(err)
	}
	env.check(t)
}

func TestRotation_lostResponse(t *testing.T) {
	env := newTestEnv(t)
	env.fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users-tokens", CutBody: true, Times: 1})
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), env.before[0]); !errors.Is(err, flowretail.ErrOutcomeUnknown) {
		t.Fatalf("run: %v", err)
	}
	if err := env.rotate(t, neverKill(), env.fake.AdminToken(), env.before[0]); err != nil {
		t.Fatal(err)
	}
	env.check(t)
}

func TestRotation_refuses(t *testing.T) {
	for name, test := range map[string]struct {
		old     func(*testEnv) string
		prepare func(*testing.T, *testEnv)
		want    string
	}{
		"no old token":                   {func(*testEnv) string { return "" }, nil, "-old"},
		"unknown old token":              {func(*testEnv) string { return "7" }, nil, "has no token 7"},
		"two possible orphans":           {func(env *testEnv) string { return env.before[0] }, addTwoTokens, "were created after"},
		"unfinished rotation of another": {func(env *testEnv) string { return env.before[1] }, leaveUnfinished, "unfinished"},
	} {
		t.Run(name, func(t *testing.T) {
			env := newTestEnv(t)
			if test.prepare != nil {
				test.prepare(t, env)
			}
			before := env.tokens(t)
			err := env.rotate(t, neverKill(), env.fake.AdminToken(), test.old(env))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("run: %v, want %q", err, test.want)
			}
			if after := env.tokens(t); !slices.Equal(before, after) {
				t.Errorf("the tokens changed from %q to %q", before, after)
			}
		})
	}
}

// leaveUnfinished leaves the journal of a run that was killed when it created a
// token.
func leaveUnfinished(t *testing.T, env *testEnv) {
	if err := env.rotate(t, &killer{steps: 2}, env.fake.AdminToken(), env.before[0]); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
}

func addTwoTokens(t *testing.T, env *testEnv) {
	leaveUnfinished(t, env)
	env.fake.IntegrationToken(env.tenantUID, env.userUID)
	env.fake.IntegrationToken(env.tenantUID, env.userUID)
}
