package main

import (
	"sync"
	"time"
)

// tokens is a token bucket.
type tokens struct {
	mu      sync.Mutex
	rate    float64 // tokens a second, and the size of the bucket
	level   float64
	updated time.Time
}

func newTokens(rate float64) *tokens {
	return &tokens{rate: rate, level: rate, updated: time.Now()}
}

// take takes a token if there is one.
func (b *tokens) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.level = min(b.rate, b.level+b.rate*now.Sub(b.updated).Seconds())
	b.updated = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
