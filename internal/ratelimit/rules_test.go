package ratelimit

import (
	"maps"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// The limit falls far below the rate of the client. The measured rate replaces the
// refused one, or several times as many requests would be refused: about 570 are.
func TestLimiter_rateFarAboveLimit(t *testing.T) {
	for _, retryAfter := range []time.Duration{0, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			l, a := New(0), &api{refuses: never, retryAfter: retryAfter}
			a.run(t, l, 256, 3*time.Second) // about 5000 requests a second
			a.sent, a.start, a.refuses = nil, time.Now(), bucket(20)
			a.run(t, l, 256, 30*time.Second)
			if accepted := len(a.sent) - a.refused; a.refused > 1600 || accepted < 600 {
				t.Errorf("Retry-After %v: %d requests refused, %d accepted", retryAfter, a.refused, accepted)
			}
		})
	}
}

// Which rate counts as the refused one, and when the measurement begins anew.
func TestLimiter_limit(t *testing.T) {
	for name, row := range map[string]struct {
		onCurve  time.Duration
		requests int // accepted
		active   time.Duration
		pauses   time.Duration
		rate     float64
		want     float64
		left     int // of requests
	}{
		"far lower":                     {closeRefusals, enoughToMeasure, time.Second, 0, 2*enoughToMeasure + 1, enoughToMeasure / decrease, 0},
		"far lower, with pauses":        {closeRefusals, enoughToMeasure, time.Second / 4, 15 * time.Second / 4, 2*enoughToMeasure + 1, enoughToMeasure / decrease, 0},
		"not far lower":                 {closeRefusals, enoughToMeasure, time.Second, 0, 2 * enoughToMeasure, 2 * enoughToMeasure, 0},
		"too few requests":              {closeRefusals, enoughToMeasure - 1, time.Second, 0, 1000, 1000, enoughToMeasure - 1},
		"the last refusal was long ago": {closeRefusals + 1, enoughToMeasure, time.Second, 0, 1000, 1000, 0},
		"long ago and too few":          {closeRefusals + 1, enoughToMeasure - 1, time.Second, 0, 1000, 1000, 0},
	} {
		l := New(0)
		l.onCurve, l.measured.requests, l.rate = row.onCurve, row.requests, row.rate
		l.measured.activeTime, l.measured.time = row.active, row.active+row.pauses
		wantPlateau := steadyPlateau
		if row.want != row.rate {
			wantPlateau = estimatePlateau
		}
		if got, plateau := l.limit(); got != row.want || plateau != wantPlateau || l.measured.requests != row.left {
			t.Errorf("%s: %v, %s, %d requests left, want %v and %d", name, got, plateau, l.measured.requests, row.want, row.left)
		}
		if measuring := row.left > 0; measuring != (l.measured.time > 0) || measuring != (l.measured.activeTime > 0) {
			t.Errorf("%s: %s and %s are left", name, l.measured.time, l.measured.activeTime)
		}
	}
}

// The measured time has pauses, and the active time has not.
func TestLimiter_activeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		l.Refused(time.Now(), 0)
		l.Refused(time.Now(), 10*time.Second)
		for range 3 {
			_ = l.Wait(t.Context(), time.Now())
		}
		paused := l.measured.time - l.measured.activeTime
		if paused != 10*time.Second || l.measured.activeTime <= 0 {
			t.Errorf("measured %s, active %s", l.measured.time, l.measured.activeTime)
		}
		_ = l.Wait(t.Context(), time.Now())
		if l.measured.time-l.measured.activeTime != paused {
			t.Errorf("measured %s, active %s", l.measured.time, l.measured.activeTime)
		}
	})
}

// After a total refusal, the first success lets the rate double every 250 ms until
// it is back on the curve.
func TestLimiter_doubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		for range 100 {
			l.Accepted(time.Now())
		}
		time.Sleep(time.Second)
		for range 10 {
			time.Sleep(time.Millisecond)
			l.Refused(time.Now(), 0)
		}
		for after, want := range []float64{1, 2, 4, 8, 16, 32, 64} {
			if math.Abs(l.rate-want) > want/100 {
				t.Errorf("%.2f requests a second %d x 250 ms after the first success, want %.0f", l.rate, after, want)
			}
			l.Accepted(time.Now())
			l.waited = time.Now() // the rate is in use
			time.Sleep(250 * time.Millisecond)
			l.Accepted(time.Now())
		}
		if l.rate > 100 || l.rate < 85 {
			t.Errorf("%.2f requests a second afterwards, want 85 to 100", l.rate)
		}
	})
}

// A total refusal leaves one request a second, or the rate if that is less.
func TestLimiter_totalRefusalRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, rate := range []float64{0.3, 0.9, 1, 1.5, 2, 3} {
			l := New(0)
			l.limited, l.rate = true, rate
			time.Sleep(time.Millisecond)
			l.Refused(time.Now(), 0)
			if want := max(rate/2, min(rate, 1)); l.rate != want {
				t.Errorf("%v requests a second after a refusal at %v, want %v", l.rate, rate, want)
			}
		}
		l := New(0)
		l.limited, l.rate, l.accepted = true, 0.05, 1
		time.Sleep(time.Millisecond)
		if l.Refused(time.Now(), 0); l.rate != 0.05 {
			t.Errorf("the rate fell to %v, below the minimum", l.rate)
		}
	})
}

// The rate does not rise during a pause.
func TestLimiter_rateDuringPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		l.Refused(time.Now(), 10*time.Second)
		l.Accepted(time.Now()) // a request that was sent before
		before := l.rate
		if _ = l.Wait(t.Context(), time.Now()); l.rate != before {
			t.Errorf("the rate went from %v to %v", before, l.rate)
		}
	})
}

// A refusal is of the rate at that time, not of the rate at the last request.
func TestLimiter_refusedRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		l.Refused(time.Now(), 0)
		l.Accepted(time.Now().Add(time.Nanosecond)) // it was sent after the refusal
		time.Sleep(l.plateau)
		l.waited = time.Now() // the rate was in use
		if l.Refused(time.Now(), 0); math.Abs(l.rate-unknownRate*decrease) > 0.01 {
			t.Errorf("%v requests a second, want %v", l.rate, unknownRate*decrease)
		}
	})
}

// The request that is refused first counts: the next one waits.
func TestLimiter_waitAfterFirstRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := New(0), time.Now()
		l.Refused(start, 0)
		_ = l.Wait(t.Context(), start)
		if took := time.Since(start).Round(time.Millisecond); took != 118*time.Millisecond {
			t.Errorf("waited %v, want 118ms at 8.5 requests a second", took)
		}
	})
}

// The rate stays when it was not in use for a second.
func TestLimiter_notInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for unused, rises := range map[time.Duration]bool{999 * time.Millisecond: true, time.Second: false} {
			l := New(0)
			l.Refused(time.Now(), 0)
			l.Accepted(time.Now())
			before := l.rate
			time.Sleep(unused)
			l.Accepted(time.Now())
			if l.rate > before != rises {
				t.Errorf("%v after the last wait the rate went from %v to %v", unused, before, l.rate)
			}
		}
	})
}

// A late release is made up for, by up to 10 ms, where requests follow each other
// more closely than that.
func TestLimiter_lateReleases(t *testing.T) {
	for rate, want := range map[float64]int{50: 1, 100: 1, 125: 2, 1000: 11} {
		synctest.Test(t, func(t *testing.T) {
			l := New(rate)
			time.Sleep(time.Second)
			start, n := time.Now(), 0
			for {
				_ = l.Wait(t.Context(), start)
				if time.Since(start) > 0 {
					break
				}
				n++
			}
			if n != want {
				t.Errorf("%v a second: %d requests at once, want %d", rate, n, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		l, start := New(1000), time.Now()
		for range 200 {
			time.Sleep(5 * time.Millisecond) // a timer that is late
			for range 5 {
				_ = l.Wait(t.Context(), start)
			}
		}
		if took := time.Since(start); took > 1010*time.Millisecond {
			t.Errorf("1000 requests at 1000 a second took %v", took)
		}
	})
}

// The limit ends a minute after the last refusal and a minute after the last wait.
func TestLimiter_idleTime(t *testing.T) {
	for name, use := range map[string]func(*testing.T, *Limiter){
		"wait": func(t *testing.T, l *Limiter) {
			for range 2 {
				_ = l.Wait(t.Context(), time.Now()) // the second one waits
			}
			time.Sleep(idleTime - time.Since(l.waited))
		},
		"refusal": func(_ *testing.T, l *Limiter) {
			l.Refused(time.Now(), 0)
			time.Sleep(idleTime)
		},
	} {
		for _, longer := range []time.Duration{0, 1} {
			synctest.Test(t, func(t *testing.T) {
				l := New(0)
				l.Refused(time.Now(), 0)
				time.Sleep(10 * time.Second)
				use(t, l)
				time.Sleep(longer)
				if _ = l.Wait(t.Context(), time.Now()); l.Active() != (longer == 0) {
					t.Errorf("a minute and %v after the last %s: active %v", longer, name, l.Active())
				}
			})
		}
	}
}

// A limit that has ended leaves nothing behind: the next refusal is the first one.
func TestLimiter_refusedAfterEnd(t *testing.T) {
	for _, maxRate := range []float64{0, 1000} {
		synctest.Test(t, func(t *testing.T) {
			l, a := New(maxRate), &api{refuses: never}
			l.Refused(time.Now(), 0)
			time.Sleep(2 * idleTime)
			a.run(t, l, 10, 3*time.Second) // 200 requests a second
			if l.Refused(time.Now(), 0); l.rate < 165 || l.rate > 180 {
				t.Errorf("maximum %v: %.1f requests a second after the refusal, want about 170", maxRate, l.rate)
			}
		})
	}
}

// The rate before the first refusal: that of the second before, or of the current
// second if that is more.
func TestThroughput(t *testing.T) {
	const ms = time.Millisecond
	for name, row := range map[string]struct {
		counts map[time.Duration]int // requests, by their time
		at     time.Duration
		want   float64
	}{
		"nothing":                     {nil, 0, unknownRate},
		"the first requests":          {map[time.Duration]int{0: 5}, 0, 100},
		"half a second":               {map[time.Duration]int{0: 5, 100 * ms: 5}, 500 * ms, 20},
		"exactly a second":            {map[time.Duration]int{0: 5, 100 * ms: 5}, 1000 * ms, 10},
		"the second before":           {map[time.Duration]int{0: 10, 1000 * ms: 1}, 1500 * ms, 10},
		"more than the second before": {map[time.Duration]int{0: 10, 1000 * ms: 10}, 1500 * ms, 20},
		"nearly two seconds ago":      {map[time.Duration]int{0: 100}, 1999 * ms, 100},
		"two seconds ago":             {map[time.Duration]int{0: 100}, 2000 * ms, unknownRate},
		"after an idle time":          {map[time.Duration]int{0: 100, 5000 * ms: 3}, 5500 * ms, 6},
	} {
		synctest.Test(t, func(t *testing.T) {
			var rate throughput
			start := time.Now()
			for _, at := range slices.Sorted(maps.Keys(row.counts)) {
				for range row.counts[at] {
					rate.count(start.Add(at))
				}
			}
			if got := rate.rate(start.Add(row.at)); got != row.want {
				t.Errorf("%s: %v, want %v", name, got, row.want)
			}
		})
	}
}

// Many requests are sent together, and the first response is a 429: those of them that
// are accepted afterwards tell the rate.
func TestLimiter_firstResponseIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		l.Accepted(time.Now()) // the first page
		time.Sleep(roundTrip)
		sent := time.Now()
		time.Sleep(roundTrip)
		l.Refused(sent, 0)
		for range 50 {
			l.Accepted(sent)
		}
		if l.rate < 100 {
			t.Errorf("%.1f requests a second, want far more: 50 were accepted within 50 ms", l.rate)
		}
		l.Accepted(time.Now().Add(time.Nanosecond)) // sent later: it says nothing about the time before
		before := l.rate
		for range 50 {
			l.Accepted(time.Now().Add(time.Nanosecond))
		}
		if l.rate != before {
			t.Errorf("the rate went from %.1f to %.1f", before, l.rate)
		}
	})
}
