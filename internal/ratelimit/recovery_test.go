package ratelimit

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// A limit that is low for a while: afterwards the rate is back within half a minute.
// The curve alone takes some minutes.
func TestLimiter_recovery(t *testing.T) {
	for name, row := range map[string]struct {
		refuses func() func() bool
		span    time.Duration
	}{
		"5 a second for 30 s":      {func() func() bool { return bucket(5) }, 30 * time.Second},
		"5 a second for 2 minutes": {func() func() bool { return bucket(5) }, 2 * time.Minute},
		"a third refused for 20 s": {func() func() bool { return func() bool { return rand.N(3) == 0 } }, 20 * time.Second},
		"half refused for 20 s":    {func() func() bool { return func() bool { return rand.N(2) == 0 } }, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			l, a := New(0), &api{refuses: bucket(50)}
			a.run(t, l, 10, 40*time.Second)
			a.refuses = row.refuses()
			a.run(t, l, 10, row.span)
			a.refuses = bucket(50)
			a.run(t, l, 10, 90*time.Second)
			end := 40*time.Second + row.span
			if sent := a.between(end+80*time.Second, end+90*time.Second); sent < 400 {
				t.Errorf("%s: %d requests within 10 s, 80 s after the end", name, sent)
			}
		})
	}
}

func TestRecovery_isDue(t *testing.T) {
	now := time.Now()
	for name, row := range map[string]struct {
		peak, refused float64
		accepted      int
		quiet         time.Duration
		want          bool
	}{
		"due":                 {farFall*10 + 1, 10, enoughToRecover, minRecoveryWait, true},
		"no fall":             {farFall * 10, 10, enoughToRecover, minRecoveryWait, false},
		"no peak":             {0, 10, enoughToRecover, minRecoveryWait, false},
		"few requests":        {farFall*10 + 1, 10, enoughToRecover - 1, minRecoveryWait, false},
		"a refusal before it": {farFall*10 + 1, 10, enoughToRecover, minRecoveryWait - 1, false},
	} {
		l := New(0)
		l.refusedRate, l.accepted, l.decreased = row.refused, row.accepted, now.Add(-row.quiet)
		r := recovery{peak: row.peak, wait: minRecoveryWait}
		if r.isDue(l, now) != row.want {
			t.Error(name)
		}
	}
}

func TestRecovery_failed(t *testing.T) {
	now := time.Now()
	began := recovery{peak: 50, began: now, first: 7}
	for name, row := range map[string]struct {
		recovery recovery
		accepted int
		after    time.Duration
		want     bool
	}{
		"refused at once":               {began, 7, 0, true},
		"refused before the time":       {began, 7 + 24, recoveryTime - 1, true},
		"refused after the time":        {began, 7 + 24, recoveryTime, false},
		"refused after enough requests": {began, 7 + 25, recoveryTime - 1, false},
		"no recovery":                   {recovery{peak: 50}, 7, 0, false},
	} {
		l := New(0)
		l.accepted = row.accepted
		if row.recovery.failed(l, now.Add(row.after)) != row.want {
			t.Error(name)
		}
	}
}

// A recovery that fails leads back to the rate before it, and the next one waits for
// longer and aims lower.
func TestRecovery_end(t *testing.T) {
	l, now := New(0), time.Now()
	l.rate, l.accepted, l.plateau, l.onCurve = 10, 6, estimatePlateau, time.Second
	l.recovery = recovery{peak: 100, wait: minRecoveryWait}
	wait, peak := minRecoveryWait, 100.0
	for range 10 {
		l.recovery.begin(l, now)
		if l.refusedRate != peak || l.plateau != steadyPlateau || l.onCurve != 0 || l.recovery.first != 6 || !l.recovery.began.Equal(now) {
			t.Errorf("%+v", l)
		}
		l.decrease(l.recovery.end(), steadyPlateau, now)
		wait, peak = min(2*wait, maxRecoveryWait), peak*lowerPeak
		if math.Abs(l.rate-10) > 1e-9 || l.recovery.wait != wait || l.recovery.peak != peak || l.recovery.failed(l, now) {
			t.Errorf("%v, %+v, want %s and %v", l.rate, l.recovery, wait, peak)
		}
		l.accepted = 6
	}
}

// The peak is the highest refused rate. One that a recovery led to replaces it.
func TestRecovery_learn(t *testing.T) {
	r := recovery{peak: 50, wait: time.Minute}
	r.learn(40)
	if r.peak != 50 || r.wait != time.Minute {
		t.Errorf("%+v", r)
	}
	r.learn(60)
	if r.peak != 60 {
		t.Errorf("%+v", r)
	}
	r.began = time.Now()
	r.learn(30)
	if r.peak != 30 || r.wait != minRecoveryWait || !r.began.IsZero() {
		t.Errorf("%+v", r)
	}
}
