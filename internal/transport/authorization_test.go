package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// A rejected token is replaced once in each attempt, unless it is the last one.
func TestAuthorization_rejectedToken(t *testing.T) {
	rejected := status(401)
	for _, row := range []struct {
		name     string
		steps    []step
		source   *fakeSource // nil: no token
		max      int         // MaxAttempts; 0: 4
		tokens   string      // the last characters of the tokens that were sent
		replaced int
		ok       bool
	}{
		{name: "accepted", steps: []step{status(200)}, source: &fakeSource{}, tokens: "1", ok: true},
		{name: "rejected once", steps: []step{rejected, status(200)}, source: &fakeSource{}, tokens: "12", replaced: 1, ok: true},
		{name: "rejected twice", steps: []step{rejected, rejected}, source: &fakeSource{}, tokens: "12", replaced: 1},
		{name: "rejected after a failure", steps: []step{status(421), rejected, status(200)}, source: &fakeSource{}, tokens: "112", replaced: 1, ok: true},
		{name: "rejected in two attempts", steps: []step{rejected, status(421), rejected, status(200)}, source: &fakeSource{}, tokens: "1223", replaced: 2, ok: true},
		{name: "the last attempt", steps: []step{status(421), rejected}, source: &fakeSource{}, max: 2, tokens: "11"},
		{name: "the last attempt after 429s", steps: []step{status(429), status(429), rejected, status(200)}, source: &fakeSource{},
			max: 2, tokens: "1112", replaced: 1, ok: true},
		{name: "the only attempt", steps: []step{rejected}, source: &fakeSource{}, max: 1, tokens: "1"},
		{name: "no other token", steps: []step{rejected}, source: &fakeSource{replaceErr: tokensource.ErrIrreplaceable}, tokens: "1", replaced: 1},
		{name: "no token at all", steps: []step{rejected}, tokens: "x"},
		{name: "forbidden", steps: []step{status(403)}, source: &fakeSource{}, tokens: "1"},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base, call := script(row.steps...), writeCall()
			if row.source != nil {
				call.Token = row.source
			}
			result := do(t.Context(), t, base, call, maxAttempts(cmp.Or(row.max, 4)))
			checkResult(t, base, result, wantResult{ok: row.ok, requests: len(row.tokens), outcome: retry.Refused})
			checkError(t, result.Err, "")
			var tokens strings.Builder
			for _, request := range base.requests {
				header := request.header.Get("Authorization")
				tokens.WriteString(("x" + header)[len(header):])
				checkEqual(t, "the body of a request", request.body, string(call.Body))
			}
			checkEqual(t, "the tokens", tokens.String(), row.tokens)
			if row.source != nil {
				checkEqual(t, "the number of replaced tokens", len(row.source.replaced), row.replaced)
			}
		})
	}
}

// A token that cannot be had ends the call.
func TestAuthorization_noToken(t *testing.T) {
	const after401 = ", before the next attempt, after status 401"
	errSource := errors.New("the source fails")
	refused := fmt.Errorf("%w: %w", errSource, tokensource.ErrRefused)
	for _, row := range []struct {
		name      string
		source    fakeSource
		steps     []step
		requests  int
		text      string
		outcome   retry.Outcome
		retryable bool
	}{
		{name: "at first", source: fakeSource{err: errSource}, text: errSource.Error(), outcome: retry.NotSent, retryable: true},
		{name: "refused at first", source: fakeSource{err: refused}, text: refused.Error(), outcome: retry.NotSent},
		{name: "after a 401", source: fakeSource{replaceErr: errSource}, steps: []step{status(401)}, requests: 1,
			text: errSource.Error() + after401, outcome: retry.Refused, retryable: true},
		{name: "refused after a 401", source: fakeSource{replaceErr: refused}, steps: []step{status(401)}, requests: 1,
			text: refused.Error() + after401, outcome: retry.Refused},
	} {
		for _, call := range []*Call{readCall(), writeCall()} {
			inVirtualTime(t, row.name, func(t *testing.T) {
				base := script(row.steps...)
				call.Token = &row.source
				result := do(t.Context(), t, base, call)
				checkResult(t, base, result, wantResult{requests: row.requests, outcome: row.outcome, retryable: row.retryable})
				checkError(t, result.Err, row.text, errSource)
			})
		}
	}
}

// The outcome is at least Refused after a 401, whatever becomes of the second request.
func TestAuthorization_outcomeAfter401(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call := script(status(401), failToDial(syscall.ECONNREFUSED)), writeCall()
		call.Token = &fakeSource{}
		result := do(t.Context(), t, base, call, maxWait(0))
		checkResult(t, base, result, wantResult{requests: 2, outcome: retry.Refused, retryable: true, notRetried: "no connection for 0s"})
	})
}

// The 401 stands when the call ends while the token is replaced.
func TestAuthorization_canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		base, call := script(status(401)), readCall()
		call.Token = &fakeSource{delay: 6 * time.Second}
		result := do(ctx, t, base, call)
		checkResult(t, base, result, wantResult{requests: 1, outcome: retry.Refused})
		checkError(t, result.Err, "")
		checkResponse(t, result, 401, "{}")
		checkEqual(t, "Waits.Token", result.Waits.Token, 10*time.Second)
	})
}

// With NoRetry a rejected token is not replaced.
func TestAuthorization_noRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call, source := script(status(401)), readCall(), &fakeSource{}
		call.NoRetry, call.Token = true, source
		result := do(t.Context(), t, base, call)
		checkResult(t, base, result, wantResult{requests: 1, outcome: retry.Refused})
		checkResponse(t, result, 401, "{}")
		checkEqual(t, "the number of replaced tokens", len(source.replaced), 0)
	})
}

// With NoRetry a request has a body and no GetBody, so that http.Transport does not
// send it again by itself.
func TestAuthorization_requestsOfNoRetry(t *testing.T) {
	for name, row := range map[string]struct {
		call             *Call
		noRetry          bool
		hasBody, getBody bool
	}{
		"read":              {call: readCall()},
		"read with NoRetry": {call: readCall(), noRetry: true, hasBody: true},
		"write":             {call: writeCall(), hasBody: true, getBody: true},
		"write, NoRetry":    {call: writeCall(), noRetry: true, hasBody: true},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			row.call.NoRetry = row.noRetry
			newTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
				checkEqual(t, "whether there is a Body", r.Body != nil, row.hasBody)
				checkEqual(t, "whether there is GetBody", r.GetBody != nil, row.getBody)
				checkEqual(t, "ContentLength", r.ContentLength, int64(len(row.call.Body)))
				if r.Body != nil {
					body, err := io.ReadAll(r.Body)
					checkError(t, err, "")
					checkEqual(t, "the body", string(body), string(row.call.Body))
				}
				return status(200)(r)
			})).Do(t.Context(), row.call)
		})
	}
}

// Credentials are not added to the header of the call, nor sent to other origins.
func TestAuthorization_header(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call := script(status(200)), readCall()
		call.Token, call.InviteToken = &fakeSource{}, "marked-secret-invite"
		do(t.Context(), t, base, call)
		header := base.requests[0].header
		checkEqual(t, "Authorization", header.Get("Authorization"), "Bearer marked-secret-1")
		checkEqual(t, "X-Invite-Token", header.Get("X-Invite-Token"), "marked-secret-invite")
		checkEqual(t, "Accept-Language", header.Get("Accept-Language"), "nb")
		checkEqual(t, "the number of fields in the header of the call", len(call.Header), 2)
		other := readCall().URL
		other.Host = "other.example"
		ctx := context.WithValue(t.Context(), progressKey{}, &progress{Call: call})
		request, _ := http.NewRequestWithContext(ctx, "GET", other.String(), nil)
		_, err := chain(newTransport(base).Config).RoundTrip(request)
		checkError(t, err, "")
		checkEqual(t, "the number of header fields for another origin", len(base.requests[1].header), 0)
	})
	synctest.Test(t, func(t *testing.T) {
		base := script(status(200))
		do(t.Context(), t, base, readCall())
		header := base.requests[0].header
		checkEqual(t, "Authorization", header.Get("Authorization"), "")
		if _, hasInvite := header["X-Invite-Token"]; hasInvite {
			t.Error("there is an X-Invite-Token without an invite token")
		}
	})
}

// The secrets of a result are those of the call, its tokens and those of the response.
func TestAuthorization_secrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call := script(status(401), status(503), status(200)), readCall()
		given := append(make([]string, 0, 10), "marked-secret-given")
		call.Token, call.Secrets = &fakeSource{}, given
		call.Decode = func(r *Response) error {
			r.Secrets = []string{"marked-secret-new"}
			return nil
		}
		result := do(t.Context(), t, base, call)
		if want := []string{"marked-secret-given", "marked-secret-1", "marked-secret-2", "marked-secret-new"}; !slices.Equal(result.Secrets, want) {
			t.Errorf("secrets %v, want %v", result.Secrets, want)
		}
		checkEqual(t, "the text behind the end of the caller's slice", given[:2][1], "")
	})
}

// The wait for tokens is measured, and no part of an attempt.
func TestAuthorization_waits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call := script(after(10*time.Second, status(401)), after(10*time.Second, status(200))), readCall()
		call.Token = &fakeSource{delay: 20 * time.Second}
		result := do(t.Context(), t, base, call, func(c *Config) { c.Limiter = ratelimit.New(0) })
		checkResult(t, base, result, wantResult{ok: true, requests: 2})
		checkEqual(t, "Waits", result.Waits, Waits{Token: 40 * time.Second})
		checkEqual(t, "Elapsed", result.Elapsed, time.Minute)
	})
}

// The source learns of each rejected token, also when no other one is needed.
func TestAuthorization_reportsRejections(t *testing.T) {
	for _, row := range []struct {
		name     string
		steps    []step
		max      int // MaxAttempts; 0: 4
		noRetry  bool
		rejected []string
	}{
		{name: "accepted", steps: []step{status(200)}},
		{name: "forbidden", steps: []step{status(403)}},
		{name: "rejected once", steps: []step{status(401), status(200)}, rejected: []string{"marked-secret-1"}},
		{name: "rejected twice", steps: []step{status(401), status(401)}, rejected: []string{"marked-secret-1", "marked-secret-2"}},
		{name: "the only attempt", steps: []step{status(401)}, max: 1, rejected: []string{"marked-secret-1"}},
		{name: "NoRetry", steps: []step{status(401)}, noRetry: true, rejected: []string{"marked-secret-1"}},
		{name: "a failure after the 401", steps: []step{status(401), status(500)}, max: 2, rejected: []string{"marked-secret-1"}},
	} {
		inVirtualTime(t, row.name, func(t *testing.T) {
			call, source := writeCall(), &fakeSource{}
			call.Token, call.NoRetry = source, row.noRetry
			do(t.Context(), t, script(row.steps...), call, maxAttempts(cmp.Or(row.max, 4)))
			if !slices.Equal(source.rejected, row.rejected) {
				t.Errorf("rejected %v, want %v", source.rejected, row.rejected)
			}
		})
	}
}

// While no refresh may start, the 401 stands, and the result says why.
func TestAuthorization_hold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := &tokensource.HoldError{Rejections: 3, Hold: 4 * time.Second}
		call := writeCall()
		call.Token = &fakeSource{replaceErr: hold}
		base := script(status(401))
		result := do(t.Context(), t, base, call)
		const reason = "the API rejected the last 3 tokens, the next refresh is due in 4s"
		checkResult(t, base, result, wantResult{requests: 1, outcome: retry.Refused, notRetried: reason})
		checkError(t, result.Err, "")
		checkResponse(t, result, 401, "{}")
	})
}

// A token that the API has accepted is replaced whenever it is rejected later.
func TestAuthorization_acceptedToken(t *testing.T) {
	issued := 0
	source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
		issued++
		return tokensource.New(fmt.Sprintf("marked-secret-%d", issued), time.Time{}, time.Now())
	}}
	for n := range 5 {
		call := writeCall()
		call.Token = source
		base := script(status(401), status(200))
		result := do(t.Context(), t, base, call)
		checkResult(t, base, result, wantResult{ok: true, requests: 2})
		checkEqual(t, "the number of tokens issued", issued, n+2)
	}
}

// A response that only an accepted token gets is remembered: after it, the token and the
// next one may be rejected without a delay.
func TestAuthorization_acceptingStatuses(t *testing.T) {
	for code, accepted := range map[int]bool{200: true, 302: true, 400: true, 404: true, 499: true, 429: false, 500: false, 503: false} {
		synctest.Test(t, func(t *testing.T) {
			source := &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
				return tokensource.New("marked-secret-"+time.Now().Format("150405"), time.Time{}, time.Now())
			}}
			call := writeCall()
			call.Token, call.NoRetry = source, true
			do(t.Context(), t, script(status(code)), call)
			reject := func() (before, after *tokensource.Token) {
				time.Sleep(2 * time.Minute)
				before, _ = source.Token(t.Context())
				source.Reject(before)
				after, _ = source.Token(t.Context())
				return before, after
			}
			reject()
			before, after := reject()
			checkEqual(t, fmt.Sprintf("a new token after status %d", code), before != after, accepted)
		})
	}
}
