package flowretail_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// A retryCase is a call, a fault, and how the call ends.
type retryCase struct {
	name      string
	operation string
	call      func(context.Context, fakeEnv) error
	fault     flowretailtest.Fault
	attempts  int
	outcome   error // nil: the call succeeds
}

func retryCases() []retryCase {
	const get, update, token = "get-tenants-users-details", "put-tenants-users-details", "post-tenants-users-tokens"
	unavailable := flowretailtest.Fault{Status: 503, RetryAfter: "1", Times: 1}
	reset := flowretailtest.Fault{Reset: true, Times: 1}
	resetAfter := flowretailtest.Fault{Reset: true, Acted: true, Times: 1} // after the API has carried out the call
	truncated := flowretailtest.Fault{CutBody: true, Times: 1}
	rateLimited := flowretailtest.Fault{Status: 429, RetryAfter: "1", Times: 1}
	dialRefused := flowretailtest.Fault{Refuse: true, Times: 1}
	return []retryCase{
		{"read after 503", get, getUser, unavailable, 2, nil},
		{"read after a reset", get, getUser, reset, 2, nil},
		{"read after a truncated body", get, getUser, truncated, 2, nil},
		{"read after 429", get, getUser, rateLimited, 2, nil},
		{"update after a reset", update, updateUser, resetAfter, 2, nil},
		{"new token after 429", token, createUserToken, rateLimited, 2, nil},
		{"new token after a refused connection", token, createUserToken, dialRefused, 2, nil},
		{"new token after 503", token, createUserToken, unavailable, 1, flowretail.ErrOutcomeUnknown},
		{"new token after a reset", token, createUserToken, resetAfter, 1, flowretail.ErrOutcomeUnknown},
		{"new token after a truncated body", token, createUserToken, truncated, 1, flowretail.ErrOutcomeUnknown},
		{"invitation mail after 503", update, resendInvite, unavailable, 1, flowretail.ErrOutcomeUnknown},
		{"accepted invitation after a reset", "put-account-invite", acceptInvite, resetAfter, 1, flowretail.ErrOutcomeUnknown},
		{"create without a UID after a reset", "post-tenants-users", createUser, resetAfter, 1, flowretail.ErrOutcomeUnknown},
		{"delete that was carried out", "delete-tenants-users-details", deleteUser, resetAfter, 2, nil},
		{"delete that was not carried out", "delete-tenants-users-details", deleteUser, reset, 2, nil},
		{"read after 400", get, getUser, flowretailtest.Fault{Status: 400, Times: 1}, 1, flowretail.ErrRefused},
		{"read after 501", get, getUser, flowretailtest.Fault{Status: 501, Times: 1}, 1, flowretail.ErrRefused},
	}
}

func getUser(ctx context.Context, env fakeEnv) error {
	_, err := env.client.Users.Get(ctx, env.tenant, env.user)
	return err
}

func createUserToken(ctx context.Context, env fakeEnv) error {
	_, err := env.client.Tokens.Create(ctx, env.tenant, env.user)
	return err
}

func updateUser(ctx context.Context, env fakeEnv) error {
	_, err := env.client.Users.Update(ctx, env.tenant, env.user, &flowretail.UserUpdateRequest{Mobile: new("")})
	return err
}

func resendInvite(ctx context.Context, env fakeEnv) error {
	_, err := env.client.Users.Update(ctx, env.tenant, env.user, &flowretail.UserUpdateRequest{ResendInvite: true})
	return err
}

func acceptInvite(ctx context.Context, env fakeEnv) error {
	stranger, err := env.client.With(flowretail.WithToken(env.StrangerToken()))
	if err != nil {
		return err
	}
	_, err = stranger.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(env.Invite(env.tenant, env.user))})
	return err
}

func createUser(ctx context.Context, env fakeEnv) error {
	_, err := env.client.Users.Create(ctx, env.tenant, newUser(""))
	return err
}

func deleteUser(ctx context.Context, env fakeEnv) error {
	return env.client.Users.Delete(ctx, env.tenant, env.user)
}

func TestRetry_idempotentCallsOnly(t *testing.T) {
	for _, c := range retryCases() {
		t.Run(c.name, func(t *testing.T) {
			withFake(t, func(t *testing.T, env fakeEnv) {
				c.fault.Operation = c.operation
				env.Inject(c.fault)
				err := c.call(t.Context(), env)
				if c.outcome == nil && err != nil || c.outcome != nil && !errors.Is(err, c.outcome) {
					t.Errorf("error %v, want outcome %v", err, c.outcome)
				}
				if err != nil && callError(t, err).Attempts != c.attempts {
					t.Errorf("the error says %d attempts", callError(t, err).Attempts)
				}
				arrived := c.attempts
				if c.fault.Refuse {
					arrived--
				}
				wantRequests(t, env.Fake, c.operation, arrived)
			})
		})
	}
}

func TestNoRetry_sendsOneRequest(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"429": {Status: 429}, "503": {Status: 503}, "a refused connection": {Refuse: true}, "a reset": {Reset: true}, "401": {ExpireToken: true},
	} {
		t.Run(name, func(t *testing.T) {
			withFake(t, func(t *testing.T, env fakeEnv) {
				env.Inject(fault)
				_, err := env.client.Users.Create(t.Context(), env.tenant, newUser("chosen"), flowretail.NoRetry())
				if err == nil || len(env.Requests()) > 1 || callError(t, err).Attempts != 1 {
					t.Errorf("%v after %d requests", err, len(env.Requests()))
				}
			})
		})
	}
}

func TestRetry_afterAttemptTimeout(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Latency: time.Hour, Times: 1})
		began := time.Now()
		must[*flowretail.User](t)(env.client.Users.Get(t.Context(), env.tenant, env.user))
		if took := time.Since(began); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("it took %v", took)
		}
	}, flowretail.WithRetryPolicy(flowretail.RetryPolicy{AttemptTimeout: 5 * time.Second}))
}

func TestRetry_contextCanceled(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Status: 503, RetryAfter: "50"})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		began := time.Now()
		_, err := env.client.Users.Get(ctx, env.tenant, env.user)
		if !errors.Is(err, context.Canceled) || time.Since(began) != 10*time.Second || !strings.Contains(err.Error(), "503") {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		canceled, stop := context.WithCancel(t.Context())
		stop()
		before := len(env.Requests())
		if _, err := env.client.Users.Get(canceled, env.tenant, env.user); !errors.Is(err, flowretail.ErrNotSent) || len(env.Requests()) != before {
			t.Errorf("a call with a canceled context: %v", err)
		}
	})
}

// A request that was not sent is retried for every method.
func TestRetry_afterDialError(t *testing.T) {
	closed := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	closed.Close()
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"connection refused": func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, closed.Addr().String())
		},
		"no such host": func(_ context.Context, _, address string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
		},
		"DNS server failure": func(_ context.Context, _, address string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "server misbehaving", Name: address, IsTemporary: true}
		},
	} {
		for _, call := range sampleCalls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				var dials atomic.Int32
				transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
					dials.Add(1)
					return dial(ctx, network, address)
				}}
				err := call.call(t.Context(), newClient(t, transport, flowretail.WithRetryPolicy(fastRetries())))
				checkOutcome(t, err, flowretail.ErrNotSent, int(dials.Load()), true)
				// Refused connections are tried until MaxWait, four times within 400 ms.
				if n := dials.Load(); n != faultserver.MaxAttempts && (name != "connection refused" || n > 4) {
					t.Errorf("%d dials", n)
				}
			})
		}
	}
}

func TestRetry_afterOneDialError(t *testing.T) {
	for _, call := range sampleCalls {
		env := newTestEnv(t, faultserver.OK)
		dial := env.transport.DialContext
		var dials atomic.Int32
		env.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
			}
			return dial(ctx, network, address)
		}
		if err := call.call(t.Context(), env.client); err != nil || len(env.server.Requests()) != 1 {
			t.Errorf("%s: %v after %d requests", call.name, err, len(env.server.Requests()))
		}
		env.close(t)
	}
}

// A write that is not idempotent is not sent again after the connection has failed.
func TestRetry_neverForNonIdempotentWrites(t *testing.T) {
	for name, failure := range connectionFailures {
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
			env := newTestEnv(t, failure)
			err := call(t.Context(), env.client)
			env.close(t)
			if requests := len(env.server.Requests()); requests != 1 || !errors.Is(err, flowretail.ErrOutcomeUnknown) {
				t.Errorf("%s, %s: %d requests and %v", operation, name, requests, err)
			}
		}
	}
}

func TestRetryBudget_outage(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		derived := must[*flowretail.Client](t)(env.client.With(flowretail.WithLanguage("nb")))
		env.Inject(flowretailtest.Fault{Status: 503})
		const calls = 300
		for i := range calls {
			client := env.client
			if i%2 == 1 {
				client = derived
			}
			_, _ = client.Users.Get(t.Context(), env.tenant, env.user)
		}
		if n := len(env.Requests()); n > calls*11/10 {
			t.Errorf("%d requests for %d calls", n, calls)
		}
		env.ClearFaults()
		must[*flowretail.User](t)(env.client.Users.Get(t.Context(), env.tenant, env.user))
	})
}

func TestRetryBudget_outageOfCreates(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Status: 503})
		const calls = 300
		for range calls {
			client := must[*flowretail.Client](t)(env.client.With(flowretail.WithRetryPolicy(flowretail.RetryPolicy{AttemptTimeout: time.Second})))
			_, _ = client.Users.Create(t.Context(), env.tenant, newUser("chosen"))
		}
		if n := len(env.Requests()); n > calls*11/10 {
			t.Errorf("%d requests for %d calls", n, calls)
		}
	})
}

func TestRetryBudget_canceledRetriesAreFree(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Status: 503, RetryAfter: "50", Times: 30})
		for range 30 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := env.client.Users.Get(ctx, env.tenant, env.user); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		env.Inject(flowretailtest.Fault{Status: 503, Times: 1})
		must[*flowretail.User](t)(env.client.Users.Get(t.Context(), env.tenant, env.user))
	})
}

// Responses that one endpoint returns and no one can decode do not use up the retries of
// the others.
func TestRetryBudget_malformedResponses(t *testing.T) {
	for name, malformed := range map[string]roundTripFunc{
		"not JSON":  respond(200, "application/pdf", "%PDF-1.7"),
		"malformed": respond(200, "application/json", `{"items":`),
	} {
		synctest.Test(t, func(t *testing.T) {
			var accountCalls int
			client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(request.URL.Path, "/account") {
					return malformed(request)
				}
				if accountCalls++; accountCalls == 1 {
					return respond(503, "application/json", "{}")(request)
				}
				return respond(200, "application/json", accountJSON)(request)
			}))
			for range 20 {
				var out map[string]any
				err := client.Do(t.Context(), &flowretail.Request{Path: "/invoices"}, &out)
				if !errors.Is(err, flowretail.ErrMalformedResponse) {
					t.Fatalf("%s: %v", name, err)
				}
			}
			must[*flowretail.Account](t)(client.Account.Get(t.Context()))
		})
	}
}

// Calls that overlap, and calls that come in groups, do not make the budget larger
// again and again.
func TestRetryBudget_outageOfConcurrentCalls(t *testing.T) {
	for name, group := range map[string]int{"workers without pause": 50, "groups of one call each": 1} {
		withFake(t, func(t *testing.T, env fakeEnv) {
			env.Inject(flowretailtest.Fault{Status: 503, Latency: 50 * time.Millisecond})
			const workers = 20
			for range 50 / group {
				var running sync.WaitGroup
				for range workers {
					running.Go(func() {
						for range group {
							_, _ = env.client.Users.Get(t.Context(), env.tenant, env.user)
						}
					})
				}
				running.Wait()
			}
			const calls = 50 * workers
			if n := len(env.Requests()); n > calls*11/10 {
				t.Errorf("%s: %d requests for %d calls", name, n, calls)
			}
			// Afterwards the budget recovers within some dozens of calls, as after any outage.
			env.ClearFaults()
			for range 40 {
				must[*flowretail.User](t)(env.client.Users.Get(t.Context(), env.tenant, env.user))
			}
			env.Inject(flowretailtest.Fault{Status: 503, Times: 3})
			must[*flowretail.User](t)(env.client.Users.Get(t.Context(), env.tenant, env.user))
		})
	}
}
