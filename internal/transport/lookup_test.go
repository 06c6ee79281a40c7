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
		{name: "first attempt", steps: []step{created}, methods: "POST", ok: true},
		{name: "found after a status", steps: []step{unavailable, found}, methods: "POST GET", ok: true, found: true},
		{name: "found after a reset", steps: []step{fail(errReset), found}, methods: "POST GET", ok: true, found: true},
		{name: "found after a malformed response", steps: []step{respond(201, "malformed"), found}, methods: "POST GET", ok: true, found: true},
		{name: "found after a response that is too large", steps: []step{tooLarge, found}, methods: "POST GET", ok: true, found: true},
		{name: "found after a response that is not JSON", steps: []step{notJSON, found}, methods: "POST GET", ok: true, found: true},
		{name: "not found", steps: []step{unavailable, missing, created}, methods: "POST GET POST", ok: true},
		{name: "not found after a response that is too large", steps: []step{tooLarge, missing, created}, methods: "POST GET POST", ok: true},
		{name: "not found twice", steps: []step{unavailable, missing, unavailable, missing, created}, methods: "POST GET POST GET POST", ok: true},
		{name: "never found", steps: []step{unavailable, missing, unavailable, missing, unavailable, missing}, methods: "POST GET POST GET POST GET", outcome: unknown, retryable: true},
		{name: "the lookup fails", steps: []step{unavailable, unavailable, found}, methods: "POST GET GET", ok: true, found: true},
		{name: "the lookup is refused with 429", steps: []step{unavailable, status(429), missing, created}, methods: "POST GET GET POST", ok: true},
		{name: "the lookup cannot connect", steps: []step{unavailable, dial, dial, dial, dial, found}, methods: "POST GET GET GET GET GET", ok: true, found: true},
		{name: "the lookup fails to the end", steps: []step{unavailable}, methods: "POST GET GET", outcome: unknown, retryable: true, before: 503},
		{name: "the lookup fails after the last attempt", steps: []step{unavailable, missing, unavailable, missing, unavailable}, methods: "POST GET POST GET POST GET", outcome: unknown, retryable: true, before: 503},
		{name: "the lookup is forbidden", steps: []step{unavailable, status(403)}, methods: "POST GET", outcome: unknown, before: 503},
		{name: "the lookup is not JSON", steps: []step{unavailable, notJSON}, methods: "POST GET", outcome: unknown, before: 503},
		{name: "the lookup is too large", steps: []step{unavailable, tooLarge}, methods: "POST GET", outcome: unknown, before: 503},
		{name: "conflict", steps: []step{conflict}, methods: "POST", outcome: refused},
		{name: "conflict after 429", steps: []step{status(429), conflict}, methods: "POST POST", outcome: refused},
		{name: "conflict after an unknown outcome", steps: []step{unavailable, missing, conflict, found}, methods: "POST GET POST GET", ok: true, found: true},
		{name: "conflict, and nothing found", steps: []step{unavailable, missing, conflict, missing}, methods: "POST GET POST GET", outcome: unknown},
		{name: "conflict of the lookup", steps: []step{unavailable, conflict}, methods: "POST GET", outcome: unknown, before: 503},
		{name: "invalid", steps: []step{status(400)}, methods: "POST", outcome: refused},
		{name: "invalid after an unknown outcome", steps: []step{unavailable, missing, status(400)}, methods: "POST GET POST", outcome: unknown},
		{name: "429", steps: []step{status(429), created}, methods: "POST POST", ok: true},
		{name: "429 after an unknown outcome", steps: []step{unavailable, missing, status(429), missing, created}, methods: "POST GET POST GET POST", ok: true},
		{name: "no connection", steps: []step{dial, created}, methods: "POST POST", ok: true},
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
		"first attempt":                 {call: remove(), steps: []step{missing}, outcome: retry.Refused},
		"after a reset":                 {call: remove(), steps: []step{fail(errReset), missing}, ok: true},
		"after 503":                     {call: remove(), steps: []step{status(503), missing}, ok: true},
		"after 503 and 429":             {call: remove(), steps: []step{status(503), status(429), missing}, ok: true},
		"after 429":                     {call: remove(), steps: []step{status(429), missing}, outcome: retry.Refused},
		"after no connection":           {call: remove(), steps: []step{failToDial(syscall.ECONNREFUSED), missing}, outcome: retry.Refused},
		"410 after 503":                 {call: remove(), steps: []step{status(503), status(410)}, outcome: retry.Unknown},
		"a read after 503":              {call: read(), steps: []step{status(503), missing}, outcome: retry.Unknown},
		"no connection after a 421":     {call: remove(), steps: []step{status(421), failToDial(syscall.ECONNREFUSED), missing}, outcome: retry.Refused},
		"a refused call after a failed": {call: remove(), steps: []step{fail(errReset), status(400)}, outcome: retry.Unknown},
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

func TestLookup_attemptsExhausted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(503), status(404), status(503), status(404))
		result := do(t.Context(), t, base, create(), maxAttempts(2))
		if result.NotRetried != "RetryPolicy.MaxAttempts (2)" || !result.Retryable || len(base.requests) != 4 {
			t.Errorf("%d requests, %+v", len(base.requests), result)
		}
	})
}
