// Package flowretailtest is a fake Flow Retail API for tests. It keeps state,
// checks requests strictly, and needs no network.
//
//	fake := flowretailtest.New()
//	client, err := fake.NewClient()
//	users, err := client.Users.List(ctx, fake.TenantUID(), nil)
//
// A fake starts with the sample data of a Nordic retailer. The same seed gives
// the same data. After that it behaves like the API:
//
//   - What is created is listed; what is deleted is gone.
//   - Access tokens expire, and roles are enforced.
//   - A wrong request gets a 4xx response with a code, a message in the language
//     of the Accept-Language header, and a log id.
//
// There are three ways to reach a fake. [Fake.NewClient] and [Fake.HTTPClient]
// call it in-process, which works inside testing/synctest. [Fake.Start] and
// [Fake.Serve] serve it on loopback. With httpmock,
// RegisterNoResponder(fake.RoundTrip) sends it every request without a responder.
//
// [Fake.Inject] makes requests fail, and [Fake.Requests] returns the requests
// that were received. All methods can be called concurrently.
//
// # What the API's document leaves open
//
// Where the vendor's document says nothing, the fake does the following. The API
// may do otherwise.
//
//   - A user of account type FULL is created as PENDING_INVITE, and an invitation
//     is mailed (see [Fake.Mails]). Other users are ACTIVE at once.
//   - The response is 409 for a UID that exists, for an integration token of a
//     user whose account type is not INTEGRATION, and for an invitation that was
//     accepted before.
//   - The response is 404 for a tenant that does not exist, 403 for a tenant that
//     the token has no access to, and 400 for a body that refers to something
//     that does not exist.
//   - A page size above the maximum is lowered to it. A page past the end is empty.
//   - Sorting ignores case. Equal items stay in the order of their creation.
//   - When several users of a tenant have the same user code and password, a
//     login takes the one that was created first.
//   - The value of an integration token is in the response to its creation, and
//     "" in later lists.
//   - The time of last access is null until the user logs in.
//
// # Panics
//
// Methods that take the UID of a tenant, user or store, or an operationId, panic
// when the fake does not have it. It is a mistake in the test.
package flowretailtest
