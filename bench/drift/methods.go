package main

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowretail/flowretail-go/internal/pager"
)

// A method reads a list.
type method struct {
	name     string
	complete bool
	inFlight int
}

var methods = []method{
	{"page by page", false, 1},
	{"4 pages in flight", false, 4},
	{"Complete, 1 in flight", true, 1},
	{"Complete, 2 in flight", true, 2},
	{"Complete, 4 in flight", true, 4},
	{"Complete, 8 in flight", true, 8},
}

// Indexes of the methods that the figures are about.
const (
	pageByPage = 0
	forward4   = 1
	complete4  = 4
)

func (m method) read(ctx context.Context, l *list) iter.Seq2[*item, error] {
	source := pager.List[item]{
		Fetch:   l.fetch,
		UID:     func(i *item) string { return uids[i.number] },
		Created: l.createdAt,
	}
	options := pager.Options{Size: l.size, Prefetch: m.inFlight}
	if m.complete {
		return pager.Complete(ctx, source, options)
	}
	return pager.Forward(ctx, source, options)
}

// read reads the list of a scenario with one method, in virtual time.
func read(t *testing.T, s scenario, m method) (r result) {
	synctest.Test(t, func(t *testing.T) {
		l := newList(s)
		yielded := make([]bool, len(uids))
		start := time.Now()
		for i, err := range m.read(t.Context(), l) {
			switch {
			case err != nil:
				r.failed = true
			case yielded[i.number]:
				t.Errorf("%s, seed %d: item %d came twice", m.name, s.seed, i.number)
			default:
				yielded[i.number] = true
			}
		}
		r.took, r.requests = int64(time.Since(start)), l.requests
		if !r.failed {
			r.lost = l.lost(yielded)
		}
	})
	return r
}
