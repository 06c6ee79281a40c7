package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// A test scripts what the base round tripper does with each request, sends a call,
// and checks the result and the requests:
//
//	synctest.Test(t, func(t *testing.T) {
//		base := script(status(503), fail(errReset), status(200))
//		result := do(t.Context(), t, base, readCall(), maxAttempts(3))
//		checkResult(t, base, result, wantResult{ok: true, requests: 3})
//		checkEqual(t, "the methods", base.methods(), "GET GET GET")
//	})
//
// This file has, in this order: the scripted base and its steps, the calls, the
// transport, the checks.

// A step is what the base round tripper does with one request.
type step func(*http.Request) (*http.Response, error)

// A scriptedBase is a base round tripper that takes one step for each request. The
// last step is repeated.
type scriptedBase struct {
	steps    []step
	start    time.Time
	requests []sent
	open     int // response bodies that have not been closed
}

// A sent is a request that has reached the base round tripper.
type sent struct {
	method, url, body string
	header            http.Header
	at                time.Duration // since the start of the test
	info              Info
}

// script returns a base that takes the steps in this order.
func script(steps ...step) *scriptedBase { return &scriptedBase{steps: steps, start: time.Now()} }

func (b *scriptedBase) RoundTrip(request *http.Request) (*http.Response, error) {
	record := sent{method: request.Method, url: request.URL.String(), header: request.Header, at: time.Since(b.start)}
	record.info, _ = InfoFrom(request.Context())
	if request.Body != nil {
		body, _ := io.ReadAll(request.Body)
		record.body = string(body)
		request.Body.Close()
	}
	next := b.steps[min(len(b.requests), len(b.steps)-1)]
	b.requests = append(b.requests, record)
	response, err := next(request)
	if response != nil && response.Body != nil {
		b.open++
		response.Body = &countedBody{response.Body, &b.open}
	}
	return response, err
}

// methods returns the methods of all requests, such as "POST GET".
func (b *scriptedBase) methods() string {
	var methods []string
	for _, request := range b.requests {
		methods = append(methods, request.method)
	}
	return strings.Join(methods, " ")
}

// gap is the time between a request and the one before it.
func (b *scriptedBase) gap(i int) time.Duration { return b.requests[i].at - b.requests[i-1].at }

// A countedBody counts the bodies that have not been closed.
type countedBody struct {
	io.ReadCloser
	open *int
}

func (b *countedBody) Close() error {
	*b.open--
	return b.ReadCloser.Close()
}

// respond returns a response with pairs of header names and values.
func respond(status int, body string, header ...string) step {
	return func(*http.Request) (*http.Response, error) {
		response := &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
		for i := 0; i < len(header); i += 2 {
			response.Header.Set(header[i], header[i+1])
		}
		return response, nil
	}
}

// status returns a response with an empty JSON object.
func status(code int, header ...string) step { return respond(code, "{}", header...) }

// truncated returns a response whose body ends too early.
func truncated(status int) step {
	return func(*http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader("{"), errorReader{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: 100, Body: io.NopCloser(body)}, nil
	}
}

// An errorReader fails at the first read.
type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// errReset is the error of a connection that the other end has reset.
var errReset = &net.OpError{Op: "read", Err: syscall.ECONNRESET}

// fail returns an error after a connection was obtained.
func fail(err error) step {
	return func(request *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(request.Context())
		trace.GetConn("api.example:443")
		trace.GotConn(httptrace.GotConnInfo{})
		return nil, err
	}
}

// failToConnect returns an error without having obtained a connection.
func failToConnect(err error) step {
	return func(request *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(request.Context()).GetConn("api.example:443")
		return nil, err
	}
}

// failToDial returns an error of the dial, before any byte is sent.
func failToDial(err error) step { return failToConnect(&net.OpError{Op: "dial", Err: err}) }

// hang waits until the context of the request ends.
func hang(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

// after takes a step after some time.
func after(wait time.Duration, next step) step {
	return func(request *http.Request) (*http.Response, error) {
		time.Sleep(wait)
		return next(request)
	}
}

// The errors of decode.
var (
	errMalformed = errors.New("malformed")
	errNotJSON   = errors.New("not JSON")
)

// decode fails for the bodies "malformed" and "not JSON".
func decode(response *Response) error {
	switch {
	case bytes.HasPrefix(response.Body, []byte("malformed")):
		return errMalformed
	case bytes.Equal(response.Body, []byte("not JSON")):
		return Final(errNotJSON)
	}
	return nil
}

// newCall returns a call that is not idempotent and has no body.
func newCall(operation *operations.Operation, path string) *Call {
	target, _ := url.Parse("https://api.example" + path)
	return &Call{Operation: operation, URL: target, Header: http.Header{"Content-Type": {"application/json"}, "Accept-Language": {"nb"}}, Decode: decode}
}

// readCall returns an idempotent call without a body.
func readCall() *Call {
	call := newCall(operations.GetUser, "/users/1?q=marked-secret-query")
	call.Idempotent = true
	return call
}

// writeCall returns a call that is not idempotent.
func writeCall() *Call {
	call := newCall(operations.CreateToken, "/users/1/tokens")
	call.Body = []byte(`{"name":"x"}`)
	return call
}

// createCall returns a call with a lookup.
func createCall() *Call {
	call := newCall(operations.CreateUser, "/users")
	call.Body = []byte(`{"uid":"1"}`)
	call.Lookup = &Lookup{Operation: operations.GetUser, URL: readCall().URL}
	return call
}

// removeCall returns a delete.
func removeCall() *Call {
	call := newCall(operations.DeleteUser, "/users/1")
	call.Idempotent, call.NotFoundIsSuccess = true, true
	return call
}

// A fakeSource is a token source with the tokens marked-secret-1, marked-secret-2, …
type fakeSource struct {
	n               int // of the current token
	err, replaceErr error
	delay           time.Duration
	replaced        []string
	rejected        []string
}

func (s *fakeSource) Token(ctx context.Context) (*tokensource.Token, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(s.delay):
	}
	if s.err != nil {
		return nil, s.err
	}
	value := "marked-secret-" + string(rune('1'+s.n))
	return &tokensource.Token{Value: value, Header: "Bearer " + value}, nil
}

func (s *fakeSource) Replace(ctx context.Context, rejected *tokensource.Token) (*tokensource.Token, error) {
	s.replaced = append(s.replaced, rejected.Value)
	if s.replaceErr != nil {
		return nil, s.replaceErr
	}
	s.n++
	return s.Token(ctx)
}

func (s *fakeSource) Reject(rejected *tokensource.Token) {
	s.rejected = append(s.rejected, rejected.Value)
}

// A roundTripFunc is a function that is a round tripper.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// newTransport returns a transport without a budget and without a limiter. Its
// retries wait for at most 1 ms.
func newTransport(base http.RoundTripper, changes ...func(*Config)) *Transport {
	config := Config{
		Base: base, MaxBytes: 1 << 20, TimeoutName: "RetryPolicy.AttemptTimeout",
		Policy: retry.Policy{
			MaxAttempts: 4, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond,
			MaxRetryAfter: time.Minute, AttemptTimeout: 30 * time.Second, MaxWait: 2 * time.Minute,
		},
	}
	for _, change := range changes {
		change(&config)
	}
	return New(config)
}

// maxAttempts sets MaxAttempts of the policy.
func maxAttempts(n int) func(*Config) { return func(c *Config) { c.Policy.MaxAttempts = n } }

// maxWait sets MaxWait of the policy.
func maxWait(wait time.Duration) func(*Config) { return func(c *Config) { c.Policy.MaxWait = wait } }

// do sends a call and fails the test if a response body was left open.
func do(ctx context.Context, t *testing.T, base *scriptedBase, call *Call, changes ...func(*Config)) *Result {
	t.Helper()
	result := newTransport(base, changes...).Do(ctx, call)
	if base.open != 0 {
		t.Errorf("%d response bodies were left open", base.open)
	}
	return result
}

// inVirtualTime runs a subtest in virtual time.
func inVirtualTime(t *testing.T, name string, test func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// A wantResult says how a call must end. What is left out must be zero.
type wantResult struct {
	ok         bool
	requests   int           // that the result counts, and that reached the base
	redirects  int           // that were followed: the result does not count their requests
	outcome    retry.Outcome // unless ok
	retryable  bool          // unless ok
	notRetried string
}

// outcomeNames are the names of the outcomes in the messages of failed tests.
var outcomeNames = map[retry.Outcome]string{retry.NotSent: "NotSent", retry.Refused: "Refused", retry.Unknown: "Unknown"}

// checkResult reports each field of a result that differs. It ends the test if the
// number of requests differs, so that the test can look at each of them.
func checkResult(t *testing.T, base *scriptedBase, result *Result, want wantResult) {
	t.Helper()
	checkEqual(t, "OK", result.OK, want.ok)
	checkEqual(t, "Requests", result.Requests, want.requests)
	checkEqual(t, "NotRetried", result.NotRetried, want.notRetried)
	if !want.ok {
		checkEqual(t, "Outcome", outcomeNames[result.Outcome], outcomeNames[want.outcome])
		checkEqual(t, "Retryable", result.Retryable, want.retryable)
	}
	if n := want.requests + want.redirects; len(base.requests) != n {
		t.Fatalf("%d requests reached the base (%s), want %d; error %v", len(base.requests), base.methods(), n, result.Err)
	}
}

// checkResponse checks the last response of a call. The status 0 means that there is none.
func checkResponse(t *testing.T, result *Result, status int, body string) {
	t.Helper()
	checkEqual(t, "whether there is a Response", result.Response != nil, status != 0)
	if result.Response != nil {
		checkEqual(t, "Response.Status", result.Response.Status, status)
		checkEqual(t, "Response.Body", string(result.Response.Body), body)
	}
}

// checkError checks the text of an error, and that it is each of the targets. The
// empty text means that there is no error.
func checkError(t *testing.T, err error, text string, targets ...error) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	checkEqual(t, "the error", got, text)
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("the error %v is not %v", err, target)
		}
	}
}

// checkEqual reports a fact that differs by its name.
func checkEqual[T comparable](t *testing.T, name string, got, want T) {
	t.Helper()
	if got == want {
		return
	}
	verb := "%v"
	if _, isText := any(got).(string); isText {
		verb = "%q"
	}
	t.Errorf("%s is "+verb+", want "+verb, name, got, want)
}

// left returns how many retries are left in a budget.
func left(budget *retry.Budget) (n int) {
	for budget.Reserve() {
		n++
	}
	for range n {
		budget.Cancel()
	}
	return n
}
