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

// lookupRows returns the rows of TestLookup.
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
		{name: "never found", steps: []step{unavailable, missing, unavailable, missing, unavailable, missing},
			methods: "POST GET POST GET POST GET", outcome: unknown, retryable: true},
		{name: "the lookup fails", steps: []step{unavailable, unavailable, found}, methods: "POST GET GET", ok: true, found: true},
		{name: "the lookup is refused with 429", steps: []step{unavailable, status(429), missing, created}, methods: "POST GET GET POST", ok: true},
		{name: "the lookup cannot connect", steps: []step{unavailable, dial, dial, dial, dial, found}, methods: "POST GET GET GET GET GET", ok: true, found: true},
		{name: "the lookup fails to the end", steps: []step{unavailable}, methods: "POST GET GET", outcome: unknown, retryable: true, before: 503},
		{name: "the lookup fails after the last attempt", steps: []step{unavailable, missing, unavailable, missing, unavailable},
			methods: "POST GET POST GET POST GET", outcome: unknown, retryable: true, before: 503},
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

// A create of unknown outcome is looked up, and sent again only if it is not found.
func TestLookup(t *testing.T) {
	for _, row := range lookupRows() {
		inVirtualTime(t, row.name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, createCall(), maxAttempts(3))
			want := wantResult{ok: row.ok, requests: len(strings.Fields(row.methods)), outcome: row.outcome, retryable: row.retryable}
			if row.retryable {
				want.notRetried = "RetryPolicy.MaxAttempts (3)"
			}
			checkResult(t, base, result, want)
			checkEqual(t, "the methods", base.methods(), row.methods)
			checkEqual(t, "FoundByLookup", result.FoundByLookup, row.found)
			checkEqual(t, "whether there is BeforeLookup", result.BeforeLookup != nil, row.before != 0)
			if result.BeforeLookup != nil {
				checkEqual(t, "the status of BeforeLookup", result.BeforeLookup.status(), row.before)
			}
		})
	}
}

// A create that may be sent only once is not looked up.
func TestLookup_noRetry(t *testing.T) {
	for _, failure := range []step{status(503), fail(errReset), respond(201, "not JSON")} {
		synctest.Test(t, func(t *testing.T) {
			once := createCall()
			once.NoRetry = true
			base := script(failure, status(200))
			do(t.Context(), t, base, once)
			do(t.Context(), t, base, createCall(), maxAttempts(1))
			checkEqual(t, "the methods", base.methods(), "POST POST")
		})
	}
}

// The lookup is a GET without the body of the create. After a 404 the create is
// sent at once, as it was.
func TestLookup_requests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, call := script(status(503), status(404), status(201)), createCall()
		call.Token, call.InviteToken = &fakeSource{}, "marked-secret-invite"
		result := do(t.Context(), t, base, call)
		checkResult(t, base, result, wantResult{ok: true, requests: 3})
		post, get, again := base.requests[0], base.requests[1], base.requests[2]
		checkEqual(t, "the body of the lookup", get.body, "")
		checkEqual(t, "the URL of the lookup", get.url, call.Lookup.URL.String())
		checkEqual(t, "the Content-Type of the lookup", get.header.Get("Content-Type"), "")
		checkEqual(t, "the Accept-Language of the lookup", get.header.Get("Accept-Language"), "nb")
		checkEqual(t, "the Authorization of the lookup", get.header.Get("Authorization"), "Bearer marked-secret-1")
		checkEqual(t, "the Info of the lookup", get.info, Info{ID: operations.GetUser.ID, Method: "GET", Path: operations.GetUser.Path, Attempt: 2})
		checkEqual(t, "the body of the second create", again.body, post.body)
		checkEqual(t, "the URL of the second create", again.url, post.url)
		checkEqual(t, "the Content-Type of the second create", again.header.Get("Content-Type"), "application/json")
		checkEqual(t, "the Info of the second create", again.info, Info{ID: operations.CreateUser.ID, Method: "POST", Path: operations.CreateUser.Path, Attempt: 3})
		checkEqual(t, "the time from the lookup to the second create", base.gap(2), 0)
	})
}

// The response before the lookup stays intact when the buffers are used again.
func TestLookup_keepsEarlierResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const text = `{"message":"the first failure"}`
		base := script(respond(503, text), respond(503, strings.Repeat("y", len(text))), respond(403, strings.Repeat("z", len(text))))
		result := do(t.Context(), t, base, createCall())
		checkResponse(t, result, 403, strings.Repeat("z", len(text)))
		result.Release()
		do(t.Context(), t, script(respond(200, strings.Repeat("x", len(text)))), readCall())
		if before := result.BeforeLookup; before == nil || before.Response == nil {
			t.Error("there is no response before the lookup")
		} else {
			checkEqual(t, "the body of the response before the lookup", string(before.Response.Body), text)
		}
	})
}

// A 404 is the success of a delete only if an earlier attempt may have deleted the user.
func TestNotFoundIsSuccess(t *testing.T) {
	missing := status(404)
	for name, row := range map[string]struct {
		call    *Call
		steps   []step
		ok      bool
		outcome retry.Outcome // unless ok
	}{
		"first attempt":                 {call: removeCall(), steps: []step{missing}, outcome: retry.Refused},
		"after a reset":                 {call: removeCall(), steps: []step{fail(errReset), missing}, ok: true},
		"after 503":                     {call: removeCall(), steps: []step{status(503), missing}, ok: true},
		"after 503 and 429":             {call: removeCall(), steps: []step{status(503), status(429), missing}, ok: true},
		"after 429":                     {call: removeCall(), steps: []step{status(429), missing}, outcome: retry.Refused},
		"after no connection":           {call: removeCall(), steps: []step{failToDial(syscall.ECONNREFUSED), missing}, outcome: retry.Refused},
		"410 after 503":                 {call: removeCall(), steps: []step{status(503), status(410)}, outcome: retry.Unknown},
		"a read after 503":              {call: readCall(), steps: []step{status(503), missing}, outcome: retry.Unknown},
		"no connection after a 421":     {call: removeCall(), steps: []step{status(421), failToDial(syscall.ECONNREFUSED), missing}, outcome: retry.Refused},
		"a refused call after a failed": {call: removeCall(), steps: []step{fail(errReset), status(400)}, outcome: retry.Unknown},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			base := script(row.steps...)
			result := do(t.Context(), t, base, row.call)
			checkResult(t, base, result, wantResult{ok: row.ok, requests: len(row.steps), outcome: row.outcome})
			checkError(t, result.Err, "")
		})
	}
}

// After a lookup that finds nothing, MaxAttempts is why the create is not sent again.
func TestLookup_attemptsExhausted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := script(status(503), status(404), status(503), status(404))
		result := do(t.Context(), t, base, createCall(), maxAttempts(2))
		checkResult(t, base, result, wantResult{requests: 4, outcome: retry.Unknown, retryable: true, notRetried: "RetryPolicy.MaxAttempts (2)"})
	})
}
