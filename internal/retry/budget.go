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
	left       float64
}

// NewBudget returns a full budget of capacity retries. Each success adds
// perSuccess of a retry.
func NewBudget(capacity, perSuccess float64) *Budget {
	return &Budget{capacity: capacity, perSuccess: perSuccess, left: capacity}
}

// Reserve takes one retry out of the budget. It reports false when none is left.
func (b *Budget) Reserve() bool {
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

// Cancel returns a reserved retry that was not sent.
func (b *Budget) Cancel() { b.add(1) }

// Succeeded is called when a call has succeeded after the given number of
// retries. They are returned: a network that drops every fifth response is not
// an outage.
func (b *Budget) Succeeded(retries int) {
	if b != nil {
		b.add(float64(retries) + b.perSuccess)
	}
}

func (b *Budget) add(retries float64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.capacity, b.left+retries)
}
