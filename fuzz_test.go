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

// Whatever the API answers, a call returns what is documented, or an error that
// says so and shows no secret.
func FuzzAnswer(f *testing.F) {
	for _, body := range faultserver.Bodies() {
		for _, contentType := range faultserver.ContentTypes() {
			f.Add(200, contentType, "", []byte(body))
		}
		f.Add(400, "application/json", "", []byte(body))
	}
	for retryAfter := range faultserver.RetryAfters(time.Now()) {
		f.Add(429, "application/json", retryAfter, []byte(`{"code":"E"}`))
	}
	for _, fixture := range []string{userJSON, page(userJSON), accountJSON, inviteJSON, `{"message":"marked-secret-token"}`} {
		f.Add(201, "text/html", "", []byte(fixture))
		f.Add(503, "text/html", "1", []byte(fixture))
	}
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter string, body []byte) {
		if bytes.Contains(body, []byte("marked-secret-")) && !bytes.Contains(body, []byte("marked-secret-token")) {
			t.Skip() // a piece of a secret, put there by the fuzzer, is nobody's secret
		}
		transport := answering(func(request *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Request: request, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
				Header: http.Header{"Content-Type": {contentType}, "Retry-After": {retryAfter}},
			}, nil
		})
		for name, call := range fuzzedCalls {
			// A client for each, since one that was throttled takes its time.
			client := newClient(t, transport, flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 1}))
			identity, err := call(t.Context(), client)
			switch {
			case err == nil && (status < 200 || status > 299):
				t.Errorf("%s: status %d is a success", name, status)
			case err == nil && identity == "":
				t.Errorf("%s: a zero value looks like an answer", name)
			case err != nil:
				if _, ok := errors.AsType[*flowretail.CallError](err); !ok {
					t.Errorf("%s: %T is no CallError", name, err)
				}
				if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "marked-secret-token") {
					t.Errorf("%s: the error shows the token", name)
				}
			}
		}
	})
}

// fuzzedCalls return something that no zero value has.
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
		return "the end", err
	},
}
