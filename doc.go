// Package flowretail is a client for the API of Flow Retail, a point-of-sale and
// retail platform. It handles tenants, their users and integration tokens, the
// authenticated user's account, and the subscribers to a store's reports.
//
// # Client
//
// Create one [Client] and reuse it. It is safe for concurrent use. [FromEnv] reads
// the token from FLOWRETAIL_TOKEN.
//
//	client, err := flowretail.NewClient(flowretail.FromEnv())
//	if err != nil {
//		return err
//	}
//	user, err := client.Users.Get(ctx, tenantUID, userUID)
//
// A client has one service for each resource, and a service has one method for each
// operation of the API. The arguments of a method are, in this order:
//
//   - the context. Give it a deadline: it bounds all attempts and waits of the call.
//   - the identifiers in the path, as strings
//   - a struct with the query parameters or the body. Its fields have the API's names
//     in Go's spelling.
//   - options of the call: [Language], [Header], [CaptureResponse], [NoRetry]
//
// [Client.With] returns a client with other options, such as another token, language
// or retry policy. It shares the connections, the rate limiter and the retry budget
// with the first client.
//
// # Authentication
//
// A client has one credential:
//
//   - [FromEnv] or [WithToken]: an integration token, which belongs to a user of
//     account type INTEGRATION. Services use this.
//   - [WithTokenSource]: tokens from a source of package golang.org/x/oauth2.
//   - [WithDeviceLogin]: the token of a point-of-sale device, a user code and a
//     password. The client logs in, and logs in again when the token expires.
//   - [WithTenantExchange]: a person's auth token. The client exchanges it for an
//     access token of one tenant, and exchanges it again when that expires.
//
// The client refreshes a token before it expires, if the expiry is known, and after
// the API has rejected it with 401. All calls that wait for a token share one refresh.
// A login that the API refused is not retried, because that could lock the account.
//
// Tokens are sent to the origin of the base URL only: not across a redirect to another
// origin, and not over plain http except to loopback addresses. Passwords and tokens
// have the type [Secret], which fmt, log/slog and encoding/json print as REDACTED.
// [Secret.Reveal] returns the value.
//
// # Updates
//
// An update changes the fields that are not nil. Zero values are sent, too; the
// function new returns a pointer to a value:
//
//	user, err := client.Users.Update(ctx, tenantUID, userUID, &flowretail.UserUpdateRequest{Mobile: new("")})
//
// # Lists
//
// List methods return one [Page]. All methods return an iterator over all pages, in
// the API's order:
//
//	for user, err := range client.Users.All(ctx, tenantUID, nil) {
//		if err != nil {
//			return err // the iteration has ended
//		}
//		fmt.Println(user.DisplayName)
//	}
//
// An iteration always ends, and it yields no item twice. It ends without an error only
// if it has yielded as many items as the list should have. Otherwise the error is
// [ErrListIncomplete], or [ErrMalformedResponse] if the pages contradict each other;
// see [All]. [Prefetch] sets the number of requests in flight, [OnPage] reports
// progress, and [Collect] returns all items as a slice.
//
// Reading page after page can miss an item: when an earlier item is deleted, all later
// items move forward, and one of them moves to a page that was already read.
// [Complete] prevents that for users and subscribers. It yields every item that existed
// before the first request and still exists after the last, at about the same number
// of requests.
//
// # Errors
//
// The error of a failed call is a [*CallError]. It has the number of attempts, the
// reason, whether the same call may succeed later, and the outcome. A response of the
// API outside 2xx is a [*GenericError] within it, with the API's code, message and log
// id. Test for the status with errors.Is and a variable such as [ErrNotFound] or
// [ErrForbidden], and for the outcome with one of these:
//
//   - [ErrNotSent]: the call never reached the API.
//   - [ErrRefused]: the API did nothing.
//   - [ErrOutcomeUnknown]: the API may have carried the call out.
//
// [ErrInvalidRequest] is returned when the SDK refuses to send a call. The text names
// the fields. [ErrMalformedResponse] is returned when a 2xx response is not what the
// API documents. A call never returns a zero value in place of a missing one.
//
// # Retries
//
// [RetryPolicy] sets how often and how fast calls are retried. Which failures are
// retried is fixed:
//
//	failure                                                   retried
//	429, 421, 425, REFUSED_STREAM of HTTP/2                   every call
//	no connection                                             every call
//	408, 5xx other than 501 and 505                           idempotent calls
//	connection reset, timeout, truncated response             idempotent calls
//	2xx with a body that cannot be decoded                    idempotent calls
//	401                                                       once, with another token;
//	                                                          see WithTokenSource
//	other 3xx and 4xx, 501, 505                               never
//	2xx with a content type other than JSON, or too large     never
//	invalid TLS certificate                                   never
//
// Idempotent calls are reads, updates, deletes, logins and token exchanges, and creates
// with a UID, as described below. Not idempotent are Tokens.Create,
// Account.AcceptInvite, and Users.Update with ResendInvite. A delete that is retried
// and then gets 404 has succeeded. [NoRetry] sends exactly one request.
//
// Attempts. A call makes at most MaxAttempts requests, 4 by default. A request that is
// sent again with another token after a 401 counts. The following do not count:
//
//   - A request that the API refused with 429. It costs waiting time only: the call
//     fails when MaxWait, 2 minutes by default, has passed since the first 429.
//   - A connection that failed. The call tries to connect for 30 seconds, or for
//     MaxWait if that is shorter.
//   - A lookup that got a response; see Creates below.
//
// Waits. Before each retry the call waits a random time, at most 250 ms at first. The
// maximum doubles with each attempt up to 10 seconds. A read whose connections end
// without a response waits longer: 2 to 4 seconds after the second one in a row, 12 to
// 24 after the third, so that it survives a restart of the API. A Retry-After header of
// up to one minute is respected. If a wait would end after the deadline of the context,
// the call fails at once. [CallError.NotRetried] says why no further attempt was made.
//
// Rate limit. After a 429 the rate limiter slows down all calls of the client, and
// raises the rate again while the API accepts them. [WithMaxRate] sets a limit from the
// first request on.
//
// Retry budget. All calls of a client share a budget of retries, 10 or three times the
// number of calls in flight. A call that succeeds, or that the API refuses with a 4xx
// other than 408 and 429, returns its retries. So a client does not multiply the load in
// an outage. A 429, a failed connection and a 2xx response that cannot be decoded cost
// nothing.
//
// Creates. A create with a UID that you choose happens exactly once. After an attempt
// of unknown outcome the SDK looks the UID up. If it finds the resource, the call
// succeeds; if that is another resource, the error is [ErrConflict]. If it finds
// nothing, the create is sent again. [WithGeneratedUIDs] generates a UID for each
// create that has none. Another call generates another UID, so choose the UID yourself
// when a create must happen once across calls and restarts. This relies on the API to
// keep UIDs unique, which its documents imply and do not state.
//
// # What the API adds later
//
// Enums are strings, and unknown values are kept. Resources keep unknown fields in
// Extra, and json.Marshal writes them again. [Client.Do] and [All] call endpoints that
// have no method in the SDK, with the same credentials, retries, errors and paging.
//
// # Tests
//
// Package flowretailtest is a fake of the API with state, for tests without the
// network.
package flowretail
