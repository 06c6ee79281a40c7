package retry

import (
	"math/rand/v2"
	"time"
)

// A Policy is a retry policy with all defaults filled in.
type Policy struct {
	MaxAttempts    int
	BaseDelay      time.Duration
	MaxDelay       time.Duration
	MaxRetryAfter  time.Duration
	AttemptTimeout time.Duration // 0: none
	MaxWait        time.Duration // for the rate limiter
}

// Backoff returns how long to wait after the given number of attempts: a random
// part of a bound that doubles with each attempt up to MaxDelay ("full jitter").
func (p Policy) Backoff(attempts int) time.Duration {
	bound := p.MaxDelay
	if doublings := max(0, attempts-1); p.BaseDelay <= p.MaxDelay>>doublings {
		bound = p.BaseDelay << doublings
	}
	if bound <= 0 {
		return 0
	}
	return rand.N(bound) + 1
}
