package transport

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// redirect returns a redirect to a location.
func redirect(code int, location string) step { return status(code, "Location", location) }

// Redirects of reads to the same origin are followed, within one attempt.
func TestRedirect(t *testing.T) {
	outcomes := map[int]retry.Outcome{301: retry.Unknown, 302: retry.Unknown, 303: retry.Unknown, 307: retry.Refused, 308: retry.Refused}
	noRetry := readCall()
	noRetry.NoRetry = true
	head := newCall(&operations.Operation{ID: "head", Method: "HEAD"}, "/users/1")
	head.Idempotent = true
	for _, row := range []struct {
		name     string
		call     *Call
		location string
		followed bool
	}{
		{name: "read", call: readCall(), location: "/users/2", followed: true},
		{name: "read, relative", call: readCall(), location: "2", followed: true},
		{name: "read, default port", call: readCall(), location: "https://API.example:443/users/2", followed: true},
		{name: "HEAD", call: head, location: "/users/2", followed: true},
		{name: "NoRetry", call: noRetry, location: "/users/2"},
		{name: "other host", call: readCall(), location: "https://other.example/users/2"},
		{name: "other port", call: readCall(), location: "https://api.example:444/users/2"},
		{name: "other scheme", call: readCall(), location: "http://api.example/users/2"},
		{name: "subdomain", call: readCall(), location: "https://sub.api.example/users/2"},
		{name: "unreadable", call: readCall(), location: "https://["},
		{name: "create", call: createCall(), location: "/users/2"},
		{name: "update", call: writeCall(), location: "/users/2"},
		{name: "delete", call: removeCall(), location: "/users/2"},
	} {
		for code, outcome := range outcomes {
			inVirtualTime(t, row.name+" "+http.StatusText(code), func(t *testing.T) {
				row.call.Token = &fakeSource{}
				base := script(redirect(code, row.location), status(200))
				result := do(t.Context(), t, base, row.call, maxAttempts(1))
				if row.followed {
					checkResult(t, base, result, wantResult{ok: true, requests: 1, redirects: 1})
				} else {
					checkResult(t, base, result, wantResult{requests: 1, outcome: outcome})
					checkResponse(t, result, code, "{}")
				}
				for _, request := range base.requests {
					checkEqual(t, "Authorization", request.header.Get("Authorization"), "Bearer marked-secret-1")
					checkEqual(t, "Info.Attempt", request.info.Attempt, 1)
				}
			})
		}
	}
}

// At most five redirects are followed in one attempt. A retry begins anew.
func TestRedirect_maximum(t *testing.T) {
	for redirects, followed := range map[int]bool{5: true, 6: false} {
		synctest.Test(t, func(t *testing.T) {
			steps := slices.Repeat([]step{redirect(302, "/next")}, redirects)
			base := script(slices.Concat(steps, []step{status(200)})...)
			result := do(t.Context(), t, base, readCall())
			checkResult(t, base, result, wantResult{ok: followed, requests: 1, redirects: 5, outcome: retry.Unknown})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		base := script(redirect(302, "/next"), status(503), redirect(302, "/next"), status(200))
		result := do(t.Context(), t, base, readCall())
		checkResult(t, base, result, wantResult{ok: true, requests: 2, redirects: 2})
		checkEqual(t, "the URL of the retry", base.requests[2].url, readCall().URL.String())
	})
}

// A URL of the API must not replace the call's credential by its own.
func TestRedirect_userInURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(redirect(302, "https://user:marked-secret-password@api.example/next"), status(200))
		result := do(t.Context(), t, base, readCall())
		checkResult(t, base, result, wantResult{ok: true, requests: 1, redirects: 1})
		checkEqual(t, "the URL of the second request", base.requests[1].url, "https://api.example/next")
		checkEqual(t, "Authorization of the second request", base.requests[1].header.Get("Authorization"), "")
	})
}

// A lookup is not redirected: what it would find need not be what was created.
func TestRedirect_lookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(503), redirect(302, "/users/2"))
		result := do(t.Context(), t, base, createCall())
		checkResult(t, base, result, wantResult{requests: 2, outcome: retry.Unknown})
		checkEqual(t, "the methods", base.methods(), "POST GET")
	})
}
