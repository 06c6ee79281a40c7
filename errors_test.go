package flowretail_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

func TestGenericError_fields(t *testing.T) {
	for status, want := range map[int]error{
		400: flowretail.ErrBadRequest, 401: flowretail.ErrUnauthorized, 403: flowretail.ErrForbidden, 404: flowretail.ErrNotFound,
		409: flowretail.ErrConflict, 429: flowretail.ErrRateLimited, 500: flowretail.ErrServer, 503: flowretail.ErrServer,
	} {
		transport := respond(status, "application/json", `{"code":"E1","message":"Det gikk ikke","logId":"log-1","more":1}`)
		_, err := newClient(t, transport).Users.Get(t.Context(), "t", "u", flowretail.NoRetry())
		generic, ok := errors.AsType[*flowretail.GenericError](err)
		if !ok || !errors.Is(err, want) {
			t.Fatalf("status %d: %v", status, err)
		}
		if generic.StatusCode != status || generic.Code != "E1" || generic.Message != "Det gikk ikke" || generic.LogID != "log-1" {
			t.Errorf("status %d: %+v", status, *generic)
		}
		for _, other := range []error{flowretail.ErrBadRequest, flowretail.ErrNotFound, flowretail.ErrServer} {
			if other != want && errors.Is(err, other) {
				t.Errorf("status %d is %v too", status, other)
			}
		}
	}
}

func TestGenericError_undocumentedBodies(t *testing.T) {
	for body, check := range map[string]func(*flowretail.GenericError) bool{
		``:                           func(e *flowretail.GenericError) bool { return e.Excerpt == "" && e.Message == "" },
		`{}`:                         func(e *flowretail.GenericError) bool { return e.Excerpt == "" && e.Message == "" },
		`{"code":17,"message":null}`: func(e *flowretail.GenericError) bool { return e.Code == "17" && e.Message == "" },
		`<html>Bad gateway</html>`:   func(e *flowretail.GenericError) bool { return e.Excerpt == "<html>Bad gateway</html>" },
		`{"message":"cu`:             func(e *flowretail.GenericError) bool { return e.Excerpt == "" && e.Message == "" },
		"no\x00such\nhost":           func(e *flowretail.GenericError) bool { return e.Excerpt == "no such host" },
	} {
		_, err := newClient(t, respond(400, "", body)).Users.Get(t.Context(), "t", "u")
		generic, ok := errors.AsType[*flowretail.GenericError](err)
		if !ok || !check(generic) {
			t.Errorf("%q: %+v", body, generic)
		}
	}
}

// A malformed response that may hold a new token is not shown.
func TestMalformedResponse_hidesNewTokens(t *testing.T) {
	for _, body := range []string{"marked-secret-opaque", "accessToken=marked-secret-opaque", "<html>Your token: marked-secret-opaque"} {
		client := newClient(t, respond(200, "text/plain", body))
		_, created := client.Tokens.Create(t.Context(), "t", "u")
		_, listed := client.Tokens.List(t.Context(), "t", "u", flowretail.NoRetry())
		_, exchanged := client.Account.CreateAccessToken(t.Context(), "t", flowretail.NoRetry())
		if err := errors.Join(created, listed, exchanged); strings.Contains(err.Error(), "opaque") {
			t.Errorf("%v", err)
		}
	}
}

// An error and its log record say what the call waited for.
func TestCallError_waits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
			if calls.Add(1) == 1 {
				response, err := respond(429, "application/json", "{}")(request)
				response.Header.Set("Retry-After", "3")
				return response, err
			}
			response, err := respond(503, "application/json", "{}")(request)
			response.Header.Set("Retry-After", "4")
			return response, err
		})
		slow := &countingSource{next: func() (string, error) {
			time.Sleep(2 * time.Second)
			return "marked-secret", nil
		}}
		var records bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug}))
		client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithTokenSource(slow), flowretail.WithLogger(logger),
			flowretail.WithHTTPClient(&http.Client{Transport: transport}), flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 2})))
		_, err := client.Account.Get(t.Context())
		want := "flowretail: Account.Get (get-account): 503 Service Unavailable, 3 attempts in 9s, 3s waiting for the rate limiter, 2s waiting for a token, 4s waiting before retries; not retried: RetryPolicy.MaxAttempts (2)"
		if err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
		if want := "waitedForRate=3s waitedForToken=2s waitedBeforeRetries=4s"; !strings.Contains(records.String(), want) {
			t.Errorf("%s\nwant %s", &records, want)
		}
	})
}
