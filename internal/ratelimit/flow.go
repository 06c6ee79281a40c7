package ratelimit

import (
	"sync/atomic"
	"time"
)

// A flow measures how many requests pass a second, for the price of an atomic
// addition. It is asked only when the first refusal comes.
type flow struct {
	began    atomic.Int64 // the current second, in nanoseconds since 1970
	passed   atomic.Int64 // in the current second
	previous atomic.Int64 // in the one before
}

func (f *flow) count(now time.Time) {
	f.turn(now)
	f.passed.Add(1)
}

// turn begins a new second when it is time. Two goroutines may get in each
// other's way; a few requests more or less do not matter.
func (f *flow) turn(now time.Time) {
	began := f.began.Load()
	age := now.UnixNano() - began
	if age < int64(time.Second) || !f.began.CompareAndSwap(began, now.UnixNano()) {
		return
	}
	previous := f.passed.Swap(0)
	if age >= 2*int64(time.Second) {
		previous = 0
	}
	f.previous.Store(previous)
}

// unknown is the rate of a client that has not been seen to send anything yet.
const unknown = 10

// rate returns requests a second. Of a second that has just begun it takes what
// has passed for the rest of it, too: a client that was refused early must not be
// taken for a slow one.
func (f *flow) rate(now time.Time) float64 {
	f.turn(now)
	age := max(time.Duration(now.UnixNano()-f.began.Load()), time.Millisecond)
	rate := max(float64(f.previous.Load()), float64(f.passed.Load())/min(age.Seconds(), 1))
	if rate == 0 {
		return unknown
	}
	return rate
}
