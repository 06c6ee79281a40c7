package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/flowretail/flowretail-go/internal/retry"
)

// A progress is the state of a call under way. It travels down the chain in the
// context of the request. Its fields are grouped by who sets them.
type progress struct {
	*Call
	started time.Time

	// The link attempt:
	requests int     // sent, or to be sent when the connection failed
	latest   Attempt // retry adds the errors of decoding and waiting
	buffer   *buffer // of the latest response

	// The link authorization:
	secrets         []string
	whyNoOtherToken string // after a 401

	// The links that wait, and retry:
	waits        Waits
	maxWaitBegan time.Time // the first 429, or the first wait for the rate limiter

	// retry, after each attempt:
	outcome          retry.Outcome // the worst of all attempts; authorization adds that of a 401
	freeRequests     int           // requests that do not count towards MaxAttempts
	retries          int           // taken from the retry budget
	retryReserved    bool          // the last of them has not been sent yet; attempt clears it
	resets           int           // lost by a read without a response, in a row or with failures to connect between
	unreachableSince time.Time     // the first of the latest failures to connect, in a row
	lookingUp        bool          // the request is the lookup
	beforeLookup     Attempt       // the attempt of unknown outcome that led to it
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
		_ = request.SetBody(p.Body) // reading a []byte cannot fail
	}
	return request
}

// decode decodes a 2xx response. It sets the error of the latest attempt.
func (p *progress) decode() {
	if status := p.latest.status(); status >= 200 && status < 300 {
		p.latest.Err = p.Decode(p.latest.Response)
		p.latest.decodeFailed = p.latest.Err != nil
	}
}

func (p *progress) succeeded() bool {
	status := p.latest.status()
	return status >= 200 && status < 300 ||
		status == http.StatusNotFound && p.NotFoundIsSuccess && p.outcome == retry.Unknown
}

// classify returns the class of the latest attempt, which was no success.
func (p *progress) classify() retry.Failure {
	err := p.latest.Err
	if err == nil {
		return retry.ClassifyStatus(p.latest.Response.Status)
	}
	if errors.Is(err, ErrTooLarge) {
		return retry.ClassifyMalformed(true)
	}
	if p.latest.decodeFailed {
		_, final := errors.AsType[finalError](err)
		return retry.ClassifyMalformed(final)
	}
	return retry.ClassifyError(err, p.latest.failedBeforeSend)
}

// result returns how the call ended.
func (p *progress) result(last decision) *Result {
	result := &Result{
		OK: last.ok, FoundByLookup: last.ok && p.lookingUp, Response: p.latest.Response, Err: p.latest.Err,
		Requests: p.requests, Elapsed: time.Since(p.started), Waits: p.waits,
		Outcome: p.outcome, Retryable: last.retryable, NotRetried: last.notRetried,
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

// An Attempt is what one request led to: a response, or an error, or both when the
// response is incomplete or cannot be decoded.
type Attempt struct {
	// Response is the last one that was received. If Err is set, it may belong to an
	// earlier attempt.
	Response *Response
	Err      error

	decodeFailed     bool // Err is the error of decoding Response
	failedBeforeSend bool // there is proof that nothing was sent
	noResponse       bool // not even the headers of one
	timedOut         bool
}

// status is 0 when there is no complete response.
func (a Attempt) status() int {
	if a.Err != nil || a.Response == nil {
		return 0
	}
	return a.Response.Status
}

// refused reports whether the API has refused the request for itself: it is up.
func (a Attempt) refused() bool {
	status := a.status()
	return status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
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

// withPrevious returns err, which kept another attempt from being made, with what
// this attempt led to.
func (a Attempt) withPrevious(err error) error {
	switch {
	case a.Err != nil:
		return fmt.Errorf("%w, before the next attempt, after: %w", err, a.Err)
	case a.Response != nil:
		return fmt.Errorf("%w, before the next attempt, after status %d", err, a.Response.Status)
	}
	return err
}
