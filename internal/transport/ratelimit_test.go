package transport

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
)

func limitedBy(limiter *ratelimit.Limiter) func(*Config) {
	return func(c *Config) { c.Limiter = limiter }
}

// A 429 slows down the other calls of the client, too.
func TestRateLimit_pauseForAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(429, "Retry-After", "10"), status(200))
		transport := newTransport(base, limitedBy(ratelimit.New(0)))
		done := make(chan *Result)
		go func() { done <- transport.Do(t.Context(), read()) }()
		synctest.Wait()
		other := transport.Do(t.Context(), read())
		first := <-done
		if first.Waits != (Waits{RateLimit: 10 * time.Second}) || first.Requests != 2 || !first.OK {
			t.Errorf("the first call: %+v", first)
		}
		if wait := other.Waits.RateLimit; wait < 10*time.Second || wait > 11*time.Second || other.Requests != 1 || !other.OK {
			t.Errorf("the other call: %+v", other)
		}
	})
}

// The pause is at most MaxRetryAfter.
func TestRateLimit_maxRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(429, "Retry-After", "3600"), status(200))
		if result := do(t.Context(), t, base, read(), limitedBy(ratelimit.New(0))); !result.OK || base.gap(1) != time.Minute {
			t.Errorf("%+v", result)
		}
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
			do(t.Context(), t, script(row.response), read(), limitedBy(limiter), maxAttempts(1))
			limiter.Refused(time.Now(), 0)
			start := time.Now()
			for range 60 {
				_ = limiter.Wait(t.Context(), start)
			}
			if took := time.Since(start); took < time.Second != row.tells {
				t.Errorf("60 requests took %v", took)
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
		{name: "deadline before the end of the pause", maxWait: time.Hour, deadline: 10 * time.Second, text: "waited for the rate limiter for 0s: the API asked for a pause of 1m0s, the deadline is in 10s"},
		{name: "MaxWait before the end of the pause", maxWait: 10 * time.Second, text: "waited for the rate limiter for 0s: RetryPolicy.MaxWait has passed (10s)", is: errMaxWait},
		{name: "MaxWait before the deadline", maxWait: 10 * time.Second, deadline: 20 * time.Second, text: "waited for the rate limiter for 0s: RetryPolicy.MaxWait has passed (10s)", is: errMaxWait},
		{name: "MaxWait is the deadline", maxWait: 10 * time.Second, deadline: 10 * time.Second, text: "waited for the rate limiter for 0s: the API asked for a pause of 1m0s, the deadline is in 10s"},
		{name: "canceled", maxWait: time.Hour, cancel: true, text: "waited for the rate limiter for 1s: context canceled", is: context.Canceled, took: time.Second},
	} {
		for _, call := range []*Call{read(), write()} {
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
				if result.Err == nil || result.Err.Error() != row.text || !errors.Is(result.Err, ErrLimiterWait) || row.is != nil && !errors.Is(result.Err, row.is) {
					t.Errorf("error %v, want %s", result.Err, row.text)
				}
				if result.OK || !result.Retryable || result.Outcome != retry.NotSent || result.Requests != 0 || len(base.requests) != 0 || result.Response != nil {
					t.Errorf("%+v", result)
				}
				if result.Waits != (Waits{RateLimit: row.took}) || result.Elapsed != row.took {
					t.Errorf("%+v of %v", result.Waits, result.Elapsed)
				}
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
		result := do(ctx, t, base, read(), limitedBy(limiter), maxWait(9*time.Second))
		if want := "waited for the rate limiter for 9s: RetryPolicy.MaxWait has passed (9s)"; result.Err == nil || result.Err.Error() != want {
			t.Errorf("error %v, want %s", result.Err, want)
		}
		_ = limiter.Wait(t.Context(), time.Now())
		ctx, cancel = context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		result = do(ctx, t, base, read(), limitedBy(limiter), maxWait(9*time.Second))
		if want := "waited for the rate limiter for 8s: context deadline exceeded"; result.Err == nil || result.Err.Error() != want || !errors.Is(result.Err, context.DeadlineExceeded) {
			t.Errorf("error %v, want %s", result.Err, want)
		}
	})
}

// After a 429 the last response stands, and the result says why the call stopped.
func TestRateLimit_stoppedAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(respond(429, `{"code":"slow"}`))
		result := do(t.Context(), t, base, write(), limitedBy(ratelimit.New(0)), maxWait(400*time.Millisecond))
		if want := "waited for the rate limiter for 400ms: RetryPolicy.MaxWait has passed (400ms)"; result.NotRetried != want {
			t.Errorf("stopped: %q, want %q", result.NotRetried, want)
		}
		if result.Err != nil || result.Response.Status != 429 || string(result.Response.Body) != `{"code":"slow"}` || result.Outcome != retry.Refused || !result.Retryable {
			t.Errorf("%+v", result)
		}
	})
}

// MaxWait includes all waits of a call for the limiter, and what is between them.
func TestRateLimit_maxWaitOfCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(after(5*time.Second, status(503)))
		result := do(t.Context(), t, base, read(), limitedBy(ratelimit.New(0.05)), maxWait(39*time.Second), func(c *Config) { c.Policy.BaseDelay = 0 })
		want := "waited for the rate limiter for 29s: RetryPolicy.MaxWait has passed (39s), before the next attempt, after status 503"
		if result.Err == nil || result.Err.Error() != want || len(base.requests) != 2 || result.Outcome != retry.Unknown {
			t.Errorf("%d requests, error %v, want %s", len(base.requests), result.Err, want)
		}
	})
}
