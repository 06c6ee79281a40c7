package ratelimit

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestNothingIsHeldBackBeforeARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		began := time.Now()
		for range 1000 {
			if err := pace.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			pace.Passed()
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestARefusalPausesTheWholeClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		for range 100 {
			pace.Passed()
		}
		began := time.Now()
		pace.Throttled(began, 5*time.Second)
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				if err := pace.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				if waited := time.Since(began); waited < 5*time.Second || waited > 6*time.Second {
					t.Errorf("a call went after %v", waited)
				}
			})
		}
		callers.Wait()
	})
}

func TestAPauseThatBeginsMeanwhileHoldsThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		pace.Throttled(time.Now(), time.Second)
		began := time.Now()
		var caller sync.WaitGroup
		caller.Go(func() { _ = pace.Wait(t.Context()) })
		time.Sleep(900 * time.Millisecond)
		pace.Throttled(time.Now(), 3*time.Second)
		caller.Wait()
		if waited := time.Since(began); waited < 3900*time.Millisecond {
			t.Errorf("went after %v", waited)
		}
	})
}

func TestACallWhoseTurnComesTooLateFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		pace.Throttled(time.Now(), time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if err := pace.Wait(ctx); !errors.Is(err, ErrBeyondDeadline) || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestACallThatIsCancelledStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		pace.Throttled(time.Now(), time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		if err := pace.Wait(ctx); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// sent returns how many requests go in a time, with one caller that always has work.
func sent(t *testing.T, pace *Pace, span time.Duration, answer func(*Pace)) int {
	t.Helper()
	count := 0
	for began := time.Now(); time.Since(began) < span; count++ {
		if err := pace.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		answer(pace)
	}
	return count
}

func TestTheRateFallsOnceForWhatWasSentTogetherAndFindsItsWayBackUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		passes := func(p *Pace) { p.Passed() }
		sent(t, &pace, 3*time.Second, passes) // 1000 a second
		together := time.Now()
		for range 20 {
			pace.Throttled(together, 0)
		}
		after := sent(t, &pace, 2*time.Second, passes)
		if after < 1300 || after > 1600 {
			t.Errorf("%d requests in two seconds after a refusal, want about three quarters of 2000", after)
		}
		time.Sleep(time.Millisecond)
		pace.Throttled(time.Now(), 0)
		if again := sent(t, &pace, 2*time.Second, passes); again < after*6/10 || again > after*9/10 {
			t.Errorf("%d requests in two seconds after another refusal, %d before it", again, after)
		}
		sent(t, &pace, 5*time.Minute, passes)
		if recovered := sent(t, &pace, 2*time.Second, passes); recovered < 1900 {
			t.Errorf("%d requests in two seconds, long after the last refusal", recovered)
		}
	})
}

func TestAClientThatIsRefusedEarlyIsNotTakenForASlowOne(t *testing.T) {
	for name, before := range map[string]int{"at its first request": 0, "at its second": 1, "at its tenth": 9} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var pace Pace
				for range before {
					pace.Passed()
					time.Sleep(10 * time.Millisecond)
				}
				pace.Throttled(time.Now(), time.Second)
				time.Sleep(time.Second)
				if n := sent(t, &pace, 2*time.Second, func(p *Pace) { p.Passed() }); n < 14 {
					t.Errorf("%d requests in two seconds", n)
				}
			})
		})
	}
}

func TestAPaceThatNobodyNeedsSwitchesItselfOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		pace.Throttled(time.Now(), 0)
		time.Sleep(2 * idle)
		_ = pace.Wait(t.Context())
		began := time.Now()
		for range 100 {
			_ = pace.Wait(t.Context())
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v", waited)
		}
	})
}

func BenchmarkWaitWhenNothingIsThrottled(b *testing.B) {
	var pace Pace
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = pace.Wait(context.Background())
			pace.Passed()
		}
	})
}

func TestCallsThatAreGivenUpDoNotLengthenTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pace Pace
		pace.Throttled(time.Now(), time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for range 2000 {
			callers.Go(func() { _ = pace.Wait(ctx) })
		}
		synctest.Wait()
		cancel()
		callers.Wait()
		began := time.Now()
		if err := pace.Wait(t.Context()); err != nil || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
