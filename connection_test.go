package flowretail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// An untrusted certificate is not retried.
func TestTLS_handshakeFails(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.HandlerFunc(respondOK))
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	plain := must[*faultserver.Server](t)(faultserver.New(faultserver.OK))
	defer plain.Close()
	for _, c := range []struct {
		name, base string
		attempts   int // 0: as many as there are within MaxWait
		trust      bool
	}{
		{"an untrusted certificate", untrusted.URL, 1, false},
		{"the certificate of another name", strings.Replace(untrusted.URL, "127.0.0.1", "localhost", 1), 1, true},
		{"a server without TLS", strings.Replace(plain.URL, "http:", "https:", 1), 0, false},
	} {
		for _, call := range sampleCalls {
			t.Run(c.name+"/"+call.name, func(t *testing.T) {
				transport := &http.Transport{TLSClientConfig: new(tls.Config)}
				if c.trust {
					transport = untrusted.Client().Transport.(*http.Transport).Clone()
				}
				var dials atomic.Int32
				transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					dials.Add(1)
					return new(net.Dialer).DialContext(ctx, network, strings.Replace(address, "localhost", "127.0.0.1", 1))
				}
				err := call.call(t.Context(), newClient(t, transport, flowretail.WithBaseURL(c.base), flowretail.WithRetryPolicy(fastRetries())))
				attempts := c.attempts
				if attempts == 0 {
					attempts = int(dials.Load())
				}
				checkOutcome(t, err, flowretail.ErrNotSent, attempts, c.attempts != 1)
				if int(dials.Load()) != attempts || attempts > 4 {
					t.Errorf("%d dials", dials.Load())
				}
			})
		}
	}
	if len(plain.Requests()) != 0 {
		t.Error("a request was sent without TLS")
	}
}

// net/http by itself sends some requests again when a reused connection fails. The SDK
// has to prevent it.
func TestConnection_failsOnReuse(t *testing.T) {
	for name, failure := range map[string]faultserver.Handler{"reset": faultserver.SendAndReset(""), "close": faultserver.SendAndClose("")} {
		for _, c := range []struct {
			name     string
			call     func(context.Context, *flowretail.Client) error
			requests int
		}{
			{"a read with NoRetry", func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Users.Get(ctx, "t-1", "u-1", flowretail.NoRetry())
				return err
			}, 1},
			{"a write", createToken, 1},
			{"a write with an Idempotency-Key, which net/http retries", func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Tokens.Create(ctx, "t-1", "u-1", flowretail.Header("Idempotency-Key", "k-1"))
				return err
			}, 1},
			{"a delete with NoRetry", func(ctx context.Context, c *flowretail.Client) error {
				return c.Users.Delete(ctx, "t-1", "u-1", flowretail.NoRetry())
			}, 1},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				env := newTestEnv(t, faultserver.Sequence(faultserver.OK, failure))
				defer env.close(t)
				must[*flowretail.User](t)(env.client.Users.Get(t.Context(), "t-1", "u-0"))
				err := c.call(t.Context(), env.client)
				if errors.Is(err, flowretail.ErrInvalidRequest) {
					return // not sent
				}
				checkOutcome(t, err, flowretail.ErrOutcomeUnknown, c.requests, strings.Contains(c.name, "NoRetry"))
				if requests := len(env.server.Requests()) - 1; requests != c.requests {
					t.Errorf("%d requests on the wire, want %d", requests, c.requests)
				}
			})
		}
	}
}

// A connection that the server has closed while it was idle costs no attempt.
func TestConnection_closedWhileIdle(t *testing.T) {
	for _, call := range sampleCalls {
		env := newTestEnv(t, faultserver.OK)
		must[*flowretail.User](t)(env.client.Users.Get(t.Context(), "t-1", "u-0"))
		env.server.CloseConnections()
		if err := env.server.WaitUntilClosed(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The client may not have seen it yet. A write has an unknown outcome only if it was
		// written to the closed connection.
		err := call.call(t.Context(), env.client)
		if requests := len(env.server.Requests()) - 1; err == nil && requests != 1 || err != nil && !errors.Is(err, flowretail.ErrOutcomeUnknown) {
			t.Errorf("%s: %d requests and %v", call.name, requests, err)
		}
		env.close(t)
	}
}

// Responses are read to their end, up to a limit, so that the connection can be reused.
func TestConnection_isReused(t *testing.T) {
	padding := strings.Repeat(" ", 100<<10)
	for name, c := range map[string]struct {
		first       string
		connections int
	}{
		"a success":                          {faultserver.Response(200, faultserver.GoodBody), 1},
		"a 404":                              {faultserver.Response(404, "{}"), 1},
		"a 400 with 100 kilobytes":           {faultserver.Response(400, padding), 1},
		"a 500 with 100 kilobytes":           {faultserver.Response(500, padding), 1},
		"not JSON":                           {faultserver.Response(200, "<html>"+padding), 1},
		"a redirect":                         {faultserver.Response(307, padding, "Location: /elsewhere"), 1},
		"a 204":                              {"HTTP/1.1 204 No Content\r\n\r\n", 1},
		"an encoding that was not requested": {faultserver.Response(500, padding, "Content-Encoding: br"), 2},
		"a response over the limit":          {faultserver.Response(200, strings.Repeat(" ", faultserver.MaxBodyBytes+1)), 2},
		"a 400 over the limit":               {faultserver.Response(400, strings.Repeat(" ", faultserver.MaxBodyBytes+1)), 2},
	} {
		t.Run(name, func(t *testing.T) {
			env := newTestEnv(t, faultserver.Sequence(faultserver.Send(c.first), faultserver.OK))
			for range 20 {
				_, _ = env.client.Users.Get(t.Context(), "t-1", "u-1")
			}
			if got := env.server.Connections(); got > c.connections {
				t.Errorf("%d connections, want %d", got, c.connections)
			}
			env.close(t)
		})
	}
}

// A canceled call returns at once and leaves no goroutine and no connection behind.
func TestContext_canceled(t *testing.T) {
	for name, handler := range map[string]faultserver.Handler{
		"before the response": faultserver.SendAndStall(""),
		"in the body":         faultserver.SendAndStall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
		"in an endless body":  faultserver.SendEndlessly("HTTP/1.1 200 OK\r\n\r\n", " "),
	} {
		for _, call := range sampleCalls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				before := runtime.NumGoroutine()
				ctx, cancel := context.WithCancel(t.Context())
				env := newTestEnv(t, func(e *faultserver.Exchange) {
					cancel()
					handler(e)
				}, flowretail.WithMaxResponseBytes(1<<40))
				err := call.call(ctx, env.client)
				if !errors.Is(err, context.Canceled) || !errors.Is(err, flowretail.ErrOutcomeUnknown) {
					t.Errorf("error %v, want context.Canceled and ErrOutcomeUnknown", err)
				}
				env.close(t)
				if requests := len(env.server.Requests()); requests != 1 {
					t.Errorf("%d requests", requests)
				}
				checkGoroutines(t, before)
			})
		}
	}
}
