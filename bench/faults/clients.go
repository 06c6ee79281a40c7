package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A readFunc reads a user and reports whether that succeeded.
type readFunc func(ctx context.Context) bool

// A createFunc creates the user with a number. If uid is empty, the API chooses
// the UID.
type createFunc func(ctx context.Context, tenantUID, uid string, number int) error

// clients are the clients that are compared. The figures are those of the last.
var clients = []struct {
	name      string
	newReader func(http.RoundTripper) readFunc
	newCreate func(*flowretailtest.Fake, http.RoundTripper) createFunc
}{
	{"go-retryablehttp", retryablehttpReader, retryablehttpCreate},
	{"this SDK", sdkReader, sdkCreate},
}

const userBody = `{"tenantUserUid":"u","tenantUid":"t"}`

// newClient returns a client with the SDK's defaults and a static token.
func newClient(transport http.RoundTripper) *flowretail.Client {
	return newClientWith(transport, flowretail.WithToken("no-token"))
}

func newClientWith(transport http.RoundTripper, options ...flowretail.Option) *flowretail.Client {
	client, err := flowretail.NewClient(append(options, flowretail.WithHTTPClient(&http.Client{Transport: transport}))...)
	if err != nil {
		panic(err)
	}
	return client
}

func sdkReader(transport http.RoundTripper) readFunc {
	client := newClient(transport)
	return func(ctx context.Context) bool {
		_, err := client.Users.Get(ctx, "t", "u")
		return err == nil
	}
}

func sdkCreate(fake *flowretailtest.Fake, transport http.RoundTripper) createFunc {
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		panic(err)
	}
	return func(ctx context.Context, tenantUID, uid string, number int) error {
		_, err := client.Users.Create(ctx, tenantUID, &flowretail.UserCreateRequest{
			TenantUserUID: uid, ExternalID: externalID(number), AccountType: flowretail.AccountTypeRegular,
			TenantRole: flowretail.TenantRoleAccess, UserCode: fmt.Sprint(number), Password: flowretail.NewSecret("no-password"),
		})
		return err
	}
}

func retryablehttpReader(transport http.RoundTripper) readFunc {
	client := newRetryablehttpClient(transport)
	return func(ctx context.Context) bool {
		request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, flowretail.ProductionURL+"/tenants/t/users/u", nil)
		if err != nil {
			panic(err)
		}
		return send(client, request) == nil
	}
}

// retryablehttpCreate returns an error whenever the user may not have been created.
func retryablehttpCreate(fake *flowretailtest.Fake, transport http.RoundTripper) createFunc {
	client := newRetryablehttpClient(transport)
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return func(ctx context.Context, tenantUID, uid string, number int) error {
		body := fmt.Sprintf(`{"externalId":%q,"accountType":"REGULAR","tenantRole":"ACCESS","userCode":"%d","password":"no-password"`, externalID(number), number)
		if uid != "" {
			body += fmt.Sprintf(`,"tenantUserUid":%q`, uid)
		}
		request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, flowretailtest.BaseURL+"/tenants/"+tenantUID+"/users", []byte(body+"}"))
		if err != nil {
			panic(err)
		}
		request.Header.Set("Authorization", "Bearer "+fake.AdminToken())
		request.Header.Set("Content-Type", "application/json")
		return send(client, request)
	}
}

// newRetryablehttpClient returns a client with the defaults of go-retryablehttp.
func newRetryablehttpClient(transport http.RoundTripper) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: transport}
	client.Logger = nil
	return client
}

// send returns an error unless the whole response was received with status 200.
func send(client *retryablehttp.Client, request *retryablehttp.Request) error {
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

// A responder is a transport that responds after a latency.
type responder struct {
	latency time.Duration
	respond func() (status int, header http.Header, body string)
}

func (r responder) RoundTrip(request *http.Request) (*http.Response, error) {
	timer := time.NewTimer(r.latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-request.Context().Done():
		return nil, errors.New("the request was cancelled")
	}
	status, header, body := r.respond()
	return newResponse(request, status, header, body), nil
}

// rateLimited is a response of status 429, with Retry-After unless that is empty.
func rateLimited(retryAfter string) (status int, header http.Header, body string) {
	header = http.Header{}
	if retryAfter != "" {
		header.Set("Retry-After", retryAfter)
	}
	return http.StatusTooManyRequests, header, `{"code":"RATE_LIMITED"}`
}

func newResponse(request *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: request,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}
