package flowretail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

func TestMalformedResponses(t *testing.T) {
	var logged bytes.Buffer // by net/http
	before := log.Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	for _, c := range faultserver.Cases() {
		if c.Stalls || c.RateLimits() {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			runs := newRuns(t, c, newTestEnv)
			if c.MeasureMemory {
				for _, r := range runs {
					r.measureMemory(t)
				}
			} else {
				runAll(t, runs)
			}
			for _, r := range runs {
				r.check(t)
			}
			checkGoroutines(t, before)
		})
	}
	log.SetOutput(before)
	checkNoSecret(t, "log of net/http", logged.String())
}

func TestMalformedResponses_stalled(t *testing.T) {
	runInVirtualTime(t, func(c faultserver.Case) bool { return c.Stalls })
}

func TestMalformedResponses_rateLimited(t *testing.T) {
	runInVirtualTime(t, func(c faultserver.Case) bool { return c.RateLimits() && !c.Stalls })
}

// runInVirtualTime runs the cases that wait for a timeout or for the rate limiter. Some
// of them depend on the time at which Cases is called.
func runInVirtualTime(t *testing.T, include func(faultserver.Case) bool) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range faultserver.Cases() {
			if !include(c) {
				continue
			}
			runs := newRuns(t, c, newMemoryEnv)
			runAll(t, runs)
			for _, r := range runs {
				r.check(t)
			}
		}
	})
}

func runAll(t *testing.T, runs []*caseRun) {
	var running sync.WaitGroup
	for _, r := range runs {
		running.Go(func() { r.run(t) })
	}
	running.Wait()
}

// A caseRun is one call that gets the response of a case.
type caseRun struct {
	name     string
	testCase faultserver.Case
	want     faultserver.Result
	call     func(context.Context, *flowretail.Client) error
	*testEnv
	err error
}

// newRuns returns two runs of each call. In the first one every response is faulty,
// in the second one only the first response.
func newRuns(t *testing.T, c faultserver.Case, newEnv func(*testing.T, faultserver.Handler, ...flowretail.Option) *testEnv) []*caseRun {
	var runs []*caseRun
	for _, call := range sampleCalls {
		always := caseRun{name: c.Name + "/" + call.name, testCase: c, want: call.result(c.Results), call: call.call}
		once := always
		always.testEnv = newEnv(t, c.Handler)
		runs = append(runs, &always)
		// Without a retry there is no second response. All malformed bodies are retried alike.
		if retried := always.want.Requests > 1; retried && always.want.Kind != faultserver.Success && always.want.Kind != faultserver.Malformed && !c.MeasureMemory {
			once.name, once.want = always.name+", once", call.result(c.Results.Recovered())
			once.testEnv = newEnv(t, faultserver.Sequence(c.Handler, faultserver.OK))
			runs = append(runs, &once)
		}
	}
	return runs
}

// run makes the call and stops the server.
func (r *caseRun) run(t *testing.T) {
	watchdog := time.AfterFunc(5*time.Minute, func() {
		t.Errorf("%s: the call does not end", r.name)
		r.server.Close()
	})
	r.err = r.call(t.Context(), r.client)
	watchdog.Stop()
	r.close(t)
}

// measureMemory makes the call and checks how much memory it allocates.
func (r *caseRun) measureMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.run(t)
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(r.want.Requests); each > 80<<20 {
		t.Errorf("%s: %d MiB of memory for each request", r.name, each>>20)
	}
}

// check checks the requests, the log and the error of the call.
func (r *caseRun) check(t *testing.T) {
	t.Helper()
	if got := len(r.server.Requests()); got != r.want.Requests {
		t.Errorf("%s: %d requests were sent, want %d; error %.600q", r.name, got, r.want.Requests, fmt.Sprint(r.err))
	}
	checkNoSecret(t, "log", r.logged.String())
	for line := range strings.Lines(r.logged.String()) {
		checkLength(t, "log record", line)
	}
	if (r.err == nil) != (r.want.Kind == faultserver.Success) {
		t.Errorf("%s: want %s; error %.600q", r.name, r.want.Kind, fmt.Sprint(r.err))
	} else if r.err != nil {
		r.checkError(t)
	}
}

func (r *caseRun) checkError(t *testing.T) {
	t.Helper()
	problem := func(format string, args ...any) {
		t.Helper()
		t.Errorf(r.name+": "+format+"; error %.600q", append(args, r.err.Error())...)
	}
	checkErrorText(t, r.err)
	failed := callError(t, r.err)
	if string(failed.Outcome) != string(r.want.Outcome) {
		problem("outcome %q, want %q", failed.Outcome, r.want.Outcome)
	}
	if failed.Attempts < 1 || failed.Attempts > len(r.server.Requests()) {
		problem("the error says %d attempts", failed.Attempts)
	}
	if got := kindOf(r.err); got != r.want.Kind {
		problem("%s, want %s", got, r.want.Kind)
	}
	if generic, ok := errors.AsType[*flowretail.GenericError](r.err); ok {
		if generic.StatusCode != r.want.Status {
			problem("status %d, want %d", generic.StatusCode, r.want.Status)
		}
		if got, most := generic.RetryAfter, r.testCase.RetryAfter; got > most || (got > 0) != (most > 0) {
			problem("RetryAfter is %v, want more than 0 and at most %v", got, most)
		}
	}
}

func kindOf(err error) faultserver.Kind {
	_, hasStatus := errors.AsType[*flowretail.GenericError](err)
	switch {
	case hasStatus:
		return faultserver.StatusError
	case errors.Is(err, flowretail.ErrMalformedResponse):
		return faultserver.Malformed
	case errors.Is(err, flowretail.ErrResponseTooLarge):
		return faultserver.TooLarge
	}
	return faultserver.ConnectionError
}

func TestUsersAll_badPaging(t *testing.T) {
	for _, c := range faultserver.PagingCases() {
		t.Run(c.Name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			env := newTestEnv(t, c.Handler)
			users, err := flowretail.Collect(env.client.Users.All(t.Context(), "t-1", &flowretail.UserListOptions{
				ListOptions: flowretail.ListOptions{PageSize: 10},
			}))
			env.close(t)
			seen := make(map[string]bool)
			for _, user := range users {
				if user.TenantUserUID == "" || seen[user.TenantUserUID] {
					t.Errorf("%q was yielded twice, or has no UID", user.TenantUserUID)
				}
				seen[user.TenantUserUID] = true
			}
			if len(users) > c.MaxItems || c.Complete && (len(users) != c.MaxItems || err != nil) {
				t.Errorf("%d items and %v, want %d", len(users), err, c.MaxItems)
			}
			if len(users) < c.MaxItems && err == nil {
				t.Errorf("%d items of %d, and no error", len(users), c.MaxItems)
			}
			if requests := len(env.server.Requests()); requests > c.MaxRequests {
				t.Errorf("%d requests, want at most %d", requests, c.MaxRequests)
			}
			if err != nil {
				checkErrorText(t, err)
			}
			checkGoroutines(t, before)
		})
	}
}

// The status of a refusal counts, whatever its body is.
func TestGenericError_malformedBodies(t *testing.T) {
	var handlers []faultserver.Handler
	for _, body := range faultserver.MalformedBodies() {
		handlers = append(handlers, faultserver.Send(faultserver.Response(422, body)))
	}
	env := newTestEnv(t, faultserver.Sequence(handlers...))
	for range handlers {
		_, err := env.client.Users.Get(t.Context(), "t-1", "u-1")
		if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.StatusCode != 422 {
			t.Fatalf("error %v, want status 422", err)
		}
		checkOutcome(t, err, flowretail.ErrRefused, 1, false)
		checkErrorText(t, err)
	}
	env.close(t)
}
