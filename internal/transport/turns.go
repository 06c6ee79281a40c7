package transport

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Turns has a group of calls, such as those for the pages of a list, read long
// answers one at a time, and first the one that is needed first. Otherwise
// answers that come together would be held in memory together, before and after
// they are decoded. Reading and decoding take less time than a network needs for
// the next answer; where that is not so, patience ends and they are read side by side.
type Turns struct {
	mu      sync.Mutex
	taken   bool
	waiting []*turn // by place
}

type turn struct {
	place int
	come  chan struct{}
}

const (
	// longAnswer is the length in bytes from which an answer is worth a turn.
	longAnswer = 256 << 10
	// patience bounds the wait for a turn, so that an answer that is stuck does
	// not hold up the others.
	patience = 250 * time.Millisecond
)

// take waits for the turn, and reports whether it has come.
func (t *Turns) take(ctx context.Context, place int) bool {
	own := &turn{place, make(chan struct{})}
	if t.enter(own) {
		return true
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	select {
	case <-own.come:
		return true
	case <-enough.C:
	case <-ctx.Done():
	}
	return !t.withdraw(own)
}

// enter gives own the turn if it is free, and lines it up otherwise.
func (t *Turns) enter(own *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.taken {
		t.taken = true
		return true
	}
	i, _ := slices.BinarySearchFunc(t.waiting, own.place, func(w *turn, place int) int { return w.place - place })
	t.waiting = slices.Insert(t.waiting, i, own)
	return false
}

// withdraw takes own out of the line. It reports false when its turn has come meanwhile.
func (t *Turns) withdraw(own *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.waiting, own)
	if i < 0 {
		return false
	}
	t.waiting = slices.Delete(t.waiting, i, i+1)
	return true
}

// end gives the turn to the next in line.
func (t *Turns) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken = len(t.waiting) > 0; t.taken {
		close(t.waiting[0].come)
		t.waiting = slices.Delete(t.waiting, 0, 1)
	}
}

// takeTurn waits for the call's turn to read an answer that is long, or whose
// length is unknown.
func (r *run) takeTurn(ctx context.Context, response *http.Response) {
	if r.Turns != nil && (response.ContentLength < 0 || response.ContentLength >= longAnswer) {
		r.inTurn = r.Turns.take(ctx, r.Place)
	}
}

func (r *run) endTurn() {
	if r.inTurn {
		r.inTurn = false
		r.Turns.end()
	}
}
