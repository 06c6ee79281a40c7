package pager

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
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

// A first page that is refused may mean that there is no such list.
func TestForward_startRefused(t *testing.T) {
	s := fixedList(95).refusing(11, 1<<30)
	if _, err := collect(Forward(t.Context(), s.list(), Options{Start: 11, Size: 10})); err != errPastEnd {
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

// Pages past the end are not requested, although the list has shrunk. Since it has lost more than
// half of its items, its end is read again.
func TestForward_shrunkList(t *testing.T) {
	var pages []int
	length := 100
	s := server(func(number, size int) (*Page[item], error) {
		page, err := fixedList(length)(number, size)
		length = 15
		return page, err
	}).logged(&pages)
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 10}), 15, "")
	if !slices.Equal(pages, []int{1, 2, 2}) {
		t.Errorf("pages %v were read", pages)
	}
}

// The end of a list is an empty page, or a short page whose last item is the last of the total.
func TestForward_end(t *testing.T) {
	for name, test := range map[string]struct {
		server server
		pages  []int
	}{
		"the last page is short":               {fixedList(25), []int{1, 2, 3}},
		"the last page is short, total is low": {fixedList(25).with(stateTotal(24)), []int{1, 2, 3, 4}},
		"the last page is full":                {fixedList(20), []int{1, 2, 3}},
		"the last page is full, total is low":  {fixedList(20).with(stateTotal(10)), []int{1, 2, 3}},
		"the first page is the last":           {fixedList(5), []int{1}},
		"the first page states its length":     {fixedList(5).with(stateSize(5)), []int{1, 2}},
		"the last page states its length":      {fixedList(25).with(stateSize(5), 3), []int{1, 2, 3}},
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

// changes says how many items a list inserts at the front and deletes at the end, after the first
// response for a page.
type changes map[int]struct{ inserted, deleted int }

// newestFirst is a list that is sorted from new to old.
func newestFirst(length int, changes changes) server {
	newest, oldest := length-1, 0
	return func(number, size int) (*Page[item], error) {
		page := &Page[item]{Items: []item{}, Number: number, Size: size, Total: newest - oldest + 1}
		for n := newest - (number-1)*size; n >= max(oldest, newest-number*size+1); n-- {
			page.Items = append(page.Items, numbered(n))
		}
		newest, oldest = newest+changes[number].inserted, oldest+changes[number].deleted
		delete(changes, number)
		return page, nil
	}
}

// Items that are inserted at the front move items that were read to the pages that follow.
// Another pass finds them.
func TestForward_insertions(t *testing.T) {
	for name, test := range map[string]struct {
		changes changes
		items   int
	}{
		"3 items":                     {changes{10: {3, 0}}, 203},
		"1 page":                      {changes{10: {10, 0}}, 210},
		"9 pages":                     {changes{10: {90, 0}}, 290},
		"20 pages at the end":         {changes{20: {200, 0}}, 400},
		"5 pages twice":               {changes{10: {50, 0}, 20: {50, 0}}, 300},
		"1 page, 5 deletions":         {changes{10: {10, 5}}, 195 + 10},
		"1 page, 1 page of deletions": {changes{10: {10, 10}}, 190 + 10},
		"after deletions":             {changes{3: {0, 50}, 10: {10, 0}}, 160},
	} {
		check(t, name, Forward(t.Context(), newestFirst(200, test.changes).list(), Options{Size: 10}), test.items, "")
	}
}

// Another pass ends as soon as the missing items are found, here on page 1. Page 2 was requested
// before that.
func TestForward_anotherPass(t *testing.T) {
	var pages []int
	s := newestFirst(50, changes{3: {5, 5}}).logged(&pages)
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 10}), 50, "")
	if want := []int{1, 2, 3, 4, 5, 6, 6, 1, 2}; !slices.Equal(pages, want) {
		t.Errorf("pages %v were read instead of %v", pages, want)
	}
}

// Insertions explain some pages with the same items.
func TestForward_repeats(t *testing.T) {
	for _, test := range []struct {
		pages, items int
		problem      string
	}{
		{7, 430, ""},
		{8, 100, "page 18: it has the same items as the 8 pages before it"},
	} {
		repeating := func(n int) bool { return n > 10 && n <= 10+test.pages }
		s := samePage(500, 10, true, repeating).with(stateTotal(100))
		check(t, fmt.Sprint(test.pages), Forward(t.Context(), s.list(), Options{Size: 10}), test.items, test.problem)
	}
}

// Pages of one item count, too.
func TestForward_repeatsOfPagesOfOneItem(t *testing.T) {
	s := samePage(500, 10, true, after(10)).with(stateTotal(500))
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 1}), 10, "page 18: it has the same items as the 8 pages before it")
}

// A page of one item that is inserted before each request.
func TestForward_repeatsOfOneItem(t *testing.T) {
	length := 100
	s := func(number, size int) (*Page[item], error) {
		defer func() { length = min(length+1, 120) }()
		return newestFirst(length, nil)(number, size)
	}
	check(t, "Forward", Forward(t.Context(), server(s).list(), Options{Size: 1}), 120, "")
}

// The total is 100 throughout: 51 pages of 2 items at first.
func TestForward_maxPages(t *testing.T) {
	const most = maxReadFactor*51 + slackPages // pages
	check(t, "at the limit", Forward(t.Context(), fixedList(2*most-2).with(stateTotal(100)).list(), Options{Size: 2}), 2*most-2, "")
	check(t, "past the limit", Forward(t.Context(), fixedList(2*most).with(stateTotal(100)).list(), Options{Size: 2}), 0,
		"page 1409: the list does not end: 1409 pages were read, and it had 51 at first")
}

func TestForward_decodedPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const prefetch, size = 32, 10
		var decoded atomic.Int64
		list := fixedList(60 * size).list()
		fetch := list.Fetch
		list.Fetch = func(ctx context.Context, request Request) (*Page[item], error) {
			if err := request.WaitToDecode(ctx); err != nil {
				return nil, err
			}
			decoded.Add(1)
			return fetch(ctx, request)
		}
		items, most := 0, 0
		for _, err := range Forward(t.Context(), list, Options{Size: size, Prefetch: prefetch}) {
			if err != nil {
				t.Fatal(err)
			}
			items++
			synctest.Wait() // until no page can be decoded any more
			page := (items + size - 1) / size
			most = max(most, int(decoded.Load())-page)
			if items == 40*size {
				break // requests that wait for their turn end, too
			}
		}
		if most != maxDecoded {
			t.Errorf("%d decoded pages were ahead of the consumer, not %d", most, maxDecoded)
		}
	})
}
