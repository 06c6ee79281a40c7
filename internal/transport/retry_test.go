package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// Which failures are sent again, for calls that are idempotent and that are not.
func TestRetry_failures(t *testing.T) {
	refused, notFound := syscall.ECONNREFUSED, &net.DNSError{IsNotFound: true}
	withoutTrace := func(*http.Request) (*http.Response, error) { return nil, &net.OpError{Op: "dial", Err: refused} }
	for _, row := range []struct {
		name         string
		failure      step
		readRetried  bool
		writeRetried bool // a write that is not idempotent
		outcome      retry.Outcome
	}{
		{name: "99", failure: status(99), readRetried: true, outcome: retry.Unknown},
		{name: "101", failure: status(101), readRetried: true, outcome: retry.Unknown},
		{name: "199", failure: status(199), readRetried: true, outcome: retry.Unknown},
		{name: "300", failure: status(300), outcome: retry.Refused},
		{name: "302", failure: status(302), outcome: retry.Unknown},
		{name: "307", failure: status(307), outcome: retry.Refused},
		{name: "400", failure: status(400), outcome: retry.Refused},
		{name: "401", failure: status(401), outcome: retry.Refused},
		{name: "404", failure: status(404), outcome: retry.Refused},
		{name: "408", failure: status(408), readRetried: true, outcome: retry.Unknown},
		{name: "409", failure: status(409), outcome: retry.Refused},
		{name: "421", failure: status(421), readRetried: true, writeRetried: true, outcome: retry.Refused},
		{name: "425", failure: status(425), readRetried: true, writeRetried: true, outcome: retry.Refused},
		{name: "429", failure: status(429), readRetried: true, writeRetried: true, outcome: retry.Refused},
		{name: "500", failure: status(500), readRetried: true, outcome: retry.Unknown},
		{name: "501", failure: status(501), outcome: retry.Refused},
		{name: "503", failure: status(503), readRetried: true, outcome: retry.Unknown},
		{name: "600", failure: status(600), readRetried: true, outcome: retry.Unknown},
		{name: "reset", failure: fail(errReset), readRetried: true, outcome: retry.Unknown},
		{name: "no trace", failure: withoutTrace, readRetried: true, outcome: retry.Unknown},
		{name: "truncated body", failure: truncated(200), readRetried: true, outcome: retry.Unknown},
		{name: "malformed", failure: respond(200, "malformed"), readRetried: true, outcome: retry.Unknown},
		{name: "complete, but not JSON", failure: respond(200, "not JSON"), outcome: retry.Unknown},
		{name: "too large", failure: respond(200, strings.Repeat("x", 1<<20+1)), outcome: retry.Unknown},
		{name: "connection refused", failure: failToDial(refused), readRetried: true, writeRetried: true, outcome: retry.NotSent},
		{name: "unknown host", failure: failToDial(notFound), readRetried: true, writeRetried: true, outcome: retry.NotSent},
		{name: "no TLS", failure: failToConnect(errors.New("handshake")), readRetried: true, writeRetried: true, outcome: retry.NotSent},
		{name: "certificate", failure: failToConnect(x509.UnknownAuthorityError{}), outcome: retry.NotSent},
	} {
		notRetried, notRetriedWrite := "", "" // the failure is the reason
		if row.readRetried {
			notRetried, notRetriedWrite = "RetryPolicy.MaxAttempts (1)", "the call is not idempotent"
		}
		if row.writeRetried {
			notRetriedWrite = notRetried
		}
		inVirtualTime(t, "read: "+row.name, func(t *testing.T) {
			testFailure(t, readCall(), row.failure, wantResult{requests: 1, outcome: row.outcome, retryable: row.readRetried, notRetried: notRetried})
		})
		inVirtualTime(t, "write: "+row.name, func(t *testing.T) {
			testFailure(t, writeCall(), row.failure, wantResult{requests: 1, outcome: row.outcome, retryable: row.writeRetried, notRetried: notRetriedWrite})
		})
	}
}

// testFailure checks whether a call is sent again after a failure, and its result if
// there is one attempt only.
func testFailure(t *testing.T, call *Call, failure step, once wantResult) {
	want := once
	if once.retryable {
		want = wantResult{ok: true, requests: 2}
	}
	base := script(failure, status(200))
	checkResult(t, base, do(t.Context(), t, base, call), want)
	for i, request := range base.requests {
		checkEqual(t, "the body of a request", request.body, string(call.Body))
		checkEqual(t, "Info.Attempt", request.info.Attempt, i+1)
	}

	base = script(failure, status(200))
	checkResult(t, base, do(t.Context(), t, base, call, maxAttempts(1)), once)

	noRetry := *call
	noRetry.NoRetry = true
	if once.notRetried != "" {
		once.notRetried = "NoRetry"
	}
	base = script(failure, status(200))
	checkResult(t, base, do(t.Context(), t, base, &noRetry), once)
}

// Requests that count towards MaxAttempts, and those that do not.
func TestRetry_maxAttempts(t *testing.T) {
	dial, unknownHost := failToDial(syscall.ECONNREFUSED), failToDial(&net.DNSError{IsNotFound: true})
	for _, row := range []struct {
		name     string
		steps    []step
		max      int
		requests int
		ok       bool
		outcome  retry.Outcome // unless ok
	}{
		{name: "failures", steps: []step{status(503)}, max: 3, requests: 3, outcome: retry.Unknown},
		{name: "failures, then success", steps: []step{status(503), status(503), status(200)}, max: 3, requests: 3, ok: true},
		{name: "unknown hosts", steps: []step{unknownHost}, max: 3, requests: 3, outcome: retry.NotSent},
		{name: "429s", steps: []step{status(429), status(429), status(429), status(200)}, max: 2, requests: 4, ok: true},
		{name: "429s between failures", steps: []step{status(429), status(503), status(429), status(503)}, max: 2, requests: 4, outcome: retry.Unknown},
		{name: "failed connections", steps: []step{dial, dial, dial, status(200)}, max: 2, requests: 4, ok: true},
		{name: "failed connections between failures", steps: []step{dial, status(503), dial, dial, status(503)}, max: 2, requests: 5, outcome: retry.Unknown},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, readCall(), maxAttempts(row.max))
			want := wantResult{ok: row.ok, requests: row.requests, outcome: row.outcome}
			if !row.ok {
				want.retryable, want.notRetried = true, fmt.Sprintf("RetryPolicy.MaxAttempts (%d)", row.max)
			}
			checkResult(t, base, result, want)
		})
	}
}

// The bound of the waits doubles from BaseDelay to MaxDelay. It does not depend on
// requests that are free. A client without a limiter waits longer after each 429.
func TestRetry_backoff(t *testing.T) {
	const ms = time.Millisecond
	for _, row := range []struct {
		name   string
		steps  []step
		bounds []time.Duration
	}{
		{"failures", []step{status(503)}, []time.Duration{100 * ms, 200 * ms, 400 * ms, 500 * ms}},
		{"429s", []step{status(429), status(429), status(429), status(200)}, []time.Duration{100 * ms, 200 * ms, 400 * ms}},
		{"a failure after 429s", []step{status(429), status(429), status(503), status(200)}, []time.Duration{100 * ms, 200 * ms, 100 * ms}},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			longest := make([]time.Duration, len(row.bounds))
			for range 300 {
				base := script(row.steps...)
				result := do(t.Context(), t, base, readCall(), maxAttempts(5), func(c *Config) {
					c.Policy.BaseDelay, c.Policy.MaxDelay = 100*ms, 500*ms
				})
				if backoff := result.Waits.Backoff; backoff != result.Elapsed {
					t.Fatalf("Waits.Backoff is %v of %v", backoff, result.Elapsed)
				}
				if elapsed := time.Since(base.start); result.Elapsed != elapsed {
					t.Fatalf("Elapsed is %v, want %v", result.Elapsed, elapsed)
				}
				for i := range longest {
					longest[i] = max(longest[i], base.gap(i+1))
				}
			}
			for i, bound := range row.bounds {
				if longest[i] > bound {
					t.Errorf("the longest wait after attempt %d is %v, want at most %v", i+1, longest[i], bound)
				}
				if longest[i] < bound*9/10 {
					t.Errorf("the longest wait after attempt %d is %v, want almost %v", i+1, longest[i], bound)
				}
			}
		})
	}
}

// Retry-After sets the wait before a retry, up to MaxRetryAfter.
func TestRetry_retryAfter(t *testing.T) {
	for _, row := range []struct {
		name          string
		response      step
		maxRetryAfter time.Duration
		limited       bool
		wait          time.Duration
	}{
		{name: "503", response: status(503, "Retry-After", "5"), maxRetryAfter: time.Minute, wait: 5 * time.Second},
		{name: "503 beyond the maximum", response: status(503, "Retry-After", "90"), maxRetryAfter: time.Minute, wait: time.Minute},
		{name: "503, ignored", response: status(503, "Retry-After", "90"), maxRetryAfter: -1, wait: time.Millisecond},
		{name: "429", response: status(429, "Retry-After", "5"), maxRetryAfter: time.Minute, wait: 5 * time.Second},
		{name: "429 beyond the maximum", response: status(429, "Retry-After", "90"), maxRetryAfter: time.Minute, wait: time.Minute},
		{name: "429 with a limiter", response: status(429, "Retry-After", "5"), maxRetryAfter: time.Minute, limited: true, wait: 5 * time.Second},
		{name: "429 with a limiter beyond the maximum", response: status(429, "Retry-After", "90"), maxRetryAfter: time.Minute, limited: true, wait: time.Minute},
		{name: "503 with a limiter", response: status(503, "Retry-After", "5"), maxRetryAfter: time.Minute, limited: true, wait: 5 * time.Second},
		{name: "a truncated body", response: respond(200, "malformed", "Retry-After", "5"), maxRetryAfter: time.Minute, wait: time.Millisecond},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := script(row.response, status(200))
			result := do(t.Context(), t, base, readCall(), func(c *Config) {
				c.Policy.MaxRetryAfter = row.maxRetryAfter
				if row.limited {
					c.Limiter = ratelimit.New(0)
				}
			})
			checkResult(t, base, result, wantResult{ok: true, requests: 2})
			if took := base.gap(1); took > row.wait {
				t.Errorf("waited %v, want at most %v", took, row.wait)
			} else if row.wait > time.Second && took < row.wait/2 {
				t.Errorf("waited %v, want at least half of %v", took, row.wait)
			}
			checkEqual(t, "the time of the waits", result.Waits.Backoff+result.Waits.RateLimit, result.Elapsed)
		})
	}
}

// A retry that would not start before the deadline is not waited for.
func TestRetry_deadline(t *testing.T) {
	const left = 20 * time.Second
	const asked20, asked30 = "the API asked for 20s, the deadline is in 20s", "the API asked for 30s, the deadline is in 20s"
	unchanged := func(*Config) {}
	slow := func(c *Config) { c.Policy.BaseDelay, c.Policy.MaxDelay = 1e6*time.Hour, 1e6*time.Hour }
	exactly := func(c *Config) { c.Policy.MaxRetryAfter = left }
	before := func(c *Config) { c.Policy.MaxRetryAfter = left - time.Millisecond }
	limiter := func(c *Config) { c.Limiter = ratelimit.New(0) }
	for _, row := range []struct {
		name     string
		response step
		config   func(*Config)
		requests int
		outcome  retry.Outcome
		stopped  string // the beginning of NotRetried
	}{
		{name: "503", response: status(503, "Retry-After", "30"), config: exactly, requests: 1, outcome: retry.Unknown, stopped: asked20},
		{name: "429", response: status(429, "Retry-After", "30"), config: unchanged, requests: 1, outcome: retry.Refused, stopped: asked30},
		{name: "429 with a limiter", response: status(429, "Retry-After", "30"), config: limiter, requests: 1, outcome: retry.Refused, stopped: asked30},
		{name: "503 just before", response: status(503, "Retry-After", "30"), config: before, requests: 2, outcome: retry.Unknown,
			stopped: "the API asked for 19.999s, the deadline is in 1ms"},
		{name: "backoff", response: status(503), config: slow, requests: 1, outcome: retry.Unknown, stopped: "the next attempt is due in "},
		{name: "no connection", response: failToDial(syscall.ECONNREFUSED), config: slow, requests: 10, outcome: retry.NotSent,
			stopped: "the next attempt is due in 2s, the deadline is in 2s"},
		{name: "backoff longer than Retry-After", response: status(503, "Retry-After", "1"), config: slow, requests: 1,
			outcome: retry.Unknown, stopped: "the next attempt is due in "},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			defer cancel()
			base := script(row.response)
			result := do(ctx, t, base, readCall(), row.config)
			want := wantResult{requests: row.requests, outcome: row.outcome, retryable: true}
			want.notRetried = result.NotRetried // parts of it are checked below
			checkResult(t, base, result, want)
			if !strings.HasPrefix(result.NotRetried, row.stopped) {
				t.Errorf("NotRetried is %q, want %q", result.NotRetried, row.stopped)
			}
			if !strings.Contains(result.NotRetried, ", the deadline is in ") {
				t.Errorf("NotRetried is %q, without the deadline", result.NotRetried)
			}
			if result.Response != nil {
				checkError(t, result.Err, "")
			}
			checkEqual(t, "the time of the waits", result.Waits.Backoff+result.Waits.RateLimit, result.Elapsed)
		})
	}
}

// MaxWait bounds the time from the first 429 of a call.
func TestRetry_maxWait(t *testing.T) {
	for _, limiter := range []*ratelimit.Limiter{nil, ratelimit.New(0)} {
		for _, row := range []struct {
			asked    string
			took     time.Duration // each request
			maxWait  time.Duration
			requests int
			stopped  string
		}{
			{asked: "30", maxWait: 40 * time.Second, requests: 2, stopped: "the API asked for 30s, RetryPolicy.MaxWait (40s) ends in 10s"},
			{asked: "20", maxWait: 40 * time.Second, requests: 2, stopped: "the API asked for 20s, RetryPolicy.MaxWait (40s) ends in 20s"},
			{asked: "20", maxWait: 40*time.Second + 1, requests: 3, stopped: "the API asked for 20s, RetryPolicy.MaxWait (40.000000001s) ends in 0s"},
			{asked: "0", took: 25 * time.Second, maxWait: 40 * time.Second, requests: 3, stopped: "RetryPolicy.MaxWait (40s) has passed"},
			{asked: "0", requests: 1, stopped: "RetryPolicy.MaxWait (0s) has passed"},
		} {
			inVirtualTime(t, fmt.Sprintf("%s, limiter %v", row.asked, limiter != nil), func(t *testing.T) {
				base := script(after(row.took, status(429, "Retry-After", row.asked)))
				result := do(t.Context(), t, base, readCall(), maxWait(row.maxWait), func(c *Config) {
					if c.Policy.BaseDelay = 0; limiter != nil {
						c.Limiter = ratelimit.New(0)
					}
				})
				checkResult(t, base, result, wantResult{requests: row.requests, outcome: retry.Refused, retryable: true, notRetried: row.stopped})
			})
		}
	}
}

// A canceled call ends at once, and its error says during what.
func TestRetry_canceled(t *testing.T) {
	for name, row := range map[string]struct {
		first step
		text  string
	}{
		"after a status":   {status(503, "Retry-After", "20"), "context canceled, before the next attempt, after status 503"},
		"after an error":   {respond(200, "malformed", "Retry-After", "20"), "context canceled, before the next attempt, after: malformed"},
		"during a request": {hang, "context canceled"},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Second, cancel)
			base := script(row.first)
			result := do(ctx, t, base, readCall(), func(c *Config) { c.Policy.BaseDelay, c.Policy.MaxDelay = 1e6*time.Hour, 1e6*time.Hour })
			checkResult(t, base, result, wantResult{requests: 1, outcome: retry.Unknown, retryable: true})
			checkError(t, result.Err, row.text, context.Canceled)
			checkEqual(t, "Elapsed", result.Elapsed, 10*time.Second)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		base := script(status(200))
		result := do(ctx, t, base, writeCall())
		checkResult(t, base, result, wantResult{outcome: retry.NotSent, retryable: true})
		checkError(t, result.Err, "context canceled", context.Canceled)
	})
}
