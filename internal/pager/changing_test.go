package pager

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// changingList changes after each response. Its requests take random times, so that they
// overtake each other.
type changingList struct {
	mu        sync.Mutex
	random    *rand.Rand
	items     []int // in ascending order of creation
	created   int   // items that were ever created
	first     int   // items that existed at first: 0 to first-1
	creates   float64
	deletes   float64 // per request, as is creates
	staleness int     // responses by which the total is late
	totals    []int
}

func newChangingList(seed uint64, length int) *changingList {
	l := &changingList{random: rand.New(rand.NewPCG(seed, 5)), created: length, first: length}
	for i := range length {
		l.items = append(l.items, i)
	}
	return l
}

// draw returns a random count with the given mean.
func (l *changingList) draw(mean float64) (n int) {
	for ; mean >= 1 || l.random.Float64() < mean; mean-- {
		n++
	}
	return n
}

func (l *changingList) change() {
	for range min(l.draw(l.deletes), len(l.items)) {
		i := l.random.IntN(len(l.items))
		l.items = slices.Delete(l.items, i, i+1)
	}
	for range l.draw(l.creates) {
		l.items = append(l.items, l.created)
		l.created++
	}
}

func (l *changingList) fetch(ctx context.Context, request Request) (*Page[item], error) {
	number, size := request.Number, request.Size
	l.mu.Lock()
	before := time.Duration(1+l.random.IntN(1000)) * time.Microsecond
	after := time.Duration(1+l.random.IntN(1000)) * time.Microsecond
	l.mu.Unlock()
	if err := wait(ctx, before); err != nil {
		return nil, err
	}
	l.mu.Lock()
	page := &Page[item]{Items: []item{}, Number: number, Size: size}
	l.totals = append(l.totals, len(l.items))
	page.Total = l.totals[max(0, len(l.totals)-1-l.staleness)]
	for _, n := range l.items[min(len(l.items), (number-1)*size):min(len(l.items), number*size)] {
		page.Items = append(page.Items, numbered(n))
	}
	l.change()
	l.mu.Unlock()
	return page, wait(ctx, after)
}

// lost returns how many items that existed all the time are not in got.
func (l *changingList) lost(got map[string]int) (n int) {
	for _, i := range l.items {
		if i < l.first && got[fmt.Sprint(i)] == 0 {
			n++
		}
	}
	return n
}

// randomRun is a random list with random options.
type randomRun struct {
	*changingList
	length, size, prefetch int
}

func newRandomRun(seed uint64) randomRun {
	random := rand.New(rand.NewPCG(seed, 1))
	size := []int{1, 2, 3, 5, 10, 20, 50}[random.IntN(7)]
	length := random.IntN(1 + min(2000, 50*size))
	r := randomRun{newChangingList(seed, length), length, size, 1 + random.IntN(8)}
	requests := float64(length/size + 1)
	r.creates = []float64{0, 1, 5, float64(length) / 4}[random.IntN(4)] / requests
	r.deletes = []float64{0, 1, 5, float64(length) / 4, float64(length)}[random.IntN(5)] / requests
	return r
}

func (r randomRun) read(t *testing.T, m method) (got map[string]int, err error) {
	synctest.Test(t, func(t *testing.T) {
		list := List[item]{Fetch: r.fetch, UID: uidOf, Created: createdOf}
		got, err = collect(m.read(t.Context(), list, Options{Size: r.size, Prefetch: r.prefetch}))
	})
	for uid, times := range got {
		if times > 1 {
			t.Errorf("%s: item %s came %d times", m.name, uid, times)
		}
	}
	return got, err
}

// runs returns how many random runs a test takes.
func runs(t *testing.T, full int) uint64 {
	if testing.Short() {
		return uint64(full / 10)
	}
	t.Parallel()
	return uint64(full)
}

func TestComplete_changingList(t *testing.T) {
	for seed := range runs(t, 1000) {
		r := newRandomRun(seed)
		got, err := r.read(t, completeMethod)
		if lost := r.lost(got); err != nil || lost > 0 {
			t.Errorf("seed %d: %d of %d items lost (pages of %d, %d in flight), %v", seed, lost, r.length, r.size, r.prefetch, err)
		}
	}
}

// Forward loses items of the same lists. If it did not, the test above would prove nothing.
func TestForward_changingList(t *testing.T) {
	losses := 0
	for seed := range runs(t, 300) {
		r := newRandomRun(seed)
		r.creates = min(r.creates, float64(r.size)/2) // a list that grows faster than it is read has no end
		got, err := r.read(t, forwardMethod)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if r.lost(got) > 0 {
			losses++
		}
	}
	if losses == 0 {
		t.Error("no run has lost an item")
	}
}

// If the total is stale, a page may lack more than a page of it, which is an error. A run
// without an error has lost nothing.
func TestComplete_staleTotal(t *testing.T) {
	completed := 0
	total := runs(t, 500)
	for seed := range total {
		r := newRandomRun(seed)
		r.staleness = 1 + int(seed%20)
		got, err := r.read(t, completeMethod)
		if err != nil {
			continue
		}
		completed++
		if lost := r.lost(got); lost > 0 {
			t.Errorf("seed %d: %d of %d items lost (pages of %d, %d in flight)", seed, lost, r.length, r.size, r.prefetch)
		}
	}
	if completed < int(total)/2 {
		t.Errorf("%d of %d runs ended without an error", completed, total)
	}
}
