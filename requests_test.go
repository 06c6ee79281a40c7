package flowretail_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

// refused calls with a client that must not send anything.
func refused(t *testing.T, call func(context.Context, *flowretail.Client) error) error {
	t.Helper()
	w := &wire{RoundTripper: answer(200, "application/json", userJSON)}
	err := call(t.Context(), newClient(t, w))
	if w.calls != 0 {
		t.Errorf("%d requests were sent", w.calls)
	}
	if !errors.Is(err, flowretail.ErrInvalidRequest) || !errors.Is(err, flowretail.ErrNotSent) {
		t.Errorf("error %v, want ErrInvalidRequest and ErrNotSent", err)
	}
	if _, ok := errors.AsType[*flowretail.CallError](err); !ok {
		t.Errorf("%T is no CallError", err)
	}
	return err
}

func TestPathValuesAreChecked(t *testing.T) {
	for _, value := range []string{"", ".", "..", "a/b", "a?b", "a%2fb", "a#b", "a b", "å", "a\nb", "a\x00", "a;b", "*", "a:b"} {
		err := refused(t, func(ctx context.Context, c *flowretail.Client) error {
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
		w := &wire{RoundTripper: answer(200, "application/json", userJSON)}
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

func TestBodiesAreChecked(t *testing.T) {
	password := flowretail.NewSecret("marked-secret-password")
	complete := flowretail.UserCreateRequest{AccountType: flowretail.AccountTypeRegular, TenantRole: flowretail.TenantRoleAccess, UserCode: "1", Password: password}
	create := func(change func(*flowretail.UserCreateRequest)) func(context.Context, *flowretail.Client) error {
		in := complete
		change(&in)
		return func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.Create(ctx, "t", &in)
			return err
		}
	}
	for name, test := range map[string]struct {
		call  func(context.Context, *flowretail.Client) error
		names string
	}{
		"no account type":      {create(func(u *flowretail.UserCreateRequest) { u.AccountType = "" }), "accountType"},
		"no tenant role":       {create(func(u *flowretail.UserCreateRequest) { u.TenantRole = "" }), "tenantRole"},
		"no user code":         {create(func(u *flowretail.UserCreateRequest) { u.UserCode = "" }), "userCode"},
		"no password":          {create(func(u *flowretail.UserCreateRequest) { u.Password = flowretail.Secret{} }), "password"},
		"full without e-mail":  {create(func(u *flowretail.UserCreateRequest) { u.AccountType = flowretail.AccountTypeFull }), "email"},
		"a UID that is none":   {create(func(u *flowretail.UserCreateRequest) { u.TenantUserUID = "a/b" }), "tenantUserUid"},
		"half an encoded name": {create(func(u *flowretail.UserCreateRequest) { u.DisplayName = "\xff" }), "displayName"},
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
		"no subscriber": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Subscribers.Create(ctx, "t", "s", &flowretail.SubscriberCreateRequest{SubscriptionType: flowretail.SalesSummaryReport})
			return err
		}, "tenantUserUid"},
		"no subscription": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Subscribers.Create(ctx, "t", "s", &flowretail.SubscriberCreateRequest{TenantUserUID: "u"})
			return err
		}, "subscriptionType"},
		"no user code to log in with": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Login(ctx, &flowretail.AccountLoginRequest{Password: password})
			return err
		}, "userCode"},
		"no default tenant": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Update(ctx, &flowretail.AccountUpdateRequest{})
			return err
		}, "defaultTenantUid"},
		"no invite token": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{})
			return err
		}, "inviteToken"},
		"no invite token to look at": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.GetInvite(ctx, flowretail.Secret{})
			return err
		}, "inviteToken"},
		"an invite token with a line break": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.GetInvite(ctx, flowretail.NewSecret("marked-secret\r\nHost: example.com"))
			return err
		}, "inviteToken"},
		"a page before the first": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.List(ctx, "t", &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageNumber: -1}})
			return err
		}, "PageNumber"},
		"a header with a credential": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Get(ctx, flowretail.Header("authorization", "marked-secret"))
			return err
		}, "Authorization"},
		"a header that splits": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Get(ctx, flowretail.Header("X-A", "1\r\nX-B: 2"))
			return err
		}, "X-A"},
		"a language that splits": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Account.Get(ctx, flowretail.Language("nb\n"))
			return err
		}, "Language"},
		"no requests in flight": {func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Users.All(ctx, "t", nil, flowretail.Prefetch(0)))
			return err
		}, "Prefetch"},
	} {
		t.Run(name, func(t *testing.T) {
			err := refused(t, test.call)
			if !strings.Contains(err.Error(), test.names) {
				t.Errorf("%v does not name %s", err, test.names)
			}
			if strings.Contains(err.Error(), "marked-secret") {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}

func TestDo(t *testing.T) {
	type sale struct {
		SaleUID string `json:"saleUid"`
		Total   int    `json:"total"`
	}
	w := &wire{RoundTripper: answer(200, "application/json", `{"saleUid":"s-1","total":12,"more":[]}`)}
	client := newClient(t, w)
	var out sale
	err := client.Do(t.Context(), &flowretail.Request{
		Operation: "put-sale", Method: "put", Path: "/tenants/{tenantUid}/sales/{saleUid}", PathValues: []string{"t", "s-1"},
		Query: url.Values{"dryRun": {"true"}}, Body: map[string]any{"pin": flowretail.NewSecret("marked-secret-pin")},
	}, &out, flowretail.Header("X-Trace", "1"))
	if err != nil || out != (sale{"s-1", 12}) {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := w.request.Method + " " + w.request.URL.RequestURI(); got != "PUT /v2/tenants/t/sales/s-1?dryRun=true" {
		t.Error(got)
	}
	sameJSON(t, "body", w.sent, []byte(`{"pin":"marked-secret-pin"}`))
	if w.request.Header.Get("X-Trace") != "1" || w.request.Header.Get("Authorization") == "" {
		t.Error("the headers are not all there")
	}
}

// upper decodes itself.
type upper string

func (u *upper) UnmarshalJSON(data []byte) error {
	*u = upper(strings.ToUpper(string(data)))
	return nil
}

func TestDoWithTypesThatDecodeThemselves(t *testing.T) {
	var whole upper
	if err := newClient(t, answer(200, "", `{"a":1}`)).Do(t.Context(), &flowretail.Request{Path: "/x"}, &whole); err != nil || whole != `{"A":1}` {
		t.Errorf("%q, %v", whole, err)
	}
	var part struct {
		A upper `json:"a"`
	}
	if err := newClient(t, answer(200, "", `{"a":"b"}`)).Do(t.Context(), &flowretail.Request{Path: "/x"}, &part); err != nil || part.A != `"B"` {
		t.Errorf("%q, %v", part.A, err)
	}
}

func TestDoRefusesWhatLeadsElsewhere(t *testing.T) {
	for _, path := range []string{"", "x", "https://example.com/x", "//example.com/x", "/a/../b", "/a?b=c", "/a#b", "/a%2e%2e/b", "/..", "/a\\b", "/{x", "/./a"} {
		refused(t, func(ctx context.Context, c *flowretail.Client) error {
			return c.Do(ctx, &flowretail.Request{Path: path}, nil)
		})
	}
	refused(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a/{b}"}, nil)
	})
	refused(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a", PathValues: []string{"b"}}, nil)
	})
	refused(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a", Method: "POST", Body: []byte("{}")}, nil)
	})
	refused(t, func(ctx context.Context, c *flowretail.Client) error { return c.Do(ctx, nil, nil) })
	refused(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a", Method: "FE TCH"}, nil)
	})
}

func TestAllForAnotherEndpoint(t *testing.T) {
	type store struct {
		UID string `json:"storeUid"`
	}
	w := &wire{RoundTripper: answering(func(request *http.Request) (*http.Response, error) {
		items := map[string]string{"1": `{"storeUid":"a"},{"storeUid":"b"}`, "2": `{"storeUid":"c"}`}[request.URL.Query().Get("pageNumber")]
		return answer(200, "", `{"items":[`+items+`],"paging":{"pageNumber":`+request.URL.Query().Get("pageNumber")+`,"pageSize":2,"totalCount":3}}`)(request)
	})}
	stores, err := flowretail.Collect(flowretail.All(t.Context(), newClient(t, w),
		&flowretail.Request{Path: "/tenants/{tenantUid}/stores", PathValues: []string{"t"}, Query: url.Values{"pageSize": {"2"}, "open": {"true"}}},
		func(s *store) string { return s.UID }, flowretail.Prefetch(1)))
	if err != nil || len(stores) != 3 || stores[2].UID != "c" {
		t.Fatalf("%v, %v", stores, err)
	}
	if got := w.request.URL.RawQuery; got != "open=true&pageNumber=2&pageSize=2" {
		t.Error(got)
	}
}

func TestMistakesOfTheCallerAreRefused(t *testing.T) {
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
		"a page beyond every list": func(ctx context.Context, c *flowretail.Client) error {
			opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageNumber: 1 << 40}}
			_, err := flowretail.Collect(c.Users.All(ctx, "t", opts))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { refused(t, call) })
	}
}

func TestRoundTrippersThatBendTheRules(t *testing.T) {
	noBody := answering(func(request *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204, Request: request}, nil
	})
	if err := newClient(t, noBody).Users.Delete(t.Context(), "t", "u"); err != nil {
		t.Errorf("an answer whose body is nil: %v", err)
	}
	nothing := answering(func(*http.Request) (*http.Response, error) { return nil, nil })
	if err := newClient(t, nothing).Users.Delete(t.Context(), "t", "u", flowretail.NoRetry()); err == nil {
		t.Error("neither an answer nor an error is a success")
	}
}

func TestARequestMayBeUsedAgain(t *testing.T) {
	w := &wire{RoundTripper: answer(200, "", page(userJSON))}
	client := newClient(t, w)
	request := &flowretail.Request{Path: "/x/{uid}", PathValues: []string{"a"}}
	users := flowretail.All(t.Context(), client, request, func(u *flowretail.User) string { return u.TenantUserUID })
	request.PathValues[0] = "b"
	if _, err := flowretail.Collect(users); err != nil || w.request.URL.Path != "/v2/x/a" {
		t.Errorf("%v, %s", err, w.request.URL.Path)
	}
}

func TestDoWithoutABody(t *testing.T) {
	var response flowretail.Response
	if err := newClient(t, answer(200, "", "")).Do(t.Context(), &flowretail.Request{Method: "HEAD", Path: "/x"}, nil, flowretail.CaptureResponse(&response)); err != nil || response.StatusCode != 200 {
		t.Errorf("%v, %+v", err, response)
	}
	var out flowretail.User
	err := newClient(t, answer(204, "", "")).Do(t.Context(), &flowretail.Request{Path: "/x"}, &out, flowretail.NoRetry())
	if !errors.Is(err, flowretail.ErrMalformedResponse) {
		t.Errorf("204 where something is to be decoded: %v", err)
	}
}

func TestAHeaderGoesBeforeALanguage(t *testing.T) {
	w := &wire{RoundTripper: answer(200, "", accountJSON)}
	must[*flowretail.Account](t)(newClient(t, w).Account.Get(t.Context(), flowretail.Header("Accept-Language", "sv"), flowretail.Language("nb")))
	if got := w.request.Header.Get("Accept-Language"); got != "sv" {
		t.Error(got)
	}
}

func TestAListWithoutPagesYieldsNothingTwice(t *testing.T) {
	twice := `{"items":[` + tokenJSON + `,` + tokenJSON + `],"paging":{"pageNumber":1,"pageSize":2,"totalCount":2}}`
	tokens, err := flowretail.Collect(newClient(t, answer(200, "", twice)).Tokens.All(t.Context(), "t", "u"))
	if err != nil || len(tokens) != 1 {
		t.Errorf("%d tokens, %v", len(tokens), err)
	}
	more := strings.Replace(twice, `"totalCount":2`, `"totalCount":3`, 1)
	if _, err := flowretail.Collect(newClient(t, answer(200, "", more)).Tokens.All(t.Context(), "t", "u")); !errors.Is(err, flowretail.ErrMalformedResponse) {
		t.Errorf("a list that is not whole: %v", err)
	}
}
