package ratelimit

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/faultserver"
)

const roundTrip = 50 * time.Millisecond

// An api is what refuses requests in these tests. It responds after roundTrip.
type api struct {
	refuses    func() bool
	retryAfter time.Duration
	sent       []time.Duration // since the start, in order
	refused    int
	start      time.Time
}

// call sends requests through the limiter until one is accepted.
func (a *api) call(t *testing.T, l *Limiter, mu *sync.Mutex) {
	started := time.Now()
	for {
		if err := l.Wait(t.Context(), started); err != nil {
			t.Error(err)
			return
		}
		sent := time.Now()
		mu.Lock()
		a.sent = append(a.sent, sent.Sub(a.start))
		refused := a.refuses()
		if refused {
			a.refused++
		}
		mu.Unlock()
		time.Sleep(roundTrip)
		if !refused {
			l.Accepted(time.Now())
			return
		}
		l.Refused(sent, a.retryAfter)
	}
}

// run has workers make calls for a while and returns the longest call.
func (a *api) run(t *testing.T, l *Limiter, workers int, span time.Duration) (longest time.Duration) {
	var mu sync.Mutex
	var running sync.WaitGroup
	if a.start.IsZero() {
		a.start = time.Now()
	}
	for end := time.Now().Add(span); workers > 0; workers-- {
		running.Go(func() {
			for time.Now().Before(end) {
				started := time.Now()
				a.call(t, l, &mu)
				mu.Lock()
				longest = max(longest, time.Since(started))
				mu.Unlock()
			}
		})
	}
	running.Wait()
	return longest
}

// between counts the requests that were sent from one time to another.
func (a *api) between(from, to time.Duration) (n int) {
	for _, sent := range a.sent {
		if from <= sent && sent < to {
			n++
		}
	}
	return n
}

func never() bool { return false }

// bucket refuses what exceeds a rate; it holds the requests of a second.
func bucket(rate float64) func() bool {
	tokens := faultserver.NewTokenBucket(rate)
	return func() bool { return !tokens.Take() }
}

func TestLimiter_withoutRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := New(0), time.Now()
		for range 1000 {
			if err := l.Wait(t.Context(), start); err != nil {
				t.Fatal(err)
			}
			l.Accepted(time.Now())
		}
		if waited := time.Since(start); waited != 0 || l.Active() {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestLimiter_pause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, a := New(0), &api{refuses: never}
		a.run(t, l, 10, 2*time.Second) // 200 requests a second
		l.Refused(time.Now(), 30*time.Second)
		pause := time.Since(a.start)
		a.run(t, l, 100, 40*time.Second)
		if n := a.between(pause, pause+30*time.Second); n != 0 {
			t.Errorf("%d requests during the pause", n)
		}
		// 170 a second: 0.85 of the rate before.
		if n := a.between(pause+30*time.Second, pause+30*time.Second+100*time.Millisecond); n < 15 || n > 18 {
			t.Errorf("%d requests in the first 100 ms after the pause, want 17", n)
		}
	})
}

func TestLimiter_pauseBeginsWhileRequestsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := New(0), time.Now()
		l.Refused(start, time.Second)
		time.AfterFunc(900*time.Millisecond, func() { l.Refused(time.Now(), 3*time.Second) })
		if err := l.Wait(t.Context(), start); err != nil || time.Since(start) != 3900*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		l.Refused(time.Now(), 0) // does not shorten a pause
		l.Refused(time.Now(), 10*time.Second)
		l.Refused(time.Now(), time.Second)
		if _ = l.Wait(t.Context(), start); time.Since(start) != 13900*time.Millisecond {
			t.Errorf("the pause ended after %v", time.Since(start))
		}
	})
}

func TestLimiter_deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := New(0), time.Now()
		l.Refused(start, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := l.Wait(ctx, start)
		if pause, ok := errors.AsType[*PauseError](err); !ok || pause.Pause != time.Minute || pause.Deadline != 10*time.Second || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if want := "the API asked for a pause of 1m0s, the deadline is in 10s"; err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
		exactly, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := l.Wait(exactly, start); err == nil {
			t.Error("a request waits for its own deadline")
		}
		after, cancel := context.WithTimeout(t.Context(), time.Minute+1)
		defer cancel()
		if err := l.Wait(after, start); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestLimiter_cancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := New(0), time.Now()
		l.Refused(start, time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		var calls sync.WaitGroup
		for range 2000 {
			calls.Go(func() {
				if err := l.Wait(ctx, start); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		calls.Go(func() { // behind them all
			if err := l.Wait(t.Context(), time.Now().Add(time.Hour)); err != nil || time.Since(start) != time.Second {
				t.Errorf("%v after %v: cancelled requests kept their places", err, time.Since(start))
			}
		})
		calls.Wait()
	})
}

func TestLimiter_oldestCallFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := New(0), time.Now()
		l.Refused(start, time.Second)
		var mu sync.Mutex
		var order []int
		var calls sync.WaitGroup
		for _, age := range []int{3, 1, 4, 1, 5, 9, 2, 6} {
			calls.Go(func() {
				_ = l.Wait(t.Context(), start.Add(time.Duration(age)))
				mu.Lock()
				defer mu.Unlock()
				order = append(order, age)
			})
			synctest.Wait()
		}
		calls.Wait()
		if want := []int{1, 1, 2, 3, 4, 5, 6, 9}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

// The API refuses everything for two seconds, then nothing.
func TestLimiter_totalRefusal(t *testing.T) {
	for _, workers := range []int{1, 10, 50, 200} {
		synctest.Test(t, func(t *testing.T) {
			l, a := New(0), &api{refuses: never}
			a.run(t, l, workers, 3*time.Second)
			refusal := time.Now()
			a.refuses = func() bool { return time.Since(refusal) < 2*time.Second }
			longest := a.run(t, l, workers, 70*time.Second)
			if longest > 6*time.Second {
				t.Errorf("%d workers: the longest call took %v", workers, longest)
			}
			if a.refused > 6*workers+20 {
				t.Errorf("%d workers: %d requests were refused", workers, a.refused)
			}
			begin := refusal.Sub(a.start)
			before, soon, later := a.between(begin-time.Second, begin), a.between(begin+8*time.Second, begin+9*time.Second), a.between(begin+62*time.Second, begin+63*time.Second)
			if soon < before/2 || later < before*95/100 {
				t.Errorf("%d workers: %d requests a second before, %d six seconds after, %d a minute after", workers, before, soon, later)
			}
		})
	}
}

// One client under a limit uses nearly all of it and is rarely refused.
func TestLimiter_steadyLimit(t *testing.T) {
	for _, rate := range []float64{1, 10, 50} {
		for _, workers := range []int{1, 8, 256} {
			for _, retryAfter := range []time.Duration{0, time.Second} {
				synctest.Test(t, func(t *testing.T) {
					l, a := New(0), &api{refuses: bucket(rate), retryAfter: retryAfter}
					a.run(t, l, workers, time.Minute)
					a.sent, a.refused, a.start = nil, 0, time.Now()
					a.run(t, l, workers, 5*time.Minute)
					limit := min(rate, float64(workers)/roundTrip.Seconds())
					accepted := float64(len(a.sent)-a.refused) / time.Since(a.start).Seconds()
					if accepted < 0.9*limit {
						t.Errorf("limit %v, %d workers, Retry-After %v: %.2f requests a second", rate, workers, retryAfter, accepted)
					}
					if allowed := len(a.sent)*3/100 + 5; a.refused > allowed {
						t.Errorf("limit %v, %d workers, Retry-After %v: %d of %d requests refused", rate, workers, retryAfter, a.refused, len(a.sent))
					}
				})
			}
		}
	}
}

func TestLimiter_decreasesOncePerRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, a := New(0), &api{refuses: never}
		a.run(t, l, 10, 3*time.Second)
		together := time.Now()
		for range 20 {
			l.Refused(together, 0)
		}
		once := l.rate
		if once < 165 || once > 180 {
			t.Errorf("%.1f requests a second after refusals of requests that were sent together, want about 170", once)
		}
		time.Sleep(time.Millisecond)
		l.Accepted(time.Now())
		l.Refused(time.Now(), 0)
		if want := once * decrease; math.Abs(l.rate-want) > 0.1 {
			t.Errorf("%.1f requests a second after a later refusal, want %.1f", l.rate, want)
		}
	})
}

func TestLimiter_curve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		l.limited, l.rate = true, 100
		l.active.Store(true)
		l.decrease(100, steadyPlateau, time.Now())
		l.accepted = 1
		for after, want := range map[time.Duration]float64{0: 85, 15 * time.Second: 98.1, 30 * time.Second: 100, 60 * time.Second: 115} {
			l.onCurve, l.rate = 0, 100
			l.updated = time.Now()
			l.waited = time.Now().Add(after)
			time.Sleep(after)
			l.update(time.Now())
			if after > 0 && math.Abs(l.rate-want) > 0.1 {
				t.Errorf("%v after a refusal at 100 a second: %.1f, want %.1f", after, l.rate, want)
			}
		}
		// Without use the rate stays.
		before := l.rate
		time.Sleep(time.Minute)
		l.update(time.Now())
		if l.rate != before {
			t.Errorf("a rate that is not used went from %.1f to %.1f", before, l.rate)
		}
	})
}

func TestLimiter_firstRefusal(t *testing.T) {
	for name, before := range map[string]int{"of the first request": 0, "of the second": 1, "of the tenth": 9} {
		synctest.Test(t, func(t *testing.T) {
			l, a := New(0), &api{refuses: never}
			for range before {
				l.Accepted(time.Now())
				time.Sleep(10 * time.Millisecond)
			}
			l.Refused(time.Now(), time.Second)
			time.Sleep(time.Second)
			if a.run(t, l, 5, 2*time.Second); len(a.sent) < 17 {
				t.Errorf("a refusal %s: %d requests in two seconds", name, len(a.sent))
			}
		})
	}
}

func TestLimiter_endsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		l.Refused(time.Now(), 0)
		time.Sleep(idleTime)
		_ = l.Wait(t.Context(), time.Now())
		if !l.Active() {
			t.Error("the limit ended after a minute, want more")
		}
		time.Sleep(time.Second)
		_ = l.Wait(t.Context(), time.Now())
		if l.Active() {
			t.Error("the limit did not end")
		}
	})
}

func TestLimiter_maxRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, a := New(50), &api{refuses: never}
		a.run(t, l, 32, 10*time.Second)
		for i := range a.sent {
			if n := a.between(a.sent[i], a.sent[i]+time.Second); n > 51 {
				t.Fatalf("%d requests in the second from %v", n, a.sent[i])
			}
		}
		if len(a.sent) < 500 {
			t.Errorf("%d requests in 10 s, want 500", len(a.sent))
		}
		l.Refused(time.Now(), 0)
		if l.rate > 50 {
			t.Errorf("after a refusal the rate is %.1f", l.rate)
		}
		a.sent = nil
		a.start = time.Now()
		a.run(t, l, 32, 3*time.Minute)
		if n := a.between(2*time.Minute, 3*time.Minute); n > 3001 {
			t.Errorf("%d requests in a minute, two minutes after a refusal", n)
		}
		time.Sleep(2 * idleTime)
		_ = l.Wait(t.Context(), time.Now())
		_ = l.Wait(t.Context(), time.Now())
		if !l.Active() {
			t.Error("the maximum ended")
		}
	})
}

func BenchmarkLimiter_withoutRefusal(b *testing.B) {
	l, started := New(0), time.Now()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = l.Wait(context.Background(), started)
			l.Accepted(time.Now())
		}
	})
}
