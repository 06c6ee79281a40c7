package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// The parameters of the shared rate limit.
const (
	processes     = 20
	workers       = 4 // of each process
	limitRate     = 50.0
	limitLatency  = 50 * time.Millisecond
	limitWarmUp   = time.Minute
	limitMeasured = 10 * time.Minute
)

// A limitResult is how the processes share the limit.
type limitResult struct {
	used     float64 // part of the limit
	refused  float64 // part of the requests
	fairness float64 // Jain's index over the processes; 1 is equal shares
}

// A bucket is a token bucket that all processes share.
type bucket struct {
	tokens *faultserver.TokenBucket

	mu        sync.Mutex
	measuring bool
	granted   [processes]int
	refused   int
}

// allow reports whether a request of a process is within the limit.
func (b *bucket) allow(process int) bool {
	allowed := b.tokens.Take()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.measuring {
		if allowed {
			b.granted[process]++
		} else {
			b.refused++
		}
	}
	return allowed
}

// runLimit lets the workers of all processes read without pause.
func runLimit(t *testing.T, newReader func(http.RoundTripper) readFunc) (result limitResult) {
	virtual.Run(t, func() {
		shared := &bucket{tokens: faultserver.NewTokenBucket(limitRate)}
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		for process := range processes {
			read := newReader(responder{limitLatency, func() (int, http.Header, string) {
				if shared.allow(process) {
					return http.StatusOK, nil, userBody
				}
				return rateLimited("1")
			}})
			for range workers {
				running.Go(func() {
					time.Sleep(rand.N(time.Second))
					for ctx.Err() == nil {
						read(ctx)
					}
				})
			}
		}
		time.Sleep(limitWarmUp)
		shared.measure(true)
		time.Sleep(limitMeasured)
		shared.measure(false)
		result = shared.result()
		stop()
		running.Wait()
	})
	return result
}

func (b *bucket) measure(measuring bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.measuring = measuring
}

func (b *bucket) result() limitResult {
	b.mu.Lock()
	defer b.mu.Unlock()
	var sum, squares float64
	for _, granted := range b.granted {
		sum += float64(granted)
		squares += float64(granted) * float64(granted)
	}
	return limitResult{
		used:     sum / (limitRate * limitMeasured.Seconds()),
		refused:  float64(b.refused) / (sum + float64(b.refused)),
		fairness: sum * sum / (processes * squares),
	}
}
