package flowretail_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A weather is a fake with a client, in virtual time.
type weather struct {
	*flowretailtest.Fake
	client              *flowretail.Client
	tenant, user, store string
}

func inWeather(t *testing.T, test func(t *testing.T, w weather), opts ...flowretail.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		tenant := fake.TenantUID()
		client := must[*flowretail.Client](t)(fake.NewClient(opts...))
		user := fake.AddUser(tenant, flowretail.User{AccountType: flowretail.AccountTypeIntegration, Email: "it@example.com", Status: flowretail.UserStatusPendingInvite})
		test(t, weather{fake, client, tenant, user, fake.Stores(tenant)[0].StoreUID})
	})
}

// sent returns how many requests of an operation reached the wire.
func (w weather) sent(operation string) int {
	n := 0
	for _, request := range w.Requests() {
		if request.Operation == operation {
			n++
		}
	}
	return n
}

func (w weather) newUser(uid string) *flowretail.UserCreateRequest {
	return &flowretail.UserCreateRequest{
		TenantUserUID: uid, AccountType: flowretail.AccountTypeRegular, TenantRole: flowretail.TenantRoleAccess, UserCode: "4711",
		Password: flowretail.NewSecret("marked-secret-password"), DisplayName: "Nina",
	}
}

func callError(t *testing.T, err error) *flowretail.CallError {
	t.Helper()
	failed, ok := errors.AsType[*flowretail.CallError](err)
	if !ok {
		t.Fatalf("%v is no CallError", err)
	}
	return failed
}

func TestWhatIsSentAgain(t *testing.T) {
	type call func(context.Context, weather) error
	get := call(func(ctx context.Context, w weather) error {
		_, err := w.client.Users.Get(ctx, w.tenant, w.user)
		return err
	})
	mintToken := call(func(ctx context.Context, w weather) error {
		_, err := w.client.Tokens.Create(ctx, w.tenant, w.user)
		return err
	})
	update := call(func(ctx context.Context, w weather) error {
		_, err := w.client.Users.Update(ctx, w.tenant, w.user, &flowretail.UserUpdateRequest{Mobile: new("")})
		return err
	})
	resend := call(func(ctx context.Context, w weather) error {
		_, err := w.client.Users.Update(ctx, w.tenant, w.user, &flowretail.UserUpdateRequest{ResendInvite: true})
		return err
	})
	accept := call(func(ctx context.Context, w weather) error {
		stranger := must[*flowretail.Client](t)(w.client.With(flowretail.WithToken(w.StrangerToken())))
		_, err := stranger.Account.AcceptInvite(ctx, &flowretail.InviteAcceptRequest{InviteToken: flowretail.NewSecret(w.Invite(w.tenant, w.user))})
		return err
	})
	create := call(func(ctx context.Context, w weather) error {
		_, err := w.client.Users.Create(ctx, w.tenant, w.newUser(""))
		return err
	})
	remove := call(func(ctx context.Context, w weather) error { return w.client.Users.Delete(ctx, w.tenant, w.user) })

	unavailable := flowretailtest.Fault{Status: 503, RetryAfter: "1", Times: 1}
	reset := flowretailtest.Fault{Reset: true, Times: 1}
	acted := flowretailtest.Fault{Reset: true, Acted: true, Times: 1}
	cut := flowretailtest.Fault{CutBody: true, Times: 1}
	throttled := flowretailtest.Fault{Status: 429, RetryAfter: "1", Times: 1}
	dialRefused := flowretailtest.Fault{Refuse: true, Times: 1}
	for _, row := range []struct {
		name      string
		operation string
		call      call
		fault     flowretailtest.Fault
		attempts  int
		outcome   error // nil: it succeeds
	}{
		{"a read after 503", "get-tenants-users-details", get, unavailable, 2, nil},
		{"a read after a reset", "get-tenants-users-details", get, reset, 2, nil},
		{"a read after a cut body", "get-tenants-users-details", get, cut, 2, nil},
		{"a read after 429", "get-tenants-users-details", get, throttled, 2, nil},
		{"an update after a reset", "put-tenants-users-details", update, acted, 2, nil},
		{"a new token after 429", "post-tenants-users-tokens", mintToken, throttled, 2, nil},
		{"a new token after a refused connection", "post-tenants-users-tokens", mintToken, dialRefused, 2, nil},
		{"a new token after 503", "post-tenants-users-tokens", mintToken, unavailable, 1, flowretail.ErrOutcomeUnknown},
		{"a new token after a reset", "post-tenants-users-tokens", mintToken, acted, 1, flowretail.ErrOutcomeUnknown},
		{"a new token after a cut body", "post-tenants-users-tokens", mintToken, cut, 1, flowretail.ErrOutcomeUnknown},
		{"an invitation mail after 503", "put-tenants-users-details", resend, unavailable, 1, flowretail.ErrOutcomeUnknown},
		{"an accepted invitation after a reset", "put-account-invite", accept, acted, 1, flowretail.ErrOutcomeUnknown},
		{"a create without a UID after a reset", "post-tenants-users", create, acted, 1, flowretail.ErrOutcomeUnknown},
		{"a delete that was carried out", "delete-tenants-users-details", remove, acted, 2, nil},
		{"a delete that was not", "delete-tenants-users-details", remove, reset, 2, nil},
		{"a read after 400", "get-tenants-users-details", get, flowretailtest.Fault{Status: 400, Times: 1}, 1, flowretail.ErrRefused},
		{"a read after 501", "get-tenants-users-details", get, flowretailtest.Fault{Status: 501, Times: 1}, 1, flowretail.ErrRefused},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWeather(t, func(t *testing.T, w weather) {
				row.fault.Operation = row.operation
				w.Inject(row.fault)
				err := row.call(t.Context(), w)
				if row.outcome == nil && err != nil || row.outcome != nil && !errors.Is(err, row.outcome) {
					t.Errorf("%v, want outcome %v", err, row.outcome)
				}
				if err != nil && callError(t, err).Attempts != row.attempts {
					t.Errorf("the error says %d attempts", callError(t, err).Attempts)
				}
				arrived := row.attempts
				if row.fault.Refuse {
					arrived--
				}
				if got := w.sent(row.operation); got != arrived {
					t.Errorf("%d requests arrived, want %d", got, arrived)
				}
			})
		})
	}
}

func TestNoRetryIsOneRequestWhateverComesBack(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"429": {Status: 429}, "503": {Status: 503}, "a refused connection": {Refuse: true}, "a reset": {Reset: true}, "401": {ExpireToken: true},
	} {
		t.Run(name, func(t *testing.T) {
			inWeather(t, func(t *testing.T, w weather) {
				w.Inject(fault)
				_, err := w.client.Users.Create(t.Context(), w.tenant, w.newUser("chosen"), flowretail.NoRetry())
				if err == nil || len(w.Requests()) > 1 || callError(t, err).Attempts != 1 {
					t.Errorf("%v after %d requests", err, len(w.Requests()))
				}
			})
		})
	}
}

func TestCreatesAreCarriedOutExactlyOnce(t *testing.T) {
	const create, look = "post-tenants-users", "get-tenants-users-details"
	for _, row := range []struct {
		name          string
		faults        []flowretailtest.Fault
		creates, asks int
	}{
		{"nothing fails", nil, 1, 0},
		{"it was carried out, the answer was lost", []flowretailtest.Fault{{Operation: create, Reset: true, Acted: true, Times: 1}}, 1, 1},
		{"it was carried out, the answer was cut", []flowretailtest.Fault{{Operation: create, CutBody: true, Times: 1}}, 1, 1},
		{"it was not carried out", []flowretailtest.Fault{{Operation: create, Reset: true, Times: 1}}, 2, 1},
		{"503, and it was carried out", []flowretailtest.Fault{{Operation: create, Status: 503, Acted: true, Times: 1}}, 1, 1},
		{"the question fails at first", []flowretailtest.Fault{{Operation: create, Status: 503, Acted: true, Times: 1}, {Operation: look, Status: 502, Times: 2}}, 1, 3},
		{"turned away, then carried out unheard", []flowretailtest.Fault{{Operation: create, Status: 429, Times: 1}, {Operation: create, Reset: true, Acted: true, Times: 1}}, 2, 1},
		{"it arrives after the question", []flowretailtest.Fault{{Operation: create, Reset: true, Acted: true, Times: 1}, {Operation: look, Status: 404, Times: 1}}, 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWeather(t, func(t *testing.T, w weather) {
				for _, fault := range row.faults {
					w.Inject(fault)
				}
				user, err := w.client.Users.Create(t.Context(), w.tenant, w.newUser("chosen-1"))
				if err != nil || user.TenantUserUID != "chosen-1" {
					t.Fatalf("%v", err)
				}
				if creates, asks := w.sent(create), w.sent(look); creates != row.creates || asks != row.asks {
					t.Errorf("%d creates and %d questions, want %d and %d", creates, asks, row.creates, row.asks)
				}
			})
		})
	}
}

func TestACreateThatMeetsSomethingElse(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.AddUser(w.tenant, flowretail.User{TenantUserUID: "taken", UserCode: "1", DisplayName: "Somebody else"})
		w.Inject(flowretailtest.Fault{Operation: "post-tenants-users", Reset: true, Times: 1})
		_, err := w.client.Users.Create(t.Context(), w.tenant, w.newUser("taken"))
		if !errors.Is(err, flowretail.ErrConflict) || !errors.Is(err, flowretail.ErrRefused) || errors.Is(err, flowretail.ErrOutcomeUnknown) {
			t.Errorf("after an unknown outcome: %v", err)
		}
		if _, err := w.client.Users.Create(t.Context(), w.tenant, w.newUser("taken")); !errors.Is(err, flowretail.ErrConflict) {
			t.Errorf("at once: %v", err)
		}
	})
}

func TestAnUnknownOutcomeThatStaysUnknownIsReported(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Reset: true})
		_, err := w.client.Users.Create(t.Context(), w.tenant, w.newUser("chosen"))
		if !errors.Is(err, flowretail.ErrOutcomeUnknown) || !callError(t, err).Retryable {
			t.Errorf("%v", err)
		}
	})
}

func TestMintedUIDs(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Operation: "post-subscribers", Reset: true, Acted: true, Times: 1})
		in := flowretail.SubscriberCreateRequest{TenantUserUID: w.user, SubscriptionType: flowretail.SalesSummaryReport}
		first := must[*flowretail.Subscriber](t)(w.client.Subscribers.Create(t.Context(), w.tenant, w.store, &in))
		if len(first.SubscriberUID) != 36 || in.SubscriberUID != "" {
			t.Errorf("minted %q; the caller's struct has %q", first.SubscriberUID, in.SubscriberUID)
		}
		if n := w.sent("post-subscribers"); n != 1 {
			t.Errorf("%d creates", n)
		}
		input := w.newUser("")
		one := must[*flowretail.User](t)(w.client.Users.Create(t.Context(), w.tenant, input))
		two := must[*flowretail.User](t)(w.client.Users.Create(t.Context(), w.tenant, input))
		if one.TenantUserUID == two.TenantUserUID {
			t.Error("two creates have one UID")
		}
	}, flowretail.WithGeneratedUIDs())
}

func TestNothingIsWaitedForBeyondTheDeadline(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "30"})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		_, err := w.client.Users.Get(ctx, w.tenant, w.user)
		if !errors.Is(err, flowretail.ErrRateLimited) || time.Since(began) > time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		generic, _ := errors.AsType[*flowretail.GenericError](err)
		if generic.RetryAfter != 30*time.Second || !callError(t, err).Retryable {
			t.Errorf("%+v", generic)
		}
		// The client as a whole is paused: a call that cannot wait so long is not sent.
		before := len(w.Requests())
		_, err = w.client.Users.Get(ctx, w.tenant, w.user)
		if !errors.Is(err, flowretail.ErrNotSent) || !errors.Is(err, flowretail.ErrRateLimited) || len(w.Requests()) != before {
			t.Errorf("%v", err)
		}
	})
}

func TestAStuckAttemptIsMadeAgain(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Latency: time.Hour, Times: 1})
		began := time.Now()
		must[*flowretail.User](t)(w.client.Users.Get(t.Context(), w.tenant, w.user))
		if took := time.Since(began); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("it took %v", took)
		}
	}, flowretail.WithRetryPolicy(flowretail.RetryPolicy{AttemptTimeout: 5 * time.Second}))
}

func TestTheCallersContextEndsACall(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Status: 503, RetryAfter: "50"})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		began := time.Now()
		_, err := w.client.Users.Get(ctx, w.tenant, w.user)
		if !errors.Is(err, context.Canceled) || time.Since(began) != 10*time.Second || !strings.Contains(err.Error(), "503") {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ended, stop := context.WithCancel(t.Context())
		stop()
		before := len(w.Requests())
		if _, err := w.client.Users.Get(ended, w.tenant, w.user); !errors.Is(err, flowretail.ErrNotSent) || len(w.Requests()) != before {
			t.Errorf("a call with an ended context: %v", err)
		}
	})
}

func TestAnOutageIsNotMultiplied(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		derived := must[*flowretail.Client](t)(w.client.With(flowretail.WithLanguage("nb")))
		w.Inject(flowretailtest.Fault{Status: 503})
		const calls = 300
		for i := range calls {
			client := w.client
			if i%2 == 1 {
				client = derived
			}
			_, _ = client.Users.Get(t.Context(), w.tenant, w.user)
		}
		if n := len(w.Requests()); n > calls*11/10 {
			t.Errorf("%d requests for %d calls", n, calls)
		}
		w.ClearFaults()
		must[*flowretail.User](t)(w.client.Users.Get(t.Context(), w.tenant, w.user))
	})
}

func TestWithoutProofARefusedConnectionIsUnknown(t *testing.T) {
	w := &wire{RoundTripper: answering(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("dial tcp 127.0.0.1:1: connect: connection refused")
	})}
	_, err := newClient(t, w).Tokens.Create(t.Context(), "t", "u")
	if !errors.Is(err, flowretail.ErrOutcomeUnknown) || w.calls != 1 {
		t.Errorf("%v after %d requests", err, w.calls)
	}
}

// A minted UID is known to nobody but the call, so the same call again would be another create.
func TestAMintedCreateOfUnknownOutcomeIsNotSafeToMakeAgain(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Reset: true, Acted: true, Operation: "post-tenants-users"})
		w.Inject(flowretailtest.Fault{Reset: true, Operation: "get-tenants-users-details"})
		_, err := w.client.Users.Create(t.Context(), w.tenant, w.newUser(""))
		if !errors.Is(err, flowretail.ErrOutcomeUnknown) || callError(t, err).Retryable {
			t.Errorf("retryable: %v", err)
		}
		users := w.Users(w.tenant)
		if made := users[len(users)-1].TenantUserUID; !strings.Contains(err.Error(), made) {
			t.Errorf("%v does not name %s", err, made)
		}
	}, flowretail.WithGeneratedUIDs())
}

func TestATimeoutOfTheHTTPClientIsForOneAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		client := must[*flowretail.Client](t)(fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: fake, Timeout: 10 * time.Second})))
		fake.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "30", Times: 1})
		fake.Inject(flowretailtest.Fault{Latency: time.Hour, Times: 1})
		began := time.Now()
		must[*flowretail.Tenant](t)(client.Tenants.Get(t.Context(), fake.TenantUID()))
		if took := time.Since(began); took < 40*time.Second || took > 42*time.Second {
			t.Errorf("it took %v: a pause of 30 s, and 10 s of an attempt that is stuck", took)
		}
	})
}

func TestATokenDoesNotExpireInTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New(flowretailtest.WithTokenLifetime(20 * time.Second))
		client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(fake.HTTPClient()),
			flowretail.WithTenantExchange(fixedSource(fake.AuthToken()), fake.TenantUID())))
		must[*flowretail.Tenant](t)(client.Tenants.Get(t.Context(), fake.TenantUID()))
		fake.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "40", Times: 1})
		must[*flowretail.Tenant](t)(client.Tenants.Get(t.Context(), fake.TenantUID()))
		for _, request := range fake.Requests() {
			if request.Status == 401 {
				t.Errorf("%s was sent with an expired token", request.Operation)
			}
		}
	})
}

func TestCreatesDoNotMultiplyAnOutageEither(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Status: 503})
		const calls = 300
		for range calls {
			client := must[*flowretail.Client](t)(w.client.With(flowretail.WithRetryPolicy(flowretail.RetryPolicy{AttemptTimeout: time.Second})))
			_, _ = client.Users.Create(t.Context(), w.tenant, w.newUser("chosen"))
		}
		if n := len(w.Requests()); n > calls*11/10 {
			t.Errorf("%d requests for %d calls", n, calls)
		}
	})
}

func TestADerivedClientSharesThePace(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		derived := must[*flowretail.Client](t)(w.client.With(flowretail.WithLanguage("nb")))
		w.Inject(flowretailtest.Fault{Status: 429, RetryAfter: "30", Times: 1})
		_, _ = w.client.Users.Get(t.Context(), w.tenant, w.user, flowretail.NoRetry())
		began := time.Now()
		must[*flowretail.User](t)(derived.Users.Get(t.Context(), w.tenant, w.user))
		if waited := time.Since(began); waited < 30*time.Second {
			t.Errorf("it waited %v", waited)
		}
	})
}

func TestRepetitionsThatAreGivenUpAreNotPaidFor(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		w.Inject(flowretailtest.Fault{Status: 503, RetryAfter: "50", Times: 30})
		for range 30 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := w.client.Users.Get(ctx, w.tenant, w.user); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		w.Inject(flowretailtest.Fault{Status: 503, Times: 1})
		must[*flowretail.User](t)(w.client.Users.Get(t.Context(), w.tenant, w.user))
	})
}

func TestOptionsOfAnIteratorHoldOnEveryPage(t *testing.T) {
	inWeather(t, func(t *testing.T, w weather) {
		opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 5}}
		_, err := flowretail.Collect(w.client.Users.All(t.Context(), w.tenant, opts, flowretail.Language("nb"), flowretail.Header("X-Request-Id", "sync-1")))
		if err != nil {
			t.Fatal(err)
		}
		pages := w.Requests()
		if len(pages) < 3 {
			t.Fatalf("%d pages", len(pages))
		}
		for _, request := range pages {
			if request.Header.Get("Accept-Language") != "nb" || request.Header.Get("X-Request-Id") != "sync-1" {
				t.Errorf("page %s has other headers", request.Query.Get("pageNumber"))
			}
		}
		w.Inject(flowretailtest.Fault{Status: 503, After: 1, Times: 1})
		if _, err := flowretail.Collect(w.client.Users.All(t.Context(), w.tenant, opts, flowretail.NoRetry(), flowretail.Prefetch(1))); !errors.Is(err, flowretail.ErrServer) {
			t.Errorf("the second page was repeated: %v", err)
		}
	})
}
