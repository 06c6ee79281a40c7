// Package transport carries one call to the API and back: it authorizes, sends,
// reads, judges and repeats, and says at the end what became of it.
package transport

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// A Sender is what the calls of a client share. Its fields do not change once
// it is in use.
type Sender struct {
	Transport http.RoundTripper
	Policy    retry.Policy
	Budget    *retry.Budget // nil: without bound
	Pace      *ratelimit.Pace
	MaxBytes  int64 // of one answer, after decompression
}

// A Call is one request as the API sees it, without credentials.
type Call struct {
	Operation  *operations.Operation
	URL        *url.URL
	Header     http.Header
	Body       []byte // nil: none
	Repeatable bool   // it may be carried out twice
	Once       bool   // one request on the wire, whatever comes back
	// GoneIsDone says that 404 after an attempt of unknown fate means that the attempt worked.
	GoneIsDone bool

	// Credentials go to the origin of URL alone.
	Credential  tokensource.Source // nil: no Authorization
	InviteToken string             // empty: no x-invite-token
	Secrets     []string           // what else must not show up in texts
	Logger      *slog.Logger
	// Turns, if set, are those of the calls that this one belongs to, and Place
	// is its own among them; lower comes first.
	Turns *Turns
	Place int
	// Accept reads a 2xx answer. It may be called again, for another answer.
	Accept func(*Answer) error
	// Lookup, if set, asks whether an attempt of unknown fate was carried out.
	// The call is not sent again before it has said no.
	Lookup func(context.Context) (bool, error)
}

// An Answer is what the API sent.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // valid until the Result is released

	// Secrets are what Accept found in the answer that must not show up in texts.
	Secrets []string
}

// A Result is how a call ended.
type Result struct {
	Answer    *Answer // the last one; nil when there was none
	Err       error   // why there is no success; nil with an Answer outside 2xx
	OK        bool
	Attempts  int
	Elapsed   time.Duration
	Fate      retry.Fate // unless OK: the worst of all attempts
	Retryable bool       // unless OK: whether another call makes sense
	Secrets   []string   // the call's, and the tokens it was made with

	buffer *buffer
}

// Release gives the memory of the Answer's body back.
func (r *Result) Release() {
	if r.Answer != nil {
		r.Answer.Body = nil
	}
	r.buffer.release()
	r.buffer = nil
}
