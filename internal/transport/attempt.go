package transport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flowretail/flowretail-go/internal/baseurl"
	"github.com/flowretail/flowretail-go/internal/redact"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// errAttemptTimeout tells the end of an attempt's time from the end of the caller's.
var errAttemptTimeout = errors.New("the attempt took longer than the AttemptTimeout of the retry policy, or the Timeout of the http.Client")

// RoundTrip makes one attempt: it is the transport beneath go-retryablehttp and
// http.Client, so a redirect passes here too. The whole answer is read before it
// returns, so that a cut body counts as a failed attempt.
func (r *run) RoundTrip(request *http.Request) (*http.Response, error) {
	// In this order: a token may expire in the line.
	err := r.sender.Pace.Wait(r.ctx)
	var authorized *http.Request
	if err == nil {
		authorized, err = r.authorize(request)
	}
	if r.err, r.unready = err, err != nil; err != nil {
		closeBody(request)
		return nil, err
	}
	r.unspent = false
	if request.Response == nil { // else it is a redirect, and part of the attempt
		r.attempts++
	}
	started := time.Now()
	response, err := r.send(authorized, started)
	r.err = err
	r.record(time.Since(started))
	if err != nil {
		return nil, err
	}
	return response, nil
}

// authorize returns a copy of the request with the call's credentials, if it
// goes to the origin that they are meant for. The copy is needed because an
// earlier attempt may still be read by its connection.
func (r *run) authorize(request *http.Request) (*http.Request, error) {
	header := make(http.Header, len(request.Header)+2)
	maps.Copy(header, request.Header)
	authorized := *request
	authorized.Header = header
	if r.Once {
		// http.Transport sends a read again by itself when a kept connection turns
		// out to be closed; not if it cannot know that the body is empty.
		if authorized.GetBody = nil; authorized.Body == nil {
			authorized.Body = io.NopCloser(strings.NewReader(""))
		}
	}
	if !baseurl.SameOrigin(request.URL, r.URL) {
		return &authorized, nil
	}
	if r.InviteToken != "" {
		header["X-Invite-Token"] = []string{r.InviteToken}
	}
	if r.Credential == nil {
		return &authorized, nil
	}
	if err := r.findToken(); err != nil {
		return nil, err
	}
	header["Authorization"] = []string{r.token.Header}
	return &authorized, nil
}

func (r *run) findToken() error {
	before := r.token
	var err error
	if r.replace {
		if r.token, err = r.Credential.Replace(r.ctx, before); err == nil {
			r.replace = false
		} else {
			r.token = before
		}
	} else {
		r.token, err = r.Credential.Token(r.ctx)
	}
	if err == nil && r.token != before {
		r.secrets = append(r.secrets[:len(r.secrets):len(r.secrets)], r.token.Value)
	}
	return err
}

// send sends the request and reads the answer.
func (r *run) send(request *http.Request, sent time.Time) (*http.Response, error) {
	operation := r.Operation
	var ctx context.Context = &infoContext{request.Context(), Info{operation.ID, operation.Method, operation.Path, r.attempts}}
	if timeout := r.sender.Policy.AttemptTimeout; timeout > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, timeout, errAttemptTimeout)
		defer cancel()
		ctx = limited
	}
	sighting := new(sighting)
	response, err := r.sender.Transport.RoundTrip(request.WithContext(sighting.watch(ctx)))
	r.notSent = sighting.provesNotSent()
	switch {
	case err != nil:
		return nil, attemptError(ctx, err)
	case response == nil:
		return nil, errors.New("the round tripper returned neither an answer nor an error")
	case response.Body == nil:
		response.Body = http.NoBody // as net/http takes it
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		// The body is the bare connection now, which no context ends.
		_ = response.Body.Close()
		response.Body = http.NoBody
	}
	r.buffer.release()
	r.takeTurn(ctx, response)
	r.buffer, err = readBody(response, r.sender.MaxBytes)
	if err != nil || response.StatusCode < 200 || response.StatusCode >= 300 {
		r.endTurn() // else Accept has to read the answer first
	}
	r.answer = &Answer{Status: response.StatusCode, Header: response.Header}
	if r.buffer != nil {
		r.answer.Body = r.buffer.bytes
	}
	r.paced(response, sent)
	if err != nil && response.StatusCode >= 200 && response.StatusCode < 300 {
		return nil, attemptError(ctx, err)
	}
	// Of an error answer the status matters, even if its body is cut.
	response.Body = http.NoBody
	return response, nil
}

// paced tells the pace of the client how the API took the request.
func (r *run) paced(response *http.Response, sent time.Time) {
	if response.StatusCode == http.StatusTooManyRequests {
		after := retry.After(response.Header, time.Now())
		r.sender.Pace.Throttled(sent, min(after, r.sender.Policy.MaxRetryAfter))
		return
	}
	r.sender.Pace.Passed()
}

// attemptError names the timeout that ended an attempt, which transports
// report in several ways.
func attemptError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// record logs an attempt: no header, no body, no query.
func (r *run) record(duration time.Duration) {
	if r.Logger == nil || !r.Logger.Enabled(r.ctx, slog.LevelDebug) {
		return
	}
	attributes := []slog.Attr{
		slog.String("operation", r.Operation.ID),
		slog.Int("attempt", r.attempts),
		slog.Duration("duration", duration),
	}
	if r.err != nil {
		attributes = append(attributes, slog.String("error", redact.Text(r.err.Error(), r.secrets)))
	} else {
		attributes = append(attributes, slog.Int("status", r.answer.Status))
	}
	r.Logger.LogAttrs(r.ctx, slog.LevelDebug, "flowretail attempt", attributes...)
}

// A sighting is what a transport tells of its connections while it sends.
type sighting struct{ asked, got atomic.Bool }

func (s *sighting) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.got.Store(true) },
	})
}

// provesNotSent reports whether the transport asked for a connection and had
// none: then nothing can have been sent. A transport that tells nothing proves nothing.
func (s *sighting) provesNotSent() bool { return s.asked.Load() && !s.got.Load() }

func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}
