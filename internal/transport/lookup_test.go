package transport

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// A lookupRow is a create: the responses, the requests that follow from them, and
// how the call ends.
type lookupRow struct {
	name      string
	steps     []step
	methods   string
	ok, found bool
	outcome   retry.Outcome // unless ok
	retryable bool          // unless ok
	before    int           // the status of BeforeLookup; 0: none
}

func lookupRows() []lookupRow {
	const unknown, refused = retry.Unknown, retry.Refused
	created, found, missing, unavailable, conflict := status(201), status(200), status(404), status(503), status(409)
	dial := failToDial(syscall.ECONNREFUSED)
	tooLarge, notJSON := respond(201, strings.Repeat("x", 1<<20+1)), respond(201, "not JSON")
	return []lookupRow{
		{"first attempt", []step{created}, "POST", true, false, 0, false, 0},
		{"found after a status", []step{unavailable, found}, "POST GET", true, true, 0, false, 0},
		{"found after a reset", []step{fail(errReset), found}, "POST GET", true, true, 0, false, 0},
		{"found after a malformed response", []step{respond(201, "malformed"), found}, "POST GET", true, true, 0, false, 0},
		{"found after a response that is too large", []step{tooLarge, found}, "POST GET", true, true, 0, false, 0},
		{"found after a response that is not JSON", []step{notJSON, found}, "POST GET", true, true, 0, false, 0},
		{"not found", []step{unavailable, missing, created}, "POST GET POST", true, false, 0, false, 0},
		{"not found after a response that is too large", []step{tooLarge, missing, created}, "POST GET POST", true, false, 0, false, 0},
		{"not found twice", []step{unavailable, missing, unavailable, missing, created}, "POST GET POST GET POST", true, false, 0, false, 0},
		{"never found", []step{unavailable, missing, unavailable, missing, unavailable, missing}, "POST GET POST GET POST GET", false, false, unknown, true, 0},
		{"the lookup fails", []step{unavailable, unavailable, found}, "POST GET GET", true, true, 0, false, 0},
		{"the lookup is refused with 429", []step{unavailable, status(429), missing, created}, "POST GET GET POST", true, false, 0, false, 0},
		{"the lookup cannot connect", []step{unavailable, dial, dial, dial, dial, found}, "POST GET GET GET GET GET", true, true, 0, false, 0},
		{"the lookup fails to the end", []step{unavailable}, "POST GET GET", false, false, unknown, true, 503},
		{"the lookup fails after the last attempt", []step{unavailable, missing, unavailable, missing, unavailable}, "POST GET POST GET POST GET", false, false, unknown, true, 503},
		{"the lookup is forbidden", []step{unavailable, status(403)}, "POST GET", false, false, unknown, false, 503},
		{"the lookup is not JSON", []step{unavailable, notJSON}, "POST GET", false, false, unknown, false, 503},
		{"the lookup is too large", []step{unavailable, tooLarge}, "POST GET", false, false, unknown, false, 503},
		{"conflict", []step{conflict}, "POST", false, false, refused, false, 0},
		{"conflict after 429", []step{status(429), conflict}, "POST POST", false, false, refused, false, 0},
		{"conflict after an unknown outcome", []step{unavailable, missing, conflict, found}, "POST GET POST GET", true, true, 0, false, 0},
		{"conflict, and nothing found", []step{unavailable, missing, conflict, missing}, "POST GET POST GET", false, false, unknown, false, 0},
		{"conflict of the lookup", []step{unavailable, conflict}, "POST GET", false, false, unknown, false, 503},
		{"invalid", []step{status(400)}, "POST", false, false, refused, false, 0},
		{"invalid after an unknown outcome", []step{unavailable, missing, status(400)}, "POST GET POST", false, false, unknown, false, 0},
		{"429", []step{status(429), created}, "POST POST", true, false, 0, false, 0},
		{"429 after an unknown outcome", []step{unavailable, missing, status(429), missing, created}, "POST GET POST GET POST", true, false, 0, false, 0},
		{"no connection", []step{dial, created}, "POST POST", true, false, 0, false, 0},
	}
}

func TestLookup(t *testing.T) {
	for _, row := range lookupRows() {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, create(), maxAttempts(3))
			if base.methods() != row.methods || result.Requests != len(base.requests) {
				t.Errorf("requests %s, the result says %d, want %s", base.methods(), result.Requests, row.methods)
			}
			if result.OK != row.ok || result.FoundByLookup != row.found {
				t.Errorf("ok %v, found %v, %v", result.OK, result.FoundByLookup, result.Err)
			}
			if !row.ok && (result.Outcome != row.outcome || result.Retryable != row.retryable) {
				t.Errorf("outcome %d, retryable %v", result.Outcome, result.Retryable)
			}
			if before := result.BeforeLookup; before == nil != (row.before == 0) || before != nil && before.status() != row.before {
				t.Errorf("before the lookup: %+v", before)
			}
		})
	}
}

func TestLookup_noRetry(t *testing.T) {
	for _, failure := range []step{status(503), fail(errReset), respond(201, "not JSON")} {
		synctest.Test(t, func(t *testing.T) {
			once := create()
			once.NoRetry = true
			base := script(failure, status(200))
			do(t.Context(), t, base, once)
			do(t.Context(), t, base, create(), maxAttempts(1))
			if methods := base.methods(); methods != "POST POST" {
				t.Errorf("requests %s", methods)
			}
		})
	}
}

// The lookup is a GET without the body of the create. After a 404 the create is
// sent at once, as it was.
func TestLookup_requests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call := script(status(503), status(404), status(201)), create()
		call.Token, call.InviteToken = &fakeSource{}, "marked-secret-invite"
		do(t.Context(), t, base, call)
		post, get, again := base.requests[0], base.requests[1], base.requests[2]
		if get.body != "" || get.header.Get("Content-Type") != "" || get.url != call.Lookup.URL.String() {
			t.Errorf("the lookup is %+v", get)
		}
		if get.header.Get("Accept-Language") != "nb" || get.header.Get("Authorization") != "Bearer marked-secret-1" {
			t.Errorf("the lookup has the header %v", get.header)
		}
		if want := (Info{operations.GetUser.ID, "GET", operations.GetUser.Path, 2}); get.info != want {
			t.Errorf("%+v, want %+v", get.info, want)
		}
		if want := (Info{operations.CreateUser.ID, "POST", operations.CreateUser.Path, 3}); again.info != want {
			t.Errorf("%+v, want %+v", again.info, want)
		}
		if again.body != post.body || again.url != post.url || again.header.Get("Content-Type") != "application/json" {
			t.Errorf("the second create is %+v, the first is %+v", again, post)
		}
		if wait := base.gap(2); wait != 0 {
			t.Errorf("the create was sent %v after the lookup", wait)
		}
	})
}

// The response before the lookup stays intact when the buffers are used again.
func TestLookup_keepsEarlierResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = `{"message":"the first failure"}`
		base := script(respond(503, text), respond(503, strings.Repeat("y", len(text))), respond(403, strings.Repeat("z", len(text))))
		result := do(t.Context(), t, base, create())
		if result.Response.Status != 403 || result.Response.Body[0] != 'z' {
			t.Errorf("the last response is %+v", result.Response)
		}
		result.Release()
		do(t.Context(), t, script(respond(200, strings.Repeat("x", len(text)))), read())
		if before := result.BeforeLookup; before == nil || before.Response == nil || string(before.Response.Body) != text {
			t.Errorf("before the lookup: %+v", before)
		}
	})
}

func TestNotFoundIsSuccess(t *testing.T) {
	missing := status(404)
	for name, row := range map[string]struct {
		call    *Call
		steps   []step
		ok      bool
		outcome retry.Outcome
	}{
		"first attempt":                 {remove(), []step{missing}, false, retry.Refused},
		"after a reset":                 {remove(), []step{fail(errReset), missing}, true, 0},
		"after 503":                     {remove(), []step{status(503), missing}, true, 0},
		"after 503 and 429":             {remove(), []step{status(503), status(429), missing}, true, 0},
		"after 429":                     {remove(), []step{status(429), missing}, false, retry.Refused},
		"after no connection":           {remove(), []step{failToDial(syscall.ECONNREFUSED), missing}, false, retry.Refused},
		"410 after 503":                 {remove(), []step{status(503), status(410)}, false, retry.Unknown},
		"a read after 503":              {read(), []step{status(503), missing}, false, retry.Unknown},
		"no connection after a 421":     {remove(), []step{status(421), failToDial(syscall.ECONNREFUSED), missing}, false, retry.Refused},
		"a refused call after a failed": {remove(), []step{fail(errReset), status(400)}, false, retry.Unknown},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, row.call)
			if result.OK != row.ok || !row.ok && result.Outcome != row.outcome || len(base.requests) != len(row.steps) || result.Err != nil {
				t.Errorf("%d requests, %+v", len(base.requests), result)
			}
		})
	}
}
