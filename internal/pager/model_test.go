package pager

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

var modelRuns = flag.Int("model", 4000, "runs of TestModel, each with Forward and Complete")

// A modelServer serves a list that changes, in one of the ways that are documented or seen in
// the wild. All of it follows from the seed.
type modelServer struct {
	mu     sync.Mutex
	random *rand.Rand

	items    []int // in the order of the list
	created  int
	first    int // items that existed at first: 0 to first-1
	deletes  float64
	creates  float64
	atFront  bool // items are created at the front instead of at the end
	massive  int  // the request after which nearly all items are deleted; 0 for none
	deleted  int
	shortest int // the length of the list, at any time
	requests int

	granted  int // items of a full page
	size     sizeStatement
	noNumber bool // the page number is not stated
	total    totalStatement
	pastEnd  pastEndStatement
	accident accident
	at       int // the request of the accident

	unstable bool // pages are cut from an order that differs in each response
}

// How a server states the page size.
type sizeStatement int

const (
	sizeGranted sizeStatement = iota
	sizeRequested
	sizeOfPage // the number of items on the page
	sizeStatements
)

// How a server states the total.
type totalStatement int

const (
	totalExact        totalStatement = iota
	totalCountedFirst                // before changes that the page shows already
	totalLow
	totalNone
	totalStatements
)

// What a server responds to a request for a page past the end.
type pastEndStatement int

const (
	pastEndEmpty  pastEndStatement = iota
	pastEndNoSize                  // an empty page with page size 0
	pastEndRefused
	pastEndStatements
)

// What happens once, on one page.
type accident int

const (
	noAccident accident = iota
	accidentRefused
	accidentEmpty
	accidentShort
	accidentError
	accidents
)

func newModelServer(seed uint64, requested int) *modelServer {
	random := rand.New(rand.NewPCG(seed, 2))
	length := random.IntN(1 + []int{3, 12, 80}[random.IntN(3)])
	s := &modelServer{random: random, items: from(0, length), created: length, first: length, shortest: length, granted: requested}
	if random.IntN(3) == 0 {
		s.granted = 1 + random.IntN(requested)
	}
	requests := float64(length/s.granted + 1)
	s.deletes = []float64{0, 0, 1, 4, float64(length)}[random.IntN(5)] / requests
	s.creates = min([]float64{0, 0, 1, 4, float64(length)}[random.IntN(5)]/requests, float64(s.granted)/2)
	if random.IntN(10) == 0 {
		s.massive = 1 + random.IntN(int(requests))
	}
	s.size = sizeStatement(random.IntN(int(sizeStatements)))
	s.total = totalStatement(random.IntN(int(totalStatements)))
	if s.total > totalCountedFirst && s.size == sizeRequested {
		s.size = sizeGranted // else nothing tells that a full page is one
	}
	if s.size == sizeOfPage {
		s.total = totalExact // else nothing tells whether page 1 was full
	}
	s.pastEnd = pastEndStatement(random.IntN(int(pastEndStatements)))
	s.noNumber = random.IntN(4) == 0
	if random.IntN(3) == 0 && s.total <= totalCountedFirst {
		s.accident, s.at = accident(random.IntN(int(accidents))), 1+random.IntN(int(requests)+1)
	}
	return s
}

// isHonest reports whether a reader must get the list without an error.
func (s *modelServer) isHonest() bool { return s.accident == noAccident && !s.unstable }

func (s *modelServer) draw(mean float64) (n int) {
	for ; mean >= 1 || s.random.Float64() < mean; mean-- {
		n++
	}
	return n
}

func (s *modelServer) change() {
	deletes := s.draw(s.deletes)
	if s.requests == s.massive {
		deletes = len(s.items) * 9 / 10
	}
	for range min(deletes, len(s.items)) {
		i := s.random.IntN(len(s.items))
		s.items = slices.Delete(s.items, i, i+1)
		s.deleted++
	}
	s.shortest = min(s.shortest, len(s.items))
	for range min(s.draw(s.creates), 4*s.first+50-s.created) { // an import has an end
		if s.atFront {
			s.items = slices.Insert(s.items, 0, s.created)
		} else {
			s.items = append(s.items, s.created)
		}
		s.created++
	}
}

var errAccident = errors.New("connection reset")

func (s *modelServer) fetch(ctx context.Context, request Request) (*Page[item], error) {
	s.mu.Lock()
	before := time.Duration(1+s.random.IntN(1000)) * time.Microsecond
	after := time.Duration(1+s.random.IntN(1000)) * time.Microsecond
	s.mu.Unlock()
	if err := wait(ctx, before); err != nil {
		return nil, err
	}
	s.mu.Lock()
	page, err := s.page(request.Number, request.Size)
	s.mu.Unlock()
	if err := wait(ctx, after); err != nil {
		return nil, err
	}
	return page, err
}

func (s *modelServer) page(number, requested int) (*Page[item], error) {
	s.requests++
	size := min(requested, s.granted)
	total := len(s.items)
	if s.total == totalCountedFirst {
		s.change()
	}
	items := s.items
	if s.unstable {
		items = slices.Clone(items)
		s.random.Shuffle(len(items), func(i, k int) { items[i], items[k] = items[k], items[i] })
	}
	page := &Page[item]{Items: []item{}, Number: number, Total: total}
	for _, n := range items[min(len(items), (number-1)*size):min(len(items), number*size)] {
		page.Items = append(page.Items, numbered(n))
	}
	s.state(page, requested, size)
	if s.total != totalCountedFirst {
		s.change()
	}
	if s.pastEnd == pastEndRefused && number > 1 && (number-1)*size >= len(items) {
		return nil, errPastEnd
	}
	if s.requests == s.at {
		return s.fail(page)
	}
	return page, nil
}

// state sets what a page states about itself.
func (s *modelServer) state(page *Page[item], requested, size int) {
	page.Size = []int{size, requested, len(page.Items)}[s.size]
	if len(page.Items) == 0 && s.pastEnd == pastEndNoSize {
		page.Size = 0
	}
	if s.noNumber {
		page.Number = 0
	}
	switch s.total {
	case totalLow:
		page.Total = max(0, page.Total-3)
	case totalNone:
		page.Total = 0
	}
}

func (s *modelServer) fail(page *Page[item]) (*Page[item], error) {
	switch s.accident {
	case accidentRefused:
		return nil, errPastEnd
	case accidentEmpty:
		page.Items = page.Items[:0]
	case accidentShort:
		page.Items = page.Items[:len(page.Items)/2]
	case accidentError:
		return nil, errAccident
	}
	return page, nil
}
