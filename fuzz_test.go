package flowretail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// Whatever the response is, a call returns the documented value, or a CallError that
// shows no secret.
func FuzzResponse(f *testing.F) {
	for _, body := range faultserver.MalformedBodies() {
		for _, contentType := range faultserver.ContentTypes() {
			f.Add(200, contentType, "", []byte(body))
		}
		f.Add(400, "application/json", "", []byte(body))
	}
	for retryAfter := range faultserver.RetryAfterValues(time.Now()) {
		f.Add(429, "application/json", retryAfter, []byte(`{"code":"E"}`))
	}
	for _, fixture := range []string{userJSON, page(userJSON), accountJSON, inviteJSON, `{"message":"marked-secret-token"}`} {
		f.Add(201, "text/html", "", []byte(fixture))
		f.Add(503, "text/html", "1", []byte(fixture))
	}
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter string, body []byte) {
		if bytes.Contains(body, []byte("marked-secret-")) && !bytes.Contains(body, []byte("marked-secret-token")) {
			t.Skip() // the fuzzer has cut the mark; the rest is not a secret
		}
		transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Request: request, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
				Header: http.Header{"Content-Type": {contentType}, "Retry-After": {retryAfter}},
			}, nil
		})
		for name, call := range fuzzedCalls {
			// A new client for each call, because a 429 slows a client down.
			client := newClient(t, transport, flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 1}))
			result, err := call(t.Context(), client)
			switch {
			case err == nil && (status < 200 || status > 299):
				t.Errorf("%s: status %d is a success", name, status)
			case err == nil && result == "":
				t.Errorf("%s: success with a zero value", name)
			case err != nil:
				if _, ok := errors.AsType[*flowretail.CallError](err); !ok {
					t.Errorf("%s: error of type %T, want a CallError", name, err)
				}
				if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "marked-secret-token") {
					t.Errorf("%s: the error shows the token", name)
				}
			}
		}
	})
}

// fuzzedCalls return "" for a zero value.
var fuzzedCalls = map[string]func(context.Context, *flowretail.Client) (string, error){
	"a user": func(ctx context.Context, c *flowretail.Client) (string, error) {
		user, err := c.Users.Get(ctx, "t", "u")
		if err != nil {
			return "", err
		}
		return user.TenantUserUID, nil
	},
	"a page": func(ctx context.Context, c *flowretail.Client) (string, error) {
		page, err := c.Users.List(ctx, "t", nil)
		if err != nil {
			return "", err
		}
		for _, user := range page.Items {
			if user.TenantUserUID == "" {
				return "", nil
			}
		}
		return fmt.Sprintf("%+v", page.Paging), nil
	},
	"a session": func(ctx context.Context, c *flowretail.Client) (string, error) {
		session, err := c.Account.CreateAccessToken(ctx, "t")
		if err != nil {
			return "", err
		}
		return session.AccessToken.Reveal(), nil
	},
	"all users": func(ctx context.Context, c *flowretail.Client) (string, error) {
		users, err := flowretail.Collect(c.Users.All(ctx, "t", nil))
		for _, user := range users {
			if user.TenantUserUID == "" {
				return "", nil
			}
		}
		return "complete", err
	},
}
