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

// The outage: a fleet of clients at a steady load, and an API that answers 503
// for a while.
const (
	fleet         = 500
	callEvery     = time.Second
	normalTime    = 10 * time.Minute
	outageTime    = 5 * time.Minute
	recoveryTime  = time.Minute
	outageLatency = 50 * time.Millisecond
)

// A weathered outcome is how a fleet came through an outage.
type weathered struct {
	attemptsPerCall float64 // while the outage lasted
	recovery        int     // seconds after its end until 99 % of the calls succeed again
}

func weather(t *testing.T, make func(http.RoundTripper) caller) (outcome weathered) {
	virtual.Time(t, func() {
		var down atomic.Bool
		var attempts, calls atomic.Int64 // while it is down
		transport := serve{outageLatency, func(*http.Request) (int, http.Header, string) {
			if down.Load() {
				attempts.Add(1)
				return http.StatusServiceUnavailable, nil, `{"code":"UNAVAILABLE"}`
			}
			return http.StatusOK, nil, userBody
		}}
		var started, succeeded [int(recoveryTime / time.Second)]atomic.Int64 // by second after the outage
		begin := time.Now()
		recovered := begin.Add(normalTime + outageTime)
		var running sync.WaitGroup
		for client := range fleet {
			call := make(transport)
			running.Go(func() {
				time.Sleep(callEvery * time.Duration(client) / fleet)
				for time.Since(begin) < normalTime+outageTime+recoveryTime {
					second := int(time.Since(recovered) / time.Second)
					after := !time.Now().Before(recovered) && second < len(started)
					if down.Load() {
						calls.Add(1)
					}
					if after {
						started[second].Add(1)
					}
					// The load is a steady one: a call does not wait for the one before.
					running.Go(func() {
						if call(context.Background()) && after {
							succeeded[second].Add(1)
						}
					})
					time.Sleep(callEvery)
				}
			})
		}
		time.Sleep(normalTime)
		down.Store(true)
		time.Sleep(outageTime)
		down.Store(false)
		running.Wait()
		outcome.attemptsPerCall = float64(attempts.Load()) / float64(calls.Load())
		for second := len(started) - 1; second >= 0; second-- {
			if float64(succeeded[second].Load()) < 0.99*float64(started[second].Load()) {
				outcome.recovery = second + 1
				break
			}
		}
	})
	return outcome
}
