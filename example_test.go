package flowretail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/jarcoal/httpmock"
	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// With httpmock one answer is made by hand, and the fake gives all others.
func Example_httpmock() {
	fake := flowretailtest.New()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", "/v2/account", httpmock.NewStringResponder(403, `{"code":"CLOSED"}`))
	mock.RegisterNoResponder(fake.RoundTrip)
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	_, err = client.Account.Get(ctx)
	fmt.Println(err)
	_, err = client.Tenants.Get(ctx, fake.TenantUID())
	fmt.Println(err)
	// Output:
	// flowretail: get-account: status 403 Forbidden, code CLOSED
	// <nil>
}

// A client for a service that runs for long. Make one, and keep it.
func ExampleNewClient() {
	fake := flowretailtest.New() // in place of the API

	client, err := flowretail.NewClient(
		flowretail.WithToken(fake.AdminToken()), // an integration token
		flowretail.WithUserAgent("erp-sync/2.1"),
		flowretail.WithLogger(slog.Default()), // at debug level
		flowretail.WithHTTPClient(fake.HTTPClient()),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client) // nothing secret
	// Output: flowretail.Client(https://api.flowretail.com/v2)
}

// The environment says which API it is, and with which token.
func ExampleFromEnv() {
	fake := flowretailtest.New()
	for name, value := range map[string]string{
		flowretail.EnvToken:   fake.AdminToken(),
		flowretail.EnvBaseURL: flowretail.StageURL,
	} {
		os.Setenv(name, value)
		defer os.Unsetenv(name)
	}

	client, err := flowretail.NewClient(flowretail.FromEnv(), flowretail.WithHTTPClient(fake.HTTPClient()))
	fmt.Println(client, err)
	// Output: flowretail.Client(https://api.stage.flowretail.com/v2) <nil>
}

// The client logs in with its first call, and again when the session is over.
func ExampleWithDeviceLogin() {
	fake := flowretailtest.New()
	tenantUID := fake.TenantUID()
	user := fake.Users(tenantUID)[1]
	device := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: fake.DeviceToken(tenantUID)})
	password := flowretail.NewSecret(fake.Password(tenantUID, user.TenantUserUID))

	client, err := fake.NewClient(flowretail.WithDeviceLogin(device, user.UserCode, password))
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		if _, err := client.Tenants.Get(context.Background(), tenantUID); err != nil {
			log.Fatal(err)
		}
		fake.ExpireTokens()
	}
	for _, request := range fake.Requests() {
		fmt.Println(request.Operation, request.Status)
	}
	// Output:
	// post-account 200
	// get-tenants-details 200
	// get-tenants-details 401
	// post-account 200
	// get-tenants-details 200
}

// The source may be anything that gives a person's auth token, such as an
// oauth2.Config with a refresh token.
func ExampleWithTenantExchange() {
	fake := flowretailtest.New()
	auth := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: fake.AuthToken()})

	client, err := fake.NewClient(flowretail.WithTenantExchange(auth, fake.TenantUID()))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Tenants.Get(context.Background(), fake.TenantUID()); err != nil {
		log.Fatal(err)
	}
	for _, request := range fake.Requests() {
		fmt.Println(request.Operation)
	}
	// Output:
	// post-tenants-account
	// get-tenants-details
}

// A derived client shares connections, rate and retry budget with the first. A
// token stays at its origin: another one needs a credential of its own.
func ExampleClient_With() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	token := fake.AccessTokenWithRole(fake.TenantUID(), flowretail.TenantRoleAccess)
	cashier, err := client.With(flowretail.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	_, err = cashier.Users.List(context.Background(), fake.TenantUID(), nil)
	fmt.Println("may list users:", !errors.Is(err, flowretail.ErrForbidden))

	_, err = client.With(flowretail.WithBaseURL(flowretail.StageURL))
	fmt.Println("takes the token to stage:", err == nil)
	// Output:
	// may list users: false
	// takes the token to stage: false
}

// An endpoint that has no method here, with a type of one's own for the answer.
func ExampleClient_Do() {
	fake := flowretailtest.New()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", "/v2/tenants/7/stores/12", httpmock.NewStringResponder(200, `{"storeUid":"12","name":"Oslo"}`))
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		log.Fatal(err)
	}

	var store struct {
		Name string `json:"name"` // keys are matched exactly
	}
	err = client.Do(context.Background(), &flowretail.Request{
		Path:       "/tenants/{tenantUid}/stores/{storeUid}",
		PathValues: []string{"7", "12"}, // checked like those of the methods
	}, &store)
	fmt.Println(store.Name, err)
	// Output: Oslo <nil>
}

// A list that has no method here.
func ExampleAll() {
	fake := flowretailtest.New()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("GET", "/v2/tenants/7/stores", httpmock.NewStringResponder(200,
		`{"items":[{"storeUid":"12"},{"storeUid":"13"}],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":2}}`))
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: mock}))
	if err != nil {
		log.Fatal(err)
	}

	type store struct {
		UID string `json:"storeUid"`
	}
	request := &flowretail.Request{Path: "/tenants/{tenantUid}/stores", PathValues: []string{"7"}}
	uid := func(s *store) string { return s.UID }
	for store, err := range flowretail.All(context.Background(), client, request, uid) {
		fmt.Println(store.UID, err)
	}
	// Output:
	// 12 <nil>
	// 13 <nil>
}

func ExampleCollect() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	users, err := flowretail.Collect(client.Users.All(context.Background(), fake.TenantUID(), nil))
	fmt.Println(len(users), err)
	// Output: 25 <nil>
}

// While the list is read somebody deletes a user from the beginning of it, so
// that all later ones move up. Reading page after page would miss one of them.
func ExampleComplete() {
	fake := flowretailtest.New(flowretailtest.WithUsers(100))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	tenantUID := fake.TenantUID()
	victim := fake.Users(tenantUID)[5].TenantUserUID

	seen := map[string]bool{}
	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 10}}
	for user, err := range client.Users.All(context.Background(), tenantUID, opts, flowretail.Complete()) {
		if err != nil {
			log.Fatal(err)
		}
		seen[user.TenantUserUID] = true
		fake.RemoveUser(tenantUID, victim)
	}
	missing := slices.DeleteFunc(fake.Users(tenantUID), func(u flowretail.User) bool { return seen[u.TenantUserUID] })
	fmt.Println("missing:", len(missing))
	// Output: missing: 0
}

// More requests in flight shorten the time, and cost the memory of their pages.
func ExamplePrefetch() {
	fake := flowretailtest.New(flowretailtest.WithUsers(100))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 10}}
	users, err := flowretail.Collect(client.Users.All(context.Background(), fake.TenantUID(), opts, flowretail.Prefetch(8)))
	fmt.Println(len(users), err)
	// Output: 100 <nil>
}

func ExampleOnPage() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 10}}
	report := func(p flowretail.Progress) { fmt.Printf("%d of %d users\n", p.Items, p.Total) }
	for _, err := range client.Users.All(context.Background(), fake.TenantUID(), opts, flowretail.OnPage(report)) {
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 10 of 25 users
	// 20 of 25 users
	// 25 of 25 users
}

func ExampleWithResponse() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	var response flowretail.Response
	if err := client.Users.Delete(context.Background(), fake.TenantUID(), "unknown", flowretail.WithResponse(&response)); err != nil {
		fmt.Println(response.StatusCode, response.Header.Get("Content-Type"), response.Attempts)
	}
	// Output: 404 application/json 1
}

// An error that a person is to read, in the person's language.
func ExampleLanguage() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Users.Get(context.Background(), fake.TenantUID(), "unknown", flowretail.Language("nb"))
	if generic, ok := errors.AsType[*flowretail.GenericError](err); ok {
		fmt.Println(generic.Message)
	}
	// Output: Brukeren finnes ikke.
}

// One request on the wire: for callers that repeat by themselves, such as the
// workers of a queue.
func ExampleNoRetry() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Status: 503, RetryAfter: "2"})

	_, err = client.Account.Get(context.Background(), flowretail.NoRetry())
	if generic, ok := errors.AsType[*flowretail.GenericError](err); ok {
		fmt.Println(len(fake.Requests()), "request; again in", generic.RetryAfter)
	}
	// Output: 1 request; again in 2s
}

// A header for a gateway in between. Headers with credentials have options of
// their own, and are refused here.
func ExampleHeader() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	if _, err := client.Account.Get(ctx, flowretail.Header("X-Request-Id", "sync-42")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fake.Requests()[0].Header.Get("X-Request-Id"))

	_, err = client.Account.Get(ctx, flowretail.Header("Authorization", "marked-secret"))
	fmt.Println(errors.Is(err, flowretail.ErrInvalidRequest))
	// Output:
	// sync-42
	// true
}

// The connection breaks after the API has made the user. The SDK finds the user
// under the UID that it minted, and makes no second one.
func ExampleWithMintedUIDs() {
	fake := flowretailtest.New()
	client, err := fake.NewClient(
		flowretail.WithMintedUIDs(),
		flowretail.WithRetryPolicy(flowretail.RetryPolicy{BaseDelay: time.Millisecond}),
	)
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users", Reset: true, Acted: true, Times: 1})

	before := len(fake.Users(fake.TenantUID()))
	user, err := client.Users.Create(context.Background(), fake.TenantUID(), &flowretail.UserCreate{
		AccountType: flowretail.AccountRegular,
		TenantRole:  flowretail.TenantRoleAccess,
		UserCode:    "4711",
		Password:    flowretail.NewSecret("marked-secret-pin"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.UserCode, "new users:", len(fake.Users(fake.TenantUID()))-before)
	// Output: 4711 new users: 1
}

func ExampleWithRetryPolicy() {
	fake := flowretailtest.New()
	client, err := fake.NewClient(flowretail.WithRetryPolicy(flowretail.RetryPolicy{
		MaxAttempts:    6,
		BaseDelay:      time.Millisecond, // the default is 250 ms
		AttemptTimeout: 5 * time.Second,
	}))
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Status: 503, Times: 5})

	var response flowretail.Response
	_, err = client.Account.Get(context.Background(), flowretail.WithResponse(&response))
	fmt.Println(response.Attempts, "attempts,", err)
	// Output: 6 attempts, <nil>
}

// Every failed call is a CallError, whatever the reason.
func ExampleCallError() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Users.Get(context.Background(), fake.TenantUID(), "not/a/uid")
	if failed, ok := errors.AsType[*flowretail.CallError](err); ok {
		fmt.Println(failed.Operation, failed.Attempts, failed.Retryable)
		fmt.Println(failed.Outcome, errors.Is(err, flowretail.ErrInvalidRequest))
	}
	// Output:
	// get-tenants-users-details 0 false
	// not sent true
}

// A write that failed is one of three things. Only one of them needs a look.
func ExampleOutcome() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users-tokens", Reset: true, Acted: true})

	ctx, integration := context.Background(), fake.Users(fake.TenantUID())[0].TenantUserUID
	_, err = client.Tokens.Create(ctx, fake.TenantUID(), integration)
	switch {
	case errors.Is(err, flowretail.ErrNotSent), errors.Is(err, flowretail.ErrRefused):
		fmt.Println("no token was made")
	case errors.Is(err, flowretail.ErrOutcomeUnknown):
		tokens, err := client.Tokens.List(ctx, fake.TenantUID(), integration)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("tokens that nobody holds:", len(tokens.Items))
	}
	// Output: tokens that nobody holds: 1
}

// What the API said. The log id is what the vendor's support asks for.
func ExampleGenericError() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Users.Get(context.Background(), fake.TenantUID(), "unknown")
	if generic, ok := errors.AsType[*flowretail.GenericError](err); ok {
		fmt.Println(generic.StatusCode, generic.Code, generic.Message)
		fmt.Println("has a log id:", generic.LogID != "")
	}
	// Output:
	// 404 USER_NOT_FOUND The user does not exist.
	// has a log id: true
}

// A secret shows itself to nobody who does not ask for it by name.
func ExampleSecret() {
	login := flowretail.AccountLogin{UserCode: "4711", Password: flowretail.NewSecret("marked-secret-pin")}

	fmt.Printf("%+v\n", login)
	text, err := json.Marshal(login)
	fmt.Println(string(text), err)
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("login", "input", login)
	fmt.Println("logged:", bytes.Contains(logged.Bytes(), []byte("marked-secret-pin")))

	fmt.Println(login.Password.Reveal())
	// Output:
	// {UserCode:4711 Password:REDACTED}
	// {"userCode":"4711","password":"REDACTED"} <nil>
	// logged: false
	// marked-secret-pin
}

// An operationCounter is a round tripper that counts requests by operation.
type operationCounter struct {
	next   http.RoundTripper
	mu     sync.Mutex
	counts map[string]int
}

func (c *operationCounter) RoundTrip(request *http.Request) (*http.Response, error) {
	if operation, ok := flowretail.Operation(request.Context()); ok {
		c.mu.Lock()
		c.counts[operation.ID]++
		c.mu.Unlock()
	}
	return c.next.RoundTrip(request)
}

// A round tripper learns which operation a request belongs to: a label with few
// values, unlike the URL.
func ExampleOperation() {
	fake := flowretailtest.New()
	counter := &operationCounter{next: fake, counts: map[string]int{}}
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: counter}))
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	for _, user := range fake.Users(fake.TenantUID())[:3] {
		if _, err := client.Users.Get(ctx, fake.TenantUID(), user.TenantUserUID); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := client.Account.Get(ctx); err != nil {
		log.Fatal(err)
	}
	for _, id := range slices.Sorted(maps.Keys(counter.counts)) {
		fmt.Println(id, counter.counts[id])
	}
	// Output:
	// get-account 1
	// get-tenants-users-details 3
}
