package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
)

func TestOptionsThatMakeNoSense(t *testing.T) {
	token := flowretail.WithToken("marked-secret-token")
	source := flowretail.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "marked-secret-token"}))
	for name, opts := range map[string][]flowretail.Option{
		"two credentials":             {token, source},
		"the same credential twice":   {token, token},
		"an empty token":              {flowretail.WithToken("")},
		"a token with a line break":   {flowretail.WithToken("marked-secret-token\n")},
		"no source":                   {flowretail.WithTokenSource(nil)},
		"plain http to another host":  {token, flowretail.WithBaseURL("http://api.example.com/v2")},
		"plain http to a lookalike":   {token, flowretail.WithBaseURL("http://localhost.example.com")},
		"a password in the URL":       {token, flowretail.WithBaseURL("https://user:marked-secret@api.example.com")},
		"no scheme":                   {token, flowretail.WithBaseURL("api.example.com")},
		"a query in the URL":          {token, flowretail.WithBaseURL("https://api.example.com/?key=marked-secret")},
		"no URL":                      {token, flowretail.WithBaseURL("https://api.example.com:marked-secret")},
		"no HTTP client":              {token, flowretail.WithHTTPClient(nil)},
		"a user agent that splits":    {token, flowretail.WithUserAgent("a\r\nb")},
		"a language that splits":      {token, flowretail.WithLanguage("nb\nX: marked-secret")},
		"no bytes":                    {token, flowretail.WithMaxResponseBytes(0)},
		"a login without a password":  {flowretail.WithDeviceLogin(oauth2.StaticTokenSource(&oauth2.Token{}), "1", flowretail.Secret{})},
		"an exchange for no tenant":   {flowretail.WithTenantExchange(oauth2.StaticTokenSource(&oauth2.Token{}), "../x")},
		"an option that is nil":       {nil},
		"no token in the environment": {flowretail.FromEnv()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(flowretail.EnvToken, "")
			client, err := flowretail.NewClient(opts...)
			if err == nil {
				t.Fatalf("%v is made", client)
			}
			if strings.Contains(err.Error(), "marked-secret") {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv(flowretail.EnvToken, "marked-secret-env")
	t.Setenv(flowretail.EnvBaseURL, flowretail.StageURL)
	w := &wire{RoundTripper: answer(200, "", accountJSON)}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.FromEnv(), flowretail.WithHTTPClient(&http.Client{Transport: w})))
	must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	if w.request.URL.String() != flowretail.StageURL+"/account" || w.request.Header.Get("Authorization") != "Bearer marked-secret-env" {
		t.Errorf("%s", w.request.URL)
	}
}

func TestWith(t *testing.T) {
	w := &wire{RoundTripper: answer(200, "", accountJSON)}
	client := newClient(t, w, flowretail.WithLanguage("nb"))
	t.Run("keeps what is not replaced", func(t *testing.T) {
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithToken("marked-secret-other")))
		must[*flowretail.Account](t)(derived.Account.Get(t.Context()))
		if w.request.Header.Get("Authorization") != "Bearer marked-secret-other" || w.request.Header.Get("Accept-Language") != "nb" {
			t.Error("the derived client is not as it should be")
		}
		must[*flowretail.Account](t)(client.Account.Get(t.Context(), flowretail.Language("sv")))
		if w.request.Header.Get("Authorization") != "Bearer marked-secret-token" || w.request.Header.Get("Accept-Language") != "sv" {
			t.Error("the first client has changed")
		}
	})
	t.Run("takes no token to another origin", func(t *testing.T) {
		for _, base := range []string{flowretail.StageURL, "https://api.flowretail.com:8443/v2", "http://localhost/v2"} {
			if _, err := client.With(flowretail.WithBaseURL(base)); err == nil {
				t.Errorf("the token goes to %s", base)
			}
		}
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithBaseURL(flowretail.StageURL), flowretail.WithToken("marked-secret-stage")))
		must[*flowretail.Account](t)(derived.Account.Get(t.Context()))
		if w.request.URL.Host != "api.stage.flowretail.com" || w.request.Header.Get("Authorization") != "Bearer marked-secret-stage" {
			t.Error("the stage client is not as it should be")
		}
	})
	t.Run("follows another path of the origin", func(t *testing.T) {
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithBaseURL("https://API.flowretail.com:443/v3/")))
		must[*flowretail.Account](t)(derived.Account.Get(t.Context()))
		if w.request.URL.Path != "/v3/account" || w.request.Header.Get("Authorization") == "" {
			t.Errorf("%s", w.request.URL)
		}
	})
}

func TestAClientWithoutACredential(t *testing.T) {
	w := &wire{RoundTripper: answer(200, "", inviteJSON)}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: w})))
	if _, err := client.Account.Get(t.Context()); !errors.Is(err, flowretail.ErrNoToken) || w.calls != 0 {
		t.Errorf("%v after %d requests", err, w.calls)
	}
	invite := must[*flowretail.Invite](t)(client.Account.GetInvite(t.Context(), flowretail.NewSecret("marked-secret-invite")))
	if invite.Tenant.Name != "Fjord" {
		t.Errorf("%+v", invite)
	}
}

func TestAClientShowsNoSecret(t *testing.T) {
	client := newClient(t, answer(200, "", "{}"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, client) + fmt.Sprintf(verb, struct{ c *flowretail.Client }{client}); strings.Contains(text, "marked-secret") {
			t.Errorf("%s shows the token", verb)
		}
	}
}

func TestTheCallersHTTPClientStaysAsItIs(t *testing.T) {
	followed := func(*http.Request, []*http.Request) error { return nil }
	mine := &http.Client{Transport: answer(200, "", accountJSON), Timeout: time.Minute, CheckRedirect: followed}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithToken("marked-secret-token"), flowretail.WithHTTPClient(mine)))
	must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	if mine.Timeout != time.Minute || mine.CheckRedirect == nil || mine.Jar != nil {
		t.Error("the client was changed")
	}
	if _, ok := mine.Transport.(answering); !ok {
		t.Errorf("the transport is now %T", mine.Transport)
	}
}

func TestOperationForTransports(t *testing.T) {
	var seen []flowretail.OperationInfo
	client := newClient(t, answering(func(request *http.Request) (*http.Response, error) {
		info, ok := flowretail.OperationFromContext(request.Context())
		if !ok {
			t.Error("the request has no operation")
		}
		seen = append(seen, info)
		return answer(429, "", "{}")(request)
	}), flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond}))
	_, _ = client.Users.Get(t.Context(), "t", "u")
	want := flowretail.OperationInfo{ID: "get-tenants-users-details", Method: "GET", PathTemplate: "/tenants/{tenantUid}/users/{tenantUserUid}", Attempt: 1}
	if len(seen) != 2 || seen[0] != want || seen[1].Attempt != 2 {
		t.Errorf("%+v", seen)
	}
	if _, ok := flowretail.OperationFromContext(context.Background()); ok {
		t.Error("a context without a call has an operation")
	}
}

// recalling is a cookie jar that keeps everything.
type recalling struct{ cookies []*http.Cookie }

func (r *recalling) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	r.cookies = append(r.cookies, cookies...)
}
func (r *recalling) Cookies(*url.URL) []*http.Cookie { return []*http.Cookie{{Name: "s", Value: "1"}} }

func TestCookiesAreNeitherKeptNorSent(t *testing.T) {
	jar := &recalling{}
	w := &wire{RoundTripper: answering(func(request *http.Request) (*http.Response, error) {
		response, err := answer(200, "", accountJSON)(request)
		response.Header.Set("Set-Cookie", "session=marked-secret")
		return response, err
	})}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithToken("marked-secret-token"),
		flowretail.WithHTTPClient(&http.Client{Transport: w, Jar: jar})))
	var response flowretail.Response
	must[*flowretail.Account](t)(client.Account.Get(t.Context(), flowretail.CaptureResponse(&response)))
	if len(jar.cookies) > 0 || w.request.Header.Get("Cookie") != "" || response.Header.Get("Set-Cookie") != "" {
		t.Error("a cookie was kept or sent")
	}
}

func TestExtraHoldsNoToken(t *testing.T) {
	body := `{"accessToken":"marked-secret-a","refreshToken":"marked-secret-b","kept":1,"tenantUser":{"tenantUserUid":"u","apiToken":"marked-secret-c"}}`
	session := must[*flowretail.Session](t)(newClient(t, answer(200, "", body)).Account.Login(t.Context(),
		&flowretail.AccountLoginRequest{UserCode: "1", Password: flowretail.NewSecret("marked-secret-p")}))
	if len(session.Extra) != 1 || session.TenantUser.Extra != nil {
		t.Errorf("%v, %v", session.Extra, session.TenantUser.Extra)
	}
	tokens := must[*flowretail.Page[flowretail.Token]](t)(newClient(t, answer(200, "", page(`{"tenantUserTokenUid":"t","token":"marked-secret-d","secret":"marked-secret-e"}`))).
		Tokens.Create(t.Context(), "t", "u"))
	if tokens.Items[0].Extra != nil {
		t.Errorf("%v", tokens.Items[0].Extra)
	}
}
