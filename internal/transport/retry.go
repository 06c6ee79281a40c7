package transport

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

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

// Do sends a call until it succeeds or must not be sent again. Release the result
// when its response has been read.
func (t *Transport) Do(ctx context.Context, call *Call) *Result {
	t.inFlight.Add(1)
	defer t.inFlight.Add(-1)
	p := &progress{Call: call, started: time.Now(), secrets: call.Secrets}
	if err := ctx.Err(); err != nil {
		p.latest.Err = err
		return p.result(decision{retryable: true})
	}
	var next decision
	loop := retryablehttp.Client{
		HTTPClient: t.client,
		RetryMax:   math.MaxInt, // decide bounds the attempts
		CheckRetry: func(_ context.Context, _ *http.Response, err error) (bool, error) {
			next = t.decide(ctx, p, err)
			return next.again, nil
		},
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return next.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	_, err := loop.Do(p.request(ctx))
	if next.again { // the context has ended during the wait
		p.latest.Err = p.latest.precede(err, "before the next attempt")
	}
	if p.reserved {
		t.Budget.Cancel()
	}
	if next.ok {
		t.Budget.Succeeded(p.retries)
	}
	return p.result(next)
}

// A decision is what follows from an attempt.
type decision struct {
	ok        bool // the call has succeeded
	again     bool // another attempt follows after wait
	wait      time.Duration
	retryable bool   // the same call is safe and may succeed
	stopped   string // why no attempt follows although the call is retryable
}

// decide looks at the latest attempt and decides whether another one follows. err
// is an *unsentError when there was no attempt.
func (t *Transport) decide(ctx context.Context, p *progress, err error) decision {
	if unsent, ok := errors.AsType[*unsentError](err); ok {
		if errors.Is(unsent, errMaxWait) && p.latest.status() == http.StatusTooManyRequests {
			return decision{retryable: true, stopped: unsent.Error()}
		}
		p.latest.Err = p.latest.precede(unsent.err, "before the next attempt")
		return decision{retryable: unsent.retryable}
	}
	failure, ok := p.classify()
	if ok {
		return decision{ok: true}
	}
	earlier := p.outcome
	p.outcome = max(earlier, failure.Outcome)
	safe := p.Idempotent || p.Lookup != nil
	next := decision{retryable: failure.Retry == retry.Always || failure.Retry == retry.IfIdempotent && safe}
	status := p.latest.status()
	// A 429 and a failed connection use up neither attempts nor the retry budget: the
	// one costs waiting time, the other puts no load on the API.
	unreachable := p.updateUnreachable(failure)
	if status == http.StatusTooManyRequests || unreachable > 0 {
		p.free++
	}
	lookupTells := p.Lookup != nil && !p.lookingUp &&
		(failure.Outcome == retry.Unknown || earlier == retry.Unknown && status == http.StatusConflict)
	switch {
	case p.NoRetry || t.Policy.MaxAttempts == 1 || ctx.Err() != nil:
		return next
	case p.lookingUp && status == http.StatusNotFound:
		// Nothing was created: the create is sent again, at once. A lookup with a
		// response does not count as an attempt.
		p.latest, p.lookingUp = p.beforeLookup, false
		p.free++
		conflict := p.latest.status() == http.StatusConflict
		return decision{retryable: !conflict, again: !conflict && p.requests-p.free < t.Policy.MaxAttempts}
	case !next.retryable && !lookupTells:
		return next
	}
	if p.requests-p.free >= t.Policy.MaxAttempts && !lookupTells {
		return next
	}
	return t.schedule(ctx, p, unreachable, next)
}

// schedule decides when the next attempt is due, and whether the limits permit it.
func (t *Transport) schedule(ctx context.Context, p *progress, unreachable time.Duration, next decision) decision {
	asked := max(0, min(p.latest.retryAfter(), t.Policy.MaxRetryAfter))
	refused := p.latest.status() == http.StatusTooManyRequests
	paid := !refused && unreachable == 0 // by the budget
	switch {
	case refused && t.Limiter != nil:
		// The request waits in the queue of the rate limiter.
	case refused:
		next.wait = max(t.Policy.Backoff(p.requests), asked)
	case unreachable > 0:
		next.wait = max(minConnectDelay, min(t.Policy.Backoff(p.requests), maxConnectDelay))
	default:
		next.wait = max(t.Policy.Backoff(p.requests-p.free), asked)
	}
	deadline, hasDeadline := ctx.Deadline()
	left := time.Until(deadline)
	switch {
	case hasDeadline && asked > 0 && left <= asked:
		next.stopped = fmt.Sprintf("the API asked for %s, the deadline is in %s", rounded(asked), rounded(left))
	case hasDeadline && left <= next.wait:
		next.stopped = fmt.Sprintf("the next attempt is due in %s, the deadline is in %s", rounded(next.wait), rounded(left))
	case refused && p.waitLeft(t.Policy.MaxWait) <= 0:
		next.stopped = fmt.Sprintf("%v (%s)", errMaxWait, t.Policy.MaxWait)
	case refused && asked >= p.waitLeft(t.Policy.MaxWait):
		next.stopped = fmt.Sprintf("the API asked for %s, RetryPolicy.MaxWait (%s) ends in %s", rounded(asked), t.Policy.MaxWait, rounded(p.waitLeft(t.Policy.MaxWait)))
	case unreachable > 0 && unreachable+next.wait > min(maxUnreachable, t.Policy.MaxWait):
		next.stopped = fmt.Sprintf("no connection for %s", rounded(unreachable))
	case paid && !t.Budget.Reserve(int(t.inFlight.Load())):
		next.stopped = "retry budget exhausted"
	default:
		next.again = true
		if p.reserved = paid; paid {
			p.retries++
		}
		p.waits.Backoff += next.wait
		p.lookUpIfUnknown()
	}
	return next
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
