// Package ratelimit keeps a client within a rate limit that the API does not
// document: it slows the whole client down after a 429 and finds the way back.
//
// Requests wait in a queue, the oldest call first, and are released one at a time
// at the current rate. The rate follows CUBIC (RFC 9438), with requests a second
// in place of a congestion window:
//
//   - A refusal multiplies the rate by 0.85, at most once per round trip.
//   - Afterwards the rate rises fast to near the refused rate, slowly around
//     it, and faster again when the API keeps accepting requests.
//   - As long as the API accepts nothing at all, every further refusal halves the
//     rate, but not below one request a second. After the first success it doubles
//     four times a second until it is back on the curve.
//   - When the rate has fallen below a quarter of an earlier one, it returns to that
//     after 5 seconds without a refusal. If the API refuses the earlier rate, the next
//     try follows after 10 seconds, then 20 and so on, at most after 2 minutes.
//
// A client with a larger share of a common limit is refused more often, so clients
// that share a limit end at equal shares without talking to each other.
package ratelimit

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	decrease = 0.85 // the part of the rate that is left after a refusal
	// A plateau is the time from a refusal until the rate is back where it was refused.
	// It is short when the refused rate is an estimate, which may be far too low.
	steadyPlateau   = 30 * time.Second
	estimatePlateau = 3 * time.Second
	doubling        = 250 * time.Millisecond // for the rate to double after a total refusal
	probing         = 1.0                    // requests a second that a total refusal leaves
	minRate         = 0.05                   // requests a second
	// idleTime without refusal and without a waiting request ends the limit.
	idleTime = time.Minute
	// overestimate is how far the rate may be above the measured one before the
	// measured one is taken for the refused rate.
	overestimate = 2
	// closeRefusals is the longest time between refusals that follow each other closely.
	closeRefusals = 2 * time.Second
	// enoughToMeasure is the number of accepted requests that a measured rate takes.
	enoughToMeasure = 10
	// maxCredit is the delay of a release that the next ones make up for when they
	// follow within less than that. Timers are late, and the rate would suffer from it.
	maxCredit = 10 * time.Millisecond
)

// A Limiter is shared by all calls of a client. Use New.
type Limiter struct {
	active     atomic.Bool // whether requests go through the queue
	throughput throughput  // while they do not

	mu      sync.Mutex
	maximum float64 // requests a second, always; +Inf: none
	queue   queue

	// The limit that was learnt from refusals.
	limited     bool
	estimated   bool          // refusedRate is the throughput before the first refusal
	rate        float64       // requests a second
	refusedRate float64       // the rate at the last refusal
	plateau     time.Duration // of the curve since the last refusal
	onCurve     time.Duration // how long the rate has followed the curve since then
	updated     time.Time     // when rate was last brought up to date

	released    time.Time // the last release
	pausedUntil time.Time // the end of the pause that the API asked for
	decreased   time.Time // the last decrease
	waited      time.Time // the last time that a request had to wait
	accepted    int       // requests since the last decrease
	recovery    recovery

	measured measurement
}

// A measurement is made while requests wait, from one refusal to another.
type measurement struct {
	requests   int           // accepted
	time       time.Duration // with pauses
	activeTime time.Duration // without them
}

// New returns a limiter that lets maxRate requests a second pass, from the first
// request on. 0 means no limit until the API refuses a request.
func New(maxRate float64) *Limiter {
	l := &Limiter{maximum: math.Inf(1)}
	if maxRate > 0 {
		l.maximum = maxRate
		l.active.Store(true)
	}
	return l
}

// Maximum returns what New was called with.
func (l *Limiter) Maximum() float64 {
	if math.IsInf(l.maximum, 1) {
		return 0
	}
	return l.maximum
}

// Active reports whether requests have to wait at present.
func (l *Limiter) Active() bool { return l.active.Load() }

// Wait waits until a request may be sent. Requests of calls that started earlier
// go first. The error is a *PauseError when the API has asked for a pause beyond
// the deadline of ctx, and the context's otherwise.
func (l *Limiter) Wait(ctx context.Context, started time.Time) error {
	if !l.active.Load() {
		return nil
	}
	w := &waiter{started: started, changed: make(chan struct{}, 1)}
	l.mu.Lock()
	l.queue.insert(w)
	l.mu.Unlock()
	for {
		wait, err := l.release(ctx, w)
		if err != nil || wait == 0 {
			return err
		}
		if err := w.sleep(ctx, wait); err != nil {
			l.leave(w)
			return err
		}
	}
}

// release lets a request pass when it is first in the queue and the rate permits
// it. Otherwise it returns how long to wait before the next try.
func (l *Limiter) release(ctx context.Context, w *waiter) (wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if deadline, ok := ctx.Deadline(); ok && !l.pausedUntil.Before(deadline) {
		l.queue.remove(w)
		return 0, &PauseError{Pause: l.pausedUntil.Sub(now), Deadline: deadline.Sub(now)}
	}
	if l.queue[0] != w {
		return math.MaxInt64, nil
	}
	l.update(now)
	at := l.released.Add(l.interval())
	if at.Before(l.pausedUntil) {
		at = l.pausedUntil
	}
	if wait := at.Sub(now); wait > 0 {
		l.waited = now
		return wait, nil
	}
	credit := time.Duration(0)
	if l.interval() < maxCredit {
		credit = maxCredit
	}
	if l.released = at; now.Sub(at) > credit {
		l.released = now.Add(-credit)
	}
	l.queue.remove(w)
	if l.limited && now.Sub(l.decreased) > idleTime && now.Sub(l.waited) > idleTime {
		l.limited = false
		l.active.Store(!math.IsInf(l.maximum, 1))
	}
	return 0, nil
}

// leave takes a request out of the queue that is not sent.
func (l *Limiter) leave(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue.remove(w)
}

// interval is the time between two releases.
func (l *Limiter) interval() time.Duration {
	rate := l.maximum
	if l.limited {
		rate = min(rate, l.rate)
	}
	return time.Duration(float64(time.Second) / rate) // 0 for +Inf
}

// update brings the rate up to date. A rate that no request waits for is not in
// use, so it does not rise; nor does it rise during a pause.
func (l *Limiter) update(now time.Time) {
	last := l.updated
	l.updated = now
	if inUse := len(l.queue) > 0 || now.Sub(l.waited) < time.Second; !inUse || !l.limited {
		return
	}
	l.measured.time += now.Sub(last)
	if last.Before(l.pausedUntil) {
		last = l.pausedUntil
	}
	elapsed := max(0, now.Sub(last))
	l.measured.activeTime += elapsed
	if l.accepted == 0 {
		return
	}
	if l.recovery.isDue(l, now) {
		l.recovery.begin(l, now)
	}
	l.onCurve += elapsed
	position := float64(l.onCurve)/float64(l.plateau) - 1
	curve := min(l.refusedRate*(1+(1-decrease)*position*position*position), 1e9)
	l.rate = min(curve, l.rate*math.Exp2(float64(elapsed)/float64(doubling)))
}

// Refused is called for a 429 to a request that was sent at the given time.
// retryAfter is the pause that the API asked for, 0 if it did not.
func (l *Limiter) Refused(sent time.Time, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.update(now)
	if end := now.Add(retryAfter); end.After(l.pausedUntil) {
		l.pausedUntil = end
		l.queue.wakeFirst()
	}
	switch {
	case !l.limited:
		l.limited = true
		l.waited = now
		if now.After(l.released) {
			l.released = now // the refused request counts
		}
		l.measured = measurement{}
		l.recovery = recovery{peak: float64(l.throughput.previous.Load()), wait: minRecoveryWait}
		l.decrease(l.throughput.rate(now), estimatePlateau, now)
		l.estimated = true
	case !sent.After(l.decreased):
		// It was sent at the rate before the last decrease, which has counted.
	case l.accepted == 0:
		l.rate = max(l.rate/2, min(l.rate, probing))
		l.decreased = now
		l.estimated = false
	case l.recovery.failed(l, now):
		l.decrease(l.recovery.end(), steadyPlateau, now)
	default:
		if l.onCurve > closeRefusals { // the API accepted the rate for a while
			l.recovery.learn(l.rate)
		}
		refused, plateau := l.limit()
		l.decrease(refused, plateau, now)
	}
	l.active.Store(true)
}

// limit returns the rate that the API refuses, which is the current one, and the
// plateau of the curve.
//
// While refusals follow each other closely, the API accepts as many requests as it can,
// so their rate is taken where it is far lower, such that the decrease leads to it. A
// limit that lets many requests through at once after a pause is near their number per
// time with the pauses. One that does not is near their number per time without. The
// geometric mean is between the two.
func (l *Limiter) limit() (rate float64, plateau time.Duration) {
	m, isClose := l.measured, l.onCurve <= closeRefusals
	if isClose && m.requests < enoughToMeasure {
		return l.rate, steadyPlateau // the measurement goes on
	}
	l.measured = measurement{}
	accepted := float64(m.requests) / math.Sqrt(m.time.Seconds()*m.activeTime.Seconds())
	if isClose && accepted*overestimate < l.rate {
		return accepted / decrease, estimatePlateau
	}
	return l.rate, steadyPlateau
}

func (l *Limiter) decrease(refused float64, plateau time.Duration, now time.Time) {
	l.plateau = plateau
	l.refusedRate = max(refused, minRate)
	l.rate = max(l.refusedRate*decrease, minRate)
	l.onCurve, l.accepted = 0, 0
	l.decreased, l.updated = now, now
	l.estimated = false
}

// correctEstimate counts a request that was sent before the first refusal and accepted
// after it. Of many requests that are sent together, the first response may be a 429.
func (l *Limiter) correctEstimate(now time.Time) {
	l.throughput.count(now)
	if rate := l.throughput.rate(now); rate > l.refusedRate {
		l.refusedRate = rate
		l.rate = max(l.rate, rate*decrease)
	}
}

// Accepted is called for every response other than 429 to a request that was sent at
// the given time.
func (l *Limiter) Accepted(sent time.Time) {
	if !l.active.Load() {
		l.throughput.count(time.Now())
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch {
	case !l.limited:
		l.throughput.count(now)
	case l.estimated && !sent.After(l.decreased):
		l.correctEstimate(now)
	}
	l.update(now) // before it counts: the time until the first success does not raise the rate
	l.accepted++
	l.measured.requests++
	l.queue.wakeFirst()
}
