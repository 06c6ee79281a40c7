package pager

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestComplete_failingPage(t *testing.T) {
	broken := errors.New("broken")
	for failing := 1; failing <= 10; failing++ {
		for _, prefetch := range []int{1, 4, 20} {
			s := server(func(number, size int) (*Page[item], error) {
				if number == failing {
					return nil, broken
				}
				return fixedList(95)(number, size)
			})
			if _, err := collect(Complete(t.Context(), s.list(), Options{Size: 10, Prefetch: prefetch})); err != broken {
				t.Errorf("page %d fails: %v", failing, err)
			}
		}
	}
}

func TestComplete_descendingOrder(t *testing.T) {
	s := server(func(number, size int) (*Page[item], error) {
		page, err := fixedList(95)(number, size)
		for i := range page.Items {
			page.Items[i] = numbered(94 - (number-1)*size - i)
		}
		return page, err
	})
	for _, size := range []int{1, 10, 100} {
		list := s.list()
		list.Created = createdOf
		if _, err := collect(Complete(t.Context(), list, Options{Size: size, Prefetch: 4})); !errors.Is(err, ErrUnordered) {
			t.Errorf("pages of %d: %v", size, err)
		}
	}
}

func TestComplete_ascendingOrder(t *testing.T) {
	for name, created := range map[string]func(*item) time.Time{
		"ascending":   createdOf,
		"unknown":     func(*item) time.Time { return time.Time{} },
		"all at once": func(*item) time.Time { return time.Unix(0, 0) },
		"partly unknown": func(i *item) time.Time {
			if i.uid == "50" || i.uid == "9" {
				return time.Time{}
			}
			return i.created
		},
	} {
		list := fixedList(95).list()
		list.Created = created
		check(t, name, Complete(t.Context(), list, Options{Size: 10, Prefetch: 4}), 95, "")
	}
}

// Page 1 was read while its newest item was the 60th.
func TestComplete_olderThanPage1(t *testing.T) {
	list := fixedList(20).with(func(p *Page[item]) { p.Items[9] = numbered(60) }, 1).list()
	list.Created = createdOf
	_, err := collect(Complete(t.Context(), list, Options{Size: 10}))
	if !errors.Is(err, ErrUnordered) || !strings.Contains(err.Error(), "page 2: item 1 is older than one before it") {
		t.Error(err)
	}
}

// The time of item 4 is unknown, and item 5 is older than item 3.
func TestComplete_olderThanUnknown(t *testing.T) {
	list := fixedList(10).with(func(p *Page[item]) {
		p.Items[4].created = time.Time{}
		p.Items[5].created = p.Items[2].created
	}).list()
	list.Created = createdOf
	_, err := collect(Complete(t.Context(), list, Options{Size: 10}))
	if !errors.Is(err, ErrUnordered) || !strings.Contains(err.Error(), "page 1: item 6 is older than one before it") {
		t.Error(err)
	}
}

// An update moves an item to the end: the list is not sorted by creation.
func TestComplete_itemMovesRight(t *testing.T) {
	requests := 0
	s := server(func(number, size int) (*Page[item], error) {
		requests++
		page, err := fixedList(50)(number, size)
		if number == 4 && requests > 1 {
			page.Items[0] = numbered(3)
		}
		return page, err
	})
	_, err := collect(Complete(t.Context(), s.list(), Options{Size: 10}))
	if !errors.Is(err, ErrUnordered) || !strings.Contains(err.Error(), "page 4: items have moved to the right") {
		t.Error(err)
	}
}

// numbers serves the list with these items.
func numbers(items []int) server {
	return func(number, size int) (*Page[item], error) {
		page := &Page[item]{Items: []item{}, Number: number, Size: size, Total: len(items)}
		for _, n := range items[min(len(items), (number-1)*size):min(len(items), number*size)] {
			page.Items = append(page.Items, numbered(n))
		}
		return page, nil
	}
}

func from(first, end int) (items []int) {
	for n := first; n < end; n++ {
		items = append(items, n)
	}
	return items
}

// The second page of items is deleted before page 4 is read. So page 4 has the items that page
// 5 had, which ends no walk.
func TestComplete_deletedPage(t *testing.T) {
	for _, size := range []int{1, 10} {
		var pages []int
		s := server(func(number, size int) (*Page[item], error) {
			if len(pages) <= 3 {
				return fixedList(5*size)(number, size)
			}
			return numbers(append(from(0, size), from(2*size, 5*size)...))(number, size)
		})
		check(t, "Complete", Complete(t.Context(), s.logged(&pages).list(), Options{Size: size}), 4*size, "")
		if want := []int{1, 6, 5, 4, 3, 2, 1}; !slices.Equal(pages, want) {
			t.Errorf("pages %v were read instead of %v", pages, want)
		}
	}
}

// The list shrinks from 5 pages to 3 after page 1. It is read from its new end.
func TestComplete_shrunkList(t *testing.T) {
	var pages []int
	s := server(func(number, size int) (*Page[item], error) {
		if len(pages) == 1 {
			return fixedList(45)(number, size)
		}
		return fixedList(25)(number, size)
	})
	check(t, "Complete", Complete(t.Context(), s.logged(&pages).list(), Options{Size: 10}), 25, "")
	if want := []int{1, 5, 3, 2, 1}; !slices.Equal(pages, want) {
		t.Errorf("pages %v were read instead of %v", pages, want)
	}
}

// Item 0 is deleted after 10 ms. The request for page 3 finds item 20 before that, and the one for page 2
// after that. The response for page 2 comes first.
func TestComplete_overlappingRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var page3 atomic.Int64 // requests
		list := List[item]{UID: uidOf, Created: createdOf, Fetch: func(ctx context.Context, request Request) (*Page[item], error) {
			number, size := request.Number, request.Size
			if number == 2 {
				time.Sleep(50 * time.Millisecond)
			}
			deleted := 0
			if time.Since(began) > 10*time.Millisecond {
				deleted = 1
			}
			page, err := numbers(from(deleted, 45))(number, size)
			if number == 3 {
				page3.Add(1)
				time.Sleep(100 * time.Millisecond)
			}
			return page, err
		}}
		check(t, "Complete", Complete(t.Context(), list, Options{Size: 10, Prefetch: 2}), 45, "")
		if page3.Load() != 2 {
			t.Errorf("page 3 was read %d times instead of twice", page3.Load())
		}
	})
}

// The list grows by 1000 pages with each of the first 20 requests.
func TestComplete_maxReadFactor(t *testing.T) {
	var pages []int
	s := server(func(number, size int) (*Page[item], error) {
		return fixedList(2+2000*min(len(pages)-1, 20))(number, size)
	}).logged(&pages)
	check(t, "Complete", Complete(t.Context(), s.list(), Options{Size: 2}), 0,
		"the list does not end: 1017 pages were read, and it had 2 at first")
	if len(pages) != 8*2+slackPages+1 {
		t.Errorf("%d pages were read", len(pages))
	}
}

// An item moves to the right, and the second look at its page fails.
func TestComplete_secondLookFails(t *testing.T) {
	broken := errors.New("broken")
	requests := 0
	s := server(func(number, size int) (*Page[item], error) {
		if requests++; requests == 5 {
			return nil, broken
		}
		page, err := fixedList(50)(number, size)
		if number == 4 {
			page.Items[0] = numbered(3)
		}
		return page, err
	})
	if _, err := collect(Complete(t.Context(), s.list(), Options{Size: 10})); err != broken {
		t.Error(err)
	}
}

// Page 2 is short while page 3 has items, because the list shrinks in between.
func TestComplete_lengthChanges(t *testing.T) {
	var pages []int
	s := server(func(number, size int) (*Page[item], error) {
		return fixedList([]int{30, 30, 30, 15, 15}[len(pages)-1])(number, size)
	})
	_, err := collect(Complete(t.Context(), s.logged(&pages).list(), Options{Size: 10}))
	if want := []int{1, 4, 3, 2, 1}; err != nil || !slices.Equal(pages, want) {
		t.Errorf("pages %v were read instead of %v, %v", pages, want, err)
	}
}
