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

// Do sends a call until it succeeds or must not be sent again. Release the result
// when its response has been read.
func (t *Transport) Do(ctx context.Context, call *Call) *Result {
	p := &progress{Call: call, started: time.Now(), secrets: call.Secrets}
	if err := ctx.Err(); err != nil {
		p.latest.Err = err
		return p.result(decision{retryable: true})
	}
	t.Budget.Begin()
	var next decision
	defer func() { t.Budget.End(next.ok || p.latest.refused(), p.retries) }()
	// go-retryablehttp calls CheckRetry after each attempt and Backoff before each
	// wait; both use the decision in next. It returns early only when ctx ends during
	// a wait. The response is in p.latest.
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
	if next.again {
		p.latest.Err = p.latest.withPrevious(err)
	}
	if p.retryReserved {
		t.Budget.Cancel()
	}
	return p.result(next)
}

// A decision is what follows from an attempt.
type decision struct {
	ok         bool // the call has succeeded
	again      bool // another attempt follows after wait
	wait       time.Duration
	retryable  bool   // the same call is safe and may succeed
	notRetried string // why no attempt follows although the call is retryable
}

// decide looks at the latest attempt and decides whether another one follows. err
// is an *unsentError when there was no attempt.
func (t *Transport) decide(ctx context.Context, p *progress, err error) decision {
	if unsent, ok := errors.AsType[*unsentError](err); ok {
		return p.afterUnsent(unsent)
	}
	p.decode()
	if p.succeeded() {
		return decision{ok: true}
	}
	failure, earlier := p.classify(), p.outcome
	p.outcome = max(earlier, failure.Outcome)
	retryable := failure.Retry.Allows(p.Idempotent || p.Lookup != nil)
	bound := p.limitFor(failure)
	p.countAttempt(bound)
	switch {
	case p.NoRetry || t.Policy.MaxAttempts == 1 || ctx.Err() != nil:
		// No further request, not even a lookup.
	case p.lookingUp && p.latest.status() == http.StatusNotFound:
		return p.lookupFoundNothing(t.Policy.MaxAttempts)
	case p.needsLookup(failure, earlier): // also when no attempt is left
		return t.retryWithin(ctx, p, bound, retryable)
	case retryable && p.countedAttempts() < t.Policy.MaxAttempts:
		return t.retryWithin(ctx, p, bound, retryable)
	}
	return decision{retryable: retryable, notRetried: t.whyNotRetried(ctx, p, failure, retryable)}
}

// whyNotRetried names the rule that forbids another attempt, or returns "" if the
// failure itself is the reason.
func (t *Transport) whyNotRetried(ctx context.Context, p *progress, failure retry.Failure, retryable bool) string {
	switch {
	case failure.Retry == retry.Never || ctx.Err() != nil:
		return p.whyNoOtherToken
	case p.NoRetry:
		return "NoRetry"
	case !retryable:
		return "the call is not idempotent"
	default:
		return attemptsExhausted(t.Policy.MaxAttempts)
	}
}

func attemptsExhausted(maxAttempts int) string {
	return fmt.Sprintf("RetryPolicy.MaxAttempts (%d)", maxAttempts)
}

// retryWithin decides to retry unless that would exceed a limit.
func (t *Transport) retryWithin(ctx context.Context, p *progress, bound limit, retryable bool) decision {
	wait := t.delay(ctx, p, bound)
	if reason := t.exceeded(ctx, p, bound, wait); reason != "" {
		return decision{retryable: retryable, notRetried: reason}
	}
	if bound == attemptLimit {
		if !t.Budget.Reserve() {
			return decision{retryable: retryable, notRetried: "retry budget exhausted"}
		}
		p.retryReserved = true
		p.retries++
	}
	if p.Lookup != nil && p.outcome == retry.Unknown { // also after a 429: an earlier attempt may have created it
		p.startLookup()
	}
	p.waits.Backoff += wait
	return decision{again: true, wait: wait, retryable: retryable}
}

// afterUnsent decides after a request that was not sent. A call that has waited for
// the rate limiter for too long after a 429 fails with the 429.
func (p *progress) afterUnsent(unsent *unsentError) decision {
	if errors.Is(unsent, errMaxWait) && p.latest.status() == http.StatusTooManyRequests {
		return decision{retryable: true, notRetried: unsent.Error()}
	}
	p.latest.Err = p.latest.withPrevious(unsent.err)
	return decision{retryable: unsent.retryable}
}
