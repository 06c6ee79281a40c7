package flowretail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// Both secrets begin and end with marks, so that half a secret is found too.
// The password has what every kind of escaping spells in its own way.
const (
	markedToken    = "marked-secret-token-0000000000000000000000000000-end-of-secret"
	markedPassword = "marked-secret \"<&>'\\/ \u00e5\u00a0\u2028\U0001f600\t-end-of-secret"
)

// hostileCalls are the calls that every case is played against.
var hostileCalls = []struct {
	name string
	end  func(faultserver.Ends) faultserver.Ending
	call func(context.Context, *flowretail.Client) error
}{
	{"a read", func(e faultserver.Ends) faultserver.Ending { return e.Read }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Get(ctx, "t-1", "u-1")
		return err
	}},
	{"a write", func(e faultserver.Ends) faultserver.Ending { return e.Write }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Tokens.Create(ctx, "t-1", "u-1")
		return err
	}},
	{"an iterator", func(e faultserver.Ends) faultserver.Ending { return e.List }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := flowretail.Collect(c.Users.All(ctx, "t-1", nil, flowretail.Prefetch(1)))
		return err
	}},
	{"a create with a UID", func(e faultserver.Ends) faultserver.Ending { return e.Create }, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Create(ctx, "t-1", markedUser("u-1"))
		return err
	}},
	{"a delete", func(e faultserver.Ends) faultserver.Ending { return e.Delete }, func(ctx context.Context, c *flowretail.Client) error {
		return c.Users.Delete(ctx, "t-1", "u-1")
	}},
}

func markedUser(uid string) *flowretail.UserCreateRequest {
	return &flowretail.UserCreateRequest{
		TenantUserUID: uid, AccountType: flowretail.AccountTypeRegular, TenantRole: flowretail.TenantRoleAccess,
		UserCode: "1001", Password: flowretail.NewSecret(markedPassword),
	}
}

// hasty repeats without waiting.
func hasty() flowretail.RetryPolicy {
	return flowretail.RetryPolicy{
		MaxAttempts: faultserver.Attempts, BaseDelay: time.Microsecond, MaxDelay: time.Millisecond, MaxRetryAfter: time.Millisecond,
		AttemptTimeout: time.Minute,
	}
}

// A stage is a hostile server, and a client that talks to it.
type stage struct {
	server    *faultserver.Server
	transport *http.Transport
	client    *flowretail.Client
	logged    bytes.Buffer // at debug level
}

// newStage makes a stage with the marked token and a log at debug level.
func newStage(t *testing.T, script faultserver.Script, opts ...flowretail.Option) *stage {
	t.Helper()
	server := must[*faultserver.Server](t)(faultserver.Serve(script))
	s := &stage{server: server, transport: http.DefaultTransport.(*http.Transport).Clone()}
	s.transport.MaxResponseHeaderBytes = faultserver.HeaderLimit
	logger := slog.New(slog.NewTextHandler(&s.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.client = must[*flowretail.Client](t)(flowretail.NewClient(append([]flowretail.Option{
		flowretail.WithToken(markedToken), flowretail.WithBaseURL(server.URL), flowretail.WithLogger(logger),
		flowretail.WithHTTPClient(&http.Client{Transport: s.transport}),
		flowretail.WithRetryPolicy(hasty()), flowretail.WithMaxResponseBytes(faultserver.Limit),
	}, opts...)...))
	return s
}

// close takes the stage down. A connection that is not idle by now is forgotten.
func (s *stage) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s.transport.CloseIdleConnections()
	if s.server.AwaitQuiet(ctx) != nil {
		t.Error("a connection was left behind")
	}
	s.server.Close()
}

func TestHostileAnswers(t *testing.T) {
	var stray bytes.Buffer // of net/http
	before := log.Writer()
	log.SetOutput(&stray)
	defer log.SetOutput(before)
	for _, c := range faultserver.Cases() {
		if c.Stalls || c.Throttles() {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			all := plays(t, c)
			if c.Bomb {
				for _, p := range all {
					p.measure(t)
				}
			} else {
				runTogether(t, all)
			}
			for _, p := range all {
				p.expect(t)
			}
			expectGoroutines(t, before)
		})
	}
	log.SetOutput(before)
	expectSecretsKept(t, "log of net/http", stray.String())
}

// What stalls is ended by the client's clock, so the cases are played all at once.
func TestHostileStalls(t *testing.T) {
	policy := hasty()
	policy.AttemptTimeout = 500 * time.Millisecond
	playTogether(t, func(c faultserver.Case) bool { return c.Stalls }, flowretail.WithRetryPolicy(policy))
}

// Throttling slows a client down, and needs no more of the clock when all are throttled at once.
func TestHostileThrottling(t *testing.T) {
	playTogether(t, func(c faultserver.Case) bool { return c.Throttles() && !c.Stalls })
}

func playTogether(t *testing.T, which func(faultserver.Case) bool, opts ...flowretail.Option) {
	before := runtime.NumGoroutine()
	var all []*played
	for _, c := range faultserver.Cases() {
		if which(c) {
			all = append(all, plays(t, c, opts...)...)
		}
	}
	runTogether(t, all)
	for _, p := range all {
		t.Run(p.of.Name+"/"+p.name, p.expect)
	}
	expectGoroutines(t, before)
}

func runTogether(t *testing.T, all []*played) {
	var running sync.WaitGroup
	for _, p := range all {
		running.Go(func() { p.run(t) })
	}
	running.Wait()
}

// A played case is one call that meets it.
type played struct {
	name string
	of   faultserver.Case
	want faultserver.Ending
	call func(context.Context, *flowretail.Client) error
	*stage
	err error
}

// plays prepares all calls for a case: each meets it always, or once.
func plays(t *testing.T, c faultserver.Case, opts ...flowretail.Option) []*played {
	var all []*played
	for _, call := range hostileCalls {
		p := played{name: call.name, of: c, want: call.end(c.Ends), call: call.call}
		again := p
		all = append(all, &p)
		p.stage = newStage(t, c.Serve, opts...)
		// Where the first answer decides, there is no second; bodies that cannot be read are all alike.
		if repeated := p.want.Requests > 1; repeated && p.want.Kind != faultserver.Success && p.want.Kind != faultserver.Malformed && !c.Bomb {
			again.name, again.want = call.name+", once", call.end(c.Ends.Recovered())
			again.stage = newStage(t, faultserver.Then(c.Serve, faultserver.OK), opts...)
			all = append(all, &again)
		}
	}
	return all
}

// run makes the call, and takes the stage down.
func (p *played) run(t *testing.T) {
	watch := time.AfterFunc(20*time.Second, func() {
		t.Errorf("%s/%s: the call does not end by itself", p.of.Name, p.name)
		p.server.Close()
	})
	p.err = p.call(t.Context(), p.client)
	watch.Stop()
	p.close(t)
}

// measure runs the call, and wants it to be content with the memory that a client can afford.
func (p *played) measure(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p.run(t)
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(p.want.Requests); each > 80<<20 {
		t.Errorf("%s: %d MiB of memory for each request", p.name, each>>20)
	}
}

// expect checks how the call ended, and what it says.
func (p *played) expect(t *testing.T) {
	t.Helper()
	problem := func(format string, args ...any) {
		t.Helper()
		t.Errorf(p.name+": "+format+"; error %.600q", append(args, fmt.Sprint(p.err))...)
	}
	if got := len(p.server.Requests()); got != p.want.Requests {
		problem("%d requests on the wire, want %d", got, p.want.Requests)
	}
	expectSecretsKept(t, "log", p.logged.String())
	for line := range strings.Lines(p.logged.String()) {
		expectBounded(t, "log record", line)
	}
	if p.err == nil || p.want.Kind == faultserver.Success {
		if p.err != nil || p.want.Kind != faultserver.Success {
			problem("want %s", p.want.Kind)
		}
		return
	}
	expectDiscreetError(t, p.err)
	failed, ok := errors.AsType[*flowretail.CallError](p.err)
	switch {
	case !ok:
		problem("%T is no CallError", p.err)
	case string(failed.Outcome) != string(p.want.Fate):
		problem("outcome %q, want %q", failed.Outcome, p.want.Fate)
	case failed.Attempts < 1 || failed.Attempts > len(p.server.Requests()):
		problem("%d attempts, by its own account", failed.Attempts)
	}
	if got := kindOf(p.err); got != p.want.Kind {
		problem("it is %s, want %s", got, p.want.Kind)
	}
	if generic, ok := errors.AsType[*flowretail.GenericError](p.err); ok {
		if generic.StatusCode != p.want.Status {
			problem("status %d, want %d", generic.StatusCode, p.want.Status)
		}
		if wish := generic.RetryAfter; wish > p.of.RetryAfter || (wish > 0) != (p.of.RetryAfter > 0) {
			problem("RetryAfter is %v, want more than 0 and at most %v", wish, p.of.RetryAfter)
		}
	}
}

func kindOf(err error) faultserver.Kind {
	_, answered := errors.AsType[*flowretail.GenericError](err)
	switch {
	case answered:
		return faultserver.Answered
	case errors.Is(err, flowretail.ErrMalformedResponse):
		return faultserver.Malformed
	case errors.Is(err, flowretail.ErrResponseTooLarge):
		return faultserver.TooLarge
	}
	return faultserver.Failed
}

func TestListsThatLie(t *testing.T) {
	for _, lie := range faultserver.Lies() {
		t.Run(lie.Name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s := newStage(t, lie.Serve)
			users, err := flowretail.Collect(s.client.Users.All(t.Context(), "t-1", &flowretail.UserListOptions{
				ListOptions: flowretail.ListOptions{PageSize: 10},
			}))
			s.close(t)
			seen := make(map[string]bool)
			for _, user := range users {
				if user.TenantUserUID == "" || seen[user.TenantUserUID] {
					t.Errorf("%q was yielded twice, or has no UID", user.TenantUserUID)
				}
				seen[user.TenantUserUID] = true
			}
			if len(users) > lie.Items || lie.Exact && (len(users) != lie.Items || err != nil) {
				t.Errorf("%d items and %v, want %d", len(users), err, lie.Items)
			}
			if len(users) < lie.Items && err == nil {
				t.Errorf("%d items of %d, and no error", len(users), lie.Items)
			}
			if requests := len(s.server.Requests()); requests > lie.AtMost {
				t.Errorf("%d requests, want at most %d", requests, lie.AtMost)
			}
			if err != nil {
				expectDiscreetError(t, err)
			}
			expectGoroutines(t, before)
		})
	}
}

// A token that is rejected for ever is renewed once a call.
func TestTokensThatAreNeverGoodEnough(t *testing.T) {
	var minted atomic.Int32
	s := newStage(t, faultserver.Text(faultserver.Answer(401, "{}", "WWW-Authenticate: Bearer")))
	base := s.server.URL
	client := must[*flowretail.Client](t)(flowretail.NewClient(
		flowretail.WithBaseURL(base), flowretail.WithHTTPClient(&http.Client{Transport: s.transport}), flowretail.WithRetryPolicy(hasty()),
		flowretail.WithTokenSource(sourceOf(func() string { return fmt.Sprintf("marked-secret-%d", minted.Add(1)) })),
	))
	for i, call := range hostileCalls {
		err := call.call(t.Context(), client)
		if !errors.Is(err, flowretail.ErrUnauthorized) {
			t.Errorf("%s: %v", call.name, err)
		}
		expectOutcome(t, err, flowretail.ErrRefused, 2, false)
		if requests := len(s.server.Requests()); requests != 2*(i+1) {
			t.Errorf("%s: %d requests so far, want 2 for each", call.name, requests)
		}
	}
	s.close(t)
}

// sourceOf is a token source without expiry.
type sourceOf func() string

func (s sourceOf) Token() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: s()}, nil }

// Of a refusal the status counts, whatever its body is.
func TestRefusalsInOddWords(t *testing.T) {
	var scripts []faultserver.Script
	for _, body := range faultserver.Bodies() {
		scripts = append(scripts, faultserver.Text(faultserver.Answer(422, body)))
	}
	s := newStage(t, faultserver.Then(scripts...))
	for range scripts {
		_, err := s.client.Users.Get(t.Context(), "t-1", "u-1")
		if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.StatusCode != 422 {
			t.Fatalf("error %v, want status 422", err)
		}
		expectOutcome(t, err, flowretail.ErrRefused, 1, false)
		expectDiscreetError(t, err)
	}
	s.close(t)
}

// expectDiscreetError looks at an error, and at what it wraps, under all verbs.
func expectDiscreetError(t *testing.T, err error) {
	t.Helper()
	expectBounded(t, "error", err.Error())
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("the error has unprintable characters: %.300q", err.Error())
	}
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		expectSecretsKept(t, fmt.Sprintf("%T under a verb of fmt", err), fmt.Sprintf("%v %+v %#v %s %q", err, err, err, err, err))
		if generic, ok := err.(*flowretail.GenericError); ok {
			expectSecretsKept(t, "fields", fmt.Sprintf("%+v", *generic))
		}
		switch err := err.(type) {
		case interface{ Unwrap() error }:
			walk(err.Unwrap())
		case interface{ Unwrap() []error }:
			for _, err := range err.Unwrap() {
				walk(err)
			}
		}
	}
	walk(err)
}

func expectBounded(t *testing.T, what, text string) {
	t.Helper()
	if len(text) > 2000 {
		t.Errorf("the %s has %d bytes: %.100q", what, len(text), text)
	}
}

func expectSecretsKept(t *testing.T, what, text string) {
	t.Helper()
	if faultserver.Reveals(text[:min(len(text), 64<<10)], "marked-secret", "end-of-secret") {
		t.Errorf("a secret in the %s: %.1000q", what, text)
	}
}
