package retry

import "sync"

// A Budget bounds the repetitions of all calls together. When everything
// fails, calls are soon sent once only, so that a client never multiplies an
// outage; each success earns a part of a repetition back, so that it recovers
// by itself.
//
// A nil Budget never runs out.
type Budget struct {
	mu       sync.Mutex
	capacity float64
	earned   float64 // by each success
	left     float64
}

// NewBudget returns a full budget of capacity repetitions, in which each
// success earns the given part of one.
func NewBudget(capacity, earned float64) *Budget {
	return &Budget{capacity: capacity, earned: earned, left: capacity}
}

// Spend takes one repetition out of the budget and reports whether there was one.
func (b *Budget) Spend() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// Refund gives back a repetition that was not sent.
func (b *Budget) Refund() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.capacity, b.left+1)
}

// Succeeded tells that a call succeeded after so many repetitions. What was
// spent on a success is given back: those repetitions did their work, and a
// line that drops every fifth answer is not an outage.
func (b *Budget) Succeeded(repetitions int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.capacity, b.left+float64(repetitions)+b.earned)
}
