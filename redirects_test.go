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

// A recordingServer records all requests.
type recordingServer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
	sent []string // the bodies
}

func (s *recordingServer) requests() ([]*http.Request, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen, s.sent
}

// newRecordingServer starts a server on an address such as "127.0.0.1:0".
func newRecordingServer(t *testing.T, address string, withTLS bool, handler http.HandlerFunc) *recordingServer {
	t.Helper()
	s := new(recordingServer)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.seen, s.sent = append(s.seen, r), append(s.sent, string(body))
		s.mu.Unlock()
		handler(w, r)
	}))
	s.Listener.Close()
	s.Listener = must[net.Listener](t)(net.Listen("tcp", address))
	if withTLS {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// redirectedCalls are reads and writes with a token, with an invite token, and with
// secrets in the body.
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

// validForAllCalls is a response body that is valid for all redirectedCalls.
const validForAllCalls = `{"tenantUserUid":"u","items":[{"tenantUserUid":"u","tenantUserTokenUid":"k","token":"marked-secret-created"}],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":1},
	"accessToken":"marked-secret-session","tenantUser":{"tenantUserUid":"u"},"tenant":{"name":"Fjord"},"user":{"email":"kari@example.com"},"tenants":[]}`

func respondOK(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, validForAllCalls) }

var redirectStatuses = []int{301, 302, 303, 307, 308}

// trustingTransport accepts every certificate, so that only the SDK prevents that
// credentials are sent to another origin. Addresses are replaced by those in hosts.
func trustingTransport(hosts map[string]string) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if replacement, ok := hosts[address]; ok {
				address = replacement
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}

// redirectClient returns a client whose http.Client allows every redirect.
func redirectClient(t *testing.T, base string, transport *http.Transport) *flowretail.Client {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return must[*flowretail.Client](t)(flowretail.NewClient(
		flowretail.WithToken(markedToken), flowretail.WithBaseURL(base), flowretail.WithRetryPolicy(fastRetries()),
		flowretail.WithHTTPClient(&http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
		}),
	))
}

func port(t *testing.T, s *recordingServer) string {
	return must[*url.URL](t)(url.Parse(s.URL)).Port()
}

// A redirectServer redirects every request to target.
type redirectServer struct {
	mu     sync.Mutex
	target string
	status int
}

func (r *redirectServer) set(target string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.target, r.status = target, status
}

func (r *redirectServer) serve(w http.ResponseWriter, _ *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.Header().Set("Location", r.target)
	w.WriteHeader(r.status)
}

// A foreignRedirect is a redirect from the API to another origin.
type foreignRedirect struct {
	name     string
	api      *recordingServer
	base, to string
	other    *recordingServer // must receive nothing
}

func TestRedirect_otherOrigin(t *testing.T) {
	var redirect redirectServer
	plain := newRecordingServer(t, "127.0.0.1:0", false, redirect.serve)
	secure := newRecordingServer(t, "127.0.0.1:0", true, redirect.serve)
	otherPort := newRecordingServer(t, "127.0.0.1:0", false, respondOK)
	otherHost := newRecordingServer(t, "127.0.0.2:"+port(t, plain), false, respondOK)
	otherPortTLS := newRecordingServer(t, "127.0.0.1:0", true, respondOK)
	otherHostTLS := newRecordingServer(t, "127.0.0.2:"+port(t, secure), true, respondOK)
	transport := trustingTransport(map[string]string{
		"api.example.com:443":     secure.Listener.Addr().String(),
		"www.api.example.com:443": otherPortTLS.Listener.Addr().String(),
		"example.com:443":         otherPortTLS.Listener.Addr().String(),
		"api.example.com:80":      otherPort.Listener.Addr().String(),
		"api.example.com:444":     otherPortTLS.Listener.Addr().String(),
	})
	for _, c := range []foreignRedirect{
		{"to another port", plain, plain.URL, otherPort.URL, otherPort},
		{"to another host", plain, plain.URL, otherHost.URL, otherHost},
		{"to https", plain, plain.URL, otherPortTLS.URL, otherPortTLS},
		{"to another port with TLS", secure, secure.URL, otherPortTLS.URL, otherPortTLS},
		{"to another host with TLS", secure, secure.URL, otherHostTLS.URL, otherHostTLS},
		{"from https to http", secure, secure.URL, otherPort.URL, otherPort},
		{"from https to http of the same host", secure, "https://api.example.com", "http://api.example.com", otherPort},
		{"to a subdomain", secure, "https://api.example.com", "https://www.api.example.com", otherPortTLS},
		{"to the parent domain", secure, "https://api.example.com", "https://example.com", otherPortTLS},
		{"to another port of the same host", secure, "https://api.example.com", "https://api.example.com:444", otherPortTLS},
		{"without a scheme", plain, plain.URL, strings.TrimPrefix(otherHost.URL, "http:"), otherHost},
		{"with the host of the API as user name", plain, plain.URL, "http://127.0.0.1:" + port(t, plain) + "@127.0.0.2:" + port(t, plain), otherHost},
	} {
		for _, status := range redirectStatuses {
			redirect.set(c.to+"/elsewhere", status)
			t.Run(fmt.Sprintf("%s/%d", c.name, status), func(t *testing.T) {
				c.checkNotFollowed(t, redirectClient(t, c.base, transport), status)
			})
		}
	}
}

func (c foreignRedirect) checkNotFollowed(t *testing.T, client *flowretail.Client, status int) {
	for _, call := range redirectedCalls {
		t.Run(call.name, func(t *testing.T) {
			before, _ := c.api.requests()
			err := call.call(t.Context(), client)
			checkStatus(t, err, status)
			if after, _ := c.api.requests(); len(after) != len(before)+1 {
				t.Errorf("%d requests to the API, want one", len(after)-len(before))
			}
			requests, bodies := c.other.requests()
			for i, request := range requests {
				t.Errorf("the other origin received %s %s, %v and %q", request.Method, request.URL, request.Header, bodies[i])
			}
			checkErrorText(t, err)
		})
	}
}

func checkStatus(t *testing.T, err error, status int) {
	t.Helper()
	if generic, ok := errors.AsType[*flowretail.GenericError](err); !ok || generic.StatusCode != status {
		t.Errorf("error %v, want status %d", err, status)
	}
}

func TestRedirect_sameOrigin(t *testing.T) {
	for _, status := range redirectStatuses {
		for _, call := range redirectedCalls {
			t.Run(fmt.Sprintf("%d/%s", status, call.name), func(t *testing.T) {
				var server *recordingServer
				server = newRecordingServer(t, "127.0.0.1:0", true, func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/moved/") {
						respondOK(w, r)
						return
					}
					w.Header().Set("Location", strings.Replace(server.URL, "https://", "HTTPS://stranger:pass@", 1)+"/moved"+r.URL.String())
					w.WriteHeader(status)
				})
				err := call.call(t.Context(), redirectClient(t, server.URL, trustingTransport(nil)))
				requests, _ := server.requests()
				if !call.follow {
					checkStatus(t, err, status)
					if len(requests) != 1 {
						t.Errorf("%d requests for a write", len(requests))
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

func TestRedirect_secondRedirectToOtherOrigin(t *testing.T) {
	other := newRecordingServer(t, "127.0.0.2:0", false, respondOK)
	api := newRecordingServer(t, "127.0.0.1:0", false, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, other.URL, http.StatusPermanentRedirect)
			return
		}
		http.Redirect(w, r, "/moved", http.StatusPermanentRedirect)
	})
	_, err := redirectClient(t, api.URL, trustingTransport(nil)).Users.Get(t.Context(), "t", "u")
	checkStatus(t, err, http.StatusPermanentRedirect)
	if requests, _ := other.requests(); len(requests) != 0 {
		t.Errorf("the other origin received %v", requests[0].Header)
	}
}

func TestRedirect_notFollowedWithNoRetry(t *testing.T) {
	api := newRecordingServer(t, "127.0.0.1:0", false, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/moved", http.StatusTemporaryRedirect)
	})
	_, err := redirectClient(t, api.URL, trustingTransport(nil)).Users.Get(t.Context(), "t", "u", flowretail.NoRetry())
	checkStatus(t, err, http.StatusTemporaryRedirect)
	if requests, _ := api.requests(); len(requests) != 1 {
		t.Errorf("%d requests", len(requests))
	}
}
