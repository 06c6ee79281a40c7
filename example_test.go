package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"slices"

	"github.com/jarcoal/httpmock"
	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// httpmock responds to one request, and the fake responds to all others.
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
	// flowretail: Account.Get (get-account): 403 Forbidden, code CLOSED
	// <nil>
}

// A client for a long-running service. Create one client and reuse it.
func ExampleNewClient() {
	fake := flowretailtest.New() // instead of the API

	client, err := flowretail.NewClient(
		flowretail.WithToken(fake.AdminToken()), // an integration token
		flowretail.WithUserAgent("erp-sync/2.1"),
		flowretail.WithLogger(slog.Default()), // at debug level
		flowretail.WithHTTPClient(fake.HTTPClient()),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client) // prints no secret
	// Output: flowretail.Client(https://api.flowretail.com/v2)
}

// Read the base URL and the token from the environment.
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

// The client logs in with its first call, and again when the access token expires.
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

// The token source returns the auth token of a person. It can be an oauth2.Config
// with a refresh token, for example.
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

// A derived client shares connections, rate limiter and retry budget with the first
// one. A token is used for one origin only; another base URL needs another token.
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

// Call an endpoint that has no method in the SDK, and decode the response into your
// own type.
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
		PathValues: []string{"7", "12"}, // checked like the arguments of a method
	}, &store)
	fmt.Println(store.Name, err)
	// Output: Oslo <nil>
}

// Iterate over a list that has no method in the SDK.
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

// While the list is read, a user at its beginning is deleted, and all later users move
// up. Without Complete one of them would be missed.
func ExampleComplete() {
	fake := flowretailtest.New(flowretailtest.WithUsers(100))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	tenantUID := fake.TenantUID()
	deleted := fake.Users(tenantUID)[5].TenantUserUID

	seen := map[string]bool{}
	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 10}}
	for user, err := range client.Users.All(context.Background(), tenantUID, opts, flowretail.Complete()) {
		if err != nil {
			log.Fatal(err)
		}
		seen[user.TenantUserUID] = true
		fake.RemoveUser(tenantUID, deleted)
	}
	missing := slices.DeleteFunc(fake.Users(tenantUID), func(u flowretail.User) bool { return seen[u.TenantUserUID] })
	fmt.Println("missing:", len(missing))
	// Output: missing: 0
}

// More requests in flight take less time, but need memory for their pages.
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
