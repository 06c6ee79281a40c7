package retry

import "testing"

// call makes a call that succeeds or fails after the given number of retries.
func call(b *Budget, ok bool, retries int) {
	b.Begin()
	b.End(ok, retries)
}

func checkReserve(t *testing.T, b *Budget, want ...bool) {
	t.Helper()
	for i, want := range want {
		if got := b.Reserve(); got != want {
			t.Fatalf("retry %d: %v", i+1, got)
		}
	}
}

func TestBudget(t *testing.T) {
	budget := NewBudget(3, 0.5)
	checkReserve(t, budget, true, true, true, false)
	call(budget, true, 0)
	checkReserve(t, budget, false)
	call(budget, true, 0)
	checkReserve(t, budget, true, false)
	call(budget, true, 2) // its own retries are returned
	checkReserve(t, budget, true, true, false)
	for range 100 {
		call(budget, true, 0)
	}
	checkReserve(t, budget, true, true, true, false)
	budget.Cancel()
	checkReserve(t, budget, true, false)
	call(budget, false, 3) // the retries of a failed call are not returned
	checkReserve(t, budget, false)
}

func TestBudget_nil(t *testing.T) {
	var unbounded *Budget
	call(unbounded, true, 1)
	unbounded.Cancel()
	checkReserve(t, unbounded, true)
}

// The capacity is at least three times the number of calls in flight.
func TestBudget_callsInFlight(t *testing.T) {
	for _, row := range []struct{ inFlight, want int }{{0, 10}, {3, 10}, {4, 12}, {100, 300}} {
		budget, n := NewBudget(10, 0), 0
		for range row.inFlight {
			budget.Begin()
		}
		for budget.Reserve() {
			n++
		}
		if n != row.want {
			t.Errorf("%d retries of %d calls in flight, want %d", n, row.inFlight, row.want)
		}
	}
}

// After an outage that many calls have met, the budget recovers as after one that few
// calls have met.
func TestBudget_afterManyCallsInFlight(t *testing.T) {
	budget := NewBudget(2, 0.5)
	for range 10 {
		budget.Begin()
	}
	for range 30 {
		budget.Reserve()
	}
	for range 9 {
		budget.End(false, 3)
	}
	checkReserve(t, budget, false)
	budget.End(false, 3)
	checkReserve(t, budget, false)
	call(budget, true, 0)
	call(budget, true, 0)
	checkReserve(t, budget, true, false)
}

// Calls that fail and follow each other do not bring new retries.
func TestBudget_callsThatReplaceOthers(t *testing.T) {
	budget, n := NewBudget(10, 0.1), 0
	for range 20 {
		budget.Begin()
	}
	for range 100 {
		for budget.Reserve() {
			n++
		}
		budget.End(false, 3)
		budget.Begin()
	}
	if n != 60 {
		t.Errorf("%d retries, want those of 20 calls in flight", n)
	}
	budget.End(true, 0)
	if budget.used > 57-0.1 {
		t.Errorf("%v retries are used after a success with 19 calls in flight", budget.used)
	}
}
