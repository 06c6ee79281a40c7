// Package flowretailtest is a Flow Retail API for tests: it keeps state, checks
// requests strictly, and needs no network.
//
//	fake := flowretailtest.New()
//	client, err := fake.NewClient()
//	users, err := client.Users.List(ctx, fake.TenantUID(), nil)
//
// It has the sample data of a Nordic retailer, the same for the same seed. What
// is created is listed, what is deleted is gone, tokens expire, roles are
// enforced, and a mistake in a request is answered with 400, a code, a message
// in the language that was asked for, and a log id.
//
// A Fake is an [http.RoundTripper], which works inside testing/synctest and
// behind an httpmock transport (RegisterNoResponder(fake.RoundTrip)), and an
// [http.Handler]; [Fake.Start] and [Fake.Serve] put it on loopback. [Fake.Inject]
// makes it fail on demand, and [Fake.Requests] tells what it was asked. All
// methods may be called concurrently.
//
// # What the API's document leaves open
//
// Where the vendor is silent the fake decides as follows; do not take it for
// the API's word.
//
//   - A user of account type FULL is created as PENDING_INVITE, and an invitation
//     is mailed (see [Fake.Mails]); the others are ACTIVE at once.
//   - A UID that exists is refused with 409, and so are integration tokens for a
//     user whose account type is not INTEGRATION, and an invitation that has been
//     accepted before.
//   - A tenant that does not exist is 404, one that the token has no access to is
//     403. Something unknown that a body refers to is 400.
//   - A page size above the maximum is lowered to it, and a page past the end is
//     empty.
//   - The value of an integration token is in the answer that makes it, and ""
//     in later lists.
//   - The time of last access is null until the user logs in.
//
// # Mistakes in a test
//
// Methods that name a tenant, user or operation panic when the fake does not
// have it: that is a mistake in the test, and no error could be handled there.
package flowretailtest
