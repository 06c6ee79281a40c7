package flowretail_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

// checkNotSent makes a call that has to fail before a request is sent. It returns the
// error.
func checkNotSent(t *testing.T, call func(context.Context, *flowretail.Client) error) error {
	t.Helper()
	w := &wire{RoundTripper: respond(200, "application/json", userJSON)}
	err := call(t.Context(), newClient(t, w))
	if w.calls != 0 {
		t.Errorf("%d requests were sent", w.calls)
	}
	if !errors.Is(err, flowretail.ErrInvalidRequest) || !errors.Is(err, flowretail.ErrNotSent) {
		t.Errorf("error %v, want ErrInvalidRequest and ErrNotSent", err)
	}
	if _, ok := errors.AsType[*flowretail.CallError](err); !ok {
		t.Errorf("error of type %T, want a CallError", err)
	}
	return err
}

func TestPathValues_invalid(t *testing.T) {
	for _, value := range []string{"", ".", "..", "a/b", "a?b", "a%2fb", "a#b", "a b", "å", "a\nb", "a\x00", "a;b", "*", "a:b"} {
		err := checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Get(ctx, "tenant", value)
			return err
		})
		if !strings.Contains(err.Error(), "tenantUserUid") {
			t.Errorf("%q: %v does not name the parameter", value, err)
		}
	}
}

func FuzzPathValue(f *testing.F) {
	for _, seed := range []string{"7", "", "..", "a/../b", "%2e%2e", "a\\b", "A-_9", "å", "a?x=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		w := &wire{RoundTripper: respond(200, "application/json", userJSON)}
		_, err := newClient(t, w).Users.Get(t.Context(), "t", value)
		wellFormed := value != "" && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
		switch {
		case wellFormed && err != nil:
			t.Errorf("%q: %v", value, err)
		case wellFormed && w.request.URL.Path != "/v2/tenants/t/users/"+value:
			t.Errorf("%q went to %s", value, w.request.URL.Path)
		case !wellFormed && w.calls > 0:
			t.Errorf("%q was sent", value)
		}
	})
}

// An invalidCall is a call that has to fail before a request is sent.
type invalidCall struct {
	call  func(context.Context, *flowretail.Client) error
	field string // that the error names
}

// checkInvalidCalls checks that each call fails, and that its error names the field and
// shows no value.
func checkInvalidCalls(t *testing.T, calls map[string]invalidCall) {
	t.Helper()
	for name, invalid := range calls {
		t.Run(name, func(t *testing.T) {
			err := checkNotSent(t, invalid.call)
			if !strings.Contains(err.Error(), invalid.field) {
				t.Errorf("%v does not name %s", err, invalid.field)
			}
			if strings.Contains(err.Error(), "marked-secret") {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}

func TestUsers_invalidBody(t *testing.T) {
	create := func(change func(*flowretail.UserCreateRequest)) func(context.Context, *flowretail.Client) error {
		in := newUser("")
		change(in)
		return func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Create(ctx, "t", in)
			return err
		}
	}
	checkInvalidCalls(t, map[string]invalidCall{
		"no account type": {create(func(u *flowretail.UserCreateRequest) { u.AccountType = "" }), "accountType"},
		"no tenant role":  {create(func(u *flowretail.UserCreateRequest) { u.TenantRole = "" }), "tenantRole"},
		"no user code":    {create(func(u *flowretail.UserCreateRequest) { u.UserCode = "" }), "userCode"},
		"no password":     {create(func(u *flowretail.UserCreateRequest) { u.Password = flowretail.Secret{} }), "password"},
		"a full account without an e-mail address": {create(func(u *flowretail.UserCreateRequest) { u.AccountType = flowretail.AccountTypeFull }), "email"},
		"an invalid UID":           {create(func(u *flowretail.UserCreateRequest) { u.TenantUserUID = "a/b" }), "tenantUserUid"},
		"a name that is not UTF-8": {create(func(u *flowretail.UserCreateRequest) { u.DisplayName = "\xff" }), "displayName"},
		"no user": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Create(ctx, "t", nil)
			return err
		}, "body"},
		"no update": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Update(ctx, "t", "u", nil)
			return err
		}, "body"},
		"a grant without a store": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Update(ctx, "t", "u", &flowretail.UserUpdateRequest{StoreAccess: []flowretail.StoreAccessGrant{{StoreUID: "s", StoreRole: "ADMIN"}, {StoreRole: "ADMIN"}}})
			return err
		}, "storeAccess[1].storeUid"},
	})
}

func TestRequest_invalidBody(t *testing.T) {
	password := flowretail.NewSecret("marked-secret-password")
	checkInvalidCalls(t, map[string]invalidCall{
		"no subscriber": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Subscribers.Create(ctx, "t", "s", &flowretail.SubscriberCreateRequest{SubscriptionType: flowretail.SalesSummaryReport})
			return err
		}, "tenantUserUid"},
		"no subscription": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Subscribers.Create(ctx, "t", "s", &flowretail.SubscriberCreateRequest{TenantUserUID: "u"})
			return err
		}, "subscriptionType"},
		"a login without a user code": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Login(ctx, &flowretail.AccountLoginRequest{Password: password})
			return err
		}, "userCode"},
		"no default tenant": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Update(ctx, &flowretail.AccountUpdateRequest{})
			return err
		}, "defaultTenantUid"},
		"no invite token for AcceptInvite": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{})
			return err
		}, "inviteToken"},
		"no invite token for GetInvite": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.GetInvite(ctx, flowretail.Secret{})
			return err
		}, "inviteToken"},
		"an invite token with a line break": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.GetInvite(ctx, flowretail.NewSecret("marked-secret\r\nHost: example.com"))
			return err
		}, "inviteToken"},
	})
}

func TestCallOptions_invalid(t *testing.T) {
	checkInvalidCalls(t, map[string]invalidCall{
		"a negative page number": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.List(ctx, "t", &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageNumber: -1}})
			return err
		}, "PageNumber"},
		"a header with a credential": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Get(ctx, flowretail.Header("authorization", "marked-secret"))
			return err
		}, "Authorization"},
		"a header with a line break": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Get(ctx, flowretail.Header("X-A", "1\r\nX-B: 2"))
			return err
		}, "X-A"},
		"a language with a line break": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Get(ctx, flowretail.Language("nb\n"))
			return err
		}, "Language"},
		"a prefetch of zero": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Users.All(ctx, "t", nil, flowretail.Prefetch(0)))
			return err
		}, "Prefetch"},
	})
}

func TestRequest_invalidArguments(t *testing.T) {
	for name, call := range map[string]func(context.Context, *flowretail.Client) error{
		"an option that is nil": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Get(ctx, "t", "u", nil)
			return err
		},
		"an option of an iterator that is nil": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Users.All(ctx, "t", nil, nil))
			return err
		},
		"an option of a list without pages that is nil": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Tokens.All(ctx, "t", "u", nil))
			return err
		},
		"nothing to decode into": func(ctx context.Context, c *flowretail.Client) error {
			return c.Do(ctx, &flowretail.Request{Path: "/x", Method: "POST"}, flowretail.User{})
		},
		"a nil pointer to decode into": func(ctx context.Context, c *flowretail.Client) error {
			return c.Do(ctx, &flowretail.Request{Path: "/x"}, (*flowretail.User)(nil))
		},
		"a page size beyond every page": func(ctx context.Context, c *flowretail.Client) error {
			opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 1 << 40}}
			_, err := flowretail.Collect(c.Users.All(ctx, "t", opts))
			return err
		},
		"a page beyond every list": func(ctx context.Context, c *flowretail.Client) error {
			opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageNumber: 1 << 40}}
			_, err := flowretail.Collect(c.Users.All(ctx, "t", opts))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { checkNotSent(t, call) })
	}
}

func TestHeader_overridesLanguage(t *testing.T) {
	w := &wire{RoundTripper: respond(200, "", accountJSON)}
	must[*flowretail.Account](t)(newClient(t, w).Account.Get(t.Context(), flowretail.Header("Accept-Language", "sv"), flowretail.Language("nb")))
	if got := w.request.Header.Get("Accept-Language"); got != "sv" {
		t.Error(got)
	}
}

func FuzzHeader(f *testing.F) {
	for _, seed := range [][2]string{
		{"X-Trace", "1"}, {"authorization", "marked-secret"}, {"X-INVITE-TOKEN", "a"}, {"Host", "example.com"}, {"X-A", "1\r\nX-B: 2"}, {"X-A:", "1"}, {"", ""}, {"X A", "b"},
		{"Authorization ", "a"}, {"x-ınvite-token", "a"}, {"X-A", "\x00"}, {"Content-Length", "0"}, {"X-Ä", "ä"}, {"Cookie", "a=b"}, {"X-A", "\tæ\t"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		w := &wire{RoundTripper: respond(200, "application/json", accountJSON)}
		_, err := newClient(t, w).Account.Get(t.Context(), flowretail.Header(key, value))
		if err != nil {
			if w.calls != 0 || !errors.Is(err, flowretail.ErrInvalidRequest) {
				t.Errorf("%q: %q: %v after %d requests", key, value, err, w.calls)
			}
			return
		}
		if got := w.request.Header.Get("Authorization"); got != "Bearer marked-secret-token" {
			t.Errorf("with %q the token is sent as %q", key, got)
		}
		if w.request.Host != "" && w.request.Host != w.request.URL.Host || len(w.request.Header.Values("X-Invite-Token")) != 0 {
			t.Errorf("with %q the request goes to %s", key, w.request.Host)
		}
		if w.request.Header.Get(key) != value {
			t.Errorf("%q is sent as %q, want %q", key, w.request.Header.Get(key), value)
		}
		var written bytes.Buffer
		if err := w.request.Header.Write(&written); err != nil {
			t.Fatal(err)
		}
		if lines, want := strings.Count(written.String(), "\r\n"), len(w.request.Header); lines != want {
			t.Errorf("%q: %q is written as %d lines, want %d", key, value, lines, want)
		}
	})
}

func TestRoundTripper_noBodyAndNoResponse(t *testing.T) {
	noBody := roundTripFunc(func(request *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204, Request: request}, nil
	})
	if err := newClient(t, noBody).Users.Delete(t.Context(), "t", "u"); err != nil {
		t.Errorf("a response whose body is nil: %v", err)
	}
	nothing := roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, nil })
	if err := newClient(t, nothing).Users.Delete(t.Context(), "t", "u", flowretail.NoRetry()); err == nil {
		t.Error("no response and no error is a success")
	}
}
