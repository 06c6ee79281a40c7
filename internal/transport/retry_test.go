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
		{"99", status(99), true, false, retry.Unknown},
		{"101", status(101), true, false, retry.Unknown},
		{"199", status(199), true, false, retry.Unknown},
		{"300", status(300), false, false, retry.Refused},
		{"302", status(302), false, false, retry.Unknown},
		{"307", status(307), false, false, retry.Refused},
		{"400", status(400), false, false, retry.Refused},
		{"401", status(401), false, false, retry.Refused},
		{"404", status(404), false, false, retry.Refused},
		{"408", status(408), true, false, retry.Unknown},
		{"409", status(409), false, false, retry.Refused},
		{"421", status(421), true, true, retry.Refused},
		{"425", status(425), true, true, retry.Refused},
		{"429", status(429), true, true, retry.Refused},
		{"500", status(500), true, false, retry.Unknown},
		{"501", status(501), false, false, retry.Refused},
		{"503", status(503), true, false, retry.Unknown},
		{"600", status(600), true, false, retry.Unknown},
		{"reset", fail(errReset), true, false, retry.Unknown},
		{"no trace", func(*http.Request) (*http.Response, error) { return nil, &net.OpError{Op: "dial", Err: refused} }, true, false, retry.Unknown},
		{"truncated body", truncated(200), true, false, retry.Unknown},
		{"malformed", respond(200, "malformed"), true, false, retry.Unknown},
		{"complete, but not JSON", respond(200, "not JSON"), false, false, retry.Unknown},
		{"too large", respond(200, strings.Repeat("x", 1<<20+1)), false, false, retry.Unknown},
		{"connection refused", failToDial(refused), true, true, retry.NotSent},
		{"unknown host", failToDial(notFound), true, true, retry.NotSent},
		{"no TLS", failToConnect(errors.New("handshake")), true, true, retry.NotSent},
		{"certificate", failToConnect(x509.UnknownAuthorityError{}), false, false, retry.NotSent},
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
		{"failures", []step{status(503)}, 3, 3, false},
		{"failures, then success", []step{status(503), status(503), status(200)}, 3, 3, true},
		{"unknown hosts", []step{unknownHost}, 3, 3, false},
		{"429s", []step{status(429), status(429), status(429), status(200)}, 2, 4, true},
		{"429s between failures", []step{status(429), status(503), status(429), status(503)}, 2, 4, false},
		{"failed connections", []step{dial, dial, dial, status(200)}, 2, 4, true},
		{"failed connections between failures", []step{dial, status(503), dial, dial, status(503)}, 2, 5, false},
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
		{"503", status(503, "Retry-After", "5"), time.Minute, false, 5 * time.Second},
		{"503 beyond the maximum", status(503, "Retry-After", "90"), time.Minute, false, time.Minute},
		{"503, ignored", status(503, "Retry-After", "90"), -1, false, time.Millisecond},
		{"429", status(429, "Retry-After", "5"), time.Minute, false, 5 * time.Second},
		{"429 beyond the maximum", status(429, "Retry-After", "90"), time.Minute, false, time.Minute},
		{"429 with a limiter", status(429, "Retry-After", "5"), time.Minute, true, 5 * time.Second},
		{"429 with a limiter beyond the maximum", status(429, "Retry-After", "90"), time.Minute, true, time.Minute},
		{"503 with a limiter", status(503, "Retry-After", "5"), time.Minute, true, 5 * time.Second},
		{"a truncated body", respond(200, "malformed", "Retry-After", "5"), time.Minute, false, time.Millisecond},
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
		{"503", status(503, "Retry-After", "30"), exactly, 1, "the API asked for 20s, the deadline is in 20s"},
		{"429", status(429, "Retry-After", "30"), func(*Config) {}, 1, "the API asked for 30s, the deadline is in 20s"},
		{"429 with a limiter", status(429, "Retry-After", "30"), limiter, 1, "the API asked for 30s, the deadline is in 20s"},
		{"503 just before", status(503, "Retry-After", "30"), before, 2, "the API asked for 19.999s, the deadline is in 1ms"},
		{"backoff", status(503), slow, 1, "the next attempt is due in "},
		{"no connection", failToDial(syscall.ECONNREFUSED), slow, 10, "the next attempt is due in 2s, the deadline is in 2s"},
		{"backoff longer than Retry-After", status(503, "Retry-After", "1"), slow, 1, "the next attempt is due in "},
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
			{"30", 0, 40 * time.Second, 2, "the API asked for 30s, RetryPolicy.MaxWait (40s) ends in 10s"},
			{"20", 0, 40 * time.Second, 2, "the API asked for 20s, RetryPolicy.MaxWait (40s) ends in 20s"},
			{"20", 0, 40*time.Second + 1, 3, "the API asked for 20s, RetryPolicy.MaxWait (40.000000001s) ends in 0s"},
			{"0", 25 * time.Second, 40 * time.Second, 3, "RetryPolicy.MaxWait has passed (40s)"},
			{"0", 0, 0, 1, "RetryPolicy.MaxWait has passed (0s)"},
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
