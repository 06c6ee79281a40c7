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

// AttemptTimeout and the context of the caller end an attempt, each with its own error.
func TestAttempt_timeout(t *testing.T) {
	errCause := errors.New("the caller's cause")
	const attemptsUsed = "RetryPolicy.MaxAttempts (1)"
	const timedOut = "attempt timed out after 5s (RetryPolicy.AttemptTimeout)"
	withTimeout := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, 10*time.Second)
	}
	withCause := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeoutCause(ctx, time.Hour, errCause)
	}
	for _, row := range []struct {
		name       string
		step       step
		timeout    time.Duration
		ctx        func(context.Context) (context.Context, context.CancelFunc)
		text       string
		took       time.Duration
		notRetried string
	}{
		{name: "of the attempt", step: hang, timeout: 5 * time.Second, ctx: context.WithCancel, text: timedOut,
			took: 5 * time.Second, notRetried: attemptsUsed},
		{name: "of the attempt, rounded", step: hang, timeout: 5*time.Second + 1, ctx: context.WithCancel, text: timedOut,
			took: 5*time.Second + 1, notRetried: attemptsUsed},
		{name: "while the body is read", step: slowBody, timeout: 5 * time.Second, ctx: context.WithCancel, text: timedOut,
			took: 5 * time.Second, notRetried: attemptsUsed},
		{name: "of the caller", step: hang, timeout: 20 * time.Second, ctx: withTimeout, text: "context deadline exceeded", took: 10 * time.Second},
		{name: "of the caller without one of the attempt", step: hang, ctx: withCause, text: "the caller's cause", took: time.Hour},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			ctx, cancel := row.ctx(t.Context())
			defer cancel()
			base := script(row.step)
			result := do(ctx, t, base, readCall(), maxAttempts(1), func(c *Config) { c.Policy.AttemptTimeout = row.timeout })
			checkResult(t, base, result, wantResult{requests: 1, outcome: retry.Unknown, retryable: true, notRetried: row.notRetried})
			checkError(t, result.Err, row.text)
			checkEqual(t, "Elapsed", result.Elapsed, row.took)
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
		result := do(t.Context(), t, base, readCall(), func(c *Config) { c.Policy.AttemptTimeout = 5 * time.Second })
		checkResult(t, base, result, wantResult{ok: true, requests: 2})
		checkEqual(t, "Elapsed", result.Elapsed, 28*time.Second)
	})
}

// An attempt without a complete response keeps the status and the part of the body that came.
func TestAttempt_unusualResponses(t *testing.T) {
	nothing := func(*http.Request) (*http.Response, error) { return nil, nil }
	late := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return status(200)(r)
	}
	noBody := func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 204}, nil }
	for _, row := range []struct {
		name   string
		step   step
		status int // 0: no response
		body   string
		text   string // of the error; "": none
		ok     bool
	}{
		{name: "neither response nor error", step: nothing, text: "the round tripper returned neither a response nor an error"},
		{name: "no body", step: noBody, status: 204, ok: true},
		{name: "truncated", step: truncated(200), status: 200, body: "{", text: "unexpected EOF"},
		{name: "truncated error", step: truncated(404), status: 404, body: "{"},
		{name: "299", step: status(299), status: 299, body: "{}", ok: true},
		{name: "300", step: truncated(300), status: 300, body: "{"},
		{name: "199", step: truncated(199), status: 199, body: "{"},
		{name: "complete when the attempt times out", step: late, status: 200, body: "{}", ok: true},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			result := do(t.Context(), t, script(row.step), readCall(), maxAttempts(1))
			checkEqual(t, "OK", result.OK, row.ok)
			checkEqual(t, "Requests", result.Requests, 1)
			checkResponse(t, result, row.status, row.body)
			checkError(t, result.Err, row.text)
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
		result := do(t.Context(), t, base, readCall(), maxAttempts(1))
		checkResult(t, base, result, wantResult{requests: 1, outcome: retry.Unknown, retryable: true, notRetried: "RetryPolicy.MaxAttempts (1)"})
		checkResponse(t, result, 101, "")
		checkError(t, result.Err, "")
	})
}

// The body of the last response can be read until the result is released.
func TestAttempt_release(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := newTransport(script(respond(200, "first"), respond(200, "other"), fail(errReset)), maxAttempts(1))
		first, other := transport.Do(t.Context(), readCall()), transport.Do(t.Context(), readCall())
		checkResponse(t, first, 200, "first")
		checkResponse(t, other, 200, "other")
		failed := transport.Do(t.Context(), readCall())
		for _, result := range []*Result{first, other, failed} {
			result.Release()
			result.Release()
			if result.Response != nil && result.Response.Body != nil {
				t.Error("a released body can be read")
			}
		}
		var results []*Result // of four calls, so that each has a buffer of those above
		for _, body := range []string{"a", "b", "c", "d"} {
			results = append(results, do(t.Context(), t, script(respond(200, body)), readCall()))
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
		transport.Do(t.Context(), readCall())
	}()
	checkEqual(t, "the number of retries left when no call is in flight", left(budget), 1)
}

// The context of each request has the operation and the number of the attempt.
func TestInfoFrom(t *testing.T) {
	if info, ok := InfoFrom(t.Context()); ok {
		t.Errorf("the context of no request has %+v", info)
	}
	synctest.Test(t, func(t *testing.T) {
		base := script(status(503), status(200))
		result := do(t.Context(), t, base, readCall())
		checkResult(t, base, result, wantResult{ok: true, requests: 2})
		for i, request := range base.requests {
			checkEqual(t, "Info", request.info, Info{ID: operations.GetUser.ID, Method: "GET", Path: operations.GetUser.Path, Attempt: i + 1})
		}
	})
}

// A record has the operation, the attempt, its duration and what it led to.
func TestAttempt_log(t *testing.T) {
	const attempt = `level=DEBUG msg="flowretail attempt" operation=get-tenants-users-details attempt=1 `
	errURL := errors.New(`Get "https://api.example/?token=marked-secret-1": reset`)
	for _, row := range []struct {
		level slog.Level
		step  step
		want  string
	}{
		{slog.LevelDebug, after(time.Second, status(404)), attempt + `duration=1s status=404` + "\n"},
		{slog.LevelDebug, truncated(404), attempt + `duration=0s status=404` + "\n"},
		{slog.LevelDebug, after(time.Second, fail(io.ErrUnexpectedEOF)), attempt + `duration=1s error="unexpected EOF"` + "\n"},
		{slog.LevelInfo, status(404), ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var records bytes.Buffer
			call := readCall()
			call.Logger = slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: row.level, ReplaceAttr: withoutTime}))
			do(t.Context(), t, script(row.step), call, maxAttempts(1))
			checkEqual(t, "the log", records.String(), row.want)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var records bytes.Buffer
		call := readCall()
		call.Token, call.Secrets = &fakeSource{}, []string{"marked-secret-query"}
		call.Logger = slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug}))
		do(t.Context(), t, script(fail(errURL), status(200)), call)
		for part, want := range map[string]bool{"reset": true, "attempt=2": true, "marked-secret": false} {
			if strings.Contains(records.String(), part) != want {
				t.Errorf("the log contains %q: %v, want %v; %s", part, !want, want, &records)
			}
		}
	})
}

// withoutTime removes the time of a log record.
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
			result := do(t.Context(), t, base.scriptedBase, readCall(), func(c *Config) { c.Base = base })
			checkResult(t, base.scriptedBase, result, wantResult{ok: true, requests: 3})
			if !slices.Equal(base.closed, row.closed) {
				t.Errorf("connections were closed before the requests %v, want %v", base.closed, row.closed)
			}
			if row.closed != nil {
				checkEqual(t, "the time before the first retry", base.gap(1), 30*time.Second+releaseTime)
			}
		})
	}
}
