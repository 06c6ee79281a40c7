package flowretail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

const markedInvite = "marked-secret-invite-end-of-secret"

// A listener answers all requests in one way, and keeps what came.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
	sent []string // the bodies
}

func (l *listener) requests() ([]*http.Request, []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen, l.sent
}

// listen starts a server on an address, such as "127.0.0.1:0".
func listen(t *testing.T, address string, secure bool, answer http.HandlerFunc) *listener {
	t.Helper()
	l := new(listener)
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.seen, l.sent = append(l.seen, r), append(l.sent, string(body))
		l.mu.Unlock()
		answer(w, r)
	}))
	l.Listener.Close()
	l.Listener = must[net.Listener](t)(net.Listen("tcp", address))
	if secure {
		l.StartTLS()
	} else {
		l.Start()
	}
	t.Cleanup(l.Close)
	return l
}

// redirectedCalls are reads and writes with a token, with an invite token, and
// with bodies that hold secrets.
var redirectedCalls = []struct {
	name   string
	follow bool // inside the origin
	call   func(context.Context, *flowretail.Client) error
}{
	{"Users.Get", true, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Get(ctx, "t", "u")
		return err
	}},
	{"Users.All", true, func(ctx context.Context, c *flowretail.Client) error {
		_, err := flowretail.Collect(c.Users.All(ctx, "t", nil))
		return err
	}},
	{"Account.GetInvite", true, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Account.GetInvite(ctx, flowretail.NewSecret(markedInvite))
		return err
	}},
	{"Account.AcceptInvite", false, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(markedInvite)})
		return err
	}},
	{"Account.Login", false, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: "1001", Password: flowretail.NewSecret(markedPassword)})
		return err
	}},
	{"Users.Create", false, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Create(ctx, "t", markedUser(""))
		return err
	}},
	{"Users.Update", false, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Update(ctx, "t", "u", &flowretail.UserUpdateRequest{Password: new(flowretail.NewSecret(markedPassword))})
		return err
	}},
	{"Tokens.Create", false, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Tokens.Create(ctx, "t", "u")
		return err
	}},
	{"Users.Delete", false, func(ctx context.Context, c *flowretail.Client) error { return c.Users.Delete(ctx, "t", "u") }},
}

// goodEverywhere is an answer that all of redirectedCalls take.
const goodEverywhere = `{"tenantUserUid":"u","items":[{"tenantUserUid":"u","tenantUserTokenUid":"k"}],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":1},
	"accessToken":"marked-secret-session","tenantUser":{"tenantUserUid":"u"},"tenant":{"name":"Fjord"},"user":{"email":"kari@example.com"},"tenants":[]}`

func answerWell(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, goodEverywhere) }

var redirectStatuses = []int{301, 302, 303, 307, 308}

// everyone trusts the servers of these tests under all names, so that only the
// SDK keeps credentials from going there. Names are resolved by the table.
func everyone(names map[string]string) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if real, ok := names[address]; ok {
				address = real
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}

func redirectClient(t *testing.T, base string, transport *http.Transport) *flowretail.Client {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return must[*flowretail.Client](t)(flowretail.NewClient(
		flowretail.WithToken(markedToken), flowretail.WithBaseURL(base), flowretail.WithRetryPolicy(hasty()),
		flowretail.WithHTTPClient(&http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return nil }, // the caller's own says yes to all
		}),
	))
}

func TestRedirectsDoNotLeaveTheOrigin(t *testing.T) {
	var target string // where the API redirects to
	var status int
	var mu sync.Mutex
	set := func(to string, with int) {
		mu.Lock()
		defer mu.Unlock()
		target, status = to, with
	}
	redirect := func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Location", target)
		w.WriteHeader(status)
	}
	plain := listen(t, "127.0.0.1:0", false, redirect)
	secure := listen(t, "127.0.0.1:0", true, redirect)
	portOf := func(l *listener) string { return must[*url.URL](t)(url.Parse(l.URL)).Port() }
	otherPort := listen(t, "127.0.0.1:0", false, answerWell)
	otherHost := listen(t, "127.0.0.2:"+portOf(plain), false, answerWell)
	otherPortSecure := listen(t, "127.0.0.1:0", true, answerWell)
	otherHostSecure := listen(t, "127.0.0.2:"+portOf(secure), true, answerWell)
	transport := everyone(map[string]string{
		"api.example.com:443":     secure.Listener.Addr().String(),
		"www.api.example.com:443": otherPortSecure.Listener.Addr().String(),
		"example.com:443":         otherPortSecure.Listener.Addr().String(),
		"api.example.com:80":      otherPort.Listener.Addr().String(),
		"api.example.com:444":     otherPortSecure.Listener.Addr().String(),
	})
	for _, way := range []struct {
		name     string
		from     *listener
		base, to string
		other    *listener
	}{
		{"to another port", plain, plain.URL, otherPort.URL, otherPort},
		{"to another host", plain, plain.URL, otherHost.URL, otherHost},
		{"to https", plain, plain.URL, otherPortSecure.URL, otherPortSecure},
		{"to another port, secure", secure, secure.URL, otherPortSecure.URL, otherPortSecure},
		{"to another host, secure", secure, secure.URL, otherHostSecure.URL, otherHostSecure},
		{"from https to http", secure, secure.URL, otherPort.URL, otherPort},
		{"from https to http of one name", secure, "https://api.example.com", "http://api.example.com", otherPort},
		{"to a subdomain", secure, "https://api.example.com", "https://www.api.example.com", otherPortSecure},
		{"to the parent domain", secure, "https://api.example.com", "https://example.com", otherPortSecure},
		{"to another port of one name", secure, "https://api.example.com", "https://api.example.com:444", otherPortSecure},
		{"without a scheme", plain, plain.URL, strings.TrimPrefix(otherHost.URL, "http:"), otherHost},
		{"with the API's name for a user", plain, plain.URL, "http://127.0.0.1:" + portOf(plain) + "@127.0.0.2:" + portOf(plain), otherHost},
	} {
		for _, status := range redirectStatuses {
			set(way.to+"/elsewhere", status)
			client := redirectClient(t, way.base, transport)
			for _, call := range redirectedCalls {
				t.Run(fmt.Sprintf("%s/%d/%s", way.name, status, call.name), func(t *testing.T) {
					before, _ := way.from.requests()
					err := call.call(t.Context(), client)
					generic, ok := errors.AsType[*flowretail.GenericError](err)
					if !ok || generic.StatusCode != status {
						t.Errorf("error %v, want status %d", err, status)
					}
					if after, _ := way.from.requests(); len(after) != len(before)+1 {
						t.Errorf("%d requests to the API, want one", len(after)-len(before))
					}
					requests, bodies := way.other.requests()
					for i, request := range requests {
						t.Errorf("the other side saw %s %s, %v and %q", request.Method, request.URL, request.Header, bodies[i])
					}
					expectDiscreetError(t, err)
				})
			}
		}
	}
}

func TestRedirectsInsideTheOrigin(t *testing.T) {
	for _, status := range redirectStatuses {
		for _, call := range redirectedCalls {
			t.Run(fmt.Sprintf("%d/%s", status, call.name), func(t *testing.T) {
				var server *listener
				server = listen(t, "127.0.0.1:0", true, func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/moved/") {
						answerWell(w, r)
						return
					}
					w.Header().Set("Location", strings.Replace(server.URL, "https://", "HTTPS://stranger:pass@", 1)+"/moved"+r.URL.String())
					w.WriteHeader(status)
				})
				err := call.call(t.Context(), redirectClient(t, server.URL, everyone(nil)))
				requests, _ := server.requests()
				if !call.follow {
					if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.StatusCode != status || len(requests) != 1 {
						t.Errorf("%d requests for a write, and %v", len(requests), err)
					}
					return
				}
				if err != nil || len(requests) != 2 {
					t.Fatalf("%d requests, and %v", len(requests), err)
				}
				token, invite := "Bearer "+markedToken, ""
				if call.name == "Account.GetInvite" {
					token, invite = "", markedInvite
				}
				for i, request := range requests {
					if got := request.Header.Get("Authorization"); got != token {
						t.Errorf("request %d: Authorization %q", i+1, got)
					}
					if got := request.Header.Get("X-Invite-Token"); got != invite {
						t.Errorf("request %d: x-invite-token %q", i+1, got)
					}
				}
			})
		}
	}
}

// The second step of a redirect is held to the same rule as the first.
func TestARedirectThatLeavesInTheSecondStep(t *testing.T) {
	other := listen(t, "127.0.0.2:0", false, answerWell)
	api := listen(t, "127.0.0.1:0", false, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, other.URL, http.StatusPermanentRedirect)
			return
		}
		http.Redirect(w, r, "/moved", http.StatusPermanentRedirect)
	})
	_, err := redirectClient(t, api.URL, everyone(nil)).Users.Get(t.Context(), "t", "u")
	if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.StatusCode != http.StatusPermanentRedirect {
		t.Errorf("error %v", err)
	}
	if requests, _ := other.requests(); len(requests) != 0 {
		t.Errorf("the other side saw %v", requests[0].Header)
	}
}

// A call that is to be one request follows nothing, and a caller's cookies stay at home.
func TestRedirectsOfACallThatIsOneRequest(t *testing.T) {
	api := listen(t, "127.0.0.1:0", false, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/moved", http.StatusTemporaryRedirect)
	})
	_, err := redirectClient(t, api.URL, everyone(nil)).Users.Get(t.Context(), "t", "u", flowretail.NoRetry())
	if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("error %v", err)
	}
	if requests, _ := api.requests(); len(requests) != 1 {
		t.Errorf("%d requests", len(requests))
	}
}
