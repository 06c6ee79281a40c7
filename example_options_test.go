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

// Get error messages in the language of the user.
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

// NoRetry sends one request, for callers with their own retries, such as queue
// workers.
func ExampleNoRetry() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	fake.Inject(flowretailtest.Fault{Status: 503, RetryAfter: "2"})

	_, err = client.Account.Get(context.Background(), flowretail.NoRetry())
	if generic, ok := errors.AsType[*flowretail.GenericError](err); ok {
		fmt.Println(len(fake.Requests()), "request; retry after", generic.RetryAfter)
	}
	// Output: 1 request; retry after 2s
}

// Add a header, for example for a gateway. Headers with credentials are rejected;
// there are options for them.
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

// The connection fails after the API has created the user. The SDK looks up the
// generated UID, finds the user, and does not create a second one.
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

// The error of every failed call is a CallError.
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

// A failed write was not sent, was refused, or has an unknown outcome. Only the last
// one needs a check.
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
		fmt.Println("no token was created")
	case errors.Is(err, flowretail.ErrOutcomeUnknown):
		tokens, err := client.Tokens.List(ctx, fake.TenantUID(), integration)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("tokens without a known value:", len(tokens.Items))
	}
	// Output: tokens without a known value: 1
}

// A GenericError is the error response of the API. The support of the vendor asks for
// the log id.
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

// A Secret is printed, logged and encoded as REDACTED. Only Reveal returns its value.
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

// A round tripper gets the operation of a request. Unlike the URL, it is a label with
// few values.
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
