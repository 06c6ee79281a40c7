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
		{name: "no trace", failure: func(*http.Request) (*http.Response, error) { return nil, &net.OpError{Op: "dial", Err: refused} }, readRetried: true, outcome: retry.Unknown},
		{name: "truncated body", failure: truncated(200), readRetried: true, outcome: retry.Unknown},
		{name: "malformed", failure: respond(200, "malformed"), readRetried: true, outcome: retry.Unknown},
		{name: "complete, but not JSON", failure: respond(200, "not JSON"), outcome: retry.Unknown},
		{name: "too large", failure: respond(200, strings.Repeat("x", 1<<20+1)), outcome: retry.Unknown},
		{name: "connection refused", failure: failToDial(refused), readRetried: true, writeRetried: true, outcome: retry.NotSent},
		{name: "unknown host", failure: failToDial(notFound), readRetried: true, writeRetried: true, outcome: retry.NotSent},
		{name: "no TLS", failure: failToConnect(errors.New("handshake")), readRetried: true, writeRetried: true, outcome: retry.NotSent},
		{name: "certificate", failure: failToConnect(x509.UnknownAuthorityError{}), outcome: retry.NotSent},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			limited := "" // the failure is the reason
			if row.readRetried {
				limited = "RetryPolicy.MaxAttempts (1)"
			}
			testFailure(t, read(), row.failure, row.readRetried, row.outcome, limited)
			if row.readRetried && !row.writeRetried {
				limited = "the call is not idempotent"
			}
			testFailure(t, write(), row.failure, row.writeRetried, row.outcome, limited)
		})
	}
}

func testFailure(t *testing.T, call *Call, failure step, again bool, outcome retry.Outcome, notRetried string) {
	t.Helper()
	base := script(failure, status(200))
	result := do(t.Context(), t, base, call)
	want := 1
	if again {
		want = 2
	}
	if len(base.requests) != want || result.Requests != want || result.OK != again {
		t.Errorf("%s: %d requests, the result says %d and %v, want %d", call.Operation.Method, len(base.requests), result.Requests, result.OK, want)
	}
	for i, request := range base.requests {
		if request.body != string(call.Body) || request.info.Attempt != i+1 {
			t.Errorf("attempt %d has the body %q", request.info.Attempt, request.body)
		}
	}
	noRetry := *call
	noRetry.NoRetry = true
	for name, once := range map[string]func(base *scriptedBase) *Result{
		"MaxAttempts 1": func(base *scriptedBase) *Result { return do(t.Context(), t, base, call, maxAttempts(1)) },
		"NoRetry":       func(base *scriptedBase) *Result { return do(t.Context(), t, base, &noRetry) },
	} {
		base := script(failure, status(200))
		result := once(base)
		reason := notRetried
		if name == "NoRetry" && reason != "" {
			reason = "NoRetry"
		}
		if len(base.requests) != 1 || result.OK || result.Outcome != outcome || result.Retryable != again || result.NotRetried != reason {
			t.Errorf("%s, %s: %d requests, outcome %d, retryable %v, %q", call.Operation.Method, name, len(base.requests), result.Outcome, result.Retryable, result.NotRetried)
		}
	}
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
	}{
		{name: "failures", steps: []step{status(503)}, max: 3, requests: 3},
		{name: "failures, then success", steps: []step{status(503), status(503), status(200)}, max: 3, requests: 3, ok: true},
		{name: "unknown hosts", steps: []step{unknownHost}, max: 3, requests: 3},
		{name: "429s", steps: []step{status(429), status(429), status(429), status(200)}, max: 2, requests: 4, ok: true},
		{name: "429s between failures", steps: []step{status(429), status(503), status(429), status(503)}, max: 2, requests: 4},
		{name: "failed connections", steps: []step{dial, dial, dial, status(200)}, max: 2, requests: 4, ok: true},
		{name: "failed connections between failures", steps: []step{dial, status(503), dial, dial, status(503)}, max: 2, requests: 5},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, read(), maxAttempts(row.max))
			if len(base.requests) != row.requests || result.Requests != row.requests || result.OK != row.ok {
				t.Errorf("%d requests, the result says %d and %v, want %d", len(base.requests), result.Requests, result.OK, row.requests)
			}
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
				result := do(t.Context(), t, base, read(), maxAttempts(5), func(c *Config) {
					c.Policy.BaseDelay, c.Policy.MaxDelay = 100*ms, 500*ms
				})
				if result.Waits.Backoff != result.Elapsed || result.Elapsed != time.Since(base.start) {
					t.Fatalf("%v of %v were waits", result.Waits.Backoff, result.Elapsed)
				}
				for i := range longest {
					longest[i] = max(longest[i], base.gap(i+1))
				}
			}
			for i, bound := range row.bounds {
				if longest[i] > bound || longest[i] < bound*9/10 {
					t.Errorf("the longest wait after attempt %d is %v, want %v", i+1, longest[i], bound)
				}
			}
		})
	}
}

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
			result := do(t.Context(), t, base, read(), func(c *Config) {
				c.Policy.MaxRetryAfter = row.maxRetryAfter
				if row.limited {
					c.Limiter = ratelimit.New(0)
				}
			})
			if took := base.gap(1); !result.OK || took > row.wait || took < row.wait/2 && row.wait > time.Second {
				t.Errorf("waited %v, want %v", took, row.wait)
			}
			if waits := result.Waits; waits.Backoff+waits.RateLimit != result.Elapsed {
				t.Errorf("%+v of %v", waits, result.Elapsed)
			}
		})
	}
}

func TestRetry_deadline(t *testing.T) {
	const left = 20 * time.Second
	slow := func(c *Config) { c.Policy.BaseDelay, c.Policy.MaxDelay = 1e6*time.Hour, 1e6*time.Hour }
	exactly := func(c *Config) { c.Policy.MaxRetryAfter = left }
	before := func(c *Config) { c.Policy.MaxRetryAfter = left - time.Millisecond }
	limiter := func(c *Config) { c.Limiter = ratelimit.New(0) }
	for _, row := range []struct {
		name     string
		response step
		config   func(*Config)
		requests int
		stopped  string // the beginning
	}{
		{name: "503", response: status(503, "Retry-After", "30"), config: exactly, requests: 1, stopped: "the API asked for 20s, the deadline is in 20s"},
		{name: "429", response: status(429, "Retry-After", "30"), config: func(*Config) {}, requests: 1, stopped: "the API asked for 30s, the deadline is in 20s"},
		{name: "429 with a limiter", response: status(429, "Retry-After", "30"), config: limiter, requests: 1, stopped: "the API asked for 30s, the deadline is in 20s"},
		{name: "503 just before", response: status(503, "Retry-After", "30"), config: before, requests: 2, stopped: "the API asked for 19.999s, the deadline is in 1ms"},
		{name: "backoff", response: status(503), config: slow, requests: 1, stopped: "the next attempt is due in "},
		{name: "no connection", response: failToDial(syscall.ECONNREFUSED), config: slow, requests: 10, stopped: "the next attempt is due in 2s, the deadline is in 2s"},
		{name: "backoff longer than Retry-After", response: status(503, "Retry-After", "1"), config: slow, requests: 1, stopped: "the next attempt is due in "},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			defer cancel()
			base := script(row.response)
			result := do(ctx, t, base, read(), row.config)
			if result.OK || !result.Retryable || len(base.requests) != row.requests || !strings.HasPrefix(result.NotRetried, row.stopped) || !strings.Contains(result.NotRetried, ", the deadline is in ") {
				t.Errorf("%q after %d requests, want %q after %d", result.NotRetried, len(base.requests), row.stopped, row.requests)
			}
			if result.Response != nil && result.Err != nil || result.Waits.Backoff+result.Waits.RateLimit != result.Elapsed {
				t.Errorf("%v, %+v of %v", result.Err, result.Waits, result.Elapsed)
			}
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
			{asked: "0", took: 25 * time.Second, maxWait: 40 * time.Second, requests: 3, stopped: "RetryPolicy.MaxWait has passed (40s)"},
			{asked: "0", requests: 1, stopped: "RetryPolicy.MaxWait has passed (0s)"},
		} {
			inVirtualTime(t, fmt.Sprintf("%s, limiter %v", row.asked, limiter != nil), func(t *testing.T) {
				base := script(after(row.took, status(429, "Retry-After", row.asked)))
				result := do(t.Context(), t, base, read(), maxWait(row.maxWait), func(c *Config) {
					if c.Policy.BaseDelay = 0; limiter != nil {
						c.Limiter = ratelimit.New(0)
					}
				})
				if result.OK || !result.Retryable || result.NotRetried != row.stopped || len(base.requests) != row.requests {
					t.Errorf("%q after %d requests, want %q after %d", result.NotRetried, len(base.requests), row.stopped, row.requests)
				}
			})
		}
	}
}

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
			result := do(ctx, t, base, read(), func(c *Config) { c.Policy.BaseDelay, c.Policy.MaxDelay = 1e6*time.Hour, 1e6*time.Hour })
			if result.Err == nil || result.Err.Error() != row.text || !errors.Is(result.Err, context.Canceled) {
				t.Errorf("error %v, want %s", result.Err, row.text)
			}
			if len(base.requests) != 1 || result.Elapsed != 10*time.Second || result.Outcome != retry.Unknown || !result.Retryable {
				t.Errorf("%d requests in %v: %+v", len(base.requests), result.Elapsed, result)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		base := script(status(200))
		result := do(ctx, t, base, write())
		if result.OK || !errors.Is(result.Err, context.Canceled) || len(base.requests) != 0 || result.Requests != 0 || result.Outcome != retry.NotSent || !result.Retryable {
			t.Errorf("%d requests: %+v", len(base.requests), result)
		}
	})
}
