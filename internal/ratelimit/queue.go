package ratelimit

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A PauseError says that the API asked for a pause beyond a call's deadline.
type PauseError struct {
	Pause    time.Duration // from now
	Deadline time.Duration // from now
}

// Error returns both times.
func (e *PauseError) Error() string {
	return fmt.Sprintf("the API asked for a pause of %s, the deadline is in %s", e.Pause.Round(time.Millisecond), e.Deadline.Round(time.Millisecond))
}

// A queue has the requests that wait, those of the oldest call first.
type queue []*waiter

// A waiter is a request that waits.
type waiter struct {
	started time.Time     // when its call started
	changed chan struct{} // it may be released earlier than it thought
}

func (q *queue) insert(w *waiter) {
	i, _ := slices.BinarySearchFunc(*q, w, func(other, w *waiter) int {
		if other.started.After(w.started) {
			return 1
		}
		return -1 // equal times: behind those that are there
	})
	*q = slices.Insert(*q, i, w)
}

// remove takes w out of the queue and wakes the request that is first now.
func (q *queue) remove(w *waiter) {
	i := slices.Index(*q, w)
	*q = slices.Delete(*q, i, i+1)
	q.wakeFirst()
}

func (q queue) wakeFirst() {
	if len(q) == 0 {
		return
	}
	select {
	case q[0].changed <- struct{}{}:
	default: // it is awake
	}
}

// sleep returns after a while, when something has changed, or when ctx ends.
func (w *waiter) sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-w.changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
