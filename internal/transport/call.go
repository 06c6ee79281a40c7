package transport

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// A Call is a request without credentials, and what may be done with it.
type Call struct {
	Operation *operations.Operation
	URL       *url.URL
	Header    http.Header
	Body      []byte // nil: none

	// Idempotent means that sending the request twice has the effect of sending it once.
	Idempotent bool
	// NoRetry means one request, whatever comes back: no retry, no redirect, no
	// second token.
	NoRetry bool
	// NotFoundIsSuccess means that a 404 after an attempt of unknown outcome is a
	// success: that attempt has deleted the resource.
	NotFoundIsSuccess bool
	// Lookup, if set, finds what the request creates. A request of unknown outcome
	// is sent again only after the lookup has found nothing (404).
	Lookup *Lookup

	// The token and the invite token are sent to the origin of URL only.
	Token       tokensource.Source // nil: no Authorization header
	InviteToken string             // empty: no X-Invite-Token header
	Secrets     []string           // other texts that no error or log record may show
	Logger      *slog.Logger

	// Decode reads a 2xx response. It may be called again for the response to a
	// retry. An error marked with Final is not retried.
	Decode func(*Response) error
}

// A Lookup is a GET that finds a resource under the UID that the client chose.
type Lookup struct {
	Operation *operations.Operation
	URL       *url.URL
}

// A Response is a response of the API with its complete body.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // valid until the Result is released

	// Secrets are texts that Decode found in the response and that no error or log
	// record may show.
	Secrets []string
}

// A Result says how a call ended.
type Result struct {
	OK            bool
	FoundByLookup bool      // the lookup has found the resource
	Response      *Response // the last one, nil if there was none
	Err           error     // why there is no success; nil with a Response outside 2xx

	Requests  int // that were sent, or were to be sent when the connection failed
	Elapsed   time.Duration
	Waits     Waits
	Outcome   retry.Outcome // unless OK: the worst of all attempts
	Retryable bool          // unless OK: whether the same call is safe and may succeed
	// NotRetried says why no further attempt was made. It is empty if the failure itself is the reason.
	NotRetried string
	// BeforeLookup is the failed attempt that led to a lookup which failed, too.
	BeforeLookup *Attempt

	Secrets []string // the call's, its tokens and those of its response

	buffer *buffer
}

// Waits are the times that a call has waited.
type Waits struct {
	Token     time.Duration // for a token
	RateLimit time.Duration // in the queue of the rate limiter
	Backoff   time.Duration // before retries
}

// Release returns the memory of the response's body to the pool.
func (r *Result) Release() {
	if r.Response != nil {
		r.Response.Body = nil
	}
	r.buffer.release()
	r.buffer = nil
}

// Final marks an error of Decode: nothing is missing from the response, so a
// retry would get it again.
func Final(err error) error { return finalError{err} }

type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }
