package faultserver

import (
	"sync"
	"time"
)

// A TokenBucket is a rate limit: it permits a number of requests a second. It holds the tokens of one
// second, and is full at first.
type TokenBucket struct {
	rate float64

	mu      sync.Mutex
	tokens  float64
	updated time.Time
}

// NewTokenBucket returns a bucket for rate requests a second.
func NewTokenBucket(rate float64) *TokenBucket {
	return &TokenBucket{rate: rate, tokens: rate, updated: time.Now()}
}

// Take takes a token. It reports false if there is none.
func (b *TokenBucket) Take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.tokens = min(b.rate, b.tokens+b.rate*now.Sub(b.updated).Seconds())
	b.updated = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
