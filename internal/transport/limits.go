package transport

import (
	"context"
	"errors"
	"fmt"
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
)

// A cost is what the retry of an attempt uses up.
type cost uint8

const (
	// attemptCost retries use up one of MaxAttempts and a part of the retry budget.
	attemptCost cost = iota
	// waitCost retries, after a 429, use up a part of MaxWait only.
	waitCost
	// connectCost retries, after a failed connection, use up a part of maxUnreachable
	// only: they put no load on the API.
	connectCost
)

// costOf returns what a retry of the latest attempt uses up, and counts the attempt.
func (p *progress) costOf(failure retry.Failure) cost {
	if p.latest.status() == http.StatusTooManyRequests {
		p.unreachable = time.Time{}
		p.free++
		return waitCost
	}
	if failure.Outcome != retry.NotSent || !isDialError(p.latest.Err) {
		p.unreachable = time.Time{}
		return attemptCost
	}
	if p.unreachable.IsZero() {
		p.unreachable = time.Now()
	}
	p.free++
	return connectCost
}

// isDialError reports whether no connection was made to a host that exists.
func isDialError(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	name, isName := errors.AsType[*net.DNSError](err)
	return ok && operation.Op == "dial" && !(isName && name.IsNotFound)
}

// delay returns the wait before the next attempt. After a 429 the rate limiter adds
// to it.
func (t *Transport) delay(p *progress, c cost) time.Duration {
	switch asked := t.asked(p); {
	case c == connectCost:
		return max(minConnectDelay, min(t.Policy.Backoff(p.requests), maxConnectDelay))
	case c == attemptCost:
		return max(t.Policy.Backoff(p.requests-p.free), asked)
	case t.Limiter == nil:
		return max(t.Policy.Backoff(p.requests), asked)
	default:
		return 0
	}
}

// asked returns the wait that the API asked for with Retry-After.
func (t *Transport) asked(p *progress) time.Duration {
	return max(0, min(p.latest.retryAfter(), t.Policy.MaxRetryAfter))
}

// limit returns the limit that another attempt would exceed, or "". It takes a paid
// retry from the budget.
func (t *Transport) limit(ctx context.Context, p *progress, c cost, wait time.Duration) string {
	asked := t.asked(p)
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if asked > 0 && left <= asked {
			return fmt.Sprintf("the API asked for %s, the deadline is in %s", rounded(asked), rounded(left))
		}
		if left <= wait {
			return fmt.Sprintf("the next attempt is due in %s, the deadline is in %s", rounded(wait), rounded(left))
		}
	}
	switch c {
	case waitCost:
		left := p.waitLeft(t.Policy.MaxWait)
		if left <= 0 {
			return fmt.Sprintf("%v (%s)", errMaxWait, t.Policy.MaxWait)
		}
		if asked >= left {
			return fmt.Sprintf("the API asked for %s, RetryPolicy.MaxWait (%s) ends in %s", rounded(asked), t.Policy.MaxWait, rounded(left))
		}
	case connectCost:
		if since := time.Since(p.unreachable); since+wait >= min(maxUnreachable, t.Policy.MaxWait) {
			return fmt.Sprintf("no connection for %s", rounded(since))
		}
	case attemptCost:
		if !t.Budget.Reserve(int(t.inFlight.Load())) {
			return "retry budget exhausted"
		}
	}
	return ""
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// waitLeft is how long the call may still wait because of rate limits.
func (p *progress) waitLeft(maxWait time.Duration) time.Duration {
	if p.limited.IsZero() {
		p.limited = time.Now()
	}
	return maxWait - time.Since(p.limited)
}

// retry notes that another attempt follows.
func (p *progress) retry(c cost, wait time.Duration, retryable bool) decision {
	if p.reserved = c == attemptCost; p.reserved {
		p.retries++
	}
	p.waits.Backoff += wait
	if p.Lookup != nil && p.outcome == retry.Unknown && !p.lookingUp {
		p.latest.keepBody()
		p.lookingUp, p.beforeLookup = true, p.latest
	}
	return decision{again: true, wait: wait, retryable: retryable}
}

// afterNothingFound decides after a lookup that was ended with 404: the create is
// sent again, at once. The lookup does not count as an attempt. After a conflict the
// create is not sent again: it would meet the conflict again.
func (p *progress) afterNothingFound(maxAttempts int) decision {
	p.latest, p.lookingUp = p.beforeLookup, false
	p.free++
	conflict := p.latest.status() == http.StatusConflict
	return decision{retryable: !conflict, again: !conflict && p.requests-p.free < maxAttempts}
}

// stopUnsent decides after a request that was not sent. A call that waited for the
// rate limiter for too long after a 429 fails with the 429.
func (p *progress) stopUnsent(unsent *unsentError) decision {
	if errors.Is(unsent, errMaxWait) && p.latest.status() == http.StatusTooManyRequests {
		return decision{retryable: true, stopped: unsent.Error()}
	}
	p.latest.Err = p.latest.precede(unsent.err, "before the next attempt")
	return decision{retryable: unsent.retryable}
}
