package transport

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/flowretail/flowretail-go/internal/operations"
)

func redirect(code int, location string) step { return status(code, "Location", location) }

func TestRedirect(t *testing.T) {
	noRetry := read()
	noRetry.NoRetry = true
	head := newCall(&operations.Operation{ID: "head", Method: "HEAD"}, "/users/1")
	head.Idempotent = true
	for _, row := range []struct {
		name     string
		call     *Call
		location string
		followed bool
	}{
		{name: "read", call: read(), location: "/users/2", followed: true},
		{name: "read, relative", call: read(), location: "2", followed: true},
		{name: "read, default port", call: read(), location: "https://API.example:443/users/2", followed: true},
		{name: "HEAD", call: head, location: "/users/2", followed: true},
		{name: "NoRetry", call: noRetry, location: "/users/2"},
		{name: "other host", call: read(), location: "https://other.example/users/2"},
		{name: "other port", call: read(), location: "https://api.example:444/users/2"},
		{name: "other scheme", call: read(), location: "http://api.example/users/2"},
		{name: "subdomain", call: read(), location: "https://sub.api.example/users/2"},
		{name: "unreadable", call: read(), location: "https://["},
		{name: "create", call: create(), location: "/users/2"},
		{name: "update", call: write(), location: "/users/2"},
		{name: "delete", call: remove(), location: "/users/2"},
	} {
		for _, code := range []int{301, 302, 303, 307, 308} {
			inVirtualTime(t, row.name+" "+http.StatusText(code), func(t *testing.T) {
				row.call.Token = &fakeSource{}
				base := script(redirect(code, row.location), status(200))
				result := do(t.Context(), t, base, row.call, maxAttempts(1))
				if want := 1; result.OK != row.followed || result.Requests != want || len(base.requests) == 2 != row.followed {
					t.Errorf("%d requests, %+v", len(base.requests), result)
				}
				if !row.followed && result.Response.Status != code {
					t.Errorf("the response is %+v", result.Response)
				}
				for _, request := range base.requests {
					if request.header.Get("Authorization") != "Bearer marked-secret-1" || request.info.Attempt != 1 {
						t.Errorf("a request with the header %v", request.header)
					}
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
			result := do(t.Context(), t, base, read())
			if result.OK != followed || len(base.requests) != 6 || result.Requests != 1 {
				t.Errorf("%d redirects: %d requests, %+v", redirects, len(base.requests), result)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		base := script(redirect(302, "/next"), status(503), redirect(302, "/next"), status(200))
		result := do(t.Context(), t, base, read())
		if !result.OK || result.Requests != 2 || !strings.HasSuffix(base.requests[2].url, read().URL.RequestURI()) {
			t.Errorf("%+v, requests %+v", result, base.requests)
		}
	})
}

// A URL of the API must not replace the call's credential by its own.
func TestRedirect_userInURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(redirect(302, "https://user:marked-secret-password@api.example/next"), status(200))
		result := do(t.Context(), t, base, read())
		if header := base.requests[1].header.Get("Authorization"); !result.OK || header != "" || base.requests[1].url != "https://api.example/next" {
			t.Errorf("%+v, %q to %s", result, header, base.requests[1].url)
		}
	})
}

// A lookup is not redirected: what it would find need not be what was created.
func TestRedirect_lookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(503), redirect(302, "/users/2"))
		if result := do(t.Context(), t, base, create()); result.OK || base.methods() != "POST GET" {
			t.Errorf("requests %s, %+v", base.methods(), result)
		}
	})
}
