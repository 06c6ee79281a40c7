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

func TestResponse_malformed(t *testing.T) {
	calls := map[string]func(context.Context, *flowretail.Client) error{
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
	responses := []struct {
		name, contentType, body string
		text                    string // that the error contains
	}{
		{"an empty body", "", "", "empty body"},
		{"an HTML page", "text/html", "<html>\n<h1>Sign in</h1> to  the network", "<html> <h1>Sign in</h1> to the network"},
		{"HTML as application/json", "application/json", "<html>", "<html>"},
		{"null", "application/json", "null", "null"},
		{"an empty object", "application/json", "{}", ""},
		{"an object without a UID", "application/json", `{"items":[{"displayName":"x"}],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1},"displayName":"x"}`, ""},
		{"a list", "application/json", "[]", ""},
		{"a truncated object", "application/json", `{"tenantUserUid":"u","displa`, ""},
		{"more than one value", "application/json", `{"tenantUserUid":"u"} {}`, ""},
		{"a number for a name", "application/json", `{"tenantUserUid":7,"items":7,"tenants":7}`, ""},
		{"names in capitals", "application/json", `{"TENANTUSERUID":"u","ITEMS":[]}`, ""},
		{"timestamps in another format", "application/json", `{"tenantUserUid":"u","createdAt":"28.10.2025","items":[{"tenantUserUid":"u","tenantUserTokenUid":3,"createdAt":"?"}],"tenants":[{"createdAt":"?"}]}`, ""},
	}
	for _, response := range responses {
		for kind, call := range calls {
			t.Run(response.name+" for "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := newClient(t, respond(200, response.contentType, response.body))
					err := call(t.Context(), client)
					if !errors.Is(err, flowretail.ErrMalformedResponse) {
						t.Fatalf("error %v, want ErrMalformedResponse", err)
					}
					if got := err.Error(); !strings.Contains(got, "status 200") || !strings.Contains(got, response.text) {
						t.Errorf("%q does not contain %q and the status", got, response.text)
					}
				})
			})
		}
	}
}

func TestResponse_any2xxIsSuccess(t *testing.T) {
	for _, status := range []int{200, 201, 202, 203, 206} {
		user, err := newClient(t, respond(status, "application/json", userJSON)).Users.Get(t.Context(), "t", "u")
		if err != nil || user.TenantUserUID != "7" {
			t.Errorf("status %d: %v", status, err)
		}
	}
	for _, body := range []string{"", "{}", "gone"} {
		if err := newClient(t, respond(200, "", body)).Users.Delete(t.Context(), "t", "u"); err != nil {
			t.Errorf("a delete with the body %q: %v", body, err)
		}
	}
	_, err := newClient(t, respond(204, "", "")).Users.Get(t.Context(), "t", "u", flowretail.NoRetry())
	if !errors.Is(err, flowretail.ErrMalformedResponse) {
		t.Errorf("204 for a read: %v", err)
	}
}

func TestResponse_missingTimestamps(t *testing.T) {
	for _, lastAccessed := range []string{`null`, `""`, ``} {
		body := `{"tenantUserUid":"u","createdAt":"2025-10-28T18:54:56.6360001+02:00"`
		if lastAccessed != "" {
			body += `,"lastAccessed":` + lastAccessed
		}
		user := must[*flowretail.User](t)(newClient(t, respond(200, "", body+"}")).Users.Get(t.Context(), "t", "u"))
		if !user.LastAccessed.IsZero() {
			t.Errorf("lastAccessed %s is %v", lastAccessed, user.LastAccessed)
		}
		if want := time.Date(2025, 10, 28, 16, 54, 56, 636000100, time.UTC); !user.CreatedAt.Equal(want) {
			t.Errorf("createdAt is %v", user.CreatedAt)
		}
	}
}

// The API returns users with and without tenantName and permissions.
func TestUsersGet_bothVariants(t *testing.T) {
	short := must[*flowretail.User](t)(newClient(t, respond(200, "", `{"tenantUserUid":"u"}`)).Users.Get(t.Context(), "t", "u"))
	if short.Permissions != nil || short.TenantName != "" || short.Extra != nil {
		t.Errorf("the short one is %+v", short)
	}
	full := must[*flowretail.User](t)(newClient(t, respond(200, "", userJSON)).Users.Get(t.Context(), "t", "u"))
	if full.Permissions == nil || full.Permissions.Stores[0].Store.Name != "Oslo" || full.TenantName == "" {
		t.Errorf("the full one is %+v", full)
	}
}

// A resource that is encoded and decoded again has the JSON that the API sent.
func TestJSON_roundTrip(t *testing.T) {
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

func TestMaxResponseBytes(t *testing.T) {
	large := `{"tenantUserUid":"u","x":"` + strings.Repeat("x", 1000) + `"}`
	for limit, want := range map[int64]error{int64(len(large)): nil, int64(len(large)) - 1: flowretail.ErrResponseTooLarge} {
		w := &wire{RoundTripper: respond(200, "", large)}
		_, err := newClient(t, w, flowretail.WithMaxResponseBytes(limit)).Users.Get(t.Context(), "t", "u")
		if !errors.Is(err, want) || w.calls != 1 {
			t.Errorf("limit %d of %d: %v after %d requests", limit, len(large), err, w.calls)
		}
	}
	// An error response over the limit is still an error with its status.
	_, err := newClient(t, respond(404, "", large), flowretail.WithMaxResponseBytes(10)).Users.Get(t.Context(), "t", "u")
	if !errors.Is(err, flowretail.ErrNotFound) {
		t.Errorf("a large 404: %v", err)
	}
}

func TestCaptureResponse_hidesCredentials(t *testing.T) {
	var response flowretail.Response
	transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
		response, err := respond(404, "application/json", `{}`)(request)
		response.Header.Set("X-Request-Id", "r-1")
		response.Header.Set("Authorization", "Bearer marked-secret-new")
		return response, err
	})
	_, err := newClient(t, transport).Users.Get(t.Context(), "t", "u", flowretail.CaptureResponse(&response))
	if err == nil || response.StatusCode != 404 || response.Attempts != 1 || response.Header.Get("X-Request-Id") != "r-1" {
		t.Errorf("%+v, %v", response, err)
	}
	if response.Header.Get("Authorization") != "" {
		t.Error("the response has a credential")
	}
}

func TestCaptureResponse_iterator(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(50))
	client := must[*flowretail.Client](t)(fake.NewClient())
	var response flowretail.Response
	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 5}}
	for _, err := range client.Users.All(t.Context(), fake.TenantUID(), opts, flowretail.Prefetch(8), flowretail.CaptureResponse(&response)) {
		if err != nil || response.StatusCode != 0 { // read while pages are in flight, for the race detector
			t.Fatal(err, response)
		}
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", response)
	}
}

func TestExtra_hasNoTokens(t *testing.T) {
	body := `{"accessToken":"marked-secret-a","refreshToken":"marked-secret-b","kept":1,"tenantUser":{"tenantUserUid":"u","apiToken":"marked-secret-c"}}`
	session := must[*flowretail.Session](t)(newClient(t, respond(200, "", body)).Account.Login(t.Context(),
		&flowretail.AccountLoginRequest{UserCode: "1", Password: flowretail.NewSecret("marked-secret-p")}))
	if len(session.Extra) != 1 || session.TenantUser.Extra != nil {
		t.Errorf("%v, %v", session.Extra, session.TenantUser.Extra)
	}
	tokens := must[*flowretail.Page[flowretail.Token]](t)(newClient(t, respond(200, "", page(`{"tenantUserTokenUid":"t","token":"marked-secret-d","secret":"marked-secret-e"}`))).
		Tokens.Create(t.Context(), "t", "u"))
	if tokens.Items[0].Extra != nil {
		t.Errorf("%v", tokens.Items[0].Extra)
	}
}

func TestResponse_missingUIDs(t *testing.T) {
	type call = func(context.Context, *flowretail.Client) error
	tests := map[string]struct {
		call call
		body string
		want string // "" if the response is accepted
	}{
		"user": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(c.Users.Get(ctx, "t", "u")) },
			`{"tenantUserUid":""}`, "tenantUserUid is missing (at tenantUserUid, byte 17)"},
		"tenant": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(c.Tenants.Get(ctx, "t")) },
			`{"name":"n"}`, "tenantUid is missing (at tenantUid, byte 12)"},
		"subscriber": {func(ctx context.Context, c *flowretail.Client) error {
			return errOnly(c.Subscribers.Get(ctx, "t", "s", "u"))
		},
			`{"tenantUser":{"tenantUserUid":"u"}}`, "subscriberUid is missing (at subscriberUid, byte 36)"},
		"page of users": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(c.Users.List(ctx, "t", nil)) },
			`{"items":[{"tenantUserUid":"u"},{},7],"paging":{}}`, "tenantUserUid is missing (at items[1].tenantUserUid, byte 34)"},
		"page of tokens": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(c.Tokens.List(ctx, "t", "u")) },
			`{"items":[{"token":"marked-secret-1"}],"paging":{}}`, "tenantUserTokenUid is missing (at items[0].tenantUserTokenUid, byte 37)"},
		"account": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(c.Account.Get(ctx)) },
			`{"globalRoles":[],"tenants":[{}]}`, "tenantUserUid is missing (at tenants[0].tenantUserUid, byte 31)"},
		"login": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(login(ctx, c)) },
			`{"accessToken":"marked-secret-1"}`, "tenantUser is missing (at tenantUser, byte 33)"},
		"login, null": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(login(ctx, c)) },
			`{"accessToken":"marked-secret-1","tenantUser":null}`, "tenantUser is missing (at tenantUser, byte 46)"},
		"login without a token": {func(ctx context.Context, c *flowretail.Client) error { return errOnly(login(ctx, c)) },
			`{"tenantUser":{"tenantUserUid":"u"}}`, "accessToken is missing"},
		"exchange": {func(ctx context.Context, c *flowretail.Client) error {
			return errOnly(c.Account.CreateAccessToken(ctx, "t"))
		},
			`{"accessToken":"marked-secret-1","tenantUser":{}}`, "tenantUserUid is missing (at tenantUser.tenantUserUid, byte 48)"},
		"resource through Do": {func(ctx context.Context, c *flowretail.Client) error {
			return c.Do(ctx, &flowretail.Request{Path: "/x"}, new(flowretail.User))
		}, `{}`, "tenantUserUid is missing (at tenantUserUid, byte 2)"},
		"other type through Do": {func(ctx context.Context, c *flowretail.Client) error {
			return c.Do(ctx, &flowretail.Request{Path: "/x"}, new(struct{ TenantUserUID string }))
		}, `{}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := test.call(t.Context(), newClient(t, respond(200, "application/json", test.body)))
				switch {
				case test.want == "" && err != nil:
					t.Error(err)
				case test.want != "" && (!errors.Is(err, flowretail.ErrMalformedResponse) || !strings.Contains(err.Error(), test.want)):
					t.Errorf("got  %v\nwant %s", err, test.want)
				}
			})
		})
	}
}

func login(ctx context.Context, c *flowretail.Client) (*flowretail.Session, error) {
	return c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: "u", Password: flowretail.NewSecret("marked-secret-p")})
}

func errOnly(_ any, err error) error { return err }

// A resource that was stored without its UID can be loaded.
func TestJSON_withoutUID(t *testing.T) {
	for _, value := range []any{new(flowretail.User), new(flowretail.Tenant), new(flowretail.Token), new(flowretail.Subscriber), new(flowretail.Session), new(flowretail.Page[flowretail.User])} {
		data := must[[]byte](t)(json.Marshal(value))
		if err := json.Unmarshal(data, value); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		if err := json.Unmarshal([]byte(`{}`), value); err != nil {
			t.Errorf("%T: %v", value, err)
		}
	}
}

func TestResponse_nullItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{`{"globalRoles":[null],"tenants":[]}`, `{"globalRoles":[],"tenants":[null]}`} {
			account, err := newClient(t, respond(200, "application/json", body)).Account.Get(t.Context())
			if !errors.Is(err, flowretail.ErrMalformedResponse) {
				t.Errorf("%s: %+v, %v", body, account, err)
			}
		}
	})
}

// The documents would take 16 to 40 times their size in memory.
func TestResponse_tooMuchMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fill := func(begin, repeat, end string) *flowretail.Client {
			return newClient(t, respond(200, "application/json", begin+strings.Repeat(repeat, 300_000)+end))
		}
		var value any
		for name, err := range map[string]error{
			"a user":     errOnly(fill(`{"tenantUserUid":"u","storeAccess":[`, `{},`, `{}]}`).Users.Get(t.Context(), "t", "u")),
			"an account": errOnly(fill(`{"globalRoles":[],"tenants":[`, `{"tenantUserUid":"u"},`, `{"tenantUserUid":"u"}]}`).Account.Get(t.Context())),
			"any":        fill(`[`, `[],`, `[]]`).Do(t.Context(), &flowretail.Request{Path: "/x"}, &value),
		} {
			if !errors.Is(err, flowretail.ErrMalformedResponse) || !strings.Contains(err.Error(), "the document would take more than 5.0 times its size in memory") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
