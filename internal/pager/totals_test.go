package pager

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A script is a server that uses another one for each request, and the last one from then on.
type script struct {
	servers []server
	pages   []int // requested
}

func (s *script) list() List[item] {
	return server(func(number, size int) (*Page[item], error) {
		s.pages = append(s.pages, number)
		return s.servers[min(len(s.pages), len(s.servers))-1](number, size)
	}).list()
}

// A totalsTest reads a list one request at a time. It expects the pages to be requested, and the
// items to be yielded; or an error.
type totalsTest struct {
	name    string
	read    method
	servers []server
	pages   []int
	items   []int
	err     string
}

func testTotals(t *testing.T, tests []totalsTest) {
	for _, test := range tests {
		s := &script{servers: test.servers}
		got, err := collect(test.read.read(t.Context(), s.list(), Options{Size: 10}))
		if err != nil && err.Error() != test.err || err == nil && test.err != "" {
			t.Errorf("%s: %v instead of %q", test.name, err, test.err)
		}
		if !slices.Equal(s.pages, test.pages) {
			t.Errorf("%s: pages %v were requested instead of %v", test.name, s.pages, test.pages)
		}
		for _, n := range test.items {
			if got[numbered(n).uid] != 1 {
				t.Errorf("%s: item %d is missing", test.name, n)
			}
		}
		if len(got) != len(test.items) {
			t.Errorf("%s: %d items instead of %d", test.name, len(got), len(test.items))
		}
	}
}

func repeated(s server, times int) []server { return slices.Repeat([]server{s}, times) }

func TestSettle(t *testing.T) {
	fifteen := fixedList(15)
	stated := func(n, total int) server { return fixedList(n).with(stateTotal(total)) }
	testTotals(t, []totalsTest{
		{
			"a total that is too large", forwardMethod, []server{stated(15, 19)}, []int{1, 2, 2, 3, 2}, from(0, 15),
			"page 2 has 5 items, also when read again, although more follow; 15 items were read, and the list should have 19",
		},
		{
			"the only page is empty", forwardMethod, []server{stated(0, 19)}, []int{1, 1, 1}, nil,
			"0 items were read, and the list should have 19",
		},
		{
			"a total that is late by three looks", forwardMethod,
			append(repeated(stated(15, 19), 4), fifteen), []int{1, 2, 2, 3, 2}, from(0, 15), "",
		},
		{
			"the list shrinks with each look", forwardMethod,
			[]server{stated(15, 16), stated(15, 16), stated(14, 15)}, []int{1, 2, 2}, from(0, 15), "",
		},
		{
			"the list shrinks, and the total is late by two looks", forwardMethod,
			[]server{stated(16, 18), stated(16, 18), stated(15, 17), stated(14, 16)}, []int{1, 2, 2, 2}, from(0, 16), "",
		},
	})
}

// A page of the largest size so far may be full. So a later total does not confirm that the list
// ended there: here 16 of 21 items are deleted meanwhile.
func TestSettle_fullPageIsNotConfirmed(t *testing.T) {
	before := clamped(21, 7).with(stateSize(10))
	after := numbers(from(16, 21))
	testTotals(t, []totalsTest{{
		"", forwardMethod, []server{before, after.with(stateTotal(7)), after}, []int{1, 1, 1, 1}, from(16, 21), "",
	}})
}

// A server that grants fewer items than it states, with a total that is too small.
func TestForward_smallerPagesThanStated(t *testing.T) {
	check(t, "Forward", Forward(t.Context(), clamped(21, 7).with(stateSize(10)).with(stateTotal(14)).list(), Options{Size: 10}), 21, "")
}

// The pages state their length as the page size. The first one that is read is the last of the list.
func TestForward_lastPageFirst(t *testing.T) {
	s := fixedList(25).with(stateLength)
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 10, Start: 3}), 5, "")
}

// Page 1 states its length, 2 items, as the page size. The total is late, so it may be the size of
// all pages. A total that fits on a page of the requested size resolves that.
func TestForward_lengthOrSize(t *testing.T) {
	for total, complete := range map[int]bool{4: true, 10: true} {
		two := fixedList(2).with(stateLength).with(stateTotal(total))
		full := fixedList(total).with(stateLength)
		s := &script{servers: append(repeated(two, 4), full)}
		got, err := collect(Forward(t.Context(), s.list(), Options{Size: 10}))
		if complete != (err == nil && len(got) == total) {
			t.Errorf("total %d: %d items, %v, pages %v", total, len(got), err, s.pages)
		}
	}
}

// In the first pass page 2 has an item of another page in place of one of its own. One look at
// page 3 shows that the list has grown, so the reading goes on from there.
func TestRun_resumes(t *testing.T) {
	forward := fixedList(25).with(func(p *Page[item]) { p.Items[0] = numbered(0) }, 2)
	complete := fixedList(25).with(func(p *Page[item]) { p.Items[9] = numbered(20) }, 2)
	testTotals(t, []totalsTest{
		{"Forward", forwardMethod, append(repeated(forward, 3), fixedList(45)), []int{1, 2, 3, 3, 4, 5, 1, 2, 3}, from(0, 45), ""},
		{"Complete", completeMethod, append(repeated(complete, 4), fixedList(45)), []int{1, 3, 2, 1, 3, 5, 4, 3, 1, 5, 4, 3, 2, 1}, from(0, 45), ""},
	})
}

// Page 4 is empty twice, so the walk from page 6 goes on at page 3. Then the items of page 7 are
// deleted, and page 4 is there again. Now as many items were yielded as the total says, but
// those of page 5 are missing.
func TestRun_distrustsPassWithShortPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fourth atomic.Int64 // requests for page 4
		s := server(func(number, size int) (*Page[item], error) {
			if number != 4 {
				time.Sleep(time.Second)
			} else if time.Sleep(3500 * time.Millisecond); fourth.Add(1) <= 2 {
				return fixedList(80).with(keep(0))(number, size)
			}
			if fourth.Load() <= 2 {
				return fixedList(80)(number, size)
			}
			return numbers(append(from(0, 60), from(70, 80)...))(number, size)
		})
		check(t, "Complete", Complete(t.Context(), s.list(), Options{Size: 10, Prefetch: 2}), 80, "")
	})
}

// The probes of Complete search for the end of 60 pages whose total says 100, and of 10 pages
// without a total. Each walks left from where it has found items.
func TestComplete_search(t *testing.T) {
	left := func(from int) (pages []int) {
		for n := from; n > 0; n-- {
			pages = append(pages, n)
		}
		return pages
	}
	testTotals(t, []totalsTest{
		{
			"a total of 100 pages", completeMethod, []server{fixedList(600).with(stateTotal(1000))},
			slices.Concat([]int{1, 101, 100, 100, 50, 75, 62, 56, 59, 60, 61}, left(60), []int{100}), from(0, 600),
			"600 items were read, and the list should have 1000",
		},
		{"no total", completeMethod, []server{fixedList(95).with(stateTotal(0))}, slices.Concat([]int{1, 2, 3, 5, 9, 17, 13, 11}, left(10)), from(0, 95), ""},
	})
}
