package flowretail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/redact"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// refusal is the error of a call that the SDK did not send.
func refusal(operation string, err error) error {
	if problems, ok := errors.AsType[jsonwire.FieldErrors](err); ok {
		err = errors.New("body " + problems.Error())
	}
	return &CallError{Operation: operation, Outcome: ErrNotSent, Err: fmt.Errorf("%w: %w", ErrInvalidRequest, err)}
}

// failure is the error of a call that was sent, or was to be.
func (c *Client) failure(operation *operations.Operation, result *transport.Result) error {
	failed := &CallError{
		Operation: operation.ID, Attempts: result.Attempts, Elapsed: result.Elapsed, Retryable: result.Retryable,
	}
	switch result.Fate {
	case retry.NotSent:
		failed.Outcome = ErrNotSent
	case retry.Refused:
		failed.Outcome = ErrRefused
	default:
		failed.Outcome = ErrOutcomeUnknown
	}
	failed.Err = reason(operation, result)
	return failed
}

// reason says why a call failed, without any of its secrets.
func reason(operation *operations.Operation, result *transport.Result) error {
	err := result.Err
	if err == nil {
		return newGenericError(operation, result)
	}
	if unread, ok := err.(*malformed); ok {
		return unread.reason(operation, result.Secrets)
	}
	if final, ok := errors.AsType[*NoAccessTokenError](err); ok {
		return final
	}
	// The URL would repeat the operation, and the query is the caller's data.
	if wrapped, ok := err.(*url.Error); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, transport.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrResponseTooLarge, err)
	case errors.Is(err, ratelimit.ErrBeyondDeadline):
		return fmt.Errorf("%w: %w: %w", ErrRateLimited, context.DeadlineExceeded, err)
	}
	// Transports repeat what a server sends, at any length.
	text := err.Error()
	if clean := redact.Text(text, result.Secrets); clean != text || shows(err, result.Secrets) {
		return &scrubbed{text: clean, err: err}
	}
	return err
}

// A scrubbed error stands for one whose text was not fit to print. It can be
// tested with errors.Is, but does not hand the original out.
type scrubbed struct {
	text string
	err  error
}

func (s *scrubbed) Error() string { return s.text }

func (s *scrubbed) Is(target error) bool { return errors.Is(s.err, target) }

// As finds what the API said, which is clean by itself.
func (s *scrubbed) As(target any) bool {
	generic, ok := target.(**GenericError)
	if ok {
		*generic, ok = errors.AsType[*GenericError](s.err)
	}
	return ok
}

// Format keeps verbs such as %#v from looking behind the text.
func (s *scrubbed) Format(state fmt.State, _ rune) { _, _ = fmt.Fprint(state, s.text) }

// shows reports whether err, or an error that it wraps, has a secret in its text
// or in its fields.
func shows(err error, secrets []string) bool {
	for _, text := range []string{err.Error(), fmt.Sprintf("%#v", err)} {
		if redact.Message(text, secrets) != text {
			return true
		}
	}
	var wrapped []error
	switch wrapping := err.(type) {
	case interface{ Unwrap() error }:
		wrapped = []error{wrapping.Unwrap()}
	case interface{ Unwrap() []error }:
		wrapped = wrapping.Unwrap()
	}
	return slices.ContainsFunc(wrapped, func(err error) bool { return err != nil && shows(err, secrets) })
}

func (m *malformed) reason(operation *operations.Operation, secrets []string) error {
	description := fmt.Sprintf("status %d", m.answer.Status)
	for _, header := range []struct{ name, label string }{{"Content-Type", "content type"}, {"Content-Encoding", "content encoding"}} {
		if value := m.answer.Header.Get(header.name); value != "" {
			description += ", " + header.label + " " + redact.Shorten(redact.Text(value, secrets), 60)
		}
	}
	if len(m.answer.Body) == 0 {
		description += ", empty body"
	} else if excerpt := excerpt(operation, m.answer, secrets); excerpt != "" {
		description += ", answer: " + excerpt
	}
	return fmt.Errorf("%w: %w (%s)", ErrMalformedResponse, m.err, description)
}

// excerpt returns the beginning of an answer that is no JSON. Of operations that
// are answered with a token it shows nothing: nobody knows that token yet, so
// nothing could scrub it.
func excerpt(operation *operations.Operation, answer *transport.Answer, secrets []string) string {
	switch operation {
	case operations.Login, operations.CreateAccessToken, operations.CreateToken, operations.ListTokens:
		return ""
	}
	return redact.Excerpt(answer.Body, secrets)
}

// newGenericError reads an answer outside 2xx. The API documents an object with
// three members, all optional; proxies send anything.
func newGenericError(operation *operations.Operation, result *transport.Result) *GenericError {
	answer := result.Answer
	generic := &GenericError{StatusCode: answer.Status, RetryAfter: retry.After(answer.Header, time.Now())}
	var body struct {
		Code    any `json:"code"`
		Message any `json:"message"`
		LogID   any `json:"logId"`
	}
	if jsonwire.Unmarshal(answer.Body, &body) != nil {
		generic.Excerpt = excerpt(operation, answer, result.Secrets)
		return generic
	}
	text := func(value any) string {
		if value == nil {
			return ""
		}
		return redact.Message(fmt.Sprint(value), result.Secrets)
	}
	generic.Code, generic.Message, generic.LogID = text(body.Code), text(body.Message), text(body.LogID)
	return generic
}

// inner returns why a call within another call failed, without what became of
// it: that is not what became of the outer one.
func inner(err error) error {
	if failed, ok := errors.AsType[*CallError](err); ok {
		return fmt.Errorf("%s: %w", failed.Operation, failed.Err)
	}
	return err
}
