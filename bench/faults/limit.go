package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

// The shared limit: processes that always have work, and one bucket of tokens.
const (
	processes     = 20
	workers       = 4 // of a process
	limitRate     = 50.0
	limitBurst    = 50.0
	limitLatency  = 50 * time.Millisecond
	limitWarmUp   = time.Minute
	limitMeasured = 10 * time.Minute
)

// A limited outcome is how well the processes shared.
type limited struct {
	used     float64 // part of what the bucket gave that was used
	refused  float64 // part of the requests
	fairness float64 // Jain's index over the processes: 1 is equal shares
}

// bucket grants the requests of all processes.
type bucket struct {
	mu       sync.Mutex
	level    float64
	at       time.Time
	measures bool
	granted  [processes]int
	refused  int
}

func (b *bucket) take(process int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.level = min(limitBurst, b.level+limitRate*now.Sub(b.at).Seconds())
	b.at = now
	granted := b.level >= 1
	if granted {
		b.level--
	}
	if b.measures {
		if granted {
			b.granted[process]++
		} else {
			b.refused++
		}
	}
	return granted
}

// shareLimit runs the processes against the bucket.
func shareLimit(t *testing.T, make func(http.RoundTripper) caller) (outcome limited) {
	virtual.Time(t, func() {
		shared := &bucket{level: limitBurst, at: time.Now()}
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		for process := range processes {
			transport := serve{limitLatency, func(*http.Request) (int, http.Header, string) {
				if shared.take(process) {
					return http.StatusOK, nil, userBody
				}
				return http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, `{"code":"RATE_LIMITED"}`
			}}
			call := make(transport)
			for range workers {
				running.Go(func() {
					time.Sleep(rand.N(time.Second))
					for ctx.Err() == nil {
						call(ctx)
					}
				})
			}
		}
		time.Sleep(limitWarmUp)
		shared.mu.Lock()
		shared.measures = true
		shared.mu.Unlock()
		time.Sleep(limitMeasured)
		shared.mu.Lock()
		shared.measures = false
		outcome = shared.outcome()
		shared.mu.Unlock()
		stop()
		running.Wait()
	})
	return outcome
}

func (b *bucket) outcome() limited {
	var sum, squares float64
	for _, granted := range b.granted {
		sum += float64(granted)
		squares += float64(granted) * float64(granted)
	}
	return limited{
		used:     sum / (limitRate * limitMeasured.Seconds()),
		refused:  float64(b.refused) / (sum + float64(b.refused)),
		fairness: sum * sum / (processes * squares),
	}
}
