package flowretail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// The secrets begin and end with marks, so that half of a secret is found, too.
// The password has characters that every kind of escaping changes.
const (
	markedToken    = "marked-secret-token-0000000000000000000000000000-end-of-secret"
	markedPassword = "marked-secret \"<&>'\\/ \u00e5\u00a0\u2028\U0001f600\t-end-of-secret"
	markedInvite   = "marked-secret-invite-end-of-secret"
)

// A wire is a round tripper that records the last request and its response.
type wire struct {
	http.RoundTripper
	request  *http.Request
	sent     []byte
	received []byte
	calls    int
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	w.calls++
	w.request, w.sent = request, nil
	if request.Body != nil {
		w.sent, _ = io.ReadAll(request.Body)
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(w.sent))
	}
	response, err := w.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	w.received, err = io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(w.received))
	return response, err
}

// A roundTripFunc is a function that is a round tripper.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// respond returns a round tripper that sends the same response to every request.
func respond(status int, contentType, body string) roundTripFunc {
	return func(request *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Request: request,
			Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
		}, nil
	}
}

// newClient returns a client with a token and the transport.
func newClient(t testing.TB, transport http.RoundTripper, opts ...flowretail.Option) *flowretail.Client {
	t.Helper()
	opts = append([]flowretail.Option{
		flowretail.WithToken("marked-secret-token"), flowretail.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)
	client, err := flowretail.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// fastRetries retries without waiting. A call that is refused with 429 is sent three
// times: the rate limiter waits 118 ms before the second request, 235 ms before the
// third and 471 ms before the fourth.
func fastRetries() flowretail.RetryPolicy {
	return flowretail.RetryPolicy{
		MaxAttempts: faultserver.MaxAttempts, BaseDelay: time.Microsecond, MaxDelay: time.Millisecond, MaxRetryAfter: time.Millisecond,
		AttemptTimeout: time.Minute, MaxWait: 400 * time.Millisecond,
	}
}

// A testEnv is a fault server and a client for it.
type testEnv struct {
	server    *faultserver.Server
	transport *http.Transport
	client    *flowretail.Client
	logged    bytes.Buffer // at debug level
}

// newTestEnv starts a fault server on a loopback address.
func newTestEnv(t *testing.T, handler faultserver.Handler, opts ...flowretail.Option) *testEnv {
	t.Helper()
	server := must[*faultserver.Server](t)(faultserver.New(handler))
	return newEnvFor(t, server, http.DefaultTransport.(*http.Transport).Clone(), opts...)
}

// newMemoryEnv starts a fault server without sockets, for tests in virtual time.
func newMemoryEnv(t *testing.T, handler faultserver.Handler, opts ...flowretail.Option) *testEnv {
	t.Helper()
	server, dial := faultserver.NewInMemory(handler)
	return newEnvFor(t, server, &http.Transport{DialContext: dial}, opts...)
}

// newEnvFor returns a client with the marked token and a logger at debug level.
func newEnvFor(t *testing.T, server *faultserver.Server, transport *http.Transport, opts ...flowretail.Option) *testEnv {
	t.Helper()
	env := &testEnv{server: server, transport: transport}
	env.transport.MaxResponseHeaderBytes = faultserver.MaxHeaderBytes
	logger := slog.New(slog.NewTextHandler(&env.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	env.client = must[*flowretail.Client](t)(flowretail.NewClient(append([]flowretail.Option{
		flowretail.WithToken(markedToken), flowretail.WithBaseURL(server.URL), flowretail.WithLogger(logger),
		flowretail.WithHTTPClient(&http.Client{Transport: env.transport}),
		flowretail.WithRetryPolicy(fastRetries()), flowretail.WithMaxResponseBytes(faultserver.MaxBodyBytes),
	}, opts...)...))
	return env
}

// close stops the server. It fails the test if the client has left a connection
// open that is not idle.
func (env *testEnv) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	env.transport.CloseIdleConnections()
	if env.server.WaitUntilClosed(ctx) != nil {
		t.Error("a connection was left open")
	}
	env.server.Close()
}

// methods returns the methods of the requests that the server has received.
func (env *testEnv) methods() string {
	var methods []string
	for _, request := range env.server.Requests() {
		methods = append(methods, request.Method)
	}
	return strings.Join(methods, " ")
}

// sampleCalls are one call of each kind that faultserver.Results has.
var sampleCalls = []struct {
	name   string
	result func(faultserver.Results) faultserver.Result
	call   func(context.Context, *flowretail.Client) error
}{
	{"a read", func(r faultserver.Results) faultserver.Result { return r.Read }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Get(ctx, "t-1", "u-1")
		return err
	}},
	{"a write", func(r faultserver.Results) faultserver.Result { return r.Write }, createToken},
	{"an iterator", func(r faultserver.Results) faultserver.Result { return r.List }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := flowretail.Collect(c.Users.All(ctx, "t-1", nil, flowretail.Prefetch(1)))
		return err
	}},
	{"a create with a UID", func(r faultserver.Results) faultserver.Result { return r.Create }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Create(ctx, "t-1", markedUser("u-1"))
		return err
	}},
	{"a delete", func(r faultserver.Results) faultserver.Result { return r.Delete }, func(ctx context.Context, c *flowretail.Client) error {
		return c.Users.Delete(ctx, "t-1", "u-1")
	}},
}

func createToken(ctx context.Context, c *flowretail.Client) error {
	_, err := c.Tokens.Create(ctx, "t-1", "u-1")
	return err
}

func markedUser(uid string) *flowretail.UserCreateRequest {
	return &flowretail.UserCreateRequest{
		TenantUserUID: uid, AccountType: flowretail.AccountTypeRegular, TenantRole: flowretail.TenantRoleAccess,
		UserCode: "1001", Password: flowretail.NewSecret(markedPassword),
	}
}

// A fakeEnv is the fake API and a client for it.
type fakeEnv struct {
	*flowretailtest.Fake
	client              *flowretail.Client
	tenant, user, store string
}

// withFake runs a test with a new fake, in virtual time.
func withFake(t *testing.T, test func(t *testing.T, env fakeEnv), opts ...flowretail.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		tenant := fake.TenantUID()
		client := must[*flowretail.Client](t)(fake.NewClient(opts...))
		user := fake.AddUser(tenant, flowretail.User{AccountType: flowretail.AccountTypeIntegration, Email: "it@example.com", Status: flowretail.UserStatusPendingInvite})
		test(t, fakeEnv{fake, client, tenant, user, fake.Stores(tenant)[0].StoreUID})
	})
}

func newUser(uid string) *flowretail.UserCreateRequest {
	return &flowretail.UserCreateRequest{
		TenantUserUID: uid, AccountType: flowretail.AccountTypeRegular, TenantRole: flowretail.TenantRoleAccess, UserCode: "4711",
		Password: flowretail.NewSecret("marked-secret-password"), DisplayName: "Nina",
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func callError(t *testing.T, err error) *flowretail.CallError {
	t.Helper()
	failed, ok := errors.AsType[*flowretail.CallError](err)
	if !ok {
		t.Fatalf("error %v, want a CallError", err)
	}
	return failed
}

// checkOutcome checks the fields of a CallError.
func checkOutcome(t *testing.T, err error, outcome flowretail.Outcome, attempts int, retryable bool) {
	t.Helper()
	failed := callError(t, err)
	if !errors.Is(err, outcome) || failed.Attempts != attempts || failed.Retryable != retryable {
		t.Errorf("%q after %d attempts, retryable %t; want %q, %d, %t: %v", failed.Outcome, failed.Attempts, failed.Retryable, outcome, attempts, retryable, err)
	}
}

// checkErrorText checks that an error, and each error that it wraps, is short and
// printable and shows no secret.
func checkErrorText(t *testing.T, err error) {
	t.Helper()
	checkLength(t, "error", err.Error())
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("the error has unprintable characters: %.300q", err.Error())
	}
	for _, wrapped := range errorTree(err) {
		checkNoSecret(t, fmt.Sprintf("%T under a verb of fmt", wrapped), fmt.Sprintf("%v %+v %#v %s %q", wrapped, wrapped, wrapped, wrapped, wrapped))
		if generic, ok := wrapped.(*flowretail.GenericError); ok {
			checkNoSecret(t, "fields", fmt.Sprintf("%+v", *generic))
		}
	}
}

// errorTree returns err and all errors that it wraps.
func errorTree(err error) []error {
	if err == nil {
		return nil
	}
	tree := []error{err}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		tree = append(tree, errorTree(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, wrapped := range wrapper.Unwrap() {
			tree = append(tree, errorTree(wrapped)...)
		}
	}
	return tree
}

func checkLength(t *testing.T, what, text string) {
	t.Helper()
	if len(text) > 2000 {
		t.Errorf("the %s has %d bytes: %.100q", what, len(text), text)
	}
}

func checkNoSecret(t *testing.T, what, text string) {
	t.Helper()
	if faultserver.ContainsSecret(text[:min(len(text), 64<<10)], "marked-secret", "end-of-secret") {
		t.Errorf("a secret in the %s: %.1000q", what, text)
	}
}

// checkGoroutines waits until at most this many goroutines are left.
func checkGoroutines(t *testing.T, most int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > most; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, and %d before\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// trailingZeros matches the trailing zeros of a timestamp's fraction.
var trailingZeros = regexp.MustCompile(`(T\d\d:\d\d:\d\d(?:\.\d*[1-9])?)\.?0+Z`)

// sameJSON checks that two JSON texts have equal values.
func sameJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var values [2]any
	for i, data := range [][]byte{got, want} {
		if err := json.Unmarshal(trailingZeros.ReplaceAll(data, []byte("${1}Z")), &values[i]); err != nil {
			t.Fatalf("%s: %v in %.300s", what, err, data)
		}
	}
	if !reflect.DeepEqual(values[0], values[1]) {
		t.Errorf("%s:\n got %.2000s\nwant %.2000s", what, got, want)
	}
}
