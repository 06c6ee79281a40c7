package main

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/pager"
)

// A way of reading a list.
type way struct {
	name     string
	complete bool
	inFlight int
}

var ways = []way{
	{"page by page", false, 1},
	{"4 pages in flight", false, 4},
	{"Complete, 1 in flight", true, 1},
	{"Complete, 2 in flight", true, 2},
	{"Complete, 4 in flight", true, 4},
	{"Complete, 8 in flight", true, 8},
}

// The ways that the figures are about.
const (
	pageByPage = 0
	ahead4     = 1
	complete4  = 4
)

func (w way) read(ctx context.Context, l *list) iter.Seq2[*item, error] {
	source := pager.List[item]{
		Fetch:   l.fetch,
		UID:     func(i *item) string { return uids[i.number] },
		Created: l.created,
	}
	options := pager.Options{Size: l.size, Prefetch: w.inFlight}
	if w.complete {
		return pager.Complete(ctx, source, options)
	}
	return pager.Forward(ctx, source, options)
}

// read reads the list of a scenario in one way, in virtual time.
func read(t *testing.T, s scenario, w way) (r reading) {
	synctest.Test(t, func(t *testing.T) {
		l := newList(s)
		yielded := make([]bool, len(uids))
		began := time.Now()
		for i, err := range w.read(t.Context(), l) {
			switch {
			case err != nil:
				r.failed = true
			case yielded[i.number]:
				t.Errorf("%s, seed %d: item %d came twice", w.name, s.seed, i.number)
			default:
				yielded[i.number] = true
			}
		}
		r.took, r.requests = int64(time.Since(began)), l.requests
		if !r.failed {
			r.lost = l.lost(yielded)
		}
	})
	return r
}
