package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/flowretail/flowretail-go/internal/retry"
)

// A progress is the state of a call under way. It travels down the chain in the
// context of the request.
type progress struct {
	*Call
	started time.Time

	requests    int       // sent, or to be sent when the connection failed
	free        int       // those of them that do not count towards MaxAttempts
	retries     int       // paid by the budget
	reserved    bool      // the last of them has not been sent yet
	unreachable time.Time // when the API could not be reached at first; zero if it was reached since
	limited     time.Time // when the call was refused with 429, or had to wait in the queue, at first

	latest           Attempt
	failedBeforeSend bool          // there is proof of it for the latest attempt
	outcome          retry.Outcome // the worst of all attempts
	lookingUp        bool          // the request is the lookup
	beforeLookup     Attempt       // the attempt of unknown outcome that led to it

	waits   Waits
	secrets []string
	buffer  *buffer // of the latest response
}

type progressKey struct{}

func progressOf(ctx context.Context) *progress { return ctx.Value(progressKey{}).(*progress) }

// request returns the call as a request for go-retryablehttp.
func (p *progress) request(ctx context.Context) *retryablehttp.Request {
	plain := (&http.Request{
		Method: p.Operation.Method, URL: p.URL, Host: p.URL.Host, Header: p.Header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(context.WithValue(ctx, progressKey{}, p))
	request := &retryablehttp.Request{Request: plain}
	if p.Body != nil {
		_ = request.SetBody(p.Body) // a []byte cannot fail
	}
	return request
}

// classify says whether the latest attempt was a success, or what kind of failure.
func (p *progress) classify() (failure retry.Failure, success bool) {
	if err := p.latest.Err; errors.Is(err, ErrTooLarge) {
		return retry.Failure{Outcome: retry.Unknown, Retry: retry.Never}, false
	} else if err != nil {
		return retry.ClassifyError(err, p.failedBeforeSend), false
	}
	switch status := p.latest.status(); {
	case status >= 200 && status < 300:
		if p.latest.Err = p.Decode(p.latest.Response); p.latest.Err == nil {
			return failure, true
		}
		_, complete := errors.AsType[completeError](p.latest.Err)
		return retry.ClassifyMalformed(complete), false
	case status == http.StatusNotFound && p.NotFoundIsSuccess && p.outcome == retry.Unknown:
		return failure, true
	default:
		return retry.ClassifyStatus(status), false
	}
}

// updateUnreachable returns for how long the API cannot be connected to, at least
// one nanosecond; 0 when it can.
func (p *progress) updateUnreachable(failure retry.Failure) time.Duration {
	dial, isDial := errors.AsType[*net.OpError](p.latest.Err)
	if name, ok := errors.AsType[*net.DNSError](p.latest.Err); failure.Outcome != retry.NotSent || !isDial || dial.Op != "dial" || ok && name.IsNotFound {
		p.unreachable = time.Time{}
		return 0
	}
	if p.unreachable.IsZero() {
		p.unreachable = time.Now()
	}
	return time.Since(p.unreachable) + 1
}

// waitLeft is how long the call may still wait because of rate limits.
func (p *progress) waitLeft(maxWait time.Duration) time.Duration {
	if p.limited.IsZero() {
		p.limited = time.Now()
	}
	return maxWait - time.Since(p.limited)
}

// lookUp makes the next request the lookup.
func (p *progress) lookUp() {
	if !p.lookingUp {
		p.latest.keepBody()
		p.lookingUp, p.beforeLookup = true, p.latest
	}
}

// lookUpIfUnknown makes the next request the lookup when an earlier request may
// have created something.
func (p *progress) lookUpIfUnknown() {
	if p.Lookup != nil && p.outcome == retry.Unknown {
		p.lookUp()
	}
}

// result returns how the call ended.
func (p *progress) result(last decision) *Result {
	result := &Result{
		OK: last.ok, FoundByLookup: last.ok && p.lookingUp, Response: p.latest.Response, Err: p.latest.Err,
		Requests: p.requests, Elapsed: time.Since(p.started), Waits: p.waits,
		Outcome: p.outcome, Retryable: last.retryable, Stopped: last.stopped,
		Secrets: p.secrets, buffer: p.buffer,
	}
	if !last.ok && p.lookingUp {
		result.BeforeLookup = &p.beforeLookup
	}
	if p.latest.Response != nil {
		result.Secrets = slices.Concat(p.secrets, p.latest.Response.Secrets)
	}
	return result
}

// An Attempt is what one request led to: a response, or an error, or both when
// the response cannot be decoded.
type Attempt struct {
	Response *Response
	Err      error
}

// status is 0 when there is no complete response.
func (a Attempt) status() int {
	if a.Err != nil || a.Response == nil {
		return 0
	}
	return a.Response.Status
}

func (a Attempt) retryAfter() time.Duration {
	if a.status() == 0 {
		return 0
	}
	return retry.After(a.Response.Header, time.Now())
}

// keepBody copies the body out of the buffer, which the next response uses.
func (a Attempt) keepBody() {
	if a.Response != nil {
		a.Response.Body = slices.Clone(a.Response.Body)
	}
}

// precede returns err with what the attempt before it led to.
func (a Attempt) precede(err error, when string) error {
	switch {
	case a.Err != nil:
		return fmt.Errorf("%w, %s, after: %w", err, when, a.Err)
	case a.Response != nil:
		return fmt.Errorf("%w, %s, after status %d", err, when, a.Response.Status)
	}
	return err
}
