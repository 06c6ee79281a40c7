package flowretailtest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// A Fault makes requests fail, or delays them. Several fields can be set. At most
// one fault applies to a request.
type Fault struct {
	// Operation is the operationId of the requests that the fault applies to, such
	// as "post-tenants-users". The default, "", is all operations.
	Operation string
	// After is the number of requests that pass first. The default is 0.
	After int
	// Times is the number of requests that the fault applies to. The default, 0, is
	// no limit.
	Times int
	// Probability is the probability, from 0 to 1, that the fault applies to a
	// request. The default, 0, applies it to each. The seed of the fake decides
	// which requests are hit.
	Probability float64

	// Latency delays the response. The default is no delay.
	Latency time.Duration
	// Acted makes the API process the request before it delays the response, sends
	// Status, or resets the connection. By default a request that gets Status or a
	// reset has no effect.
	Acted bool

	// Status is the status code of an error response, such as 503.
	Status int
	// Body is the body of the response with Status. The default is an error in the
	// API's form.
	Body string
	// Header has the headers of the response with Status.
	Header http.Header
	// RetryAfter is the Retry-After header of the response with Status: a number of
	// seconds, or a date. By default there is none.
	RetryAfter string

	// Refuse refuses the connection, so that nothing is sent. On loopback it is a
	// reset instead.
	Refuse bool
	// Reset resets the connection instead of a response.
	Reset bool
	// CutBody breaks the connection in the middle of the response body. A response
	// without a body is a reset. Without Status, the API has processed the request.
	CutBody bool
	// ExpireToken makes the token of the request expire just before the request is
	// received.
	ExpireToken bool
}

// An activeFault is a fault with the numbers of requests that it has seen and hit.
type activeFault struct {
	Fault
	seen, hits int
}

// Inject makes requests fail from now on. It can be called several times; when
// several faults match a request, the one that was injected first applies. It
// panics when the API does not have the operation.
func (f *Fake) Inject(fault Fault) {
	known := func(o *operations.Operation) bool { return o.ID == fault.Operation }
	if fault.Operation != "" && !slices.ContainsFunc(operations.All, known) {
		panic(fmt.Sprintf("flowretailtest: the API has no operation %q", fault.Operation))
	}
	fault.Header = fault.Header.Clone()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &activeFault{Fault: fault})
}

// ClearFaults removes all faults.
func (f *Fake) ClearFaults() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// nextFault returns the fault that applies to a request; the zero Fault if none does.
func (f *Fake) nextFault(to route) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.faults {
		if fault.Operation != "" && fault.Operation != to.operationID() {
			continue
		}
		fault.seen++
		switch {
		case fault.seen <= fault.After:
		case fault.Times > 0 && fault.hits >= fault.Times:
		case fault.Probability > 0 && f.random.Float64() >= fault.Probability:
		default:
			fault.hits++
			return fault.Fault
		}
	}
	return Fault{}
}

// applyFault processes a call as its fault says. The first row that matches applies:
//
//	fault                          the fake
//	Acted, CutBody without Status  acts, waits for Latency, and fails if the fault says so
//	Status, Reset, Refuse          waits for Latency and fails
//	anything else                  waits for Latency and acts
func (f *Fake) applyFault(ctx context.Context, c *call, fault Fault) (wireResponse, error) {
	failed := fault.Status != 0 || fault.Reset || fault.Refuse
	before, after := f.config.latency+fault.Latency, time.Duration(0)
	processed := fault.Acted || fault.CutBody && fault.Status == 0
	if processed {
		before, after = f.config.latency, fault.Latency
	}
	if err := wait(ctx, before); err != nil {
		return wireResponse{}, err
	}
	if fault.ExpireToken {
		f.RevokeToken(bearer(c.header))
	}
	var res wireResponse
	if processed || !failed {
		res = encode(f.process(c))
	}
	if err := wait(ctx, after); err != nil {
		return wireResponse{}, err
	}
	if fault.Status != 0 {
		res = f.faultResponse(c, fault)
	}
	res.reset = fault.Reset || fault.Refuse || fault.CutBody && len(res.body) < 2
	res.cut = fault.CutBody && !res.reset
	res.injected = failed || fault.CutBody
	return res, nil
}

// faultResponse returns the response of a fault with a status.
func (f *Fake) faultResponse(c *call, fault Fault) wireResponse {
	out := wireResponse{status: fault.Status, header: canonical(fault.Header), body: []byte(fault.Body)}
	contentType := "application/json"
	switch {
	case fault.Body == "":
		f.mu.Lock()
		res := f.errorResponse(c, newError(fault.Status, faultCode(fault.Status)))
		f.mu.Unlock()
		out.body = encode(res).body
	case strings.HasPrefix(strings.TrimSpace(fault.Body), "<"):
		contentType = "text/html"
	}
	if fault.RetryAfter != "" {
		out.header.Set("Retry-After", fault.RetryAfter)
	}
	out.header.Set("Content-Type", cmp.Or(out.header.Get("Content-Type"), contentType))
	return out
}

func faultCode(status int) string {
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

// wait returns after a duration, or with the cause when the context is done.
func wait(ctx context.Context, duration time.Duration) error {
	if duration <= 0 {
		return context.Cause(ctx) // nil while the context is not done
	}
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
