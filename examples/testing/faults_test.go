package main

// The third way: faults. They show what the service does when the API is not
// at its best. Inside testing/synctest the waits between attempts cost no time.

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

func TestFaultsThatPassAreNoticedByNobody(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"the list is throttled":                      {Operation: "get-tenants-users", Status: http.StatusTooManyRequests, RetryAfter: "20", Times: 1},
		"the update finds a server that is down":     {Operation: "put-tenants-users-details", Status: http.StatusServiceUnavailable, Times: 2},
		"the answer to the update is lost":           {Operation: "put-tenants-users-details", Acted: true, Reset: true, Times: 1},
		"the answer is cut in the middle":            {Operation: "get-tenants-users", CutBody: true, Times: 1},
		"an answer takes longer than anybody waits":  {Operation: "get-tenants-users", Latency: time.Hour, Times: 1},
		"every fifth request breaks at random":       {Probability: 0.2, Reset: true, Times: 5},
		"the first connection is refused altogether": {Refuse: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := flowretailtest.New()
				userUID := hire(fake, "hr-4711")
				fake.Inject(fault)
				if _, err := newOffboarding(t, fake).block(t.Context(), "hr-4711"); err != nil {
					t.Fatal(err)
				}
				if after := user(t, fake, userUID); after.TenantRole != flowretail.TenantRoleBlocked {
					t.Errorf("the user has the role %s", after.TenantRole)
				}
			})
		})
	}
}

func TestAnOutageIsAnErrorThatIsWorthAnotherTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		hire(fake, "hr-4711")
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

func TestTheDeadlineOfTheCallerHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		hire(fake, "hr-4711")
		fake.Inject(flowretailtest.Fault{Operation: "put-tenants-users-details", Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := newOffboarding(t, fake).block(ctx, "hr-4711"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("block: %v", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
