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

// testSecrets have characters that every kind of escaping changes, but not at their
// beginning and end.
var testSecrets = map[string]string{
	"token":    `marked-secret-token/+="<&>'\%41-secret-tail`,
	"device":   `marked-secret-device/+="<&>'\%41-secret-tail`,
	"invite":   `marked-secret-invite/+="<&>'\%41-secret-tail`,
	"password": "marked-secret-password/+=\"<&>'\\%41 æ\n-secret-tail",
	"in cases": "marked-secret-password", // of operationCases
}

var secretUIDs = uids{
	tenant: "t-1", user: "7", token: "tok-1", store: "s_1", subscriber: "sub-1", userCode: "1001",
	invite: testSecrets["invite"], password: testSecrets["password"],
}

// visibleOutput collects everything that a caller can see of a call.
type visibleOutput struct {
	log  bytes.Buffer
	urls []string
	text strings.Builder
}

func (o *visibleOutput) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(slog.NewTextHandler(&o.log, options), slog.NewJSONHandler(&o.log, options)))
}

// transport returns a round tripper that responds with leak. It repeats the secrets of
// the request in the response headers, too.
func (o *visibleOutput) transport(leak leakyResponse, escape func(string) string) roundTripFunc {
	return func(request *http.Request) (*http.Response, error) {
		o.urls = append(o.urls, request.URL.String(), request.Referer())
		leaked := escape(strings.Join(secretsOf(request), " and "))
		response, err := leak(request, leaked)
		if err == nil {
			leaked = headerValue(leaked)
			for _, name := range []string{"X-Echo", "Www-Authenticate", "Set-Cookie", "Authorization", "X-Access-Token", "Retry-After", "Server"} {
				response.Header.Set(name, leaked)
			}
			response.Header.Set("X-Request-Line", "GET /?token="+leaked)
		}
		return response, err
	}
}

// print adds the values under the verbs of fmt.
func (o *visibleOutput) print(values ...any) {
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&o.text, verb+"\n", value)
		}
	}
}

// printErrors adds err and all errors that it wraps.
func (o *visibleOutput) printErrors(err error) {
	for _, wrapped := range errorTree(err) {
		fmt.Fprintln(&o.text, wrapped.Error())
		o.print(wrapped)
	}
}

// check fails the test if the output contains a secret.
func (o *visibleOutput) check(t *testing.T, name string) {
	t.Helper()
	for place, text := range map[string]string{"the log": o.log.String(), "a URL": strings.Join(o.urls, "\n"), "the result": o.text.String()} {
		for line := range strings.Lines(text) {
			if i := max(strings.Index(line, "marked-secret"), strings.Index(line, "secret-tail")); i >= 0 {
				t.Errorf("%s: a secret in %s: %s", name, place, line[max(0, i-200):min(len(line), i+200)])
				return
			}
		}
	}
}

type operationCall func(context.Context, *flowretail.Client, uids) (any, error)

// call makes a call and collects its output.
func (o *visibleOutput) call(t *testing.T, credential flowretail.Option, transport http.RoundTripper, call operationCall) {
	t.Helper()
	client, err := flowretail.NewClient(credential, flowretail.WithHTTPClient(&http.Client{Transport: transport}), flowretail.WithLogger(o.logger()),
		flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 2, Budget: -1}))
	if err != nil {
		t.Fatal(err)
	}
	value, err := call(t.Context(), client, secretUIDs)
	o.printErrors(err)
	o.print(client, *client, struct{ c *flowretail.Client }{client})
	if err == nil {
		o.print(value)
		data, err := json.Marshal(value)
		fmt.Fprintf(&o.text, "%s %v\n", data, err)
	}
}

// checkRedaction makes a call with every leaky response, under every escaping.
func checkRedaction(t *testing.T, credential func() flowretail.Option, call func(*visibleOutput) operationCall) {
	t.Helper()
	for name, leak := range leakyResponses() {
		for escaping, escape := range escapes {
			synctest.Test(t, func(t *testing.T) {
				output := new(visibleOutput)
				output.call(t, credential(), output.transport(leak, escape), call(output))
				output.check(t, name+", "+escaping)
			})
		}
	}
}

func withSecretToken() flowretail.Option { return flowretail.WithToken(testSecrets["token"]) }

func TestRedaction_everyOperation(t *testing.T) {
	leaks, escapings := leakyResponses(), slices.Sorted(maps.Keys(escapes))
	for i, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			for j, name := range slices.Sorted(maps.Keys(leaks)) {
				escaping := escapings[(i+j)%len(escapings)] // over all operations, each response is used with each escaping
				synctest.Test(t, func(t *testing.T) {
					output := new(visibleOutput)
					output.call(t, withSecretToken(), output.transport(leaks[name], escapes[escaping]), operation.call)
					output.check(t, name+", "+escaping)
				})
			}
		})
	}
}

func TestRedaction_captureResponse(t *testing.T) {
	checkRedaction(t, withSecretToken, func(output *visibleOutput) operationCall {
		return func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
			var response flowretail.Response
			session, err := c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: id.userCode, Password: flowretail.NewSecret(id.password)},
				flowretail.CaptureResponse(&response))
			output.print(response, &response)
			return session, err
		}
	})
}

// A login or a tenant exchange sends secrets for another call. The errors and log
// records of that call show none of them.
func TestRedaction_tokenRefresh(t *testing.T) {
	for name, credential := range map[string]func() flowretail.Option{
		"device login": func() flowretail.Option {
			return flowretail.WithDeviceLogin(fixedSource(testSecrets["device"]), "1001", flowretail.NewSecret(testSecrets["password"]))
		},
		"tenant exchange": func() flowretail.Option {
			return flowretail.WithTenantExchange(fixedSource(testSecrets["token"]), "t-1")
		},
		"token source": func() flowretail.Option { return flowretail.WithTokenSource(fixedSource(testSecrets["token"])) },
	} {
		t.Run(name, func(t *testing.T) {
			checkRedaction(t, credential, func(output *visibleOutput) operationCall {
				return func(ctx context.Context, c *flowretail.Client, id uids) (any, error) {
					_, err := c.Users.Get(ctx, id.tenant, id.user)
					output.printErrors(err)
					return c.Users.Get(ctx, id.tenant, id.user) // may return the stored error of the first call
				}
			})
		})
	}
}

func TestRedaction_success(t *testing.T) {
	for _, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				output := new(visibleOutput)
				output.call(t, withSecretToken(), output.transport(func(request *http.Request, _ string) (*http.Response, error) {
					return respond(max(operation.status, 200), "application/json", operation.response)(request)
				}, url.QueryEscape), operation.call)
				output.check(t, operation.method)
				if !strings.Contains(output.log.String(), "flowretail call") || !strings.Contains(output.log.String(), "flowretail attempt") {
					t.Error("nothing was logged")
				}
			})
		})
	}
}

func TestRedaction_transportPanic(t *testing.T) {
	for _, operation := range operationCases {
		if strings.HasSuffix(operation.method, ".All") {
			continue // a panic in another goroutine ends the program
		}
		t.Run(operation.method, func(t *testing.T) {
			output := new(visibleOutput)
			var panicked any
			func() {
				defer func() { panicked = recover() }()
				output.call(t, withSecretToken(), roundTripFunc(func(*http.Request) (*http.Response, error) {
					panic("the transport is broken")
				}), operation.call)
			}()
			if output.print(panicked); fmt.Sprint(panicked) != "the transport is broken" {
				t.Errorf("the panic is now %v", panicked)
			}
			output.check(t, operation.method)
		})
	}
}

func TestRedaction_invalidCall(t *testing.T) {
	for name, call := range map[string]operationCall{
		"a token as a UID": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Users.Get(ctx, "t", testSecrets["token"])
		},
		"a token in a header": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Users.Get(ctx, "t", "u", flowretail.Header("Authorization", testSecrets["token"]))
		},
		"a header with a line break": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Users.Get(ctx, "t", "u", flowretail.Header("X-A", testSecrets["token"]+"\r\n"))
		},
		"an invite token with a line break": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Account.GetInvite(ctx, flowretail.NewSecret(testSecrets["token"]+"\r\n"))
		},
		"a password that is not UTF-8": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return c.Account.Login(ctx, &flowretail.AccountLoginRequest{UserCode: "1", Password: flowretail.NewSecret(testSecrets["password"] + "\xff")})
		},
		"a body whose MarshalJSON fails": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return nil, c.Do(ctx, &flowretail.Request{Path: "/x", Method: "POST", Body: failingBody(testSecrets["password"])}, nil)
		},
		"a secret in a query": func(ctx context.Context, c *flowretail.Client, _ uids) (any, error) {
			return nil, c.Do(ctx, &flowretail.Request{Path: "/x", Query: struct {
				Pin flowretail.Secret `url:"pin"`
			}{flowretail.NewSecret(testSecrets["password"])}}, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			output := new(visibleOutput)
			output.call(t, withSecretToken(), output.transport(func(request *http.Request, _ string) (*http.Response, error) {
				return respond(404, "", "")(request)
			}, url.QueryEscape), call)
			output.check(t, name)
		})
	}
}

type failingBody string

func (b failingBody) MarshalJSON() ([]byte, error) {
	return nil, errors.New("cannot encode " + string(b))
}
