package retry

import (
	"math/rand/v2"
	"time"
)

// A Policy is a retry policy without gaps: the caller has filled in the defaults.
type Policy struct {
	MaxAttempts    int
	BaseDelay      time.Duration
	MaxDelay       time.Duration
	MaxRetryAfter  time.Duration
	AttemptTimeout time.Duration // 0: none
}

// Backoff returns how long to wait after the given number of attempts: full
// jitter, which spreads the clients that failed together, over a range that
// doubles up to MaxDelay.
func (p Policy) Backoff(attempts int) time.Duration {
	ceiling := p.MaxDelay
	if doublings := attempts - 1; doublings < 32 {
		if doubled := p.BaseDelay << doublings; doubled > 0 && doubled>>doublings == p.BaseDelay {
			ceiling = min(ceiling, doubled)
		}
	}
	if ceiling <= 0 {
		return 0
	}
	return rand.N(ceiling) + 1
}

// Wait returns how long to wait before the next attempt when the server named
// a time of its own (retryAfter, 0 if it did not).
func (p Policy) Wait(attempts int, retryAfter time.Duration) time.Duration {
	return max(p.Backoff(attempts), min(retryAfter, p.MaxRetryAfter))
}
