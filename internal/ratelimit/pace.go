// Package ratelimit keeps a client within a rate that nobody tells it: it slows the
// whole client down when the API turns requests away, and finds the way back up.
//
// After a refusal the client pauses for as long as the API asked, and goes on at
// a part of its rate; from then on the rate grows by a constant part a second,
// faster the longer there is no refusal. Because a client that sends more is
// refused more often, and shrinks more often, clients that share a limit end at
// equal shares of it, without talking to each other. Growth is slow where it
// matters: around the limit a client is refused about once in half a minute.
package ratelimit

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// ErrBeyondDeadline means that a call's turn comes after the end of its context.
var ErrBeyondDeadline = errors.New("the client is slowed down because the API throttled it, and the call's turn comes after its deadline")

const (
	decrease = 0.75             // of the rate is left after a refusal
	growth   = 0.006            // of the rate, a second
	patience = 60 * time.Second // without refusal, after which growth has doubled
	slowest  = 0.05             // requests a second
	idle     = time.Minute      // without refusal or wait, after which the pace is off
)

// A Pace is shared by all calls of a client. The zero value holds nothing back.
type Pace struct {
	on   atomic.Bool // whether there is anything to wait for
	flow flow

	mu      sync.Mutex
	rate    float64   // requests a second
	grown   time.Time // when rate was last brought up to date
	next    time.Time // when the next request may go
	until   time.Time // the end of a pause
	refused time.Time // the last refusal that counted
	waited  time.Time // the last time that a request had to wait
}

// Wait waits for the turn of a request.
func (p *Pace) Wait(ctx context.Context) error {
	if !p.on.Load() {
		return nil
	}
	for {
		at, err := p.reserve(ctx)
		if err != nil {
			return err
		}
		if wait := time.Until(at); wait > 0 {
			err = sleep(ctx, wait)
		}
		// A pause that began meanwhile puts the request back in the line, lest all go at its end.
		if err == nil && !p.paused() {
			return nil
		}
		p.giveBack()
		if err != nil {
			return err
		}
	}
}

// giveBack shortens the line by a place that is not used: those who come later
// must not wait for calls that have been given up.
func (p *Pace) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = p.next.Add(-p.interval())
}

// interval is the time between two requests.
func (p *Pace) interval() time.Duration { return time.Duration(float64(time.Second) / p.rate) }

// reserve takes the next place in the line.
func (p *Pace) reserve(ctx context.Context) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	at := latest(now, p.next, p.until)
	if at.After(now) {
		if beyond(ctx, at) {
			return at, ErrBeyondDeadline
		}
		p.waited = now
	}
	p.grow(now)
	if now.Sub(p.refused) > idle && now.Sub(p.waited) > idle {
		p.on.Store(false)
	}
	p.next = at.Add(p.interval())
	return at, nil
}

// grow brings the rate up to date. A rate that nobody waits for is no longer
// tried, so it does not grow.
func (p *Pace) grow(now time.Time) {
	if now.Sub(p.waited) < time.Second {
		quiet := now.Sub(p.refused).Seconds() / patience.Seconds()
		p.rate *= math.Exp(growth * (1 + quiet*quiet) * now.Sub(p.grown).Seconds())
		p.rate = min(p.rate, 1e9)
	}
	p.grown = now
}

func (p *Pace) paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.until) > 0
}

// Throttled tells that the API turned a request away that was sent at the given
// time, and how long it wants to be left alone (0: it did not say).
func (p *Pace) Throttled(sent time.Time, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.until = latest(p.until, now.Add(after))
	switch {
	case !p.on.Load():
		p.rate, p.next, p.waited, p.grown = p.flow.rate(now)*decrease, now, now, now
		p.refused = now
	case sent.After(p.refused):
		p.grow(now)
		p.rate *= decrease
		p.refused = now
	default:
		// Sent at the rate of before the last refusal, which has counted.
	}
	p.rate = max(p.rate, slowest)
	p.on.Store(true)
}

// Passed tells that the API took a request.
func (p *Pace) Passed() {
	if !p.on.Load() {
		p.flow.count(time.Now())
	}
}

func latest(times ...time.Time) time.Time {
	last := times[0]
	for _, t := range times[1:] {
		if t.After(last) {
			last = t
		}
	}
	return last
}

func beyond(ctx context.Context, at time.Time) bool {
	deadline, ok := ctx.Deadline()
	return ok && !at.Before(deadline)
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
