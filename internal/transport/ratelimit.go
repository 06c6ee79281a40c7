package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// ErrLimiterWait marks the error of a call that waited for the rate limiter and
// was not sent.
var ErrLimiterWait = errors.New("waited for the rate limiter")

// errMaxWait ends the wait for the rate limiter.
var errMaxWait = errors.New("RetryPolicy.MaxWait")

// rateLimit lets a request pass when the rate limiter permits it, and tells the
// limiter how the API took the request.
type rateLimit struct {
	next    http.RoundTripper
	limiter *ratelimit.Limiter
	policy  retry.Policy
}

func (r rateLimit) RoundTrip(request *http.Request) (*http.Response, error) {
	p := progressOf(request.Context())
	if r.limiter.Active() {
		if err := r.wait(request.Context(), p); err != nil {
			return nil, &unsentError{err, true}
		}
	}
	sent := time.Now()
	response, err := r.next.RoundTrip(request)
	switch {
	case response == nil: // that says nothing about the rate
	case response.StatusCode == http.StatusTooManyRequests:
		r.limiter.Refused(sent, min(p.latest.retryAfter(), r.policy.MaxRetryAfter))
	default:
		r.limiter.Accepted(sent)
	}
	return response, err
}

// wait waits for the request's turn, within the MaxWait of the call.
func (r rateLimit) wait(ctx context.Context, p *progress) error {
	began := time.Now()
	p.startMaxWait()
	left := p.maxWaitLeft(r.policy.MaxWait)
	bounded, cancel := context.WithTimeoutCause(ctx, left, errMaxWait)
	defer cancel()
	err := r.limiter.Wait(bounded, p.started)
	p.waits.RateLimit += time.Since(began)
	if err == nil {
		return nil
	}
	waitedFor := fmt.Errorf("%w for %s", ErrLimiterWait, rounded(p.waits.RateLimit))
	if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && !deadline.After(began.Add(left)) {
		return fmt.Errorf("%w: %w", waitedFor, err) // the context ends the wait before MaxWait does
	}
	if pause, ok := errors.AsType[*ratelimit.PauseError](err); ok {
		return fmt.Errorf("%w: %w (%s) ends in %s, and the API asked for a pause of %s",
			waitedFor, errMaxWait, r.policy.MaxWait, rounded(left), rounded(pause.Pause))
	}
	return fmt.Errorf("%w: %w (%s) has passed", waitedFor, errMaxWait, r.policy.MaxWait)
}
