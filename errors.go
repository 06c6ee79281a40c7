package flowretail

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/redact"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// Errors of the SDK. Test for them with errors.Is.
var (
	// ErrInvalidRequest is returned when the SDK rejects a call before sending it: a path value
	// has other characters than letters, digits, - and _, a required field is missing,
	// an option makes no sense.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrMalformedResponse is returned when a 2xx response is not what the API
	// documents, such as a proxy's HTML page, an empty body, or an item without UID.
	ErrMalformedResponse = errors.New("malformed response")
	// ErrResponseTooLarge is returned when a response has more bytes than
	// WithMaxResponseBytes permits.
	ErrResponseTooLarge = errors.New("response too large")
	// ErrListIncomplete is returned by iterators after they have read all pages, up to
	// the first empty one, and yielded all items, if the list's own totals say that
	// there are more, also when they are read again. It may be that the API counts items
	// which the token may not see. Then nothing is missing for this token.
	ErrListIncomplete = errors.New("list incomplete")
	// ErrCompleteUnsupported is returned when Complete cannot guarantee completeness for a
	// list.
	ErrCompleteUnsupported = errors.New("Complete is not supported")
	// ErrNoToken is returned when the client has no token of the kind that the
	// operation takes.
	ErrNoToken = errors.New("no token")
)

// Errors of the API, by status. Test for them with errors.Is.
var (
	ErrBadRequest   = errors.New("bad request")       // 400
	ErrUnauthorized = errors.New("unauthorized")      // 401: the token is missing, unknown or expired
	ErrForbidden    = errors.New("forbidden")         // 403: the token lacks a permission
	ErrNotFound     = errors.New("not found")         // 404
	ErrConflict     = errors.New("conflict")          // 409, or a create has found another resource under its UID
	ErrRateLimited  = errors.New("too many requests") // 429, or the call waited too long for the rate limiter
	ErrServer       = errors.New("server error")      // 500 and above
)

// An Outcome says what became of a call that failed. It is an error so that
// errors.Is finds it in a CallError.
type Outcome string

const (
	// ErrNotSent means that the call never reached the API: no connection was made,
	// or the SDK rejected it before sending.
	ErrNotSent Outcome = "not sent"
	// ErrRefused means that the API did nothing.
	ErrRefused Outcome = "refused"
	// ErrOutcomeUnknown means that the API may have carried the call out.
	ErrOutcomeUnknown Outcome = "outcome unknown"
)

// Error returns the outcome in words.
func (o Outcome) Error() string { return string(o) }

// A CallError is the error of every call that failed.
type CallError struct {
	Operation string        // the operationId, such as "get-tenants-users"
	Method    string        // the method of the SDK, such as "Users.List"
	Attempts  int           // all requests, also those that RetryPolicy.MaxAttempts does not count
	Elapsed   time.Duration // from the call, or the start of the iterator, to this error
	Outcome   Outcome       // what became of the call, over all attempts
	Retryable bool          // whether the same call is safe and may succeed later
	// NotRetried says why no further attempt was made, for instance "retry budget
	// exhausted". It is empty if Err itself is the reason, such as a 404.
	NotRetried string
	Err        error // why the call failed; a *GenericError for a response outside 2xx

	write    bool // the outcome matters
	iterator bool // the error is about several pages
	waits    transport.Waits
}

// Error says what was called, what came back, after how many attempts, why no
// further attempt was made, and what became of a write:
//
//	flowretail: Users.Get (get-tenants-users-details): 503 Service Unavailable, 4 attempts in 2.1s; not retried: RetryPolicy.MaxAttempts (4)
func (e *CallError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "flowretail: %s: %v", e.name(), e.Err)
	if e.Attempts > 1 {
		unit := "attempts"
		if e.iterator {
			unit = "requests"
		}
		fmt.Fprintf(&text, ", %d %s in %s", e.Attempts, unit, e.Elapsed.Round(time.Millisecond))
	}
	for _, wait := range []struct {
		span time.Duration
		why  string
	}{{e.waits.RateLimit, "for the rate limiter"}, {e.waits.Token, "for a token"}, {e.waits.Backoff, "before retries"}} {
		if wait.span >= time.Second {
			fmt.Fprintf(&text, ", %s waiting %s", wait.span.Round(time.Millisecond), wait.why)
		}
	}
	if e.NotRetried != "" {
		text.WriteString("; not retried: " + e.NotRetried)
	}
	if e.write {
		text.WriteString(" (" + e.Outcome.Error() + ")")
	}
	return text.String()
}

// name is the method of the SDK with the operation, or the operation alone.
func (e *CallError) name() string {
	if e.Method == "" {
		return e.Operation
	}
	return e.Method + " (" + e.Operation + ")"
}

// Unwrap returns Err and the outcome.
func (e *CallError) Unwrap() []error { return []error{e.Err, e.Outcome} }

// A GenericError is a response outside 2xx. Code, Message and LogID are empty where
// the API did not send them, and are cut after 8 KiB. Secrets in them are replaced
// by REDACTED.
type GenericError struct {
	StatusCode int
	Code       string
	Message    string        // in the language of the call, or of the user
	LogID      string        // for the vendor's support
	RetryAfter time.Duration // 0 when the API sent no Retry-After
	Excerpt    string        // the beginning of a response that is not JSON, such as a proxy's page

	fromAPI bool // the response is an error as the API documents it
}

// Error returns the status, and what the API said about it.
func (e *GenericError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d", e.StatusCode)
	if name := http.StatusText(e.StatusCode); name != "" {
		text.WriteString(" " + name)
	}
	if e.StatusCode >= 300 && e.StatusCode < 400 {
		text.WriteString(", a redirect that the SDK does not follow")
	}
	for _, part := range []struct{ label, value string }{
		{": ", e.Message}, {", code ", e.Code}, {", log id ", e.LogID}, {", body: ", e.Excerpt},
	} {
		if part.value != "" {
			text.WriteString(part.label + redact.Message(part.value, nil))
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

// A NoAccessTokenError is the error of a token exchange whose response has no token
// in any of the places where the SDK looks for it.
type NoAccessTokenError struct {
	User *User // nil when the response has none
}

// Error names the places.
func (*NoAccessTokenError) Error() string {
	return "the response has no access token, neither in the body (accessToken) nor in the headers Authorization and X-Access-Token"
}

// Unwrap returns ErrMalformedResponse.
func (*NoAccessTokenError) Unwrap() error { return ErrMalformedResponse }
