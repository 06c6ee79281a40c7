package ratelimit

import (
	"sync/atomic"
	"time"
)

// throughput measures the requests a second of a client that is not limited. An
// atomic addition counts a request; the rate is computed at the first refusal.
type throughput struct {
	began    atomic.Int64 // the begin of the current second, in nanoseconds since 1970
	current  atomic.Int64 // requests in the current second
	previous atomic.Int64 // requests in the second before
}

// unknownRate is assumed for a client that has not sent anything before.
const unknownRate = 10 // requests a second

func (t *throughput) count(now time.Time) {
	t.advance(now)
	t.current.Add(1)
}

// advance begins a new second when the current one is over. Two goroutines may
// interfere; a few requests more or less do not matter.
func (t *throughput) advance(now time.Time) {
	began := t.began.Load()
	age := now.UnixNano() - began
	if age < int64(time.Second) || !t.began.CompareAndSwap(began, now.UnixNano()) {
		return
	}
	count := t.current.Swap(0)
	if age >= 2*int64(time.Second) {
		count = 0
	}
	t.previous.Store(count)
}

// rate returns requests a second: those of the previous second, or those of the
// current second extrapolated, whichever are more.
func (t *throughput) rate(now time.Time) float64 {
	t.advance(now)
	age := max(time.Duration(now.UnixNano()-t.began.Load()), 50*time.Millisecond) // a few requests at once are no rate
	rate := max(float64(t.previous.Load()), float64(t.current.Load())/min(age.Seconds(), 1))
	if rate == 0 {
		return unknownRate
	}
	return rate
}
