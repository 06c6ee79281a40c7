package flowretail_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// The maximum holds for a client and all clients derived from it, from the first
// request on.
func TestWithMaxRate_sharedWithDerivedClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sent []time.Time
		client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
			mu.Lock()
			sent = append(sent, time.Now())
			mu.Unlock()
			time.Sleep(50 * time.Millisecond)
			return respond(200, "application/json", userJSON)(request)
		}), flowretail.WithMaxRate(50))
		clients := []*flowretail.Client{client}
		for _, language := range []string{"nb", "en", "sv"} {
			clients = append(clients, must[*flowretail.Client](t)(client.With(flowretail.WithLanguage(language))))
		}
		began := time.Now()
		var workers sync.WaitGroup
		for i := range 32 {
			workers.Go(func() {
				for time.Since(began) < 10*time.Second {
					must[*flowretail.User](t)(clients[i%len(clients)].Users.Get(t.Context(), "t", "u"))
				}
			})
		}
		workers.Wait()
		for i, first := range sent {
			end, _ := slices.BinarySearchFunc(sent, first.Add(time.Second), time.Time.Compare)
			if end-i > 51 {
				t.Fatalf("%d requests in the second after %v", end-i, first.Sub(began))
			}
		}
		if len(sent) < 500 {
			t.Errorf("%d requests in 10 s, want at least 500", len(sent))
		}
	})
}

func TestWithMaxRate_invalid(t *testing.T) {
	for _, rate := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := flowretail.NewClient(flowretail.WithMaxRate(rate)); err == nil {
			t.Errorf("%v requests a second were accepted", rate)
		}
	}
}

func TestWith_sharesRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
			requests++
			return respond(503, "", "")(request)
		}), flowretail.WithRetryPolicy(flowretail.RetryPolicy{Budget: 20}))
		derived := must[*flowretail.Client](t)(client.With(flowretail.WithRetryPolicy(flowretail.RetryPolicy{MaxAttempts: 2})))
		for range 50 {
			_, _ = client.Users.Get(t.Context(), "t", "u")
			_, _ = derived.Users.Get(t.Context(), "t", "u")
		}
		if requests != 100+20 {
			t.Errorf("%d requests for 100 calls, want 20 retries together", requests)
		}
	})
}

// A short failure of all requests does not exhaust the budget that clients share.
func TestWith_budgetOfCallsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		failed := map[string]bool{}
		client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			if !failed[request.URL.Path] {
				failed[request.URL.Path] = true
				return respond(503, "", "")(request)
			}
			return respond(200, "application/json", userJSON)(request)
		}))
		var calls sync.WaitGroup
		for i := range 4 {
			derived := must[*flowretail.Client](t)(client.With(flowretail.WithLanguage("nb")))
			for j := range 12 {
				calls.Go(func() {
					if _, err := derived.Users.Get(t.Context(), "t", fmt.Sprintf("u-%d-%d", i, j)); err != nil {
						t.Error(err)
					}
				})
			}
		}
		calls.Wait()
	})
}

// A derived client for another server has a rate limiter of its own, with the same
// maximum.
func TestWithMaxRate_otherServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []time.Time
		transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
			sent = append(sent, time.Now())
			return respond(200, "application/json", accountJSON)(request)
		})
		client := newClient(t, transport, flowretail.WithMaxRate(1))
		other := must[*flowretail.Client](t)(client.With(flowretail.WithBaseURL(flowretail.StageURL), flowretail.WithToken("marked-secret-stage")))
		for range 3 {
			must[*flowretail.Account](t)(other.Account.Get(t.Context()))
		}
		if took := sent[2].Sub(sent[0]); took < 1900*time.Millisecond {
			t.Errorf("three requests within %s", took)
		}
	})
}
