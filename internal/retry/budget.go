package retry

import "sync"

// A Budget bounds the retries of all calls together, so that a client does not
// multiply the load of an API that is down. A call that succeeds, or that the API
// refuses, returns the retries that it used and adds a part of one, so the budget
// recovers by itself, and only while the API is up.
//
// A nil Budget has no bound.
type Budget struct {
	mu         sync.Mutex
	capacity   float64
	perSuccess float64
	used       float64
	inFlight   int // calls
}

// perCall is the number of retries that the budget has at least for each call in
// flight, so that a short failure of all requests does not exhaust it.
const perCall = 3

// NewBudget returns a budget of capacity retries, none of them used. Each success adds
// perSuccess of a retry.
func NewBudget(capacity, perSuccess float64) *Budget {
	return &Budget{capacity: capacity, perSuccess: perSuccess}
}

// Begin is called when a call begins.
func (b *Budget) Begin() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight++
}

// Reserve takes one retry out of the budget. It reports false when none is left.
func (b *Budget) Reserve() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+1 > b.size() {
		return false
	}
	b.used++
	return true
}

// size is the number of retries that may be used at present.
func (b *Budget) size() float64 { return max(b.capacity, perCall*float64(b.inFlight)) }

// Cancel returns a reserved retry that was not sent.
func (b *Budget) Cancel() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used--
}

// End ends a call. apiIsUp says that the call has succeeded or that the API has refused
// it. Then the used retries are cut to the size for the calls that are still in flight,
// and lowered by the call's retries and by perSuccess. A call that has failed returns
// nothing: otherwise each call that replaces another one would bring new retries.
func (b *Budget) End(apiIsUp bool, retries int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight--
	if apiIsUp {
		b.used = max(0, min(b.used, b.size())-float64(retries)-b.perSuccess)
	}
}
