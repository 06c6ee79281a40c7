package transport

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/flowretail/flowretail-go/internal/retry"
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
		return p.stopUnsent(unsent)
	}
	failure, ok := p.classify()
	if ok {
		return decision{ok: true}
	}
	earlier := p.outcome
	p.outcome = max(earlier, failure.Outcome)
	cost := p.costOf(failure)
	attemptsLeft := p.requests-p.free < t.Policy.MaxAttempts
	retryable := failure.Retry == retry.Always || failure.Retry == retry.IfIdempotent && (p.Idempotent || p.Lookup != nil)
	status := p.latest.status()
	lookupTells := p.Lookup != nil && !p.lookingUp &&
		(failure.Outcome == retry.Unknown || earlier == retry.Unknown && status == http.StatusConflict)
	switch {
	case p.NoRetry || t.Policy.MaxAttempts == 1 || ctx.Err() != nil:
		return decision{retryable: retryable}
	case p.lookingUp && status == http.StatusNotFound:
		return p.afterNothingFound(t.Policy.MaxAttempts)
	case lookupTells, retryable && attemptsLeft:
		wait := t.delay(p, cost)
		if why := t.limit(ctx, p, cost, wait); why != "" {
			return decision{retryable: retryable, stopped: why}
		}
		return p.retry(cost, wait, retryable)
	}
	return decision{retryable: retryable}
}
