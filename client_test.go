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
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

func TestNewClient_invalidOptions(t *testing.T) {
	token := flowretail.WithToken("marked-secret-token")
	source := flowretail.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "marked-secret-token"}))
	for name, opts := range map[string][]flowretail.Option{
		"two credentials":                       {token, source},
		"the same credential twice":             {token, token},
		"an empty token":                        {flowretail.WithToken("")},
		"a token with a line break":             {flowretail.WithToken("marked-secret-token\n")},
		"no source":                             {flowretail.WithTokenSource(nil)},
		"plain http to another host":            {token, flowretail.WithBaseURL("http://api.example.com/v2")},
		"plain http to a lookalike":             {token, flowretail.WithBaseURL("http://localhost.example.com")},
		"a password in the URL":                 {token, flowretail.WithBaseURL("https://user:marked-secret@api.example.com")},
		"no scheme":                             {token, flowretail.WithBaseURL("api.example.com")},
		"a query in the URL":                    {token, flowretail.WithBaseURL("https://api.example.com/?key=marked-secret")},
		"a port that is not a number":           {token, flowretail.WithBaseURL("https://api.example.com:marked-secret")},
		"no HTTP client":                        {token, flowretail.WithHTTPClient(nil)},
		"a user agent with a line break":        {token, flowretail.WithUserAgent("a\r\nb")},
		"a language with a line break":          {token, flowretail.WithLanguage("nb\nX: marked-secret")},
		"a size limit of zero":                  {token, flowretail.WithMaxResponseBytes(0)},
		"a login without a password":            {flowretail.WithDeviceLogin(oauth2.StaticTokenSource(&oauth2.Token{}), "1", flowretail.Secret{})},
		"a tenant exchange with an invalid UID": {flowretail.WithTenantExchange(oauth2.StaticTokenSource(&oauth2.Token{}), "../x")},
		"an option that is nil":                 {nil},
		"no token in the environment":           {flowretail.FromEnv()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(flowretail.EnvToken, "")
			client, err := flowretail.NewClient(opts...)
			if err == nil {
				t.Fatalf("no error; client %v", client)
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
	w := &wire{RoundTripper: respond(200, "", accountJSON)}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.FromEnv(), flowretail.WithHTTPClient(&http.Client{Transport: w})))
	must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	if w.request.URL.String() != flowretail.StageURL+"/account" || w.request.Header.Get("Authorization") != "Bearer marked-secret-env" {
		t.Errorf("%s", w.request.URL)
	}
}

func TestWith(t *testing.T) {
	w := &wire{RoundTripper: respond(200, "", accountJSON)}
	client := newClient(t, w, flowretail.WithLanguage("nb"))
	t.Run("keeps the other options", func(t *testing.T) {
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithToken("marked-secret-other")))
		must[*flowretail.Account](t)(derived.Account.Get(t.Context()))
		if w.request.Header.Get("Authorization") != "Bearer marked-secret-other" || w.request.Header.Get("Accept-Language") != "nb" {
			t.Error("wrong token or language of the derived client")
		}
		must[*flowretail.Account](t)(client.Account.Get(t.Context(), flowretail.Language("sv")))
		if w.request.Header.Get("Authorization") != "Bearer marked-secret-token" || w.request.Header.Get("Accept-Language") != "sv" {
			t.Error("wrong token or language of the first client")
		}
	})
	t.Run("needs a token for another origin", func(t *testing.T) {
		for _, base := range []string{flowretail.StageURL, "https://api.flowretail.com:8443/v2", "http://localhost/v2"} {
			if _, err := client.With(flowretail.WithBaseURL(base)); err == nil {
				t.Errorf("the token is used for %s", base)
			}
		}
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithBaseURL(flowretail.StageURL), flowretail.WithToken("marked-secret-stage")))
		must[*flowretail.Account](t)(derived.Account.Get(t.Context()))
		if w.request.URL.Host != "api.stage.flowretail.com" || w.request.Header.Get("Authorization") != "Bearer marked-secret-stage" {
			t.Error("wrong host or token")
		}
	})
	t.Run("keeps the token for another path of the origin", func(t *testing.T) {
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithBaseURL("https://API.flowretail.com:443/v3/")))
		must[*flowretail.Account](t)(derived.Account.Get(t.Context()))
		if w.request.URL.Path != "/v3/account" || w.request.Header.Get("Authorization") == "" {
			t.Errorf("%s", w.request.URL)
		}
	})
}

func TestNewClient_withoutToken(t *testing.T) {
	w := &wire{RoundTripper: respond(200, "", inviteJSON)}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: w})))
	if _, err := client.Account.Get(t.Context()); !errors.Is(err, flowretail.ErrNoToken) || w.calls != 0 {
		t.Errorf("%v after %d requests", err, w.calls)
	}
	invite := must[*flowretail.Invite](t)(client.Account.GetInvite(t.Context(), flowretail.NewSecret("marked-secret-invite")))
	if invite.Tenant.Name != "Fjord" {
		t.Errorf("%+v", invite)
	}
}

func TestClient_printsNoSecret(t *testing.T) {
	client := newClient(t, respond(200, "", "{}"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, client) + fmt.Sprintf(verb, struct{ c *flowretail.Client }{client}); strings.Contains(text, "marked-secret") {
			t.Errorf("%s shows the token", verb)
		}
	}
}

func TestWithHTTPClient_isNotModified(t *testing.T) {
	follow := func(*http.Request, []*http.Request) error { return nil }
	mine := &http.Client{Transport: respond(200, "", accountJSON), Timeout: time.Minute, CheckRedirect: follow}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithToken("marked-secret-token"), flowretail.WithHTTPClient(mine)))
	must[*flowretail.Account](t)(client.Account.Get(t.Context()))
	if mine.Timeout != time.Minute || mine.CheckRedirect == nil || mine.Jar != nil {
		t.Error("the client was changed")
	}
	if _, ok := mine.Transport.(roundTripFunc); !ok {
		t.Errorf("the transport is now %T", mine.Transport)
	}
}

func TestOperationFromContext(t *testing.T) {
	var seen []flowretail.OperationInfo
	client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
		info, ok := flowretail.OperationFromContext(request.Context())
		if !ok {
			t.Error("the request has no operation")
		}
		seen = append(seen, info)
		return respond(503, "", "{}")(request)
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

// A cookieJar keeps all cookies.
type cookieJar struct{ cookies []*http.Cookie }

func (j *cookieJar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	j.cookies = append(j.cookies, cookies...)
}

func (j *cookieJar) Cookies(*url.URL) []*http.Cookie { return []*http.Cookie{{Name: "s", Value: "1"}} }

func TestCookies_areNotStoredOrSent(t *testing.T) {
	jar := &cookieJar{}
	w := &wire{RoundTripper: roundTripFunc(func(request *http.Request) (*http.Response, error) {
		response, err := respond(200, "", accountJSON)(request)
		response.Header.Set("Set-Cookie", "session=marked-secret")
		return response, err
	})}
	client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithToken("marked-secret-token"),
		flowretail.WithHTTPClient(&http.Client{Transport: w, Jar: jar})))
	var response flowretail.Response
	must[*flowretail.Account](t)(client.Account.Get(t.Context(), flowretail.CaptureResponse(&response)))
	if len(jar.cookies) > 0 || w.request.Header.Get("Cookie") != "" || response.Header.Get("Set-Cookie") != "" {
		t.Error("a cookie was stored or sent")
	}
}

// The first rejected token is replaced. When the next one is rejected, too, calls send
// one request until the next refresh is due.
func TestTokenSource_alwaysRejected(t *testing.T) {
	env := newTestEnv(t, faultserver.Send(faultserver.Response(401, "{}", "WWW-Authenticate: Bearer")))
	tokens := &countingSource{}
	tokens.next = func() (string, error) { return fmt.Sprintf("marked-secret-%d", tokens.calls.Load()), nil }
	client := must[*flowretail.Client](t)(flowretail.NewClient(
		flowretail.WithBaseURL(env.server.URL), flowretail.WithHTTPClient(&http.Client{Transport: env.transport}),
		flowretail.WithRetryPolicy(fastRetries()), flowretail.WithTokenSource(tokens),
	))
	for i, call := range sampleCalls {
		err := call.call(t.Context(), client)
		if !errors.Is(err, flowretail.ErrUnauthorized) {
			t.Errorf("%s: %v", call.name, err)
		}
		checkOutcome(t, err, flowretail.ErrRefused, max(1, 2-i), false)
		if requests := len(env.server.Requests()); requests != 2+i {
			t.Errorf("%s: %d requests so far, want 2 for the first call and 1 for the others", call.name, requests)
		}
		if held := strings.Contains(err.Error(), "not retried: the API rejected the last 2 tokens"); held == (i == 0) {
			t.Errorf("%s: %v", call.name, err)
		}
	}
	env.close(t)
}
