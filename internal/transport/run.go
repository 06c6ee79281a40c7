package transport

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/flowretail/flowretail-go/internal/baseurl"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// A run is one call under way. go-retryablehttp drives the loop; each step of
// it asks the run, which knows what happened so far.
type run struct {
	*Call
	sender   *Sender
	ctx      context.Context
	started  time.Time
	attempts int
	repeats  int  // those that the budget paid for
	unspent  bool // the last of them has not been sent yet

	answer  *Answer // of the last attempt that had one
	buffer  *buffer
	err     error // of the last attempt
	notSent bool  // there is proof of it, for the last attempt
	unready bool  // the last attempt ended before the transport had it

	fate      retry.Fate // the worst so far
	retryable bool
	ok        bool
	wait      time.Duration // before the next attempt

	inTurn bool // it has the turn of r.Turns

	token    *tokensource.Token // of the last attempt
	replace  bool               // the API rejected it
	replaced bool               // once a call
	secrets  []string
}

// ErrMismatch marks the error of a Lookup that found something else than what was sent.
var ErrMismatch = errors.New("mismatch")

// Final marks an error of Accept that another attempt would meet again.
func Final(err error) error { return final{err} }

type final struct{ error }

func (f final) Unwrap() error { return f.error }

// errSettled ends the loop: the call turned out to be done.
var errSettled = errors.New("settled")

// Do carries out a call. Release the result when its answer has been read.
func (s *Sender) Do(ctx context.Context, call *Call) *Result {
	r := &run{Call: call, sender: s, ctx: ctx, started: time.Now(), secrets: call.Secrets}
	if err := ctx.Err(); err != nil {
		r.err, r.retryable = err, true
	} else {
		r.loop()
	}
	if r.ok {
		s.Budget.Succeeded(r.repeats)
	}
	if r.answer != nil {
		r.secrets = append(r.secrets[:len(r.secrets):len(r.secrets)], r.answer.Secrets...)
	}
	return &Result{
		Answer: r.answer, Err: r.err, OK: r.ok,
		Attempts: r.attempts, Elapsed: time.Since(r.started),
		Fate: r.fate, Retryable: r.retryable, Secrets: r.secrets, buffer: r.buffer,
	}
}

// loop sends the call until it is done or must not be sent again. The client of
// go-retryablehttp is this call's own, so that its hooks see the call's state.
func (r *run) loop() {
	client := http.Client{
		Transport:     r, // not the pool itself, whose idle connections go-retryablehttp would close
		CheckRedirect: r.checkRedirect,
	}
	retrying := retryablehttp.Client{
		HTTPClient:   &client,
		RetryMax:     math.MaxInt, // the run counts by itself
		CheckRetry:   r.checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return r.wait },
		PrepareRetry: r.prepareRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	_, err := retrying.Do(r.request())
	if r.unspent {
		r.sender.Budget.Refund()
	}
	if ended := r.ctx.Err(); err != nil && ended != nil && !r.ok && !errors.Is(r.err, ended) {
		r.fail(ended, "before the next attempt")
	}
}

func (r *run) request() *retryablehttp.Request {
	plain := (&http.Request{
		Method: r.Operation.Method, URL: r.URL, Host: r.URL.Host, Header: r.Header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(r.ctx)
	request := &retryablehttp.Request{Request: plain}
	if r.Body != nil {
		_ = request.SetBody(r.Body) // fails for bodies that are read to be sent; this one is there
	}
	return request
}

// fail ends the call with err, and keeps what the last attempt brought in the text.
func (r *run) fail(err error, when string) {
	switch {
	case r.err != nil:
		err = fmt.Errorf("%w, %s, after: %w", err, when, r.err)
	case r.answer != nil:
		err = fmt.Errorf("%w, %s, after status %d", err, when, r.answer.Status)
	}
	r.err = err
}

// checkRetry judges the last attempt and says whether there is to be another.
func (r *run) checkRetry(context.Context, *http.Response, error) (bool, error) {
	if r.replace && r.answer != nil && errors.Is(r.err, tokensource.ErrIrreplaceable) {
		r.err = nil // the answer stands: the token was rejected, and there is no other
		return false, nil
	}
	if r.unready {
		// What keeps a call from being authorized has been tried often enough there.
		r.retryable = !errors.Is(r.err, tokensource.ErrRefused)
		return false, nil
	}
	verdict, ok := r.judge()
	if ok {
		r.ok = true
		return false, nil
	}
	before := r.fate
	r.fate = max(r.fate, verdict.Fate)
	r.retryable = verdict.Repeat == retry.Always || verdict.Repeat == retry.IfRepeatable && (r.Repeatable || r.Lookup != nil)
	switch {
	case r.Once || r.ctx.Err() != nil:
		return false, nil
	case r.answered(http.StatusUnauthorized) && r.Credential != nil && !r.replaced:
		r.replace, r.replaced, r.wait = true, true, 0
		return true, nil
	case r.answered(http.StatusConflict) && before == retry.Unknown && r.Lookup != nil:
		// Perhaps the conflict is with the attempt whose fate was not known.
		return false, r.lookup()
	case r.retryable && r.mayRepeat():
		return true, nil
	case verdict.Fate == retry.Unknown && r.Lookup != nil && r.sender.Budget.Spend():
		// A last look settles many a create; in an outage it is a repetition like others.
		r.repeats++
		return false, r.lookup()
	}
	return false, nil
}

func (r *run) answered(status int) bool {
	return r.err == nil && r.answer != nil && r.answer.Status == status
}

// judge looks at what the last attempt brought.
func (r *run) judge() (verdict retry.Verdict, ok bool) {
	if r.err != nil {
		if errors.Is(r.err, ErrTooLarge) {
			return retry.Verdict{Fate: retry.Unknown, Repeat: retry.Never}, false
		}
		return retry.JudgeError(r.err, r.notSent), false
	}
	switch status := r.answer.Status; {
	case status >= 200 && status < 300:
		r.err = r.Accept(r.answer)
		r.endTurn()
		if r.err != nil {
			_, final := errors.AsType[final](r.err)
			return retry.JudgeAnswer(final), false
		}
		return verdict, true
	case status == http.StatusNotFound && r.GoneIsDone && r.fate == retry.Unknown:
		return verdict, true
	default:
		return retry.JudgeStatus(status), false
	}
}

// mayRepeat works out when the next attempt is due, and whether attempts, time
// and budget are left for it.
func (r *run) mayRepeat() bool {
	policy := r.sender.Policy
	if r.attempts >= policy.MaxAttempts {
		return false
	}
	var after time.Duration
	if r.err == nil {
		after = retry.After(r.answer.Header, time.Now())
	}
	r.wait = policy.Wait(r.attempts, after)
	if deadline, ok := r.ctx.Deadline(); ok && time.Until(deadline) <= r.wait {
		return false // the last answer now says more than a timeout later
	}
	if !r.sender.Budget.Spend() {
		return false
	}
	r.repeats++
	r.unspent = true
	return true
}

// prepareRetry asks, before a create is sent again, whether it has been done.
func (r *run) prepareRetry(*http.Request) error {
	if r.fate == retry.Unknown && r.Lookup != nil {
		return r.lookup()
	}
	return nil
}

// lookup settles the call when it finds that an attempt was carried out. Its
// own failure ends the call.
func (r *run) lookup() error {
	r.unspent = false
	found, err := r.Lookup(r.ctx)
	switch {
	case err != nil:
		if errors.Is(err, ErrMismatch) {
			r.fate, r.retryable = retry.Refused, false
		}
		r.fail(err, "looking for what was created")
		return err
	case found:
		r.ok, r.err = true, nil
		return errSettled
	}
	return nil
}

// checkRedirect follows redirects for reads, inside the origin.
func (r *run) checkRedirect(next *http.Request, via []*http.Request) error {
	read := r.Operation.Method == http.MethodGet || r.Operation.Method == http.MethodHead
	if !read || r.Once || len(via) > 5 || !baseurl.SameOrigin(next.URL, r.URL) {
		return http.ErrUseLastResponse
	}
	next.URL.User = nil // net/http would make a credential of it
	return nil
}
