package retry

import "testing"

func TestBudget(t *testing.T) {
	budget := NewBudget(3, 0.5)
	reserve := func(want ...bool) {
		t.Helper()
		for i, want := range want {
			if got := budget.Reserve(0); got != want {
				t.Fatalf("retry %d: %v", i+1, got)
			}
		}
	}
	reserve(true, true, true, false)
	budget.Succeeded(0)
	reserve(false)
	budget.Succeeded(0)
	reserve(true, false)
	budget.Succeeded(2) // its own retries are returned
	reserve(true, true, false)
	for range 100 {
		budget.Succeeded(0)
	}
	reserve(true, true, true, false)
	budget.Cancel()
	reserve(true, false)
	for range 10 {
		budget.Cancel() // the budget does not grow beyond its capacity
	}
	reserve(true, true, true, false)
	var unbounded *Budget
	unbounded.Succeeded(1)
	unbounded.Cancel()
	if !unbounded.Reserve(0) {
		t.Error("a nil budget ran out")
	}
}

// The capacity is at least the number of calls in flight.
func TestBudget_callsInFlight(t *testing.T) {
	for _, row := range []struct{ inFlight, want int }{{0, 3}, {3, 3}, {4, 4}, {100, 100}} {
		budget, n := NewBudget(3, 0), 0
		for budget.Reserve(row.inFlight) {
			n++
		}
		if n != row.want {
			t.Errorf("%d retries of %d calls in flight, want %d", n, row.inFlight, row.want)
		}
	}
}
