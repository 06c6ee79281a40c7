package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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

// count counts the latest attempt and returns what bounds its retries.
func (p *progress) count(failure retry.Failure) limit {
	if failure.Outcome == retry.NotSent && isDialError(p.latest.Err) {
		if p.unreachableSince.IsZero() {
			p.unreachableSince = time.Now()
		}
		p.uncounted++
		return connectLimit
	}
	p.unreachableSince = time.Time{}
	if p.Operation.Method == http.MethodGet && p.noResponse && isReset(p.latest.Err) {
		p.resets++
	} else {
		p.resets = 0
	}
	switch {
	case p.latest.decodeFailed:
		return decodeLimit
	case p.latest.status() != http.StatusTooManyRequests:
		return attemptLimit
	}
	p.startMaxWait()
	p.uncounted++
	return waitLimit
}

// countedAttempts is the number of requests that count towards MaxAttempts.
func (p *progress) countedAttempts() int { return p.requests - p.uncounted }

// isDialError reports whether no connection was made to a host that exists.
func isDialError(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	name, isName := errors.AsType[*net.DNSError](err)
	return ok && operation.Op == "dial" && !(isName && name.IsNotFound)
}

// isReset reports whether the other side ended the connection.
func isReset(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || ok && operation.Op != "dial" && !operation.Timeout()
}

// delay returns the wait before the next attempt.
func (t *Transport) delay(ctx context.Context, p *progress, limit limit) time.Duration {
	switch limit {
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
	if p.timedOut {
		wait = max(wait, releaseTime)
	}
	return wait
}

// retryAfter returns the wait that the API asked for, MaxRetryAfter at most.
func (t *Transport) retryAfter(p *progress) time.Duration {
	return max(0, min(p.latest.retryAfter(), t.Policy.MaxRetryAfter))
}

// exceeded names the limit in time that another attempt would exceed, or returns "".
func (t *Transport) exceeded(ctx context.Context, p *progress, limit limit, wait time.Duration) string {
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
	switch limit {
	case waitLimit:
		left := p.maxWaitLeft(t.Policy.MaxWait)
		if left <= 0 {
			return fmt.Sprintf("%v (%s)", errMaxWait, t.Policy.MaxWait)
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
	if p.limitedSince.IsZero() {
		p.limitedSince = time.Now()
	}
}

func (p *progress) maxWaitLeft(maxWait time.Duration) time.Duration {
	return maxWait - time.Since(p.limitedSince)
}
