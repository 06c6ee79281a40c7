// Package pace keeps a client within a rate that it does not know: it slows the
// whole client down when the API throttles, and finds the way back up.
package pace

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBeyondDeadline means that a call's turn comes after the end of its context.
var ErrBeyondDeadline = errors.New("the client is slowed down because the API throttled it, and the call's turn comes after its deadline")

// A Pace is shared by all calls of a client.
type Pace struct {
	throttled atomic.Bool // whether Wait has anything to do

	mu    sync.Mutex
	until time.Time // nothing is sent before
}

// Wait waits for the turn of a request.
func (p *Pace) Wait(ctx context.Context) error {
	if !p.throttled.Load() {
		return nil
	}
	p.mu.Lock()
	wait := time.Until(p.until)
	if wait <= 0 {
		p.throttled.Store(false)
	}
	p.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return ErrBeyondDeadline
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Throttled tells that the API turned a request away, and for how long (0: it did not say).
func (p *Pace) Throttled(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(after); until.After(p.until) {
		p.until = until
	}
	p.throttled.Store(true)
}

// Passed tells that the API took a request.
func (p *Pace) Passed() {}
