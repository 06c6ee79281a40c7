package main

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

const refusalLatency = 50 * time.Millisecond

// A recorder is an API that responds with what status returns, and that records when
// its requests arrive.
type recorder struct {
	status func() (int, http.Header)

	mu      sync.Mutex
	arrived []time.Time
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.arrived = append(r.arrived, time.Now())
	r.mu.Unlock()
	time.Sleep(refusalLatency)
	status, header := r.status()
	return newResponse(request, status, header, userBody), nil
}

// between counts the requests from one time until another.
func (r *recorder) between(from, until time.Time) int {
	count := 0
	for _, at := range r.arrived {
		if !at.Before(from) && at.Before(until) {
			count++
		}
	}
	return count
}

// most returns the largest number of requests within any time of the given length that
// begins after from.
func (r *recorder) most(from time.Time, length time.Duration) int {
	most := 0
	for _, at := range r.arrived {
		if at.After(from) {
			most = max(most, r.between(at, at.Add(length)))
		}
	}
	return most
}

// A refusalResult is how workers that call without pause come through two seconds in
// which the API refuses everything with 429.
type refusalResult struct {
	failed  int
	longest time.Duration // of all calls
	after   float64       // requests in a second, one minute later; 1 is as many as before
}

func runRefusal(t *testing.T, workers int) (result refusalResult) {
	const refusing = 2 * time.Second
	virtual.Run(t, func() {
		start := time.Now()
		begin := start.Add(10 * time.Second)
		end := begin.Add(refusing)
		api := &recorder{status: func() (int, http.Header) {
			if now := time.Now(); now.After(begin) && now.Before(end) {
				return http.StatusTooManyRequests, nil
			}
			return http.StatusOK, nil
		}}
		client := newClient(api)
		stop := end.Add(62 * time.Second)
		var mu sync.Mutex
		var running sync.WaitGroup
		for range workers {
			running.Go(func() {
				for time.Now().Before(stop) {
					began := time.Now()
					_, err := client.Users.Get(context.Background(), "t", "u")
					mu.Lock()
					if err != nil {
						result.failed++
					}
					result.longest = max(result.longest, time.Since(began))
					mu.Unlock()
				}
			})
		}
		running.Wait()
		before := api.between(begin.Add(-2*time.Second), begin.Add(-time.Second))
		minuteLater := end.Add(time.Minute)
		result.after = float64(api.between(minuteLater, minuteLater.Add(time.Second))) / float64(before)
	})
	return result
}

// A pauseResult is what the API sees after it has asked for a pause.
type pauseResult struct {
	most    int     // requests in any 100 ms after the pause
	allowed float64 // by the client's rate before the pause
}

// runPause lets 100 calls wait for the end of a pause of 30 seconds.
func runPause(t *testing.T) (result pauseResult) {
	const callers, interval = 100, 100 * time.Millisecond
	virtual.Run(t, func() {
		refused := time.Now().Add(5 * time.Second)
		api := &recorder{}
		var once sync.Once
		api.status = func() (int, http.Header) {
			status, header := http.StatusOK, http.Header(nil)
			if time.Now().After(refused) {
				once.Do(func() { status, header = http.StatusTooManyRequests, http.Header{"Retry-After": {"30"}} })
			}
			return status, header
		}
		client := newClient(api)
		var running sync.WaitGroup
		for caller := range callers {
			running.Go(func() {
				time.Sleep(time.Second * time.Duration(caller) / callers)
				for range 60 {
					_, _ = client.Users.Get(context.Background(), "t", "u")
					time.Sleep(time.Second)
				}
			})
		}
		running.Wait()
		result.allowed = callers / (time.Second + refusalLatency).Seconds() * interval.Seconds()
		result.most = api.most(refused.Add(20*time.Second), interval)
	})
	return result
}

// runMaxRate lets 32 workers with four clients call within one WithMaxRate(50). It
// returns the largest number of requests in any second.
func runMaxRate(t *testing.T) (most int) {
	virtual.Run(t, func() {
		start := time.Now()
		api := &recorder{status: func() (int, http.Header) { return http.StatusOK, nil }}
		clients := []*flowretail.Client{newClientWith(api, flowretail.WithToken("no-token"), flowretail.WithMaxRate(50))}
		for range 3 {
			derived, err := clients[0].With(flowretail.WithToken("another-token"))
			if err != nil {
				panic(err)
			}
			clients = append(clients, derived)
		}
		var running sync.WaitGroup
		for worker := range 32 {
			client := clients[worker%len(clients)]
			running.Go(func() {
				for time.Since(start) < 20*time.Second {
					_, _ = client.Users.Get(context.Background(), "t", "u")
				}
			})
		}
		running.Wait()
		slices.SortFunc(api.arrived, time.Time.Compare)
		most = api.most(start.Add(-1), time.Second)
	})
	return most
}
