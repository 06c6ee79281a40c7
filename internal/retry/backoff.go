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
	MaxWait        time.Duration // from the first 429, or wait for the rate limiter; it also bounds connecting
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

// maxResetDelay bounds the wait after connections were reset.
const maxResetDelay = 30 * time.Second

// ResetBackoff returns how long to wait after resets connections in a row that ended
// without a response, at least two: the upper half of a bound that is 16, 96, 576, …
// times BaseDelay, but at most 30 seconds. With the defaults the four attempts of a call
// spread over 14 to 28 seconds, as long as it takes to deploy a service.
func (p Policy) ResetBackoff(resets int) time.Duration {
	bound := 16 * p.BaseDelay
	for range resets - 2 {
		bound = min(6*bound, maxResetDelay)
	}
	bound = min(bound, maxResetDelay)
	return bound/2 + rand.N(bound/2+1)
}
