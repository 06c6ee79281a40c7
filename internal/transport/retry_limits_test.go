package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/retry"
)

// A call tries to connect for 30 seconds, or for MaxWait if that is less, without
// using up attempts or the budget.
func TestRetry_connect(t *testing.T) {
	dial := failToDial(syscall.ECONNREFUSED)
	noName, nameServerFails := failToDial(&net.DNSError{IsNotFound: true}), failToDial(&net.DNSError{IsTemporary: true})
	noTLS := failToConnect(&net.OpError{Op: "remote error", Err: syscall.ECONNRESET})
	const attemptsUsed = "RetryPolicy.MaxAttempts (3)"
	const longDelay = 1e6 * time.Hour // so that a random part of it is long, too
	for _, row := range []struct {
		name     string
		step     step
		delay    time.Duration // BaseDelay and MaxDelay
		maxWait  time.Duration
		requests int
		gap      time.Duration
		stopped  string
	}{
		{name: "least wait", step: dial, maxWait: time.Minute, requests: 300, gap: 100 * time.Millisecond, stopped: "no connection for 29.9s"},
		{name: "longest wait", step: dial, delay: longDelay, maxWait: time.Minute, requests: 15, gap: 2 * time.Second, stopped: "no connection for 28s"},
		{name: "MaxWait", step: dial, delay: longDelay, maxWait: 10 * time.Second, requests: 5, gap: 2 * time.Second, stopped: "no connection for 8s"},
		{name: "slow failures", step: after(9*time.Second, dial), delay: longDelay, maxWait: time.Minute, requests: 4,
			gap: 11 * time.Second, stopped: "no connection for 33s"},
		{name: "at the end", step: after(26*time.Second-1, dial), delay: longDelay, maxWait: time.Minute, requests: 3,
			gap: 28*time.Second - 1, stopped: "no connection for 56s"},
		{name: "unknown host", step: noName, delay: time.Nanosecond, maxWait: time.Minute, requests: 3, gap: time.Nanosecond, stopped: attemptsUsed},
		{name: "name server fails", step: nameServerFails, maxWait: time.Minute, requests: 300, gap: 100 * time.Millisecond, stopped: "no connection for 29.9s"},
		{name: "no TLS", step: noTLS, delay: time.Nanosecond, maxWait: time.Minute, requests: 3, gap: time.Nanosecond, stopped: attemptsUsed},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base, budget := script(row.step), retry.NewBudget(3, 0)
			result := do(t.Context(), t, base, writeCall(), maxAttempts(3), maxWait(row.maxWait), func(c *Config) {
				c.Policy.BaseDelay, c.Policy.MaxDelay, c.Budget = row.delay, row.delay, budget
			})
			checkResult(t, base, result, wantResult{requests: row.requests, outcome: retry.NotSent, retryable: true, notRetried: row.stopped})
			checkEqual(t, "the first wait", base.gap(1), row.gap)
			wantLeft := 3
			if row.stopped == attemptsUsed {
				wantLeft = 1
			}
			checkEqual(t, "the number of retries left", left(budget), wantLeft)
		})
	}
}

// Any sign of the API begins the 30 seconds to connect anew.
func TestRetry_connectAgain(t *testing.T) {
	dial := after(20*time.Second, failToDial(syscall.ECONNREFUSED))
	for name, row := range map[string]struct {
		call  *Call
		steps []step
	}{
		"after a status": {readCall(), []step{dial, dial, status(503), dial, dial, status(200)}},
		"after a reset":  {readCall(), []step{dial, dial, fail(errReset), dial, dial, status(200)}},
		"after a 429":    {readCall(), []step{dial, dial, status(429), dial, dial, status(200)}},
		"after a lookup": {createCall(), []step{status(503), dial, dial, status(404), dial, status(404), dial, dial, status(200)}},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, row.call)
			checkResult(t, base, result, wantResult{ok: true, requests: len(row.steps)})
		})
	}
}

// Retries after a failure of the API use up the budget, and a success returns them.
func TestRetry_budget(t *testing.T) {
	unavailable, refused := status(503), status(429)
	const exhausted = "retry budget exhausted"
	for _, row := range []struct {
		name     string
		call     *Call
		steps    []step
		ok       bool
		requests int
		outcome  retry.Outcome // unless ok
		left     int           // of 2
		stopped  string        // NotRetried; such a call is retryable
	}{
		{name: "exhausted", call: readCall(), steps: []step{unavailable}, requests: 3, outcome: retry.Unknown, stopped: exhausted},
		{name: "429s are free", call: readCall(), steps: []step{refused, refused, refused, status(200)}, ok: true, requests: 4, left: 2},
		{name: "responses that cannot be decoded are free", call: readCall(), steps: []step{respond(200, "malformed")}, requests: 10,
			outcome: retry.Unknown, left: 2, stopped: "RetryPolicy.MaxAttempts (10)"},
		{name: "exhausted after 429s", call: readCall(), steps: []step{refused, unavailable, refused, unavailable, unavailable},
			requests: 5, outcome: retry.Unknown, stopped: exhausted},
		{name: "a success returns retries", call: readCall(), steps: []step{unavailable, unavailable, status(200)}, ok: true, requests: 3, left: 2},
		{name: "a lookup", call: createCall(), steps: []step{unavailable, status(404), unavailable, status(404), unavailable},
			requests: 5, outcome: retry.Unknown, stopped: exhausted},
		{name: "found by lookup", call: createCall(), steps: []step{unavailable, status(200)}, ok: true, requests: 2, left: 2},
		{name: "a failure that is not retried", call: readCall(), steps: []step{status(400)}, requests: 1, outcome: retry.Refused, left: 2},
		{name: "a refusal returns retries", call: readCall(), steps: []step{unavailable, status(400)}, requests: 2, outcome: retry.Unknown, left: 2},
		{name: "a refusal that does not", call: readCall(), steps: []step{unavailable, status(408), status(301)}, requests: 3, outcome: retry.Unknown},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base, budget := script(row.steps...), retry.NewBudget(3, 0)
			budget.Reserve() // for another call
			result := do(t.Context(), t, base, row.call, maxAttempts(10), func(c *Config) { c.Budget = budget })
			want := wantResult{ok: row.ok, requests: row.requests, outcome: row.outcome, retryable: row.stopped != "", notRetried: row.stopped}
			checkResult(t, base, result, want)
			checkEqual(t, "the number of retries left", left(budget), row.left)
		})
	}
}

// A retry that is reserved and not sent is returned to the budget.
func TestRetry_budgetNotSent(t *testing.T) {
	for name, row := range map[string]struct {
		first      step
		limit      time.Duration
		tokenFails bool // after the first request
		left       int  // of 2
	}{
		"canceled during the wait":  {first: status(503, "Retry-After", "20"), limit: 10 * time.Second, left: 2},
		"canceled after a 429":      {first: status(429, "Retry-After", "20"), limit: 10 * time.Second, left: 2},
		"no token for the retry":    {first: status(503), limit: time.Minute, tokenFails: true, left: 2},
		"canceled during the retry": {first: after(5*time.Second, status(503)), limit: 10 * time.Second, left: 1},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(row.limit, cancel)
			base, budget := script(row.first, hang), retry.NewBudget(3, 0)
			budget.Reserve() // for another call
			call, source := readCall(), &fakeSource{}
			call.Token = source
			result := do(ctx, t, base, call, func(c *Config) {
				c.Budget = budget
				c.Base = roundTripFunc(func(r *http.Request) (*http.Response, error) {
					if row.tokenFails {
						source.err = errors.New("no token")
					}
					return base.RoundTrip(r)
				})
			})
			checkEqual(t, "OK", result.OK, false)
			checkEqual(t, "the number of retries left", left(budget), row.left)
		})
	}
}

// Three retries of each call in flight are always possible.
func TestRetry_budgetOfCallsInFlight(t *testing.T) {
	for last, want := range map[int]int64{200: 20, 503: 3 * 20} {
		synctest.Test(t, func(t *testing.T) {
			const calls = 20
			var n, retries atomic.Int64
			transport := newTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				if n.Add(1) <= calls {
					return status(503)(r)
				}
				retries.Add(1)
				return status(last)(r)
			}), func(c *Config) { c.Budget = retry.NewBudget(1, 0) })
			var running sync.WaitGroup
			for range calls {
				running.Go(func() {
					result := transport.Do(t.Context(), readCall())
					checkEqual(t, "OK", result.OK, last == 200)
				})
			}
			running.Wait()
			checkEqual(t, "the number of retries", retries.Load(), want)
		})
	}
}

// A read whose connections are reset spreads its attempts over the time that it takes to
// restart a service. Other calls do not, nor do other failures.
func TestRetry_resets(t *testing.T) {
	reset, eof, timeout := fail(errReset), fail(io.EOF), fail(os.ErrDeadlineExceeded)
	readTimeout := fail(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded})
	for _, row := range []struct {
		name  string
		call  *Call
		steps []step
		after []bool // whether the wait after each attempt is long
	}{
		{name: "resets", call: readCall(), steps: []step{reset, reset, reset, status(200)}, after: []bool{false, true, true}},
		{name: "closed connections", call: readCall(), steps: []step{eof, fail(io.ErrUnexpectedEOF), eof, status(200)}, after: []bool{false, true, true}},
		{name: "one reset", call: readCall(), steps: []step{reset, status(200)}, after: []bool{false}},
		{name: "a status between", call: readCall(), steps: []step{reset, status(503), reset, status(200)}, after: []bool{false, false, false}},
		{name: "a failed connection between", call: readCall(),
			steps: []step{reset, failToDial(syscall.ECONNREFUSED), reset, status(200)}, after: []bool{false, false, true}},
		{name: "timeouts", call: readCall(), steps: []step{timeout, timeout, status(200)}, after: []bool{false, false}},
		{name: "timeouts of the network", call: readCall(), steps: []step{readTimeout, readTimeout, status(200)}, after: []bool{false, false}},
		{name: "a delete", call: removeCall(), steps: []step{reset, reset, status(200)}, after: []bool{false, false}},
		{name: "truncated responses", call: readCall(), steps: []step{truncated(200), truncated(200), status(200)}, after: []bool{false, false}},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, row.call, func(c *Config) { c.Policy.BaseDelay, c.Policy.MaxDelay = 250*time.Millisecond, time.Second })
			checkResult(t, base, result, wantResult{ok: true, requests: len(row.steps)})
			for n, long := range row.after {
				if gap := base.gap(n + 1); (gap >= 2*time.Second) != long {
					t.Errorf("the wait after attempt %d is %s, want a long one: %v", n+1, gap, long)
				}
			}
		})
	}
}

// The wait leaves time for another attempt before the deadline.
func TestRetry_resetsBeforeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		base := script(fail(errReset), fail(errReset), fail(errReset), status(200))
		result := do(ctx, t, base, readCall(), func(c *Config) { c.Policy.BaseDelay, c.Policy.MaxDelay = 250*time.Millisecond, time.Second })
		checkResult(t, base, result, wantResult{ok: true, requests: 4})
	})
}

// Only a response below 500 shows that the API is up, and returns the retries of the call.
func TestRetry_budgetAfterLastAttempt(t *testing.T) {
	for code, want := range map[int]int{399: 2, 400: 3, 499: 3, 500: 2} {
		synctest.Test(t, func(t *testing.T) {
			budget := retry.NewBudget(3, 0)
			do(t.Context(), t, script(status(503), status(code)), readCall(), maxAttempts(2), func(c *Config) { c.Budget = budget })
			checkEqual(t, fmt.Sprintf("the number of retries left after status %d", code), left(budget), want)
		})
	}
}
