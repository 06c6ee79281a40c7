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
	var unbounded *Budget
	unbounded.Succeeded(1)
	if !unbounded.Reserve(0) {
		t.Error("a nil budget ran out")
	}
}
