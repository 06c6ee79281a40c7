package main

// The third way is faults of the fake. They show what the service does when the
// API fails. Inside testing/synctest the waits between attempts take no time.

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestBlock_temporaryFaults(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"rate limit":                 {Operation: "get-tenants-users", Status: http.StatusTooManyRequests, RetryAfter: "20", Times: 1},
		"unavailable server":         {Operation: "put-tenants-users-details", Status: http.StatusServiceUnavailable, Times: 2},
		"lost response to an update": {Operation: "put-tenants-users-details", Acted: true, Reset: true, Times: 1},
		"truncated response":         {Operation: "get-tenants-users", CutBody: true, Times: 1},
		"timeout":                    {Operation: "get-tenants-users", Latency: time.Hour, Times: 1},
		"random resets":              {Probability: 0.2, Reset: true, Times: 5},
		"refused connection":         {Refuse: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := flowretailtest.New()
				userUID := addUser(fake, "hr-4711")
				fake.Inject(fault)
				if _, err := newOffboarding(t, fake).block(t.Context(), "hr-4711"); err != nil {
					t.Fatal(err)
				}
				if user := getUser(t, fake, userUID); user.TenantRole != flowretail.TenantRoleBlocked {
					t.Errorf("the user has the role %s", user.TenantRole)
				}
			})
		})
	}
}

func TestBlock_outage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		addUser(fake, "hr-4711")
		fake.Inject(flowretailtest.Fault{Status: http.StatusBadGateway, Body: "<html>a proxy's page</html>"})
		service := newOffboarding(t, fake)

		_, err := service.block(t.Context(), "hr-4711")
		failed, ok := errors.AsType[*flowretail.CallError](err)
		if !ok || !failed.Retryable || !errors.Is(err, flowretail.ErrServer) {
			t.Fatalf("block: %v", err)
		}
		fake.ClearFaults()
		if _, err := service.block(t.Context(), "hr-4711"); err != nil {
			t.Errorf("after the outage: %v", err)
		}
	})
}

func TestBlock_deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		addUser(fake, "hr-4711")
		fake.Inject(flowretailtest.Fault{Operation: "put-tenants-users-details", Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := newOffboarding(t, fake).block(ctx, "hr-4711"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("block: %v", err)
		}
		if duration := time.Since(start); duration > 5*time.Second {
			t.Errorf("block took %s, want at most 5s", duration)
		}
	})
}
