package retry

import (
	"testing"
	"time"
)

func TestPolicyBackoff(t *testing.T) {
	policy := Policy{BaseDelay: 100 * time.Millisecond, MaxDelay: 3 * time.Second}
	for attempts, bound := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond, 6: 3 * time.Second, 40: 3 * time.Second, 1000: 3 * time.Second,
	} {
		low, high := bound, time.Duration(0)
		for range 2000 {
			wait := policy.Backoff(attempts)
			low, high = min(low, wait), max(high, wait)
		}
		if low <= 0 || high > bound || low > bound/10 || high < bound*9/10 {
			t.Errorf("after %d attempts the waits go from %v to %v, want all of 0 to %v", attempts, low, high, bound)
		}
	}
	if wait := (Policy{}).Backoff(3); wait != 0 {
		t.Errorf("without a delay the wait is %v", wait)
	}
}
