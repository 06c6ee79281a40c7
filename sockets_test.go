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
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// expectOutcome checks what a failed call says of itself.
func expectOutcome(t *testing.T, err error, outcome flowretail.Outcome, attempts int, retryable bool) {
	t.Helper()
	failed, ok := errors.AsType[*flowretail.CallError](err)
	if !ok {
		t.Fatalf("error %v, want a CallError", err)
	}
	if !errors.Is(err, outcome) || failed.Attempts != attempts || failed.Retryable != retryable {
		t.Errorf("%q after %d attempts, retryable %t; want %q, %d, %t: %v", failed.Outcome, failed.Attempts, failed.Retryable, outcome, attempts, retryable, err)
	}
}

// dialing is a transport whose connections come from dial.
func dialing(dial func(context.Context, string, string) (net.Conn, error)) *http.Transport {
	return &http.Transport{DialContext: dial}
}

// What is not sent is repeated whatever the method, and known to be not sent.
func TestConnectionsThatDoNotComeAbout(t *testing.T) {
	closed := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	closed.Close()
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"connection refused": func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, closed.Addr().String())
		},
		"no such host": func(_ context.Context, _, address string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
		},
		"DNS out of order": func(_ context.Context, _, address string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "server misbehaving", Name: address, IsTemporary: true}
		},
	} {
		for _, call := range hostileCalls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				var dials atomic.Int32
				transport := dialing(func(ctx context.Context, network, address string) (net.Conn, error) {
					dials.Add(1)
					return dial(ctx, network, address)
				})
				err := call.call(t.Context(), newClient(t, transport, flowretail.WithRetryPolicy(hasty())))
				expectOutcome(t, err, flowretail.ErrNotSent, faultserver.Attempts, true)
				if dials.Load() != faultserver.Attempts {
					t.Errorf("%d dials", dials.Load())
				}
			})
		}
	}
}

// After a connection that did not come about, one that does is used.
func TestADialThatFailsOnce(t *testing.T) {
	for _, call := range hostileCalls {
		s := newStage(t, faultserver.OK)
		dial := s.transport.DialContext
		var dials atomic.Int32
		s.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
			}
			return dial(ctx, network, address)
		}
		if err := call.call(t.Context(), s.client); err != nil || len(s.server.Requests()) != 1 {
			t.Errorf("%s: %v after %d requests", call.name, err, len(s.server.Requests()))
		}
		s.close(t)
	}
}

// A certificate that nobody trusts does not get better by asking again.
func TestHandshakesThatFail(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.HandlerFunc(answerWell))
	untrusted.Config.ErrorLog = unheard
	untrusted.StartTLS()
	defer untrusted.Close()
	plain := must[*faultserver.Server](t)(faultserver.Serve(faultserver.OK))
	defer plain.Close()
	for _, c := range []struct {
		name, base string
		attempts   int
		trust      bool
	}{
		{"an untrusted certificate", untrusted.URL, 1, false},
		{"the certificate of another name", strings.Replace(untrusted.URL, "127.0.0.1", "localhost", 1), 1, true},
		{"a server without TLS", strings.Replace(plain.URL, "http:", "https:", 1), faultserver.Attempts, false},
	} {
		for _, call := range hostileCalls {
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
				err := call.call(t.Context(), newClient(t, transport, flowretail.WithBaseURL(c.base), flowretail.WithRetryPolicy(hasty())))
				expectOutcome(t, err, flowretail.ErrNotSent, c.attempts, c.attempts > 1)
				if int(dials.Load()) != c.attempts {
					t.Errorf("%d dials", dials.Load())
				}
			})
		}
	}
	if len(plain.Requests()) != 0 {
		t.Error("a request was sent in clear")
	}
}

// breaks are the ways in which a connection ends when the request has been sent.
var breaks = map[string]faultserver.Script{
	"reset before the answer":   faultserver.Broken(""),
	"reset after the headers":   faultserver.Broken("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
	"reset in the body":         faultserver.Broken("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + faultserver.Good[:60]),
	"reset after 100":           faultserver.Broken("HTTP/1.1 100 Continue\r\n\r\n"),
	"the end before the answer": faultserver.Cut(""),
	"the end in the body":       faultserver.Cut("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + faultserver.Good[:60]),
	"the end after 100":         faultserver.Cut("HTTP/1.1 100 Continue\r\n\r\n"),
	"a failure":                 faultserver.Text(faultserver.Answer(503, "")),
}

// A create whose UID the caller chose is carried out once, whatever breaks.
func TestCreatesWithAChosenUID(t *testing.T) {
	const notFound, conflict, different = `{"code":"NO_SUCH_USER"}`, `{"code":"UID_TAKEN"}`, `{"tenantUserUid":"u-1","accountType":"FULL"}`
	none, taken := faultserver.Text(faultserver.Answer(404, notFound)), faultserver.Text(faultserver.Answer(409, conflict))
	other := faultserver.Text(faultserver.Answer(200, different))
	for name, broken := range breaks {
		for _, c := range []struct {
			name    string
			scripts []faultserver.Script
			methods string
			err     error // nil: the user is returned
			outcome flowretail.Outcome
		}{
			{"and it was carried out", []faultserver.Script{broken, faultserver.OK}, "POST GET", nil, ""},
			{"and it was not", []faultserver.Script{broken, none, faultserver.OK}, "POST GET POST", nil, ""},
			{"twice, and it was not", []faultserver.Script{broken, none, broken, none, faultserver.OK}, "POST GET POST GET POST", nil, ""},
			{"three times, and the last was carried out", []faultserver.Script{broken, none, broken, none, broken, faultserver.OK}, "POST GET POST GET POST GET", nil, ""},
			{"three times, and it was not", []faultserver.Script{broken, none, broken, none, broken, none}, "POST GET POST GET POST GET", errAny, flowretail.ErrOutcomeUnknown},
			{"and another has the UID", []faultserver.Script{broken, other}, "POST GET", flowretail.ErrConflict, flowretail.ErrRefused},
			{"and it was carried out late", []faultserver.Script{broken, none, taken, faultserver.OK}, "POST GET POST GET", nil, ""},
			{"and another came first", []faultserver.Script{broken, none, taken, other}, "POST GET POST GET", flowretail.ErrConflict, flowretail.ErrRefused},
			{"and the conflict is with something else", []faultserver.Script{broken, none, taken, none}, "POST GET POST GET", flowretail.ErrConflict, flowretail.ErrOutcomeUnknown},
			{"and the look is refused", []faultserver.Script{broken, faultserver.Text(faultserver.Answer(403, "{}"))}, "POST GET", flowretail.ErrForbidden, flowretail.ErrOutcomeUnknown},
			{"and the look breaks too", []faultserver.Script{broken, broken}, "POST GET GET GET", errAny, flowretail.ErrOutcomeUnknown},
			{"and the look breaks once", []faultserver.Script{broken, broken, faultserver.OK}, "POST GET GET", nil, ""},
		} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				before := runtime.NumGoroutine()
				s := newStage(t, faultserver.Then(c.scripts...))
				user, err := s.client.Users.Create(t.Context(), "t-1", markedUser("u-1"))
				s.close(t)
				if methods := methodsOf(s.server); methods != c.methods {
					t.Errorf("it sent %s, want %s", methods, c.methods)
				}
				switch {
				case c.err == nil && (err != nil || user.TenantUserUID != "u-1"):
					t.Errorf("%+v and %v, want the user", user, err)
				case c.err != nil && (user != nil || !errors.Is(err, c.err) && c.err != errAny || !errors.Is(err, c.outcome)):
					t.Errorf("%v, want %v and %v", err, c.err, c.outcome)
				}
				expectGoroutines(t, before)
			})
		}
	}
}

var errAny = errors.New("any")

func methodsOf(s *faultserver.Server) string {
	var methods []string
	for _, request := range s.Requests() {
		methods = append(methods, request.Method)
	}
	return strings.Join(methods, " ")
}

// A conflict or a 404 at the first try is what it says.
func TestAnswersWithoutADoubt(t *testing.T) {
	s := newStage(t, faultserver.Then(faultserver.Text(faultserver.Answer(409, "{}")), faultserver.Text(faultserver.Answer(404, "{}"))))
	_, err := s.client.Users.Create(t.Context(), "t-1", markedUser("u-1"))
	if !errors.Is(err, flowretail.ErrConflict) {
		t.Errorf("a create: %v", err)
	}
	expectOutcome(t, err, flowretail.ErrRefused, 1, false)
	err = s.client.Users.Delete(t.Context(), "t-1", "u-1")
	if !errors.Is(err, flowretail.ErrNotFound) {
		t.Errorf("a delete: %v", err)
	}
	expectOutcome(t, err, flowretail.ErrRefused, 1, false)
	s.close(t)
}

// A delete that meets 404 after a doubt has worked; after a refusal it has not.
func TestDeletesThatMeetNothing(t *testing.T) {
	gone := faultserver.Text(faultserver.Answer(404, "{}"))
	for name, broken := range breaks {
		s := newStage(t, faultserver.Then(broken, gone))
		if err := s.client.Users.Delete(t.Context(), "t-1", "u-1"); err != nil || methodsOf(s.server) != "DELETE DELETE" {
			t.Errorf("%s: %s and %v", name, methodsOf(s.server), err)
		}
		s.close(t)
	}
	s := newStage(t, faultserver.Then(faultserver.Text(faultserver.Answer(421, "")), gone))
	err := s.client.Users.Delete(t.Context(), "t-1", "u-1")
	expectOutcome(t, err, flowretail.ErrRefused, 2, false)
	s.close(t)
}

// Without a UID nobody can look: a write that broke is not sent again, and says so.
func TestWritesThatAreNotRepeated(t *testing.T) {
	for name, broken := range breaks {
		for operation, call := range map[string]func(context.Context, *flowretail.Client) error{
			"Tokens.Create": func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Tokens.Create(ctx, "t-1", "u-1")
				return err
			},
			"Users.Create": func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Users.Create(ctx, "t-1", markedUser(""))
				return err
			},
			"Users.Update with ResendInvite": func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Users.Update(ctx, "t-1", "u-1", &flowretail.UserUpdateRequest{ResendInvite: true})
				return err
			},
			"Account.AcceptInvite": func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(markedInvite)})
				return err
			},
			"a create with a UID and NoRetry": func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Users.Create(ctx, "t-1", markedUser("u-1"), flowretail.NoRetry())
				return err
			},
		} {
			s := newStage(t, broken)
			err := call(t.Context(), s.client)
			s.close(t)
			if requests := len(s.server.Requests()); requests != 1 || !errors.Is(err, flowretail.ErrOutcomeUnknown) {
				t.Errorf("%s, %s: %d requests and %v", operation, name, requests, err)
			}
		}
	}
}

// A connection that breaks while it is used for the second time is one that
// net/http may send again on by itself, unseen.
func TestConnectionsThatBreakWhenUsedAgain(t *testing.T) {
	for name, broken := range map[string]faultserver.Script{"reset": faultserver.Broken(""), "end": faultserver.Cut("")} {
		for _, c := range []struct {
			name     string
			call     func(context.Context, *flowretail.Client) error
			requests int
		}{
			{"a read that is to be one request", func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Users.Get(ctx, "t-1", "u-1", flowretail.NoRetry())
				return err
			}, 1},
			{"a write", hostileCalls[1].call, 1},
			{"a write with a header that net/http takes for a promise", func(ctx context.Context, c *flowretail.Client) error {
				_, err := c.Tokens.Create(ctx, "t-1", "u-1", flowretail.Header("Idempotency-Key", "k-1"))
				return err
			}, 1},
			{"a delete that is to be one request", func(ctx context.Context, c *flowretail.Client) error {
				return c.Users.Delete(ctx, "t-1", "u-1", flowretail.NoRetry())
			}, 1},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				s := newStage(t, faultserver.Then(faultserver.OK, broken))
				defer s.close(t)
				must[*flowretail.User](t)(s.client.Users.Get(t.Context(), "t-1", "warm"))
				err := c.call(t.Context(), s.client)
				if errors.Is(err, flowretail.ErrInvalidRequest) {
					return // refused beforehand, which is as good
				}
				expectOutcome(t, err, flowretail.ErrOutcomeUnknown, c.requests, strings.Contains(c.name, "one request"))
				if requests := len(s.server.Requests()) - 1; requests != c.requests {
					t.Errorf("%d requests on the wire, want %d", requests, c.requests)
				}
			})
		}
	}
}

// A connection that the server has closed meanwhile costs a call nothing.
func TestStaleConnections(t *testing.T) {
	for _, call := range hostileCalls {
		s := newStage(t, faultserver.OK)
		must[*flowretail.User](t)(s.client.Users.Get(t.Context(), "t-1", "warm"))
		s.server.Hangup()
		if err := s.server.AwaitQuiet(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The client may not have noticed yet. A write then ends in doubt only if it was written to the dead connection.
		err := call.call(t.Context(), s.client)
		if requests := len(s.server.Requests()) - 1; err == nil && requests != 1 || err != nil && !errors.Is(err, flowretail.ErrOutcomeUnknown) {
			t.Errorf("%s: %d requests and %v", call.name, requests, err)
		}
		s.close(t)
	}
}

// Answers are read to their end within bounds, so that one connection serves many calls.
func TestConnectionsAreUsedAgain(t *testing.T) {
	padding := strings.Repeat(" ", 100<<10)
	for name, c := range map[string]struct {
		first       string
		connections int
	}{
		"a success":                      {faultserver.Answer(200, faultserver.Good), 1},
		"a refusal":                      {faultserver.Answer(404, "{}"), 1},
		"a refusal with much to say":     {faultserver.Answer(400, padding), 1},
		"a failure":                      {faultserver.Answer(500, padding), 1},
		"something else than JSON":       {faultserver.Answer(200, "<html>"+padding), 1},
		"a redirect":                     {faultserver.Answer(307, padding, "Location: /elsewhere"), 1},
		"nothing":                        {"HTTP/1.1 204 No Content\r\n\r\n", 1},
		"an encoding that nobody wanted": {faultserver.Answer(500, padding, "Content-Encoding: br"), 2},
		"an answer over the limit":       {faultserver.Answer(200, strings.Repeat(" ", faultserver.Limit+1)), 2},
		"a refusal over the limit":       {faultserver.Answer(400, strings.Repeat(" ", faultserver.Limit+1)), 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, faultserver.Then(faultserver.Text(c.first), faultserver.OK))
			for range 20 {
				_, _ = s.client.Users.Get(t.Context(), "t-1", "u-1")
			}
			if got := s.server.Connections(); got > c.connections {
				t.Errorf("%d connections, want %d", got, c.connections)
			}
			s.close(t)
		})
	}
}

// A caller who gives up leaves nothing behind.
func TestCallersThatGiveUp(t *testing.T) {
	for name, script := range map[string]faultserver.Script{
		"before the answer": faultserver.Stuck(""),
		"in the body":       faultserver.Stuck("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
		"in an endless one": faultserver.Endless("HTTP/1.1 200 OK\r\n\r\n", " "),
	} {
		for _, call := range hostileCalls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				before := runtime.NumGoroutine()
				ctx, cancel := context.WithCancel(t.Context())
				s := newStage(t, func(e *faultserver.Exchange) {
					cancel()
					script(e)
				}, flowretail.WithMaxResponseBytes(1<<40))
				err := call.call(ctx, s.client)
				if !errors.Is(err, context.Canceled) || !errors.Is(err, flowretail.ErrOutcomeUnknown) {
					t.Errorf("error %v, want context.Canceled and ErrOutcomeUnknown", err)
				}
				s.close(t)
				if requests := len(s.server.Requests()); requests != 1 {
					t.Errorf("%d requests", requests)
				}
				expectGoroutines(t, before)
			})
		}
	}
}

// unheard takes what net/http says about handshakes that are meant to fail.
var unheard = log.New(io.Discard, "", 0)

// expectGoroutines waits for the goroutines that are on their way out.
func expectGoroutines(t *testing.T, most int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > most; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, and %d before\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
