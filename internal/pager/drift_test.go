package pager

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type item struct {
	uid     string
	created time.Time
}

func uidOf(i *item) string { return i.uid }

// drifting is a list that changes between the answers that it gives. Requests take a random time, so that they overtake each other.
type drifting struct {
	mu       sync.Mutex
	random   *rand.Rand
	items    []int // in ascending order of creation
	made     int
	first    int     // items that existed at first: 0 to first-1
	creates  float64 // a request
	deletes  float64
	middle   float64 // creations that enter anywhere but at the end
	stale    int     // answers by which the total lags
	totals   []int
	limit    int // deletions at most
	requests int
}

func newDrifting(seed uint64, length int) *drifting {
	d := &drifting{random: rand.New(rand.NewPCG(seed, 5)), made: length, first: length, limit: 1 << 30}
	for i := range length {
		d.items = append(d.items, i)
	}
	return d
}

func (d *drifting) change() {
	times := func(rate float64) (n int) {
		for ; rate >= 1 || d.random.Float64() < rate; rate-- {
			n++
		}
		return n
	}
	for range times(d.deletes) {
		if len(d.items) > 0 && d.limit > 0 {
			at := d.random.IntN(len(d.items))
			d.items = append(d.items[:at], d.items[at+1:]...)
			d.limit--
		}
	}
	for range times(d.creates) {
		d.items = append(d.items, d.made)
		d.made++
	}
	for range times(d.middle) {
		at := d.random.IntN(len(d.items) + 1)
		d.items = append(d.items[:at], append([]int{d.made}, d.items[at:]...)...)
		d.made++
	}
}

func (d *drifting) fetch(ctx context.Context, number, size int) (*Page[item], error) {
	d.mu.Lock()
	d.requests++
	there := time.Duration(1+d.random.IntN(1000)) * time.Microsecond
	back := time.Duration(1+d.random.IntN(1000)) * time.Microsecond
	d.mu.Unlock()
	if err := wait(ctx, there); err != nil {
		return nil, err
	}
	d.mu.Lock()
	page := &Page[item]{Items: []item{}, Number: number, Size: size}
	d.totals = append(d.totals, len(d.items))
	page.Total = d.totals[max(0, len(d.totals)-1-d.stale)]
	for _, n := range d.items[min(len(d.items), (number-1)*size):min(len(d.items), number*size)] {
		page.Items = append(page.Items, item{uid: fmt.Sprint(n)})
	}
	d.change()
	d.mu.Unlock()
	return page, wait(ctx, back)
}

func wait(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
		return nil
	}
}

// lost returns how many items that were there all the time are not in the result.
func (d *drifting) lost(got map[string]int) (n int) {
	for _, i := range d.items {
		if i < d.first && got[fmt.Sprint(i)] == 0 {
			n++
		}
	}
	return n
}

func collect(seq iter.Seq2[*item, error]) (got map[string]int, err error) {
	got = map[string]int{}
	for i, e := range seq {
		if e != nil {
			err = e
			continue
		}
		got[i.uid]++
	}
	return got, err
}

// drift is one run over a list that changes, drawn from a seed.
type drift struct {
	*drifting
	length, size, prefetch int
}

func newDrift(seed uint64) drift {
	random := rand.New(rand.NewPCG(seed, 1))
	size := []int{1, 2, 3, 5, 10, 20, 50}[random.IntN(7)]
	length := random.IntN(1 + min(2000, 50*size))
	d := drift{newDrifting(seed, length), length, size, 1 + random.IntN(8)}
	pass := float64(length/size + 1)
	d.creates = []float64{0, 1, 5, float64(length) / 4}[random.IntN(4)] / pass
	d.deletes = []float64{0, 1, 5, float64(length) / 4, float64(length)}[random.IntN(5)] / pass
	return d
}

func (d drift) read(t *testing.T, m method) (got map[string]int, err error) {
	synctest.Test(t, func(t *testing.T) {
		list := List[item]{Fetch: d.fetch, UID: uidOf}
		got, err = collect(m.read(t.Context(), list, Options{Size: d.size, Prefetch: d.prefetch}))
	})
	for uid, times := range got {
		if times > 1 {
			t.Errorf("%s: item %s came %d times", m.name, uid, times)
		}
	}
	return got, err
}

func runs(t *testing.T, full int) uint64 {
	if testing.Short() {
		return uint64(full / 10)
	}
	t.Parallel()
	return uint64(full)
}

func TestCompleteLosesNothingWhileTheListChanges(t *testing.T) {
	for seed := range runs(t, 1000) {
		d := newDrift(seed)
		got, err := d.read(t, both[1])
		if lost := d.lost(got); err != nil || lost > 0 {
			t.Errorf("seed %d: %d of %d items lost (pages of %d, %d in flight), %v", seed, lost, d.length, d.size, d.prefetch, err)
		}
	}
}

// That the test above could fail: the same lists lose items when they are read page after page.
func TestForwardLosesItemsWhileTheListChanges(t *testing.T) {
	losses := 0
	for seed := range runs(t, 300) {
		d := newDrift(seed)
		d.creates = min(d.creates, float64(d.size)/2) // a list that grows faster than it is read has no end
		got, err := d.read(t, both[0])
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if d.lost(got) > 0 {
			losses++
		}
	}
	if losses == 0 {
		t.Error("no run has lost anything: these lists prove nothing")
	}
}

// With a total that lags behind, an iteration may end in an error, where a page lacks more than a page of what the total says.
// What ends without one has lost nothing.
func TestCompleteLosesNothingWhereTheTotalIsStale(t *testing.T) {
	completed := 0
	total := runs(t, 500)
	for seed := range total {
		d := newDrift(seed)
		d.stale = 1 + int(seed%20)
		got, err := d.read(t, both[1])
		if err != nil {
			continue
		}
		completed++
		if lost := d.lost(got); lost > 0 {
			t.Errorf("seed %d: %d of %d items lost (pages of %d, %d in flight)", seed, lost, d.length, d.size, d.prefetch)
		}
	}
	t.Logf("%d of %d runs ended without an error", completed, total)
	if completed < int(total)/2 {
		t.Errorf("%d of %d runs ended without an error", completed, total)
	}
}
