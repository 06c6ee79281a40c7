package flowretail

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/redact"
)

// What a failed call can be tested for with errors.Is.
var (
	// ErrInvalidRequest: the SDK refused to send the call. A path value has
	// something else than letters, digits, - and _, a required field is missing, an
	// option makes no sense.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrMalformedResponse: the API answered 2xx with something else than what
	// it documents, such as a proxy's HTML page, nothing, or an item without UID.
	ErrMalformedResponse = errors.New("malformed response")
	// ErrResponseTooLarge: the answer has more bytes than WithMaxResponseBytes allows.
	ErrResponseTooLarge = errors.New("response too large")
	// ErrCompleteUnsupported: Complete cannot keep its promise for this list.
	ErrCompleteUnsupported = errors.New("Complete is not supported")
	// ErrNoToken: the client has no credential, and the operation takes one.
	ErrNoToken = errors.New("no token")
)

// What the API answered, by status.
var (
	ErrBadRequest   = errors.New("bad request")       // 400
	ErrUnauthorized = errors.New("unauthorized")      // 401: the token is missing, unknown or expired
	ErrForbidden    = errors.New("forbidden")         // 403: the token lacks a permission
	ErrNotFound     = errors.New("not found")         // 404
	ErrConflict     = errors.New("conflict")          // 409, such as a UID that exists already; or a create met something else under its UID
	ErrRateLimited  = errors.New("too many requests") // 429
	ErrServer       = errors.New("server error")      // 500 and above
)

// An Outcome is what became of a call that failed. It is an error only so that
// errors.Is finds it in a CallError.
type Outcome string

const (
	// ErrNotSent: the call never reached the API. There is proof: no connection
	// came about, or the SDK itself refused.
	ErrNotSent Outcome = "not sent"
	// ErrRefused: the API said no, and did nothing.
	ErrRefused Outcome = "refused"
	// ErrOutcomeUnknown: nobody knows whether the API carried the call out. A
	// write may have happened.
	ErrOutcomeUnknown Outcome = "outcome unknown"
)

// Error returns the outcome in words.
func (o Outcome) Error() string { return string(o) }

// A CallError is the error of every call that failed.
type CallError struct {
	Operation string        // the operationId, such as "get-tenants-users"
	Attempts  int           // requests that were sent, at most
	Elapsed   time.Duration // from the call to this error
	Outcome   Outcome       // what became of it, over all attempts
	Retryable bool          // whether the same call, made again later, is safe and may succeed
	Err       error         // why; a *GenericError when the API said so
}

// Error says which operation failed, why, and after how many attempts.
func (e *CallError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "flowretail: %s: %v", e.Operation, e.Err)
	if e.Attempts > 1 {
		fmt.Fprintf(&text, " (%d attempts in %s)", e.Attempts, e.Elapsed.Round(time.Millisecond))
	}
	if e.Outcome == ErrOutcomeUnknown {
		text.WriteString(" (outcome unknown)")
	}
	return text.String()
}

// Unwrap returns the reason and the outcome.
func (e *CallError) Unwrap() []error { return []error{e.Err, e.Outcome} }

// A GenericError is an answer outside 2xx. Code, Message and LogID are empty
// where the API did not send them, and end after 8 KiB. Secrets in them have been
// replaced by REDACTED.
type GenericError struct {
	StatusCode int
	Code       string
	Message    string        // in the language of the call, or of the user
	LogID      string        // for the vendor's support
	RetryAfter time.Duration // 0: the API did not say
	Excerpt    string        // the beginning of an answer that is no JSON, such as a proxy's page
}

// Error returns the status and what the API said of it.
func (e *GenericError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "status %d", e.StatusCode)
	if name := http.StatusText(e.StatusCode); name != "" {
		text.WriteString(" " + name)
	}
	if e.StatusCode >= 300 && e.StatusCode < 400 {
		text.WriteString(": a redirect that the SDK does not follow")
	}
	for _, part := range []struct{ label, value string }{
		{": ", e.Message}, {", code ", e.Code}, {", log id ", e.LogID}, {", answer: ", e.Excerpt},
	} {
		if part.value != "" {
			text.WriteString(part.label + redact.Text(part.value, nil))
		}
	}
	return text.String()
}

// Is reports whether target is the sentinel of the status.
func (e *GenericError) Is(target error) bool {
	switch e.StatusCode {
	case http.StatusBadRequest:
		return target == ErrBadRequest
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusNotFound:
		return target == ErrNotFound
	case http.StatusConflict:
		return target == ErrConflict
	case http.StatusTooManyRequests:
		return target == ErrRateLimited
	}
	return e.StatusCode >= 500 && target == ErrServer
}

// A NoAccessTokenError is the error of a token exchange that the API answered
// with a user, but without a token in any of the places where the SDK looks.
type NoAccessTokenError struct {
	User *User // nil when the answer had none
}

// Error says where a token was looked for.
func (*NoAccessTokenError) Error() string {
	return "the answer has no access token: not in the body (accessToken), not in the headers Authorization and X-Access-Token"
}

// Unwrap returns ErrMalformedResponse.
func (*NoAccessTokenError) Unwrap() error { return ErrMalformedResponse }
