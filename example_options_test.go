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
	"slices"
	"sync"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func ExampleCaptureResponse() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	var response flowretail.Response
	if err := client.Users.Delete(context.Background(), fake.TenantUID(), "unknown", flowretail.CaptureResponse(&response)); err != nil {
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
func ExampleWithGeneratedUIDs() {
	fake := flowretailtest.New()
	client, err := fake.NewClient(
		flowretail.WithGeneratedUIDs(),
		flowretail.WithRetryPolicy(flowretail.RetryPolicy{BaseDelay: time.Millisecond}),
	)
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Operation: "post-tenants-users", Reset: true, Acted: true, Times: 1})

	before := len(fake.Users(fake.TenantUID()))
	user, err := client.Users.Create(context.Background(), fake.TenantUID(), &flowretail.UserCreateRequest{
		AccountType: flowretail.AccountTypeRegular,
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
	_, err = client.Account.Get(context.Background(), flowretail.CaptureResponse(&response))
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
	login := flowretail.AccountLoginRequest{UserCode: "4711", Password: flowretail.NewSecret("marked-secret-pin")}

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
	if operation, ok := flowretail.OperationFromContext(request.Context()); ok {
		c.mu.Lock()
		c.counts[operation.ID]++
		c.mu.Unlock()
	}
	return c.next.RoundTrip(request)
}

// A round tripper learns which operation a request belongs to: a label with few
// values, unlike the URL.
func ExampleOperationFromContext() {
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
