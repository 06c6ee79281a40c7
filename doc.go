// Package flowretail is a client for the API of Flow Retail, a point-of-sale and
// retail platform: tenants, their users, integration tokens, one's own account,
// and the subscribers to a store's reports.
//
// # A client
//
// Make one [Client], and keep it; it is safe for concurrent use.
//
//	client, err := flowretail.NewClient(flowretail.WithToken(os.Getenv("FLOWRETAIL_TOKEN")))
//
// Its services are named after what they are about, and have one method for each
// operation of the API:
//
//	user, err := client.Users.Get(ctx, tenantUID, userUID)
//
// Identifiers are strings in the order of the path. Query parameters and bodies
// are structs; their fields have the API's own names in Go's spelling. Options of
// a call come last: [Language], [Header], [CaptureResponse], [NoRetry].
//
// # Credentials
//
// A program has one of four:
//
//   - an integration token, made for a user of account type INTEGRATION:
//     [WithToken]. It is the choice for services.
//   - a token from anywhere else, by way of golang.org/x/oauth2: [WithTokenSource].
//   - the token of a point-of-sale device, with a user code and a password:
//     [WithDeviceLogin] logs in, and again whenever that is due.
//   - a person's auth token: [WithTenantExchange] exchanges it for an access token
//     of one tenant, and again whenever that is due.
//
// Tokens are renewed before they expire where the expiry is known, and once when
// the API rejects them; one renewal serves all calls that wait for it. They go to
// the origin of the base URL and nowhere else: not across redirects, and not over
// plain http except to loopback. Passwords and tokens are [Secret]s, which show
// themselves as REDACTED to fmt, slog and encoding/json.
//
// [Client.With] derives a client with another token, language or policy that shares
// the connections, the rate and the retry budget of the first.
//
// # Updates
//
// What is nil in the body of an update stays as it is. Everything else is sent,
// zero values too:
//
//	client.Users.Update(ctx, tenantUID, userUID, &flowretail.UserUpdateRequest{Mobile: new("")})
//
// # Lists
//
// List returns one [Page]; All iterates over all pages, in the API's order, with two
// requests in flight ([Prefetch] for more):
//
//	for user, err := range client.Users.All(ctx, tenantUID, nil) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// An iteration always ends, whatever the server claims: when pages repeat or
// contradict each other it ends with an error. No item comes twice.
//
// Pages are numbered, so an item slips through when an earlier one is deleted
// while they are read. [Complete] closes that gap for users and subscribers: every
// item that was there before the first request and is still there after the last
// comes exactly once, at about the price of one pass.
//
// # Errors
//
// Every failed call returns a [*CallError], which says after how many attempts it
// failed, why, whether another call makes sense, and what became of it. An answer
// outside 2xx is a [*GenericError] within it, with the API's code, message and log
// id. errors.Is knows the statuses ([ErrNotFound], [ErrForbidden], …) and the
// outcome:
//
//   - [ErrNotSent]: the call never reached the API.
//   - [ErrRefused]: the API said no, and did nothing.
//   - [ErrOutcomeUnknown]: nobody knows. A write may have happened.
//
// [ErrInvalidRequest] means that the SDK refused to send a call, and the text names
// the field. [ErrMalformedResponse] means that the API answered 2xx with something
// else than it documents; a zero value never passes for an answer.
//
// # Repetition
//
// Calls are repeated with growing, random waits when that is safe: after 429 and
// connections that did not come about, any of them; after 5xx, resets, timeouts and
// cut answers only those that can be carried out twice. A create whose UID the caller
// has chosen is carried out exactly once: after an unknown outcome the SDK asks for
// the UID before it sends again. [WithGeneratedUIDs] makes every call so, but a call that
// is made again mints another UID: what shall happen once across calls and restarts
// needs a UID of its own. It all rests on the API keeping UIDs unique, which its
// documents imply and do not state.
//
// All calls of a client share a retry budget, so that an outage is not multiplied,
// and a rate: after a 429 the client slows down as a whole, and finds its way back
// up. [RetryPolicy] has the numbers; no wait crosses the deadline of a context.
//
// # What the API adds later
//
// Enums are strings, and unknown values pass through. Resources keep unknown fields
// in Extra, and write them again. [Client.Do] and [All] call endpoints that have no
// method here, with the same credentials, errors and paging.
//
// # Tests
//
// Package flowretailtest is the API as a fake with state, for tests that run without
// the network.
package flowretail
