package retry

import "sync"

// A Budget bounds the retries of all calls together, so that a client does not
// multiply the load of an API that is down. A call that succeeds returns the
// retries that it used and adds a part of one, so the budget recovers by itself.
//
// A nil Budget has no bound.
type Budget struct {
	mu         sync.Mutex
	capacity   float64
	perSuccess float64
	used       float64
}

// NewBudget returns a budget of capacity retries, none of them used. Each success adds
// perSuccess of a retry.
func NewBudget(capacity, perSuccess float64) *Budget {
	return &Budget{capacity: capacity, perSuccess: perSuccess}
}

// Reserve takes one retry out of the budget. It reports false when none is left.
// The capacity is at least the number of calls in flight, so that one failure of
// each request does not exhaust it.
func (b *Budget) Reserve(inFlight int) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+1 > max(b.capacity, float64(inFlight)) {
		return false
	}
	b.used++
	return true
}

// Cancel returns a reserved retry that was not sent.
func (b *Budget) Cancel() { b.restore(1) }

// Succeeded is called when a call has succeeded after the given number of
// retries. They are returned: a network that drops every fifth response is not
// an outage.
func (b *Budget) Succeeded(retries int) {
	if b != nil {
		b.restore(float64(retries) + b.perSuccess)
	}
}

func (b *Budget) restore(retries float64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used = max(0, b.used-retries)
}
