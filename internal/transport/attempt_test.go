package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/retry"
)

func TestAttempt_timeout(t *testing.T) {
	errCause := errors.New("the caller's cause")
	for _, row := range []struct {
		name    string
		step    step
		timeout time.Duration
		ctx     func(context.Context) (context.Context, context.CancelFunc)
		text    string
		took    time.Duration
	}{
		{name: "of the attempt", step: hang, timeout: 5 * time.Second, ctx: context.WithCancel, text: "attempt timed out after 5s (RetryPolicy.AttemptTimeout)", took: 5 * time.Second},
		{name: "of the attempt, rounded", step: hang, timeout: 5*time.Second + 1, ctx: context.WithCancel, text: "attempt timed out after 5s (RetryPolicy.AttemptTimeout)", took: 5*time.Second + 1},
		{name: "while the body is read", step: slowBody, timeout: 5 * time.Second, ctx: context.WithCancel, text: "attempt timed out after 5s (RetryPolicy.AttemptTimeout)", took: 5 * time.Second},
		{name: "of the caller", step: hang, timeout: 20 * time.Second, ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Second)
		}, text: "context deadline exceeded", took: 10 * time.Second},
		{name: "of the caller without one of the attempt", step: hang, ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, time.Hour, errCause)
		}, text: "the caller's cause", took: time.Hour},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			ctx, cancel := row.ctx(t.Context())
			defer cancel()
			base := script(row.step)
			result := do(ctx, t, base, read(), maxAttempts(1), func(c *Config) { c.Policy.AttemptTimeout = row.timeout })
			if result.Err == nil || result.Err.Error() != row.text || result.Elapsed != row.took || !result.Retryable {
				t.Errorf("error %v after %v, want %s after %v", result.Err, result.Elapsed, row.text, row.took)
			}
		})
	}
}

// slowBody returns a body that does not end before the context of the request.
func slowBody(request *http.Request) (*http.Response, error) {
	body, end := io.Pipe()
	context.AfterFunc(request.Context(), func() { end.CloseWithError(request.Context().Err()) })
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, ContentLength: -1}, nil
}

// The time that a call waits is no part of its attempts.
func TestAttempt_timeoutOfEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(after(4*time.Second, status(503, "Retry-After", "20")), after(4*time.Second, status(200)))
		result := do(t.Context(), t, base, read(), func(c *Config) { c.Policy.AttemptTimeout = 5 * time.Second })
		if !result.OK || result.Elapsed != 28*time.Second {
			t.Errorf("%+v", result)
		}
	})
}

func TestAttempt_unusualResponses(t *testing.T) {
	for _, row := range []struct {
		name   string
		step   step
		status int // 0: no response
		body   string
		text   string // of the error; "": none
		ok     bool
	}{
		{name: "neither response nor error", step: func(*http.Request) (*http.Response, error) { return nil, nil }, text: "the round tripper returned neither a response nor an error"},
		{name: "no body", step: func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 204}, nil }, status: 204, ok: true},
		{name: "truncated", step: truncated(200), status: 200, body: "{", text: "unexpected EOF"},
		{name: "truncated error", step: truncated(404), status: 404, body: "{"},
		{name: "299", step: status(299), status: 299, body: "{}", ok: true},
		{name: "300", step: truncated(300), status: 300, body: "{"},
		{name: "199", step: truncated(199), status: 199, body: "{"},
		{name: "complete when the attempt times out", step: func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return status(200)(r)
		}, status: 200, body: "{}", ok: true},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			result := do(t.Context(), t, script(row.step), read(), maxAttempts(1))
			if result.OK != row.ok || result.Response == nil != (row.status == 0) || result.Requests != 1 {
				t.Fatalf("%+v", result)
			}
			if r := result.Response; r != nil && (r.Status != row.status || string(r.Body) != row.body) {
				t.Errorf("%+v", r)
			}
			if text := row.text; text == "" && result.Err != nil || text != "" && (result.Err == nil || result.Err.Error() != text) {
				t.Errorf("error %v, want %q", result.Err, text)
			}
		})
	}
}

// A connection that has switched protocols is closed and not read.
func TestAttempt_switchingProtocols(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(func(*http.Request) (*http.Response, error) {
			connection, _ := io.Pipe() // a read would wait for ever
			return &http.Response{StatusCode: 101, Header: http.Header{}, Body: connection}, nil
		})
		result := do(t.Context(), t, base, read(), maxAttempts(1))
		if result.OK || result.Response.Status != 101 || len(result.Response.Body) != 0 || result.Err != nil {
			t.Errorf("%+v", result)
		}
	})
}

// The body of the last response can be read until the result is released.
func TestAttempt_release(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := newTransport(script(respond(200, "first"), respond(200, "other"), fail(errReset)), maxAttempts(1))
		first, other := transport.Do(t.Context(), read()), transport.Do(t.Context(), read())
		if string(first.Response.Body) != "first" || string(other.Response.Body) != "other" {
			t.Errorf("bodies %s and %s", first.Response.Body, other.Response.Body)
		}
		failed := transport.Do(t.Context(), read())
		for _, result := range []*Result{first, other, failed} {
			result.Release()
			result.Release()
			if result.Response != nil && result.Response.Body != nil {
				t.Error("a released body can be read")
			}
		}
		var results []*Result // of four calls, so that each has a buffer of those above
		for _, body := range []string{"a", "b", "c", "d"} {
			results = append(results, do(t.Context(), t, script(respond(200, body)), read()))
		}
		for i, want := range "abcd" {
			if body := string(results[i].Response.Body); body != string(want) {
				t.Errorf("two results share the memory of %s", body)
			}
			results[i].Release()
		}
	})
}

// A panic of the base round tripper does not use up the capacity of the budget.
func TestAttempt_panic(t *testing.T) {
	budget := retry.NewBudget(1, 0)
	transport := newTransport(roundTripFunc(func(*http.Request) (*http.Response, error) { panic("base") }), func(c *Config) { c.Budget = budget })
	func() {
		defer func() {
			if recover() != "base" {
				t.Error("the panic was lost")
			}
		}()
		transport.Do(t.Context(), read())
	}()
	if n := left(budget); n != 1 {
		t.Errorf("%d retries are left, want 1: no call is in flight", n)
	}
}

func TestInfoFrom(t *testing.T) {
	if info, ok := InfoFrom(t.Context()); ok {
		t.Errorf("%+v", info)
	}
	synctest.Test(t, func(t *testing.T) {
		base := script(status(503), status(200))
		do(t.Context(), t, base, read())
		for i, request := range base.requests {
			if want := (Info{operations.GetUser.ID, "GET", operations.GetUser.Path, i + 1}); request.info != want {
				t.Errorf("%+v, want %+v", request.info, want)
			}
		}
	})
}

// A record has the operation, the attempt, its duration and what it led to.
func TestAttempt_log(t *testing.T) {
	errURL := errors.New(`Get "https://api.example/?token=marked-secret-1": reset`)
	for _, row := range []struct {
		level slog.Level
		step  step
		want  string
	}{
		{slog.LevelDebug, after(time.Second, status(404)), `level=DEBUG msg="flowretail attempt" operation=get-tenants-users-details attempt=1 duration=1s status=404` + "\n"},
		{slog.LevelDebug, truncated(404), `level=DEBUG msg="flowretail attempt" operation=get-tenants-users-details attempt=1 duration=0s status=404` + "\n"},
		{slog.LevelDebug, after(time.Second, fail(io.ErrUnexpectedEOF)), `level=DEBUG msg="flowretail attempt" operation=get-tenants-users-details attempt=1 duration=1s error="unexpected EOF"` + "\n"},
		{slog.LevelInfo, status(404), ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var records bytes.Buffer
			call := read()
			call.Logger = slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: row.level, ReplaceAttr: withoutTime}))
			do(t.Context(), t, script(row.step), call, maxAttempts(1))
			if records.String() != row.want {
				t.Errorf("%q, want %q", &records, row.want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var records bytes.Buffer
		call := read()
		call.Token, call.Secrets = &fakeSource{}, []string{"marked-secret-query"}
		call.Logger = slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug}))
		do(t.Context(), t, script(fail(errURL), status(200)), call)
		if text := records.String(); strings.Contains(text, "marked-secret") || !strings.Contains(text, "reset") || !strings.Contains(text, "attempt=2") {
			t.Errorf("records %s", text)
		}
	})
}

func withoutTime(_ []string, attribute slog.Attr) slog.Attr {
	if attribute.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return attribute
}

// closingBase notes before which requests idle connections are closed.
type closingBase struct {
	*scriptedBase
	closed []int
}

func (b *closingBase) CloseIdleConnections() { b.closed = append(b.closed, len(b.requests)+1) }

// A connection whose request timed out is not used again.
func TestAttempt_closesConnectionAfterTimeout(t *testing.T) {
	for _, row := range []struct {
		name   string
		steps  []step
		closed []int
	}{
		{"no timeout", []step{fail(errReset), status(503), status(200)}, nil},
		{"timeouts", []step{hang, hang, status(200)}, []int{2, 3}},
		{"a failure after a timeout", []step{hang, status(503), status(200)}, []int{2}},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := &closingBase{scriptedBase: script(row.steps...)}
			result := do(t.Context(), t, base.scriptedBase, read(), func(c *Config) { c.Base = base })
			if !result.OK || !slices.Equal(base.closed, row.closed) {
				t.Errorf("closed before %v, want %v; %+v", base.closed, row.closed, result)
			}
			if gap := base.gap(1); row.closed != nil && gap != 30*time.Second+releaseTime {
				t.Errorf("the first retry was sent after %s", gap)
			}
		})
	}
}
