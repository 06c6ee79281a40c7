package transport

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// limitedBy gives a transport a limiter.
func limitedBy(limiter *ratelimit.Limiter) func(*Config) {
	return func(c *Config) { c.Limiter = limiter }
}

// A 429 slows down the other calls of the client, too.
func TestRateLimit_pauseForAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(429, "Retry-After", "10"), status(200))
		transport := newTransport(base, limitedBy(ratelimit.New(0)))
		done := make(chan *Result)
		go func() { done <- transport.Do(t.Context(), readCall()) }()
		synctest.Wait()
		other := transport.Do(t.Context(), readCall())
		first := <-done
		checkEqual(t, "OK of the first call", first.OK, true)
		checkEqual(t, "Requests of the first call", first.Requests, 2)
		checkEqual(t, "Waits of the first call", first.Waits, Waits{RateLimit: 10 * time.Second})
		checkEqual(t, "OK of the other call", other.OK, true)
		checkEqual(t, "Requests of the other call", other.Requests, 1)
		if wait := other.Waits.RateLimit; wait < 10*time.Second || wait > 11*time.Second {
			t.Errorf("the other call waited for %v, want 10s to 11s", wait)
		}
	})
}

// The pause is at most MaxRetryAfter.
func TestRateLimit_maxRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(429, "Retry-After", "3600"), status(200))
		result := do(t.Context(), t, base, readCall(), limitedBy(ratelimit.New(0)))
		checkResult(t, base, result, wantResult{ok: true, requests: 2})
		checkEqual(t, "the wait", base.gap(1), time.Minute)
	})
}

// Only a status tells the limiter something.
func TestRateLimit_responses(t *testing.T) {
	for name, row := range map[string]struct {
		response step
		tells    bool
	}{
		"200": {status(200), true}, "404": {status(404), true}, "503": {status(503), true},
		"reset": {fail(errReset), false}, "truncated body": {truncated(200), false},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			// The rate rises again only after a response. Without one it is halved by the
			// next 429, with one it is multiplied by 0.85.
			limiter := ratelimit.New(0)
			for range 100 {
				limiter.Accepted(time.Now())
			}
			time.Sleep(time.Second)
			limiter.Refused(time.Now(), 0)
			time.Sleep(20 * time.Millisecond)
			do(t.Context(), t, script(row.response), readCall(), limitedBy(limiter), maxAttempts(1))
			limiter.Refused(time.Now(), 0)
			start := time.Now()
			for range 60 {
				_ = limiter.Wait(t.Context(), start)
			}
			if took := time.Since(start); took < time.Second != row.tells {
				t.Errorf("60 requests took %v, want less than 1s: %v", took, row.tells)
			}
		})
	}
}

// A call that is not sent because of the limiter says why.
func TestRateLimit_notSent(t *testing.T) {
	for _, row := range []struct {
		name     string
		maxWait  time.Duration
		deadline time.Duration // 0: none
		cancel   bool          // after a second
		text     string
		is       error
		took     time.Duration
	}{
		{name: "deadline before the end of the pause", maxWait: time.Hour, deadline: 10 * time.Second,
			text: "waited for the rate limiter for 0s: the API asked for a pause of 1m0s, the deadline is in 10s"},
		{name: "MaxWait before the end of the pause", maxWait: 10 * time.Second,
			text: "waited for the rate limiter for 0s: RetryPolicy.MaxWait (10s) ends in 10s, and the API asked for a pause of 1m0s", is: errMaxWait},
		{name: "MaxWait before the deadline", maxWait: 10 * time.Second, deadline: 20 * time.Second,
			text: "waited for the rate limiter for 0s: RetryPolicy.MaxWait (10s) ends in 10s, and the API asked for a pause of 1m0s", is: errMaxWait},
		{name: "MaxWait is the deadline", maxWait: 10 * time.Second, deadline: 10 * time.Second,
			text: "waited for the rate limiter for 0s: the API asked for a pause of 1m0s, the deadline is in 10s"},
		{name: "canceled", maxWait: time.Hour, cancel: true, text: "waited for the rate limiter for 1s: context canceled", is: context.Canceled, took: time.Second},
	} {
		for _, call := range []*Call{readCall(), writeCall()} {
			inVirtualTime(t, row.name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				if row.deadline > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), row.deadline)
				}
				defer cancel()
				if row.cancel {
					time.AfterFunc(time.Second, cancel)
				}
				limiter := ratelimit.New(0)
				limiter.Refused(time.Now(), time.Minute)
				base := script(status(200))
				result := do(ctx, t, base, call, limitedBy(limiter), maxWait(row.maxWait))
				checkResult(t, base, result, wantResult{outcome: retry.NotSent, retryable: true})
				checkError(t, result.Err, row.text, ErrLimiterWait)
				if row.is != nil {
					checkError(t, result.Err, row.text, row.is)
				}
				checkResponse(t, result, 0, "")
				checkEqual(t, "Waits", result.Waits, Waits{RateLimit: row.took})
				checkEqual(t, "Elapsed", result.Elapsed, row.took)
			})
		}
	}
}

// Waits without a pause: the queue is longer than MaxWait.
func TestRateLimit_queue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := ratelimit.New(0.1)
		_ = limiter.Wait(t.Context(), time.Now())
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		base := script(status(200))
		result := do(ctx, t, base, readCall(), limitedBy(limiter), maxWait(9*time.Second))
		checkError(t, result.Err, "waited for the rate limiter for 9s: RetryPolicy.MaxWait (9s) has passed")
		_ = limiter.Wait(t.Context(), time.Now())
		ctx, cancel = context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		result = do(ctx, t, base, readCall(), limitedBy(limiter), maxWait(9*time.Second))
		checkError(t, result.Err, "waited for the rate limiter for 8s: context deadline exceeded", context.DeadlineExceeded)
	})
}

// After a 429 the last response stands, and the result says why the call stopped.
func TestRateLimit_stoppedAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(respond(429, `{"code":"slow"}`))
		result := do(t.Context(), t, base, writeCall(), limitedBy(ratelimit.New(0)), maxWait(400*time.Millisecond))
		const reason = "waited for the rate limiter for 400ms: RetryPolicy.MaxWait (400ms) has passed"
		checkResult(t, base, result, wantResult{requests: 3, outcome: retry.Refused, retryable: true, notRetried: reason})
		checkError(t, result.Err, "")
		checkResponse(t, result, 429, `{"code":"slow"}`)
	})
}

// MaxWait includes all waits of a call for the limiter, and what is between them.
func TestRateLimit_maxWaitOfCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(after(5*time.Second, status(503)))
		result := do(t.Context(), t, base, readCall(), limitedBy(ratelimit.New(0.05)), maxWait(39*time.Second), func(c *Config) { c.Policy.BaseDelay = 0 })
		checkResult(t, base, result, wantResult{requests: 2, outcome: retry.Unknown, retryable: true})
		checkError(t, result.Err, "waited for the rate limiter for 29s: RetryPolicy.MaxWait (39s) has passed, before the next attempt, after status 503")
	})
}
