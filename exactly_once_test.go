package flowretail_test

import (
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

func TestUsersCreate_exactlyOnce(t *testing.T) {
	const create, lookup = "post-tenants-users", "get-tenants-users-details"
	for _, row := range []struct {
		name             string
		faults           []flowretailtest.Fault
		creates, lookups int
	}{
		{"nothing fails", nil, 1, 0},
		{"carried out, response lost", []flowretailtest.Fault{{Operation: create, Reset: true, Acted: true, Times: 1}}, 1, 1},
		{"carried out, response truncated", []flowretailtest.Fault{{Operation: create, CutBody: true, Times: 1}}, 1, 1},
		{"not carried out", []flowretailtest.Fault{{Operation: create, Reset: true, Times: 1}}, 2, 1},
		{"503, carried out", []flowretailtest.Fault{{Operation: create, Status: 503, Acted: true, Times: 1}}, 1, 1},
		{"two lookups fail", []flowretailtest.Fault{{Operation: create, Status: 503, Acted: true, Times: 1}, {Operation: lookup, Status: 502, Times: 2}}, 1, 3},
		{"429, then carried out, response lost", []flowretailtest.Fault{{Operation: create, Status: 429, Times: 1}, {Operation: create, Reset: true, Acted: true, Times: 1}}, 2, 1},
		{"the user appears after the first lookup", []flowretailtest.Fault{{Operation: create, Reset: true, Acted: true, Times: 1}, {Operation: lookup, Status: 404, Times: 1}}, 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			withFake(t, func(t *testing.T, env fakeEnv) {
				for _, fault := range row.faults {
					env.Inject(fault)
				}
				user, err := env.client.Users.Create(t.Context(), env.tenant, newUser("chosen-1"))
				if err != nil || user.TenantUserUID != "chosen-1" {
					t.Fatalf("%v", err)
				}
				if creates, lookups := countRequests(env.Fake, create), countRequests(env.Fake, lookup); creates != row.creates || lookups != row.lookups {
					t.Errorf("%d creates and %d lookups, want %d and %d", creates, lookups, row.creates, row.lookups)
				}
			})
		})
	}
}

// connectionFailures are the ways in which a connection fails after the request
// was sent.
var connectionFailures = map[string]faultserver.Handler{
	"reset before the response": faultserver.SendAndReset(""),
	"reset after the headers":   faultserver.SendAndReset("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
	"reset in the body":         faultserver.SendAndReset("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + faultserver.GoodBody[:60]),
	"reset after 100":           faultserver.SendAndReset("HTTP/1.1 100 Continue\r\n\r\n"),
	"close before the response": faultserver.SendAndClose(""),
	"close in the body":         faultserver.SendAndClose("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + faultserver.GoodBody[:60]),
	"close after 100":           faultserver.SendAndClose("HTTP/1.1 100 Continue\r\n\r\n"),
	"503":                       faultserver.Send(faultserver.Response(503, "")),
}

// A lookupCase is what the server sends to a create and the lookups that follow it.
type lookupCase struct {
	name     string
	handlers []faultserver.Handler
	methods  string // of the requests
	err      error  // nil: the user is returned
	outcome  flowretail.Outcome
}

var errAny = errors.New("any error")

// lookupCases begin with a failed create.
func lookupCases(failure faultserver.Handler) []lookupCase {
	missing := faultserver.Send(faultserver.Response(404, `{"code":"NO_SUCH_USER"}`))
	conflict := faultserver.Send(faultserver.Response(409, `{"code":"UID_TAKEN"}`))
	other := faultserver.Send(faultserver.Response(200, `{"tenantUserUid":"u-1","accountType":"FULL"}`))
	forbidden := faultserver.Send(faultserver.Response(403, "{}"))
	ok := faultserver.Handler(faultserver.OK)
	type handlers = []faultserver.Handler
	return []lookupCase{
		{"carried out", handlers{failure, ok}, "POST GET", nil, ""},
		{"not carried out", handlers{failure, missing, ok}, "POST GET POST", nil, ""},
		{"twice, not carried out", handlers{failure, missing, failure, missing, ok}, "POST GET POST GET POST", nil, ""},
		{"three times, the last one carried out", handlers{failure, missing, failure, missing, failure, ok}, "POST GET POST GET POST GET", nil, ""},
		{"three times, not carried out", handlers{failure, missing, failure, missing, failure, missing}, "POST GET POST GET POST GET", errAny, flowretail.ErrOutcomeUnknown},
		{"another user has the UID", handlers{failure, other}, "POST GET", flowretail.ErrConflict, flowretail.ErrRefused},
		{"carried out after the lookup", handlers{failure, missing, conflict, ok}, "POST GET POST GET", nil, ""},
		{"another user got the UID after the lookup", handlers{failure, missing, conflict, other}, "POST GET POST GET", flowretail.ErrConflict, flowretail.ErrRefused},
		{"a conflict, but no user with the UID", handlers{failure, missing, conflict, missing}, "POST GET POST GET", flowretail.ErrConflict, flowretail.ErrOutcomeUnknown},
		{"lookup refused", handlers{failure, forbidden}, "POST GET", flowretail.ErrForbidden, flowretail.ErrOutcomeUnknown},
		{"every lookup fails", handlers{failure, failure}, "POST GET GET", errAny, flowretail.ErrOutcomeUnknown},
		{"one lookup fails", handlers{failure, failure, ok}, "POST GET GET", nil, ""},
	}
}

// A create with a UID chosen by the caller is carried out once.
func TestUsersCreate_connectionFails(t *testing.T) {
	for name, failure := range connectionFailures {
		for _, c := range lookupCases(failure) {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				before := runtime.NumGoroutine()
				env := newTestEnv(t, faultserver.Sequence(c.handlers...))
				user, err := env.client.Users.Create(t.Context(), "t-1", markedUser("u-1"))
				env.close(t)
				if methods := env.methods(); methods != c.methods {
					t.Errorf("%s were sent, want %s", methods, c.methods)
				}
				switch {
				case c.err == nil && (err != nil || user.TenantUserUID != "u-1"):
					t.Errorf("%+v and %v, want the user", user, err)
				case c.err != nil && (user != nil || !errors.Is(err, c.err) && c.err != errAny || !errors.Is(err, c.outcome)):
					t.Errorf("%v, want %v and %v", err, c.err, c.outcome)
				}
				checkGoroutines(t, before)
			})
		}
	}
}

func TestUsersCreate_conflict(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.AddUser(env.tenant, flowretail.User{TenantUserUID: "taken", UserCode: "1", DisplayName: "Somebody else"})
		env.Inject(flowretailtest.Fault{Operation: "post-tenants-users", Reset: true, Times: 1})
		_, err := env.client.Users.Create(t.Context(), env.tenant, newUser("taken"))
		if !errors.Is(err, flowretail.ErrConflict) || !errors.Is(err, flowretail.ErrRefused) || errors.Is(err, flowretail.ErrOutcomeUnknown) {
			t.Errorf("after an unknown outcome: %v", err)
		}
		if _, err := env.client.Users.Create(t.Context(), env.tenant, newUser("taken")); !errors.Is(err, flowretail.ErrConflict) {
			t.Errorf("at once: %v", err)
		}
	})
}

func TestUsersCreate_outcomeStaysUnknown(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Reset: true})
		_, err := env.client.Users.Create(t.Context(), env.tenant, newUser("chosen"))
		if !errors.Is(err, flowretail.ErrOutcomeUnknown) || !callError(t, err).Retryable {
			t.Errorf("%v", err)
		}
	})
}

// A 409 or 404 for the first attempt is returned as it is.
func TestUsers_refusedOnFirstAttempt(t *testing.T) {
	env := newTestEnv(t, faultserver.Sequence(faultserver.Send(faultserver.Response(409, "{}")), faultserver.Send(faultserver.Response(404, "{}"))))
	_, err := env.client.Users.Create(t.Context(), "t-1", markedUser("u-1"))
	if !errors.Is(err, flowretail.ErrConflict) {
		t.Errorf("a create: %v", err)
	}
	checkOutcome(t, err, flowretail.ErrRefused, 1, false)
	err = env.client.Users.Delete(t.Context(), "t-1", "u-1")
	if !errors.Is(err, flowretail.ErrNotFound) {
		t.Errorf("a delete: %v", err)
	}
	checkOutcome(t, err, flowretail.ErrRefused, 1, false)
	env.close(t)
}

// A 404 for the retry of a delete means that an earlier attempt deleted the user.
// After a refusal it does not.
func TestUsersDelete_notFoundOnRetry(t *testing.T) {
	gone := faultserver.Send(faultserver.Response(404, "{}"))
	for name, failure := range connectionFailures {
		env := newTestEnv(t, faultserver.Sequence(failure, gone))
		if err := env.client.Users.Delete(t.Context(), "t-1", "u-1"); err != nil || env.methods() != "DELETE DELETE" {
			t.Errorf("%s: %s and %v", name, env.methods(), err)
		}
		env.close(t)
	}
	env := newTestEnv(t, faultserver.Sequence(faultserver.Send(faultserver.Response(421, "")), gone))
	err := env.client.Users.Delete(t.Context(), "t-1", "u-1")
	checkOutcome(t, err, flowretail.ErrRefused, 2, false)
	env.close(t)
}

func TestGeneratedUIDs_exactlyOnce(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Operation: "post-subscribers", Reset: true, Acted: true, Times: 1})
		in := flowretail.SubscriberCreateRequest{TenantUserUID: env.user, SubscriptionType: flowretail.SalesSummaryReport}
		first := must[*flowretail.Subscriber](t)(env.client.Subscribers.Create(t.Context(), env.tenant, env.store, &in))
		if len(first.SubscriberUID) != 36 || in.SubscriberUID != "" {
			t.Errorf("generated %q; the caller's struct has %q", first.SubscriberUID, in.SubscriberUID)
		}
		if n := countRequests(env.Fake, "post-subscribers"); n != 1 {
			t.Errorf("%d creates", n)
		}
		input := newUser("")
		one := must[*flowretail.User](t)(env.client.Users.Create(t.Context(), env.tenant, input))
		two := must[*flowretail.User](t)(env.client.Users.Create(t.Context(), env.tenant, input))
		if one.TenantUserUID == two.TenantUserUID {
			t.Error("two creates have one UID")
		}
	}, flowretail.WithGeneratedUIDs())
}

// The caller does not know a generated UID, so calling again would be another create.
func TestGeneratedUIDs_unknownOutcomeIsNotRetryable(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		env.Inject(flowretailtest.Fault{Reset: true, Acted: true, Operation: "post-tenants-users"})
		env.Inject(flowretailtest.Fault{Reset: true, Operation: "get-tenants-users-details"})
		_, err := env.client.Users.Create(t.Context(), env.tenant, newUser(""))
		if !errors.Is(err, flowretail.ErrOutcomeUnknown) || callError(t, err).Retryable {
			t.Errorf("retryable: %v", err)
		}
		users := env.Users(env.tenant)
		if made := users[len(users)-1].TenantUserUID; !strings.Contains(err.Error(), made) {
			t.Errorf("%v does not name %s", err, made)
		}
	}, flowretail.WithGeneratedUIDs())
}

// An error is ErrNotSent only if net/http proves it; the text of an error does not.
func TestTokensCreate_untypedDialError(t *testing.T) {
	w := &wire{RoundTripper: roundTripFunc(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("dial tcp 127.0.0.1:1: connect: connection refused")
	})}
	_, err := newClient(t, w).Tokens.Create(t.Context(), "t", "u")
	if !errors.Is(err, flowretail.ErrOutcomeUnknown) || w.calls != 1 {
		t.Errorf("%v after %d requests", err, w.calls)
	}
}
