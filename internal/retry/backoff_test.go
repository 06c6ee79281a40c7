package retry

import (
	"maps"
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
	for _, row := range []struct {
		policy   Policy
		attempts int
		want     map[time.Duration]bool // every wait that is possible
	}{
		{Policy{}, 3, map[time.Duration]bool{0: true}},
		{Policy{MaxDelay: time.Second}, 3, map[time.Duration]bool{0: true}},
		{Policy{BaseDelay: 1, MaxDelay: 3}, 0, map[time.Duration]bool{1: true}},
		{Policy{BaseDelay: 1, MaxDelay: 3}, 1, map[time.Duration]bool{1: true}},
		{Policy{BaseDelay: 1, MaxDelay: 3}, 2, map[time.Duration]bool{1: true, 2: true}},
		{Policy{BaseDelay: 1, MaxDelay: 3}, 3, map[time.Duration]bool{1: true, 2: true, 3: true}},
		{Policy{BaseDelay: 9, MaxDelay: 1}, 1, map[time.Duration]bool{1: true}},
	} {
		got := make(map[time.Duration]bool)
		for range 200 {
			got[row.policy.Backoff(row.attempts)] = true
		}
		if !maps.Equal(got, row.want) {
			t.Errorf("%+v after %d attempts: the waits are %v, want %v", row.policy, row.attempts, got, row.want)
		}
	}
}

func TestPolicy_ResetBackoff(t *testing.T) {
	const ms = time.Millisecond
	for _, row := range []struct {
		base   time.Duration
		resets int
		bound  time.Duration
	}{
		{0, 2, 0},
		{250 * ms, 2, 4 * time.Second},
		{250 * ms, 3, 24 * time.Second},
		{250 * ms, 4, maxResetDelay},
		{250 * ms, 1000, maxResetDelay},
		{time.Minute, 2, maxResetDelay},
	} {
		least, longest := time.Hour, time.Duration(0)
		for range 1000 {
			wait := Policy{BaseDelay: row.base}.ResetBackoff(row.resets)
			least, longest = min(least, wait), max(longest, wait)
		}
		if least < row.bound/2 || least > row.bound*11/20 || longest > row.bound || longest < row.bound*19/20 {
			t.Errorf("BaseDelay %s, %d resets: from %s to %s, want from half of %s", row.base, row.resets, least, longest, row.bound)
		}
	}
}
