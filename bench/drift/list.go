package main

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/flowretail/flowretail-go/internal/pager"
)

// A kind of change. Numbers are per pass: as many requests as the list has pages.
type kind struct {
	name    string
	creates func(*rand.Rand, scenario) float64
	deletes func(*rand.Rand, scenario) float64
	single  bool // one deletion or none, instead of a rate
	stale   bool // the total is late
	tied    bool // times of creation are coarse, and equal for many
	middle  bool // created items enter anywhere
}

func none(*rand.Rand, scenario) float64          { return 0 }
func one(random *rand.Rand, _ scenario) float64  { return float64(random.IntN(2)) }
func two(random *rand.Rand, _ scenario) float64  { return float64(random.IntN(3)) }
func few(random *rand.Rand, _ scenario) float64  { return float64(1 + random.IntN(10)) }
func half(random *rand.Rand, s scenario) float64 { return random.Float64() * float64(s.length) / 2 }

// The last kind is the one that the guarantee of Complete does not cover.
var kinds = []kind{
	{name: "nothing changes", creates: none, deletes: none},
	{name: "at most one deletion", creates: two, deletes: one, single: true},
	{name: "a few creations and deletions", creates: few, deletes: few},
	{name: "up to half is deleted, up to half as much created", creates: half, deletes: half},
	{name: "a few, and the total is stale", creates: few, deletes: few, stale: true},
	{name: "a few, and times of creation are equal", creates: few, deletes: few, tied: true},
	{name: "a few, and they enter in the middle", creates: few, deletes: few, middle: true},
}

// A scenario is a list and the changes while it is read.
type scenario struct {
	kind             int
	seed             uint64
	length, size     int
	creates, deletes float64 // per request
	deleteAt         int     // the request after which one item is deleted; 0 for none
	lag              int     // requests by which the total is late
}

func (s scenario) pages() int { return max(1, (s.length+s.size-1)/s.size) }

const (
	maxItems = 5000 // items
	maxPages = 120
)

// draw returns the scenario of a run. Short lists are as likely as long ones.
func draw(seed uint64, number int) scenario {
	random := rand.New(rand.NewPCG(seed, uint64(number)))
	s := scenario{kind: number % len(kinds), seed: random.Uint64()}
	s.length = int(math.Exp(random.Float64()*math.Log(maxItems+1))) - random.IntN(2)
	for s.size = 0; s.size == 0 || s.pages() > maxPages; {
		s.size = []int{1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 500, 1000}[random.IntN(12)]
	}
	k := kinds[s.kind]
	s.creates = min(k.creates(random, s)/float64(s.pages()), float64(s.size)/2) // Forward does not end on a list that grows faster than it is read
	s.deletes = k.deletes(random, s) / float64(s.pages())
	if k.single {
		if s.deletes > 0 {
			s.deleteAt = 1 + random.IntN(s.pages())
		}
		s.deletes = 0
	}
	if k.stale {
		s.lag = 1 + random.IntN(10)
	}
	return s
}

type item struct{ number int }

var uids = func() (texts [4 * maxItems]string) {
	for i := range texts {
		texts[i] = strconv.Itoa(i)
	}
	return texts
}()

// A list is the server's side of a run.
type list struct {
	scenario
	mu       sync.Mutex
	changes  *rand.Rand
	items    []item // in order of creation, except those that entered in the middle
	created  int    // items so far
	totals   []int
	requests int
	reads    map[int]int // requests by page
}

func newList(s scenario) *list {
	l := &list{scenario: s, changes: rand.New(rand.NewPCG(s.seed, 0)), created: s.length, reads: map[int]int{}}
	for n := range s.length {
		l.items = append(l.items, item{n})
	}
	return l
}

// fetch takes 20 to 60 ms. The page is read at a random time in between. So of two requests in flight, either may read the
// older list, and either may return first.
func (l *list) fetch(ctx context.Context, request pager.Request) (*pager.Page[item], error) {
	number, size := request.Number, request.Size
	l.mu.Lock()
	l.requests++
	l.reads[number]++
	latency := rand.New(rand.NewPCG(l.seed, uint64(number)<<16|uint64(l.reads[number])))
	l.mu.Unlock()
	whole := 20 + 40*latency.Float64()
	there := whole * latency.Float64()
	if err := wait(ctx, there); err != nil {
		return nil, err
	}
	return l.page(number, size), wait(ctx, whole-there)
}

func wait(ctx context.Context, milliseconds float64) error {
	timer := time.NewTimer(time.Duration(milliseconds * float64(time.Millisecond)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// page returns a page, and then changes the list.
func (l *list) page(number, size int) *pager.Page[item] {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.totals = append(l.totals, len(l.items))
	from := min((number-1)*size, len(l.items))
	page := &pager.Page[item]{
		Items:  append([]item{}, l.items[from:min(from+size, len(l.items))]...),
		Number: number, Size: size, Total: l.totals[max(0, len(l.totals)-1-l.lag)],
	}
	deletions := l.draw(l.deletes)
	if len(l.totals) == l.deleteAt {
		deletions = 1
	}
	for range min(deletions, len(l.items)) {
		at := l.changes.IntN(len(l.items))
		l.items = slices.Delete(l.items, at, at+1)
	}
	for range l.draw(l.creates) {
		at := len(l.items)
		if kinds[l.kind].middle {
			at = l.changes.IntN(len(l.items) + 1)
		}
		l.items = slices.Insert(l.items, at, item{l.created})
		l.created++
	}
	return page
}

// draw returns a random count with the given mean.
func (l *list) draw(mean float64) int {
	whole, part := math.Modf(mean)
	if l.changes.Float64() < part {
		whole++
	}
	return int(whole)
}

// createdAt returns the time of creation that the server states. Those of items that entered in the middle are unknown.
func (l *list) createdAt(i *item) time.Time {
	switch k := kinds[l.kind]; {
	case k.middle:
		return time.Time{}
	case k.tied:
		return time.Unix(int64(i.number/100), 0)
	default:
		return time.Unix(int64(i.number), 0)
	}
}

// lost counts the items that existed before the first request, still exist, and were not yielded.
func (l *list) lost(yielded []bool) (n int) {
	for _, i := range l.items {
		if i.number < l.length && !yielded[i.number] {
			n++
		}
	}
	return n
}
