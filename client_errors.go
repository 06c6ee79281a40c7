package flowretail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/redact"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// invalidRequest is the error of a call that the SDK did not send.
func invalidRequest(in *request, err error) error {
	if problems, ok := errors.AsType[jsonwire.FieldErrors](err); ok {
		err = errors.New("body " + problems.Error())
	}
	failed := newCallError(in)
	failed.Outcome, failed.Err = ErrNotSent, fmt.Errorf("%w: %w", ErrInvalidRequest, err)
	return failed
}

// newCallError begins the error of a call.
func newCallError(in *request) *CallError {
	read := in.operation.Method == http.MethodGet || in.operation.Method == http.MethodHead
	return &CallError{Operation: in.operation.ID, Method: in.sdkMethod, write: !read}
}

// callErrorFrom is the error of a call that was sent, or was to be sent.
func callErrorFrom(in *request, result *transport.Result) error {
	failed := newCallError(in)
	failed.Attempts, failed.Elapsed, failed.Retryable = result.Requests, result.Elapsed, result.Retryable
	failed.NotRetried, failed.waits = result.NotRetried, result.Waits
	switch result.Outcome {
	case retry.NotSent:
		failed.Outcome = ErrNotSent
	case retry.Refused:
		failed.Outcome = ErrRefused
	default:
		failed.Outcome = ErrOutcomeUnknown
	}
	latest := transport.Attempt{Response: result.Response, Err: result.Err}
	failed.Err = reasonOf(in.operation, latest, result.Secrets)
	if before := result.BeforeLookup; before != nil {
		failed.Err = fmt.Errorf("%w, looking up the UID, after: %w", failed.Err, reasonOf(in.operation, *before, result.Secrets))
	}
	return failed
}

// reasonOf says why an attempt failed, without the secrets of the call.
func reasonOf(operation *operations.Operation, attempt transport.Attempt, secrets []string) error {
	err := attempt.Err
	if err == nil {
		return newGenericError(operation, attempt.Response, secrets)
	}
	if malformed, ok := errors.AsType[*malformedError](err); ok {
		return malformed.describe(operation, secrets)
	}
	if noToken, ok := errors.AsType[*NoAccessTokenError](err); ok {
		return noToken
	}
	// Drop a *url.Error: its URL repeats the operation and may contain the caller's data.
	if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // only the outermost error is replaced
		err = wrapped.Err
	}
	// These errors come from the SDK, and have no bytes of the server.
	switch {
	case errors.Is(err, transport.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrResponseTooLarge, err)
	case errors.Is(err, transport.ErrLimiterWait):
		// The limiter fails at once when a pause outlasts the deadline or MaxWait.
		// errors.Is finds DeadlineExceeded, as after waiting for it.
		if _, paused := errors.AsType[*ratelimit.PauseError](err); paused {
			err = fmt.Errorf("%w: %w", err, context.DeadlineExceeded)
		}
		return fmt.Errorf("%w: %w", ErrRateLimited, err)
	}
	return redactError(err, secrets)
}

// redactError removes secrets from an error of the transport, which may quote bytes of
// the server.
func redactError(err error, secrets []string) error {
	text := err.Error()
	if clean := redact.Message(text, secrets); clean != text || containsSecret(err, secrets) {
		return &redactedError{text: clean, err: err}
	}
	return err
}

// A redactedError stands for an error whose text or fields show a secret. It can be
// tested with errors.Is, and does not give access to the original.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

// As finds a GenericError, which has no secrets.
func (e *redactedError) As(target any) bool {
	generic, ok := target.(**GenericError)
	if ok {
		*generic, ok = errors.AsType[*GenericError](e.err)
	}
	return ok
}

// Format prints the text under every verb, so that %#v does not show the original.
func (e *redactedError) Format(state fmt.State, _ rune) { _, _ = fmt.Fprint(state, e.text) }

// containsSecret reports whether err, or an error that it wraps, has a secret in
// its text or in its fields.
func containsSecret(err error, secrets []string) bool {
	for _, text := range []string{err.Error(), fmt.Sprintf("%#v", err)} {
		if redact.Scrub(text, secrets) != text {
			return true
		}
	}
	var wrapped []error
	switch wrapping := err.(type) { //nolint:errorlint // this function walks the chain
	case interface{ Unwrap() error }:
		wrapped = []error{wrapping.Unwrap()}
	case interface{ Unwrap() []error }:
		wrapped = wrapping.Unwrap()
	}
	return slices.ContainsFunc(wrapped, func(err error) bool { return err != nil && containsSecret(err, secrets) })
}

// A malformedError says what is wrong with a 2xx response. It holds the response
// until the secrets of the call are known; describe turns it into an error
// for the caller.
type malformedError struct {
	response *transport.Response
	err      error
}

func (e *malformedError) Error() string { return e.err.Error() }

func (e *malformedError) Unwrap() []error { return []error{ErrMalformedResponse, e.err} }

// describe describes the response: its status, its content type if that is
// not JSON, and the beginning of a text.
func (e *malformedError) describe(operation *operations.Operation, secrets []string) error {
	description := []string{fmt.Sprintf("status %d", e.response.Status)}
	for _, header := range []struct{ name, label string }{{"Content-Type", "content type"}, {"Content-Encoding", "content encoding"}} {
		if value := e.response.Header.Get(header.name); value != "" {
			description = append(description, header.label+" "+redact.Shorten(redact.Message(value, secrets), 60))
		}
	}
	if len(e.response.Body) == 0 {
		description = append(description, "empty body")
	} else if beginning := excerpt(operation, e.response, secrets); beginning != "" {
		description = append(description, "body: "+beginning)
	}
	return fmt.Errorf("%w: %w (%s)", ErrMalformedResponse, e.err, strings.Join(description, ", "))
}

// excerpt returns the beginning of a response that is not JSON. It returns nothing
// where the response may carry a new token: nothing could redact that yet.
func excerpt(operation *operations.Operation, response *transport.Response, secrets []string) string {
	if operation.SecretInResponse {
		return ""
	}
	return redact.Excerpt(response.Body, secrets)
}

// newGenericError reads a response outside 2xx. The API documents an object with
// three optional members; proxies send anything.
func newGenericError(operation *operations.Operation, response *transport.Response, secrets []string) *GenericError {
	generic := &GenericError{StatusCode: response.Status, RetryAfter: retry.After(response.Header, time.Now())}
	var body struct {
		Code    any `json:"code"`
		Message any `json:"message"`
		LogID   any `json:"logId"`
	}
	if jsonwire.Unmarshal(response.Body, &body) != nil {
		generic.Excerpt = excerpt(operation, response, secrets)
		return generic
	}
	text := func(value any) string {
		if value == nil {
			return ""
		}
		return redact.Scrub(fmt.Sprint(value), secrets)
	}
	generic.Code, generic.Message, generic.LogID = text(body.Code), text(body.Message), text(body.LogID)
	kind := response.Header.Get("Content-Type")
	generic.fromAPI = (kind == "" || isJSON(kind)) && generic.Code+generic.Message+generic.LogID != ""
	return generic
}

// isNotFoundByAPI reports whether err is a 404 of the API, and not of a proxy.
func isNotFoundByAPI(err error) bool {
	generic, ok := errors.AsType[*GenericError](err)
	return ok && generic.StatusCode == http.StatusNotFound && generic.fromAPI
}
