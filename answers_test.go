package flowretail_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestAnswersThatAreNone(t *testing.T) {
	reads := map[string]func(context.Context, *flowretail.Client) error{
		"a read": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Get(ctx, "t", "u")
			return err
		},
		"a write": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Update(ctx, "t", "u", &flowretail.UserUpdateRequest{ResendInvite: true})
			return err
		},
		"an iterator": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Users.All(ctx, "t", nil))
			return err
		},
		"an account": func(ctx context.Context, c *flowretail.Client) error { _, err := c.Account.Get(ctx); return err },
	}
	answers := []struct {
		name, contentType, body string
		says                    string // in the error
	}{
		{"nothing", "", "", "empty body"},
		{"a proxy's page", "text/html", "<html>\n<h1>Sign in</h1> to  the network", "<html> <h1>Sign in</h1> to the network"},
		{"a page that claims to be JSON", "application/json", "<html>", "<html>"},
		{"null", "application/json", "null", "null"},
		{"an empty object", "application/json", "{}", ""},
		{"an object without an identity", "application/json", `{"items":[{"displayName":"x"}],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1},"displayName":"x"}`, ""},
		{"a list", "application/json", "[]", ""},
		{"a cut object", "application/json", `{"tenantUserUid":"u","displa`, ""},
		{"more than one value", "application/json", `{"tenantUserUid":"u"} {}`, ""},
		{"a number for a name", "application/json", `{"tenantUserUid":7,"items":7,"tenants":7}`, ""},
		{"another case", "application/json", `{"TENANTUSERUID":"u","ITEMS":[]}`, ""},
		{"a timestamp of yesteryear", "application/json", `{"tenantUserUid":"u","createdAt":"28.10.2025","items":[{"tenantUserUid":"u","tenantUserTokenUid":3,"createdAt":"?"}],"tenants":[{"createdAt":"?"}]}`, ""},
	}
	for _, answered := range answers {
		for kind, call := range reads {
			t.Run(answered.name+" for "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := newClient(t, answer(200, answered.contentType, answered.body))
					err := call(t.Context(), client)
					if !errors.Is(err, flowretail.ErrMalformedResponse) {
						t.Fatalf("error %v, want ErrMalformedResponse", err)
					}
					if text := err.Error(); !strings.Contains(text, "status 200") || !strings.Contains(text, answered.says) {
						t.Errorf("%q does not say %q and the status", text, answered.says)
					}
				})
			})
		}
	}
}

// A success is any 2xx with what is documented.
func TestAny2xxIsSuccess(t *testing.T) {
	for _, status := range []int{200, 201, 202, 203, 206} {
		user, err := newClient(t, answer(status, "application/json", userJSON)).Users.Get(t.Context(), "t", "u")
		if err != nil || user.TenantUserUID != "7" {
			t.Errorf("status %d: %v", status, err)
		}
	}
	for _, body := range []string{"", "{}", "gone"} {
		if err := newClient(t, answer(200, "", body)).Users.Delete(t.Context(), "t", "u"); err != nil {
			t.Errorf("a delete with the body %q: %v", body, err)
		}
	}
	_, err := newClient(t, answer(204, "", "")).Users.Get(t.Context(), "t", "u", flowretail.NoRetry())
	if !errors.Is(err, flowretail.ErrMalformedResponse) {
		t.Errorf("204 where a user is documented: %v", err)
	}
}

func TestTimestampsThatAreNotThere(t *testing.T) {
	for _, lastAccessed := range []string{`null`, `""`, ``} {
		body := `{"tenantUserUid":"u","createdAt":"2025-10-28T18:54:56.6360001+02:00"`
		if lastAccessed != "" {
			body += `,"lastAccessed":` + lastAccessed
		}
		user := must[*flowretail.User](t)(newClient(t, answer(200, "", body+"}")).Users.Get(t.Context(), "t", "u"))
		if !user.LastAccessed.IsZero() {
			t.Errorf("lastAccessed %s is %v", lastAccessed, user.LastAccessed)
		}
		if want := time.Date(2025, 10, 28, 16, 54, 56, 636000100, time.UTC); !user.CreatedAt.Equal(want) {
			t.Errorf("createdAt is %v", user.CreatedAt)
		}
	}
}

// A user is answered with and without tenantName and permissions.
func TestBothVariantsOfAUser(t *testing.T) {
	short := must[*flowretail.User](t)(newClient(t, answer(200, "", `{"tenantUserUid":"u"}`)).Users.Get(t.Context(), "t", "u"))
	if short.Permissions != nil || short.TenantName != "" || short.Extra != nil {
		t.Errorf("the short one is %+v", short)
	}
	full := must[*flowretail.User](t)(newClient(t, answer(200, "", userJSON)).Users.Get(t.Context(), "t", "u"))
	if full.Permissions == nil || full.Permissions.Stores[0].Store.Name != "Oslo" || full.TenantName == "" {
		t.Errorf("the full one is %+v", full)
	}
}

// What somebody stores as JSON and reads again is what the API sent.
func TestResourcesSurviveEncodingJSON(t *testing.T) {
	for name, body := range map[string]string{"user": userJSON, "tenant": tenantJSON, "subscriber": subscriberJSON, "account": accountJSON, "invite": inviteJSON} {
		t.Run(name, func(t *testing.T) {
			values := map[string]any{
				"user": new(flowretail.User), "tenant": new(flowretail.Tenant), "subscriber": new(flowretail.Subscriber),
				"account": new(flowretail.Account), "invite": new(flowretail.Invite),
			}
			if err := json.Unmarshal([]byte(body), values[name]); err != nil {
				t.Fatal(err)
			}
			sameJSON(t, "stored", must[[]byte](t)(json.Marshal(values[name])), []byte(body))
			wrapped := must[[]byte](t)(json.Marshal(map[string]any{"kept": values[name]}))
			sameJSON(t, "stored in something else", wrapped, []byte(`{"kept":`+body+`}`))
		})
	}
}

func TestAnAnswerThatIsTooLarge(t *testing.T) {
	large := `{"tenantUserUid":"u","x":"` + strings.Repeat("x", 1000) + `"}`
	for limit, want := range map[int64]error{int64(len(large)): nil, int64(len(large)) - 1: flowretail.ErrResponseTooLarge} {
		w := &wire{RoundTripper: answer(200, "", large)}
		_, err := newClient(t, w, flowretail.WithMaxResponseBytes(limit)).Users.Get(t.Context(), "t", "u")
		if !errors.Is(err, want) || w.calls != 1 {
			t.Errorf("limit %d of %d: %v after %d requests", limit, len(large), err, w.calls)
		}
	}
	// What an error answer says is of use even if the rest of it is not read.
	_, err := newClient(t, answer(404, "", large), flowretail.WithMaxResponseBytes(10)).Users.Get(t.Context(), "t", "u")
	if !errors.Is(err, flowretail.ErrNotFound) {
		t.Errorf("a large 404: %v", err)
	}
}

func TestGenericError(t *testing.T) {
	for status, want := range map[int]error{
		400: flowretail.ErrBadRequest, 401: flowretail.ErrUnauthorized, 403: flowretail.ErrForbidden, 404: flowretail.ErrNotFound,
		409: flowretail.ErrConflict, 429: flowretail.ErrRateLimited, 500: flowretail.ErrServer, 503: flowretail.ErrServer,
	} {
		transport := answer(status, "application/json", `{"code":"E1","message":"Det gikk ikke","logId":"log-1","more":1}`)
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

func TestErrorBodiesThatAreNotAsDocumented(t *testing.T) {
	for body, check := range map[string]func(*flowretail.GenericError) bool{
		``:                           func(e *flowretail.GenericError) bool { return e.Excerpt == "" && e.Message == "" },
		`{}`:                         func(e *flowretail.GenericError) bool { return e.Excerpt == "" && e.Message == "" },
		`{"code":17,"message":null}`: func(e *flowretail.GenericError) bool { return e.Code == "17" && e.Message == "" },
		`<html>Bad gateway</html>`:   func(e *flowretail.GenericError) bool { return e.Excerpt == "<html>Bad gateway</html>" },
		`{"message":"cu`:             func(e *flowretail.GenericError) bool { return e.Excerpt == "" && e.Message == "" },
		"no\x00such\nhost":           func(e *flowretail.GenericError) bool { return e.Excerpt == "no such host" },
	} {
		_, err := newClient(t, answer(400, "", body)).Users.Get(t.Context(), "t", "u")
		generic, ok := errors.AsType[*flowretail.GenericError](err)
		if !ok || !check(generic) {
			t.Errorf("%q: %+v", body, generic)
		}
	}
}

func TestWithResponse(t *testing.T) {
	var response flowretail.Response
	transport := answering(func(request *http.Request) (*http.Response, error) {
		response, err := answer(404, "application/json", `{}`)(request)
		response.Header.Set("X-Request-Id", "r-1")
		response.Header.Set("Authorization", "Bearer marked-secret-minted")
		return response, err
	})
	_, err := newClient(t, transport).Users.Get(t.Context(), "t", "u", flowretail.CaptureResponse(&response))
	if err == nil || response.StatusCode != 404 || response.Attempts != 1 || response.Header.Get("X-Request-Id") != "r-1" {
		t.Errorf("%+v, %v", response, err)
	}
	if response.Header.Get("Authorization") != "" {
		t.Error("the response keeps a credential")
	}
}

func TestWithResponseOnAnIterator(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(50))
	client := must[*flowretail.Client](t)(fake.NewClient())
	var response flowretail.Response
	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 5}}
	for _, err := range client.Users.All(t.Context(), fake.TenantUID(), opts, flowretail.Prefetch(8), flowretail.CaptureResponse(&response)) {
		if err != nil || response.StatusCode != 0 { // read here while pages are on their way: the race detector looks on
			t.Fatal(err, response)
		}
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", response)
	}
}

// What may be a token that nobody has seen yet is not shown.
func TestAnUnreadableAnswerThatBringsATokenIsNotShown(t *testing.T) {
	for _, body := range []string{"marked-secret-opaque", "accessToken=marked-secret-opaque", "<html>Your token: marked-secret-opaque"} {
		client := newClient(t, answer(200, "text/plain", body))
		_, created := client.Tokens.Create(t.Context(), "t", "u")
		_, listed := client.Tokens.List(t.Context(), "t", "u", flowretail.NoRetry())
		_, exchanged := client.Account.CreateAccessToken(t.Context(), "t", flowretail.NoRetry())
		if err := errors.Join(created, listed, exchanged); strings.Contains(err.Error(), "opaque") {
			t.Errorf("%v", err)
		}
	}
}
