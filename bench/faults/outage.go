package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

// The parameters of the outage, in which the API responds with status 503.
const (
	outageClients = 500
	callInterval  = time.Second // of each client
	timeBefore    = 10 * time.Minute
	outageTime    = 5 * time.Minute
	timeAfter     = time.Minute
	outageLatency = 50 * time.Millisecond
)

// An outageResult is how the clients behave in an outage.
type outageResult struct {
	attemptsPerCall float64 // during the outage
	recovery        int     // seconds after the outage until 99 % of the calls succeed
}

// An outage counts calls and attempts.
type outage struct {
	start           time.Time
	down            atomic.Bool
	attempts, calls atomic.Int64 // during the outage

	// Calls that started and that succeeded, for each second after the outage.
	started, succeeded [int(timeAfter / time.Second)]atomic.Int64
}

func (o *outage) respond() (int, http.Header, string) {
	if o.down.Load() {
		o.attempts.Add(1)
		return http.StatusServiceUnavailable, nil, `{"code":"UNAVAILABLE"}`
	}
	return http.StatusOK, nil, userBody
}

// runOutage lets clients read before, during and after an outage.
func runOutage(t *testing.T, newReader func(http.RoundTripper) readFunc) (result outageResult) {
	virtual.Run(t, func() {
		o := &outage{start: time.Now()}
		var running sync.WaitGroup
		for client := range outageClients {
			read := newReader(responder{outageLatency, o.respond})
			running.Go(func() {
				time.Sleep(callInterval * time.Duration(client) / outageClients)
				for time.Since(o.start) < timeBefore+outageTime+timeAfter {
					// The next call does not wait for this one.
					running.Go(func() { o.call(read) })
					time.Sleep(callInterval)
				}
			})
		}
		time.Sleep(timeBefore)
		o.down.Store(true)
		time.Sleep(outageTime)
		o.down.Store(false)
		running.Wait()
		result = o.result()
	})
	return result
}

func (o *outage) call(read readFunc) {
	if o.down.Load() {
		o.calls.Add(1)
	}
	after := time.Since(o.start) - timeBefore - outageTime
	second := int(after / time.Second)
	counts := after >= 0 && second < len(o.started)
	if counts {
		o.started[second].Add(1)
	}
	if read(context.Background()) && counts {
		o.succeeded[second].Add(1)
	}
}

func (o *outage) result() outageResult {
	result := outageResult{attemptsPerCall: float64(o.attempts.Load()) / float64(o.calls.Load())}
	for second := len(o.started) - 1; second >= 0; second-- {
		if float64(o.succeeded[second].Load()) < 0.99*float64(o.started[second].Load()) {
			result.recovery = second + 1
			break
		}
	}
	return result
}
