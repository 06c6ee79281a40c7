package ratelimit

import "time"

const (
	// A rate has fallen far when it is below the earlier one by more than this factor.
	farFall = 4
	// enoughToRecover is the number of accepted requests that a recovery takes.
	enoughToRecover = 5
	// The time without a refusal before a recovery. It doubles when one fails.
	minRecoveryWait = 5 * time.Second
	maxRecoveryWait = 2 * time.Minute
	// A recovery has failed when the API refuses a request within recoveryTime and has
	// accepted fewer than it would in provedTime at the peak.
	recoveryTime = 3 * time.Second
	provedTime   = 0.5 // seconds
	// lowerPeak is the part of the peak that is tried after a recovery that failed.
	lowerPeak = 0.95
)

// recovery brings the rate back to an earlier one after a fall. The limit may have been
// lower for a while only, or another client may have used it; the curve alone would take
// minutes to find out.
type recovery struct {
	peak   float64       // the earlier rate; 0: not known
	wait   time.Duration // without a refusal, before the next recovery
	began  time.Time     // of the recovery under way; zero: none
	before float64       // the rate before it
	first  int           // Limiter.accepted before it
}

// isDue reports whether a recovery may begin.
func (r *recovery) isDue(l *Limiter, now time.Time) bool {
	return r.peak > farFall*l.refusedRate && l.accepted >= enoughToRecover && now.Sub(l.decreased) >= r.wait
}

// begin puts the limiter on the curve of the peak. The rate doubles until it is there.
func (r *recovery) begin(l *Limiter, now time.Time) {
	r.began, r.before, r.first = now, l.rate, l.accepted
	l.refusedRate, l.plateau, l.onCurve = r.peak, steadyPlateau, 0
}

// failed reports whether a refusal is one of the recovered rate.
func (r *recovery) failed(l *Limiter, now time.Time) bool {
	return !r.began.IsZero() && now.Sub(r.began) < recoveryTime && float64(l.accepted-r.first) < provedTime*r.peak
}

// end ends a recovery that has failed. The result is a refused rate whose decrease leads
// to the rate before.
func (r *recovery) end() (refused float64) {
	r.began = time.Time{}
	r.peak *= lowerPeak
	r.wait = min(2*r.wait, maxRecoveryWait)
	return r.before / decrease
}

// learn takes a refused rate for the peak if it is higher, or if a recovery led to it.
func (r *recovery) learn(rate float64) {
	if !r.began.IsZero() {
		*r = recovery{wait: minRecoveryWait}
	}
	r.peak = max(r.peak, rate)
}
