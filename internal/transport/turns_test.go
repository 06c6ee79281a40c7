package transport

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheTurnGoesToWhoIsNeededFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		if !turns.take(t.Context(), 1) {
			t.Fatal("a free turn was not given")
		}
		var read []int
		for _, place := range []int{4, 2, 5, 3} {
			go func() {
				if !turns.take(t.Context(), place) {
					t.Errorf("place %d had no turn", place)
				}
				read = append(read, place)
				turns.end()
			}()
			synctest.Wait()
		}
		turns.end()
		synctest.Wait()
		if want := []int{2, 3, 4, 5}; !slices.Equal(read, want) {
			t.Errorf("read %v, want %v", read, want)
		}
		if !turns.take(t.Context(), 9) {
			t.Error("the turn was lost")
		}
	})
}

func TestAStuckAnswerDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		turns.take(t.Context(), 1) // and never ends
		began := time.Now()
		if turns.take(t.Context(), 2) {
			t.Error("two have the turn")
		}
		if waited := time.Since(began); waited != patience {
			t.Errorf("waited %v, want %v", waited, patience)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if turns.take(ctx, 3) {
			t.Error("two have the turn")
		}
		if waited := time.Since(began); waited != patience {
			t.Errorf("a call that has ended waited %v", waited-patience)
		}
		turns.end()
		if !turns.take(t.Context(), 4) {
			t.Error("the turn went to a call that had left the line")
		}
	})
}
