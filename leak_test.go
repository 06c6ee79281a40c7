package flowretail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	flowretail "github.com/flowretail/flowretail-go"
)

// leakable are secrets with characters that every way of escaping changes.
// Their beginning and end are spelled the same in all of them.
var leakable = map[string]string{
	"token":    `marked-secret-token/+="<&>'\%41-secret-tail`,
	"device":   `marked-secret-device/+="<&>'\%41-secret-tail`,
	"invite":   `marked-secret-invite/+="<&>'\%41-secret-tail`,
	"password": "marked-secret-password/+=\"<&>'\\%41 æ\n-secret-tail",
	"in cases": "marked-secret-password", // of operationCases
}

// An exposure is all that a caller can see of a call.
type exposure struct {
	log  bytes.Buffer
	urls []string
	text strings.Builder
}

func (x *exposure) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(slog.NewTextHandler(&x.log, options), slog.NewJSONHandler(&x.log, options)))
}

// around is a transport that lets accident happen to each request.
func (x *exposure) around(happen accident, spell func(string) string) answering {
	return func(request *http.Request) (*http.Response, error) {
		x.urls = append(x.urls, request.URL.String(), request.Referer())
		echo := spell(strings.Join(sentSecrets(request), " and "))
		response, err := happen(request, echo)
		if err == nil {
			echo = inHeader(echo)
			for _, name := range []string{"X-Echo", "Www-Authenticate", "Set-Cookie", "Authorization", "X-Access-Token", "Retry-After", "Server"} {
				response.Header.Set(name, echo)
			}
			response.Header.Set("X-Request-Line", "GET /?token="+echo)
		}
		return response, err
	}
}

func (x *exposure) see(values ...any) {
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&x.text, verb+"\n", value)
		}
	}
}

// seeError looks at an error and at all that it wraps.
func (x *exposure) seeError(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(&x.text, err.Error())
	x.see(err)
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		x.seeError(wrapper.Unwrap())
	case interface{ Unwrap() []error }:
		for _, wrapped := range wrapper.Unwrap() {
			x.seeError(wrapped)
		}
	}
}

// leak returns where a secret shows, or "".
func (x *exposure) leak() string {
	for what, text := range map[string]string{"the log": x.log.String(), "a URL": strings.Join(x.urls, "\n"), "what the call returns": x.text.String()} {
		for line := range strings.Lines(text) {
			if strings.Contains(line, "marked-secret") || strings.Contains(line, "secret-tail") {
				return fmt.Sprintf("%s: %s", what, around(line))
			}
		}
	}
	return ""
}

// around is the part of a line that shows a secret.
func around(line string) string {
	at := max(strings.Index(line, "marked-secret"), strings.Index(line, "secret-tail"))
	return line[max(0, at-200):min(len(line), at+200)]
}

var leakUIDs = uids{
	tenant: "t-1", user: "7", token: "tok-1", store: "s_1", subscriber: "sub-1", userCode: "1001",
	invite: leakable["invite"], password: leakable["password"],
}

// observe makes a call and exposes all that it shows.
func (x *exposure) observe(t *testing.T, opts []flowretail.Option, transport http.RoundTripper, call func(context.Context, *flowretail.Client, uids) (any, error)) {
	t.Helper()
	client, err := flowretail.NewClient(append(opts, flowretail.WithHTTPClient(&http.Client{Transport: transport}), flowretail.WithLogger(x.logger()),
		flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 2, Budget: -1}))...)
	if err != nil {
		t.Fatal(err)
	}
	value, err := call(t.Context(), client, leakUIDs)
	x.seeError(err)
	x.see(client, *client, struct{ c *flowretail.Client }{client})
	if err == nil {
		x.see(value)
		data, err := json.Marshal(value)
		fmt.Fprintf(&x.text, "%s %v\n", data, err)
	}
}

func TestNoOperationShowsASecretWhateverHappens(t *testing.T) {
	token := flowretail.WithToken(leakable["token"])
	happenings, spellings := accidents(), slices.Sorted(maps.Keys(echoes))
	for i, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			for j, what := range slices.Sorted(maps.Keys(happenings)) {
				how := spellings[(i+j)%len(spellings)] // each accident meets each of them at some operation
				var leak string
				synctest.Test(t, func(t *testing.T) {
					x := new(exposure)
					x.observe(t, []flowretail.Option{token}, x.around(happenings[what], echoes[how]), operation.call)
					leak = x.leak()
				})
				if leak != "" {
					t.Errorf("%s, %s: a secret shows in %s", what, how, leak)
				}
			}
		})
	}
}

func TestNoResponseShowsASecret(t *testing.T) {
	for what, happen := range accidents() {
		for how, spell := range echoes {
			var leak string
			synctest.Test(t, func(t *testing.T) {
				x := new(exposure)
				x.observe(t, []flowretail.Option{flowretail.WithToken(leakable["token"])}, x.around(happen, spell),
					func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
						var response flowretail.Response
						session, err := c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: id.userCode, Password: flowretail.NewSecret(id.password)},
							flowretail.CaptureResponse(&response))
						x.see(response, &response)
						return session, err
					})
				leak = x.leak()
			})
			if leak != "" {
				t.Errorf("%s, %s: a secret shows in %s", what, how, leak)
				break
			}
		}
	}
}

func TestNoSuccessShowsASecret(t *testing.T) {
	for _, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := new(exposure)
				transport := x.around(func(request *http.Request, _ string) (*http.Response, error) {
					return answer(max(operation.status, 200), "application/json", operation.answer)(request)
				}, url.QueryEscape)
				x.observe(t, []flowretail.Option{flowretail.WithToken(leakable["token"])}, transport, operation.call)
				if leak := x.leak(); leak != "" {
					t.Errorf("a secret shows in %s", leak)
				}
				if !strings.Contains(x.log.String(), "flowretail call") || !strings.Contains(x.log.String(), "flowretail attempt") {
					t.Error("nothing was logged")
				}
			})
		})
	}
}

// What a login sends is no secret of the call that needs it, and does not show there either.
func TestNoLoginAndNoExchangeShowASecretWhateverHappens(t *testing.T) {
	for name, credential := range map[string]func() flowretail.Option{
		"device login": func() flowretail.Option {
			return flowretail.WithDeviceLogin(fixedSource(leakable["device"]), "1001", flowretail.NewSecret(leakable["password"]))
		},
		"tenant exchange": func() flowretail.Option { return flowretail.WithTenantExchange(fixedSource(leakable["token"]), "t-1") },
		"token source":    func() flowretail.Option { return flowretail.WithTokenSource(fixedSource(leakable["token"])) },
	} {
		t.Run(name, func(t *testing.T) {
			for what, happen := range accidents() {
				for how, spell := range echoes {
					var leak string
					synctest.Test(t, func(t *testing.T) {
						x := new(exposure)
						x.observe(t, []flowretail.Option{credential()}, x.around(happen, spell), func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
							_, err := c.Users.Get(ctx, id.tenant, id.user)
							x.seeError(err)
							return c.Users.Get(ctx, id.tenant, id.user) // which may meet the failure of the first
						})
						leak = x.leak()
					})
					if leak != "" {
						t.Errorf("%s, %s: a secret shows in %s", what, how, leak)
						break
					}
				}
			}
		})
	}
}

func TestAPanicOfATransportShowsNoSecretOfOurs(t *testing.T) {
	for _, operation := range operationCases {
		if strings.HasSuffix(operation.method, ".All") {
			continue // its requests have goroutines of their own, whose panics end the program
		}
		t.Run(operation.method, func(t *testing.T) {
			x := new(exposure)
			var panicked any
			func() {
				defer func() { panicked = recover() }()
				x.observe(t, []flowretail.Option{flowretail.WithToken(leakable["token"])}, answering(func(request *http.Request) (*http.Response, error) {
					panic("the transport is broken")
				}), operation.call)
			}()
			x.see(panicked)
			if fmt.Sprint(panicked) != "the transport is broken" {
				t.Errorf("the panic is now %v", panicked)
			}
			if leak := x.leak(); leak != "" {
				t.Errorf("a secret shows in %s", leak)
			}
		})
	}
}

func TestAnInvalidCallShowsNoSecret(t *testing.T) {
	for name, call := range map[string]func(context.Context, *flowretail.Client, uids) (any, error){
		"a token as a UID": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Get(ctx, "t", leakable["token"])
		},
		"a token as a header": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Get(ctx, "t", "u", flowretail.Header("Authorization", leakable["token"]))
		},
		"a header that splits": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Users.Get(ctx, "t", "u", flowretail.Header("X-A", leakable["token"]+"\r\n"))
		},
		"an invite token that splits": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.GetInvite(ctx, flowretail.NewSecret(leakable["token"]+"\r\n"))
		},
		"a password that is no text": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: "1", Password: flowretail.NewSecret(leakable["password"] + "\xff")})
		},
		"a body that cannot be written": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Do(ctx, &flowretail.Request{Path: "/x", Method: "POST", Body: unwritable(leakable["password"])}, nil)
		},
		"a secret among the values of a query": func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			return nil, c.Do(ctx, &flowretail.Request{Path: "/x", Query: struct {
				Pin flowretail.Secret `url:"pin"`
			}{flowretail.NewSecret(leakable["password"])}}, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := new(exposure)
			x.observe(t, []flowretail.Option{flowretail.WithToken(leakable["token"])}, x.around(func(request *http.Request, _ string) (*http.Response, error) {
				return answer(404, "", "")(request)
			}, url.QueryEscape), call)
			if leak := x.leak(); leak != "" {
				t.Errorf("a secret shows in %s", leak)
			}
		})
	}
}

type unwritable string

func (u unwritable) MarshalJSON() ([]byte, error) {
	return nil, errors.New("cannot write " + string(u))
}

func FuzzHeader(f *testing.F) {
	for _, seed := range [][2]string{
		{"X-Trace", "1"}, {"authorization", "marked-secret"}, {"X-INVITE-TOKEN", "a"}, {"Host", "example.com"}, {"X-A", "1\r\nX-B: 2"}, {"X-A:", "1"}, {"", ""}, {"X A", "b"},
		{"Authorization ", "a"}, {"x-ınvite-token", "a"}, {"X-A", "\x00"}, {"Content-Length", "0"}, {"X-Ä", "ä"}, {"Cookie", "a=b"}, {"X-A", "\tæ\t"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		w := &wire{RoundTripper: answer(200, "application/json", accountJSON)}
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
