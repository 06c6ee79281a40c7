package flowretailtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const create = "post-tenants-users"

// The fault has the same error and the same effect in-process and on loopback.
func TestFault_beforeAndAfterProcessing(t *testing.T) {
	for name, fault := range map[string]struct {
		flowretailtest.Fault
		status  int
		fails   error
		created int
	}{
		"503 before processing":     {flowretailtest.Fault{Status: 503}, 503, nil, 0},
		"503 after processing":      {flowretailtest.Fault{Status: 503, Acted: true}, 503, nil, 1},
		"429":                       {flowretailtest.Fault{Status: 429, RetryAfter: "1"}, 429, nil, 0},
		"reset before processing":   {flowretailtest.Fault{Reset: true}, 0, syscall.ECONNRESET, 0},
		"reset after processing":    {flowretailtest.Fault{Reset: true, Acted: true}, 0, syscall.ECONNRESET, 1},
		"body cut after processing": {flowretailtest.Fault{CutBody: true}, 200, io.ErrUnexpectedEOF, 1},
		"expired token":             {flowretailtest.Fault{ExpireToken: true}, 401, nil, 0},
		"latency":                   {flowretailtest.Fault{Latency: time.Millisecond}, 200, nil, 1},
	} {
		for _, transport := range []string{"in-process", "loopback"} {
			t.Run(name+" "+transport, func(t *testing.T) {
				fake := flowretailtest.New()
				c := newCaller(t, fake)
				if transport == "loopback" {
					c.base, c.http = fake.Start(t).URL, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
				}
				fault.Operation, fault.Times = create, 1
				fake.Inject(fault.Fault)
				users := "/tenants/" + fake.TenantUID() + "/users"
				token := fake.IntegrationToken(fake.TenantUID(), fake.Users(fake.TenantUID())[0].TenantUserUID)
				res, err := c.try("POST", users, token, newUser)
				if !errors.Is(err, fault.fails) || res.status != fault.status {
					t.Errorf("status %d, %v; want %d, %v", res.status, err, fault.status, fault.fails)
				}
				if fault.RetryAfter != res.header.Get("Retry-After") {
					t.Errorf("Retry-After %q", res.header.Get("Retry-After"))
				}
				if created := len(fake.Users(fake.TenantUID())) - 25; created != fault.created {
					t.Errorf("%d users were created, want %d", created, fault.created)
				}
				c.admin("POST", users, newUser).want(200)
			})
		}
	}
}

func TestFault_AfterAndTimes(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	fake.Inject(flowretailtest.Fault{Operation: "get-account", After: 2, Times: 3, Status: 502, Body: "<html>"})
	statuses := []int{}
	for range 7 {
		c.admin("GET", "/tenants", "").want(200)
		statuses = append(statuses, c.admin("GET", "/account", "").status)
	}
	for i, want := range []int{200, 200, 502, 502, 502, 200, 200} {
		if statuses[i] != want {
			t.Fatalf("statuses %v", statuses)
		}
	}
	if got := fake.Requests()[5]; got.Operation != "get-account" || got.Status != 502 {
		t.Errorf("recorded %+v", got)
	}
	fake.Inject(flowretailtest.Fault{Status: 500})
	c.admin("GET", "/tenants", "").want(500)
	fake.ClearFaults()
	c.admin("GET", "/tenants", "").want(200)
}

func TestFault_Probability(t *testing.T) {
	hits := func(seed uint64) string {
		fake := flowretailtest.New(flowretailtest.WithSeed(seed))
		fake.Inject(flowretailtest.Fault{Probability: 0.3, Status: 503})
		var seen strings.Builder
		for range 200 {
			seen.WriteString(map[int]string{200: ".", 503: "x"}[newCaller(t, fake).admin("GET", "/account", "").status])
		}
		return seen.String()
	}
	first := hits(1)
	if n := strings.Count(first, "x"); n < 30 || n > 90 {
		t.Errorf("%d of 200 requests were hit", n)
	}
	if first != hits(1) || first == hits(2) {
		t.Error("the seed does not decide which requests are hit")
	}
}

// traced sends a request and returns the hooks of a client trace that were called.
func traced(t *testing.T, fake *flowretailtest.Fake) (hooks string, err error) {
	t.Helper()
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GetConn:              func(string) { hooks += "get " },
		GotConn:              func(info httptrace.GotConnInfo) { hooks += "got "; _ = info.Conn.RemoteAddr() },
		WroteRequest:         func(httptrace.WroteRequestInfo) { hooks += "wrote " },
		GotFirstResponseByte: func() { hooks += "response" },
	})
	req, err := http.NewRequestWithContext(ctx, "GET", flowretailtest.BaseURL+"/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := fake.HTTPClient().Do(req)
	if err == nil {
		_ = res.Body.Close()
	}
	return hooks, err
}

func TestFault_Refuse(t *testing.T) {
	fake := flowretailtest.New()
	fake.Inject(flowretailtest.Fault{Refuse: true, Times: 1})
	if hooks, err := traced(t, fake); hooks != "get " || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("hooks %q, %v", hooks, err)
	}
	if n := len(fake.Requests()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
	if hooks, err := traced(t, fake); hooks != "get got wrote response" || err != nil {
		t.Errorf("hooks %q, %v", hooks, err)
	}
}

func TestFault_Latency_endsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New(flowretailtest.WithLatency(time.Second))
		users := "/tenants/" + fake.TenantUID() + "/users"
		post := func(timeout time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, "POST", flowretailtest.BaseURL+users, strings.NewReader(newUser))
			req.Header.Set("Authorization", "Bearer "+fake.AdminToken())
			req.Header.Set("Content-Type", "application/json")
			res, err := fake.RoundTrip(req)
			if err == nil {
				_ = res.Body.Close()
			}
			return err
		}
		start := time.Now()
		if err := post(time.Minute); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		start = time.Now()
		if err := post(500 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 500*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if n := len(fake.Users(fake.TenantUID())); n != 26 {
			t.Errorf("%d users: a request that timed out first was processed", n)
		}
		fake.Inject(flowretailtest.Fault{Operation: create, Acted: true, Latency: time.Hour, Times: 1})
		if err := post(time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if n := len(fake.Users(fake.TenantUID())); n != 27 {
			t.Errorf("%d users: a request that timed out later was not processed", n)
		}
	})
}

func TestRoundTrip_bodyEndsWithContextAndClose(t *testing.T) {
	fake := flowretailtest.New()
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", flowretailtest.BaseURL+"/account", nil)
	req.Header.Set("Authorization", "Bearer "+fake.AdminToken())
	res, err := fake.RoundTrip(req)
	if err != nil || res.Request != req || res.ContentLength <= 0 {
		t.Fatalf("%v, %+v", err, res)
	}
	cancel()
	if _, err := io.ReadAll(res.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("read %v", err)
	}
	_ = res.Body.Close()
	if _, err := res.Body.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("read %v", err)
	}
	if _, err := fake.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("sent with a canceled context: %v", err)
	}
}

func TestRoundTrip_behindHTTPMock(t *testing.T) {
	fake := flowretailtest.New()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(fake.RoundTrip)
	mock.RegisterResponder("GET", flowretailtest.BaseURL+"/account", httpmock.NewStringResponder(418, "{}"))
	c := newCaller(t, fake)
	c.http = &http.Client{Transport: mock}
	c.admin("GET", "/account", "").want(418)
	c.admin("GET", "/tenants", "").want(200)
	c.admin("POST", "/tenants/"+fake.TenantUID()+"/users", newUser).want(200)
}

func TestWithObserver(t *testing.T) {
	var mu sync.Mutex
	var seen []flowretailtest.Exchange
	fake := flowretailtest.New(flowretailtest.WithoutRecords(), flowretailtest.WithObserver(func(e flowretailtest.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, e)
	}))
	c := newCaller(t, fake)
	res := c.admin("POST", "/tenants/"+fake.TenantUID()+"/users", newUser)
	fake.Inject(flowretailtest.Fault{Status: 503})
	c.admin("GET", "/account?a=%20b", "").want(503)
	fake.ClearFaults()
	fake.Inject(flowretailtest.Fault{Reset: true})
	if _, err := c.try("GET", "/account", fake.AdminToken(), ""); err == nil {
		t.Fatal("there is a response")
	}
	if len(seen) != 3 || len(fake.Requests()) != 0 {
		t.Fatalf("%d exchanges, %d records", len(seen), len(fake.Requests()))
	}
	first := seen[0]
	if first.Request.Operation != create || string(first.Request.Body) != newUser || first.Injected ||
		first.Status != 200 || string(first.Body) != string(res.body) || first.Header.Get("Content-Type") != "application/json" {
		t.Errorf("observed %+v", first)
	}
	if !seen[1].Injected || seen[1].Status != 503 || seen[1].Request.RawQuery != "a=%20b" {
		t.Errorf("observed %+v", seen[1])
	}
	if broken := seen[2]; !broken.Injected || broken.Status != 0 || len(broken.Body) > 0 {
		t.Errorf("observed %+v", broken)
	}
}

func TestFake_concurrentCalls(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(100))
	users := "/tenants/" + fake.TenantUID() + "/users"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			c := newCaller(t, fake)
			for range 20 {
				made, err := c.try("POST", users, fake.AdminToken(), newUser)
				if err != nil || made.status != 200 {
					t.Errorf("status %d, %v", made.status, err)
					return
				}
				listed, err := c.try("GET", users+"?sortBy=email&query=a", fake.AdminToken(), "")
				if err != nil || listed.status != 200 {
					t.Errorf("status %d, %v", listed.status, err)
				}
				fake.EditUser(fake.TenantUID(), made.text("tenantUserUid"), func(u *flowretail.User) { u.Email = "a@example.com" })
				_ = fake.Requests()
			}
		})
	}
	group.Wait()
	if n := len(fake.Users(fake.TenantUID())); n != 260 {
		t.Errorf("%d users", n)
	}
}
