package flowretailtest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// A Fault is something that goes wrong, or slowly. Several fields may be set;
// the first fault that hits a request is the only one.
type Fault struct {
	// Operation is the operationId of the requests that it is for, such as
	// "post-tenants-users"; "" is for all.
	Operation string
	// After lets that many requests pass first.
	After int
	// Times is how many requests it hits; 0 is no limit.
	Times int
	// Probability is the chance of a request to be hit; 0 is certainty. It is
	// drawn from the seed of the fake.
	Probability float64

	// Latency delays the answer.
	Latency time.Duration
	// Acted has the API carry the request out first, and then delay it, answer
	// with Status, or reset. Otherwise a fault with Status or Reset keeps the
	// request from having any effect.
	Acted bool

	// Status answers with an error, whose body is Body, or one in the API's
	// form when that is "".
	Status int
	Body   string
	Header http.Header
	// RetryAfter is a header of the answer with Status: seconds, or a date.
	RetryAfter string

	// Refuse refuses the connection: nothing is sent. On loopback it is a reset.
	Refuse bool
	// Reset breaks the connection instead of an answer.
	Reset bool
	// CutBody breaks the connection in the middle of the body of the answer.
	// What has no body is reset. Without Status, the API has acted.
	CutBody bool
	// ExpireToken makes the token of the request expire just before it arrives.
	ExpireToken bool
}

// An armedFault is a fault with what it has seen.
type armedFault struct {
	Fault
	seen, hits int
}

// Inject makes requests fail from now on. It may be called many times; earlier
// faults come first. It panics for an operation that the API does not have.
func (f *Fake) Inject(fault Fault) {
	known := func(o *operations.Operation) bool { return o.ID == fault.Operation }
	if fault.Operation != "" && !slices.ContainsFunc(operations.All, known) {
		panic(fmt.Sprintf("flowretailtest: the API has no operation %q", fault.Operation))
	}
	fault.Header = fault.Header.Clone()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &armedFault{Fault: fault})
}

// ClearFaults takes all faults back.
func (f *Fake) ClearFaults() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// draw returns the fault that hits a request; the zero Fault is none.
func (f *Fake) draw(to route) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, armed := range f.faults {
		if armed.Operation != "" && armed.Operation != to.id() {
			continue
		}
		armed.seen++
		switch {
		case armed.seen <= armed.After:
		case armed.Times > 0 && armed.hits >= armed.Times:
		case armed.Probability > 0 && f.random.Float64() >= armed.Probability:
		default:
			armed.hits++
			return armed.Fault
		}
	}
	return Fault{}
}

// An ending says how an exchange ends on the wire.
type ending struct {
	reply
	reset    bool // no answer
	cut      bool // half of the body
	injected bool // it is the doing of a fault
}

// serve takes a request through the latency and the fault to its end. The
// error is that of a context that was done before the answer.
func (f *Fake) serve(ctx context.Context, r *http.Request, header http.Header, to route, body []byte, fault Fault) (ending, error) {
	noted := f.record(r, header, to, body)
	end, err := f.undergo(ctx, r, header, to, body, fault)
	f.ended(noted, end)
	return end, err
}

func (f *Fake) undergo(ctx context.Context, r *http.Request, header http.Header, to route, body []byte, fault Fault) (ending, error) {
	if err := wait(ctx, f.config.latency); err != nil {
		return ending{}, err
	}
	acted := fault.Acted || fault.CutBody && fault.Status == 0
	if !acted {
		if err := wait(ctx, fault.Latency); err != nil {
			return ending{}, err
		}
	}
	if fault.ExpireToken {
		f.mu.Lock()
		f.expire(bearer(header))
		f.mu.Unlock()
	}
	broken := fault.Status != 0 || fault.Reset || fault.Refuse
	var end ending
	if acted || !broken {
		end.reply = f.carryOut(r, header, to, body)
	}
	if acted {
		if err := wait(ctx, fault.Latency); err != nil {
			return ending{}, err
		}
	}
	if fault.Status != 0 {
		end.reply = f.injected(fault, header)
	}
	end.reset = fault.Reset || fault.Refuse || fault.CutBody && len(end.body) < 2
	end.cut = fault.CutBody && !end.reset
	end.injected = broken || fault.CutBody
	return end, nil
}

// injected is the answer of a fault with a status.
func (f *Fake) injected(fault Fault, header http.Header) reply {
	out := reply{status: fault.Status, header: fault.Header.Clone(), body: []byte(fault.Body)}
	if out.header == nil {
		out.header = http.Header{}
	}
	if fault.RetryAfter != "" {
		out.header.Set("Retry-After", fault.RetryAfter)
	}
	contentType := "application/json"
	switch {
	case fault.Body == "":
		f.mu.Lock()
		explained := f.explain(refuse(fault.Status, codeOf(fault.Status)), language(header.Get("Accept-Language"), ""))
		f.mu.Unlock()
		out.body = appendValue(nil, reflect.ValueOf(explained))
	case strings.HasPrefix(strings.TrimSpace(fault.Body), "<"):
		contentType = "text/html"
	}
	out.header.Set("Content-Type", cmp.Or(out.header.Get("Content-Type"), contentType))
	return out
}

func codeOf(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "TOO_MANY_REQUESTS"
	case status == http.StatusServiceUnavailable:
		return "SERVICE_UNAVAILABLE"
	case status >= 500:
		return "INTERNAL_ERROR"
	}
	return "REFUSED"
}

// wait returns after a time, or with the cause when the context is done.
func wait(ctx context.Context, duration time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if duration <= 0 {
		return nil
	}
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
