package transport

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/flowretail/flowretail-go/internal/retry"
)

const (
	// maxUnreachable is how long a call tries to connect to an API that it cannot
	// reach: long enough for a deployment. MaxWait bounds it, too.
	maxUnreachable = 30 * time.Second
	// The wait between two tries to connect.
	minConnectDelay = 100 * time.Millisecond
	maxConnectDelay = 2 * time.Second

	// releaseTime is the least wait after an attempt that timed out. Until then net/http
	// has released its connection, so that the next attempt can close it.
	releaseTime = 50 * time.Millisecond
)

// A limit is what bounds the retries after an attempt.
type limit uint8

const (
	// attemptLimit: MaxAttempts and the retry budget.
	attemptLimit limit = iota
	// decodeLimit: MaxAttempts, after a 2xx response that cannot be decoded. That the
	// API responds so to one operation says nothing about the others.
	decodeLimit
	// waitLimit: MaxWait, after a 429.
	waitLimit
	// connectLimit: maxUnreachable, after a failed connection, which puts no load on
	// the API.
	connectLimit
)

// limitFor returns what bounds the retries after the latest attempt.
func (p *progress) limitFor(failure retry.Failure) limit {
	switch {
	case failure.Outcome == retry.NotSent && (retry.IsDialError(p.latest.Err) || retry.IsReset(p.latest.Err)):
		return connectLimit
	case p.latest.decodeFailed:
		return decodeLimit
	case p.latest.status() == http.StatusTooManyRequests:
		return waitLimit
	}
	return attemptLimit
}

// countAttempt counts the latest attempt.
func (p *progress) countAttempt(bound limit) {
	switch bound {
	case connectLimit:
		p.freeRequests++
		if p.unreachableSince.IsZero() {
			p.unreachableSince = time.Now()
		}
		return
	case waitLimit:
		p.freeRequests++
		p.startMaxWait()
	}
	p.unreachableSince = time.Time{}
	if p.Operation.Method == http.MethodGet && p.latest.noResponse && retry.IsReset(p.latest.Err) {
		p.resets++
	} else {
		p.resets = 0
	}
}

// countedAttempts is the number of requests that count towards MaxAttempts.
func (p *progress) countedAttempts() int { return p.requests - p.freeRequests }

// delay returns the wait before the next attempt.
func (t *Transport) delay(ctx context.Context, p *progress, bound limit) time.Duration {
	switch bound {
	case connectLimit:
		return max(minConnectDelay, min(t.Policy.Backoff(p.requests), maxConnectDelay))
	case waitLimit:
		if t.Limiter != nil {
			return 0 // the link rateLimit waits
		}
		return max(t.Policy.Backoff(p.requests), t.retryAfter(p))
	}
	if p.resets > 1 {
		wait := t.Policy.ResetBackoff(p.resets)
		if deadline, ok := ctx.Deadline(); ok { // time for another attempt
			wait = min(wait, time.Until(deadline)/2)
		}
		return wait
	}
	// Attempts that do not count do not lengthen the wait.
	wait := max(t.Policy.Backoff(p.countedAttempts()), t.retryAfter(p))
	if p.latest.timedOut {
		wait = max(wait, releaseTime)
	}
	return wait
}

// retryAfter returns the wait that the API asked for, MaxRetryAfter at most.
func (t *Transport) retryAfter(p *progress) time.Duration {
	return max(0, min(p.latest.retryAfter(), t.Policy.MaxRetryAfter))
}

// exceeded names the limit in time that another attempt would exceed, or returns "".
func (t *Transport) exceeded(ctx context.Context, p *progress, bound limit, wait time.Duration) string {
	asked := t.retryAfter(p)
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if asked > 0 && left <= asked {
			return fmt.Sprintf("the API asked for %s, the deadline is in %s", rounded(asked), rounded(left))
		}
		if left <= wait {
			return fmt.Sprintf("the next attempt is due in %s, the deadline is in %s", rounded(wait), rounded(left))
		}
	}
	switch bound {
	case waitLimit:
		left := p.maxWaitLeft(t.Policy.MaxWait)
		if left <= 0 {
			return fmt.Sprintf("%v (%s) has passed", errMaxWait, t.Policy.MaxWait)
		}
		if asked >= left {
			return fmt.Sprintf("the API asked for %s, RetryPolicy.MaxWait (%s) ends in %s", rounded(asked), t.Policy.MaxWait, rounded(left))
		}
	case connectLimit:
		if since := time.Since(p.unreachableSince); since+wait >= min(maxUnreachable, t.Policy.MaxWait) {
			return fmt.Sprintf("no connection for %s", rounded(since))
		}
	}
	return ""
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// startMaxWait begins the time that RetryPolicy.MaxWait bounds, if it has not begun.
func (p *progress) startMaxWait() {
	if p.maxWaitBegan.IsZero() {
		p.maxWaitBegan = time.Now()
	}
}

func (p *progress) maxWaitLeft(maxWait time.Duration) time.Duration {
	return maxWait - time.Since(p.maxWaitBegan)
}
