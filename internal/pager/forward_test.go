package pager

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestForward_order(t *testing.T) {
	for _, prefetch := range []int{-1, 0, 1, 3, 8, 1000} {
		synctest.Test(t, func(t *testing.T) {
			l := newChangingList(7, 95) // responses overtake each other
			next := 0
			for got, err := range Forward(t.Context(), List[item]{Fetch: l.fetch, UID: uidOf}, Options{Size: 10, Prefetch: prefetch}) {
				if err != nil || got.uid != fmt.Sprint(next) {
					t.Fatalf("%v, %v instead of item %d", got, err, next)
				}
				next++
			}
			if next != 95 {
				t.Errorf("%d items", next)
			}
		})
	}
}

func TestForward_start(t *testing.T) {
	for start, want := range map[int]int{-1: 95, 0: 95, 1: 95, 2: 85, 3: 75, 10: 5, 11: 0, 40: 0, maxNumber: 0} {
		var pages []int
		s := fixedList(95).logged(&pages)
		check(t, fmt.Sprintf("from page %d", start), Forward(t.Context(), s.list(), Options{Start: start, Size: 10}), want, "")
		if pages[0] != max(1, start) || len(pages) != max(1, 11-max(1, start)) {
			t.Errorf("from page %d: pages %v were read", start, pages)
		}
	}
	_, err := collect(Forward(t.Context(), fixedList(95).list(), Options{Start: maxNumber + 1}))
	if err == nil || !strings.Contains(err.Error(), "the first page is 2147483648") {
		t.Error(err)
	}
}

func TestForward_startLimits(t *testing.T) {
	// The limits count from the first page, not from page 1.
	s := fixedList(3000).with(stateTotal(100))
	check(t, "from page 2500", Forward(t.Context(), s.list(), Options{Start: 2500, Size: 1}), 501, "")
}

func TestForward_failingPage(t *testing.T) {
	broken := errors.New("broken")
	for _, prefetch := range []int{1, 4, 20} {
		s := server(func(number, size int) (*Page[item], error) {
			if number == 6 {
				return nil, broken
			}
			return fixedList(95)(number, size)
		})
		var last error
		n := 0
		for got, err := range Forward(t.Context(), s.list(), Options{Size: 10, Prefetch: prefetch}) {
			if last != nil {
				t.Error("something came after the error")
			}
			if last = err; err == nil {
				if got.uid != fmt.Sprint(n) {
					t.Errorf("item %s instead of %d", got.uid, n)
				}
				n++
			}
		}
		if n != 50 || !errors.Is(last, broken) {
			t.Errorf("%d items, then %v", n, last)
		}
	}
}

// Pages that wait for the consumer count as requests in flight: memory is bounded.
func TestForward_slowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := counted{server: fixedList(995)}
		n := 0
		for range Forward(t.Context(), c.list(), Options{Size: 10, Prefetch: 4}) {
			if n++; n == 15 {
				time.Sleep(time.Hour)
				if c.all.Load() != 6 {
					t.Errorf("%d pages requested while page 2 is consumed, instead of 6", c.all.Load())
				}
				break
			}
		}
	})
}

// Pages past the end are not requested, although the list has shrunk.
func TestForward_shrunkList(t *testing.T) {
	var pages []int
	length := 100
	s := server(func(number, size int) (*Page[item], error) {
		page, err := fixedList(length)(number, size)
		length = 15
		return page, err
	}).logged(&pages)
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 10}), 15, "")
	if !slices.Equal(pages, []int{1, 2}) {
		t.Errorf("pages %v were read", pages)
	}
}

// A total that is too big at first does not make pages past the end worth a request.
func TestForward_shortPageIsNoEnd(t *testing.T) {
	for name, test := range map[string]struct {
		server server
		pages  []int
	}{
		"the last page has room":               {fixedList(25), []int{1, 2, 3}},
		"a page before had room":               {fixedList(25).with(keep(9), 1), []int{1, 2, 3, 4}},
		"the last page has room, total is low": {fixedList(25).with(stateTotal(24)), []int{1, 2, 3}},
		"the last page has room, total is 26":  {fixedList(25).with(stateTotal(26)), []int{1, 2, 3, 4}},
		"the last page is full":                {fixedList(20), []int{1, 2, 3}},
		"the last page is full, total is low":  {fixedList(20).with(stateTotal(10)), []int{1, 2, 3}},
		"the last page is full, total is 21":   {fixedList(20).with(stateTotal(21)), []int{1, 2, 3, 4}},
	} {
		var pages []int
		if _, err := collect(Forward(t.Context(), test.server.logged(&pages).list(), Options{Size: 10})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(pages, test.pages) {
			t.Errorf("%s: pages %v were read instead of %v", name, pages, test.pages)
		}
	}
}

func TestForward_itemsAfterEmptyPage(t *testing.T) {
	// The total of page 3 puts five items on it.
	s := fixedList(45).with(keep(0), 3).with(stateTotal(25), 3)
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 10}), 0, "page 4: it has items, although the page before it is empty")
}

// newestFirst is a list of 200 items that is sorted from new to old. After the first response for
// page 10, it has inserted items more at the front, and deleted items less at the end.
func newestFirst(inserted, deleted int) server {
	newest, oldest := 199, 0
	return func(number, size int) (*Page[item], error) {
		page := &Page[item]{Items: []item{}, Number: number, Size: size, Total: newest - oldest + 1}
		for n := newest - (number-1)*size; n >= max(oldest, newest-number*size+1); n-- {
			page.Items = append(page.Items, numbered(n))
		}
		if number == 10 && newest == 199 {
			newest, oldest = newest+inserted, oldest+deleted
		}
		return page, nil
	}
}

// Items that are inserted at the front move items that were read to the pages that follow. The
// total explains up to 8 such pages in a row.
func TestForward_insertions(t *testing.T) {
	for _, test := range []struct {
		inserted, deleted int
		problem           string
	}{
		{inserted: 3}, {inserted: 10}, {inserted: 80},
		{inserted: 90, problem: "page 19: it repeats items of earlier pages and has no other"},
		{inserted: 10, deleted: 5},
		{inserted: 10, deleted: 6, problem: "page 11: it repeats items of earlier pages and has no other"},
	} {
		s := newestFirst(test.inserted, test.deleted)
		name := fmt.Sprintf("%d inserted, %d deleted", test.inserted, test.deleted)
		check(t, name, Forward(t.Context(), s.list(), Options{Size: 10}), 200-test.deleted, test.problem)
	}
}

// The total is 100 throughout. Size 1 makes an item a page.
func TestForward_maxTotalFactor(t *testing.T) {
	const most = 2*100 + slackPages
	check(t, "at the limit", Forward(t.Context(), fixedList(most).with(stateTotal(100)).list(), Options{Size: 1}), most, "")
	check(t, "past the limit", Forward(t.Context(), fixedList(most+1).with(stateTotal(100)).list(), Options{Size: 1}), 0,
		"page 1225: the list goes on, although it should have 100 items, and had 100 at first")
}

// The total is 100 at first, and right later.
func TestForward_maxGrowth(t *testing.T) {
	const most = 4 * (100 + slackPages)
	check(t, "at the limit", Forward(t.Context(), fixedList(most).with(stateTotal(100), 1).list(), Options{Size: 1}), most, "")
	check(t, "past the limit", Forward(t.Context(), fixedList(most+1).with(stateTotal(100), 1).list(), Options{Size: 1}), 0,
		"page 4497: the list goes on, although it should have 4497 items, and had 100 at first")
}
