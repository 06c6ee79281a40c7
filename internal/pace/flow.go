package pace

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

// rate returns requests a second, at least one.
func (f *flow) rate(now time.Time) float64 {
	f.turn(now)
	return float64(max(f.passed.Load(), f.previous.Load(), 1))
}
