package pager

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var errPastEnd = errors.New("404")

// server answers for a page.
type server func(number, size int) (*Page[item], error)

func (s server) list() List[item] {
	return List[item]{
		Fetch: func(ctx context.Context, number, size int) (*Page[item], error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return s(number, size)
		},
		UID:    uidOf,
		Beyond: func(err error) bool { return errors.Is(err, errPastEnd) },
	}
}

// slow lets every request take 40 ms.
func (s server) slow() server {
	return func(number, size int) (*Page[item], error) {
		time.Sleep(40 * time.Millisecond)
		return s(number, size)
	}
}

// but changes what the server answers for the pages that are named, or for all.
func (s server) but(change func(p *Page[item]), numbers ...int) server {
	return func(number, size int) (*Page[item], error) {
		page, err := s(number, size)
		if err != nil {
			return nil, err
		}
		if len(numbers) == 0 {
			change(page)
		}
		for _, n := range numbers {
			if n == number {
				change(page)
			}
		}
		return page, nil
	}
}

var day = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func numbered(n int) item {
	return item{uid: fmt.Sprint(n), created: day.Add(time.Duration(n) * time.Second)}
}

// honest serves a list of items that never changes.
func honest(length int) server {
	return func(number, size int) (*Page[item], error) {
		if size == 0 {
			size = 20
		}
		page := &Page[item]{Items: []item{}, Number: number, Size: size, Total: length}
		for n := (number - 1) * size; n < min(length, number*size); n++ {
			page.Items = append(page.Items, numbered(n))
		}
		return page, nil
	}
}

func TestEveryLieEndsInACompleteResultOrAnError(t *testing.T) {
	const complete = "" // what is expected of an iteration that ends without an error
	refuse := func(s server, from, to int) server {
		return func(number, size int) (*Page[item], error) {
			if number >= from && number <= to {
				return nil, errPastEnd
			}
			return s(number, size)
		}
	}
	stating := func(total int) func(*Page[item]) { return func(p *Page[item]) { p.Total = total } }
	empty := func(p *Page[item]) { p.Items = p.Items[:0] }
	tests := []struct {
		name     string
		server   server
		length   int
		forward  string // part of the error
		complete string
	}{
		{"the truth", honest(95), 95, complete, complete},
		{"the truth, with a last page that is full", honest(100), 100, complete, complete},
		{"the truth about one item", honest(1), 1, complete, complete},
		{"the truth about nothing", honest(0), 0, complete, complete},
		{"an empty list without a page size", honest(0).but(func(p *Page[item]) { p.Size = 0 }), 0, complete, complete},
		{"pages past the end are refused", refuse(honest(100), 11, 1<<30), 100, complete, complete},

		{"page numbers are ignored, and echoed", func(number, size int) (*Page[item], error) {
			page, err := honest(95)(1, size)
			page.Number = number
			return page, err
		}, 95, "repeats", "repeats"},
		{"page numbers are ignored", func(_, size int) (*Page[item], error) { return honest(95)(1, size) }, 95, "answered with page 1", "answered with page 1"},
		{"one page repeats the one before it", func(number, size int) (*Page[item], error) {
			page, err := honest(95)(number, size)
			if number == 5 {
				page, err = honest(95)(4, size)
				page.Number = 5
			}
			return page, err
		}, 95, "page 5: it repeats", "page 5: it repeats"},
		{"the last page is given for all that follow", func(number, size int) (*Page[item], error) {
			page, err := honest(100)(min(number, 10), size)
			page.Number, page.Total = number, 150
			return page, err
		}, 100, "page 11: it repeats", "repeats"},

		{"an empty page in the middle", honest(95).but(empty, 5), 95, "page 5: it is empty", "page 5: it has 0 of 10 items"},
		{"nothing after the fifth page", honest(95).but(empty, 6, 7, 8, 9, 10, 11), 95, "page 6: it is empty", "it has 0 of 10 items"},
		{"a page in the middle is refused", refuse(honest(95), 5, 5), 95, "page 5: it is empty", "page 5: it has 0 of 10 items"},
		{"a short page in the middle", honest(95).but(func(p *Page[item]) { p.Items = p.Items[:4] }, 5), 89, complete, "page 5: it has 4 of 10 items"},
		{"a page that lacks one item", honest(95).but(func(p *Page[item]) { p.Items = p.Items[:9] }, 9), 94, complete, "page 9: it has 9 of 10 items"},

		{"no items", honest(95).but(func(p *Page[item]) { p.Items = nil }, 3), 95, "page 3: the answer has no items", "page 3: the answer has no items"},
		{"no paging", honest(95).but(func(p *Page[item]) { *p = Page[item]{Items: p.Items} }, 1), 95, "page 1: paging.pageNumber is missing", "page 1: paging.pageNumber is missing"},
		{"no paging later", honest(95).but(func(p *Page[item]) { *p = Page[item]{Items: p.Items} }, 7), 95, "page 7: paging.pageNumber is missing", "page 7: paging.pageNumber is missing"},
		{"no answer", func(number, size int) (*Page[item], error) { return nil, nil }, 0, "no answer", "no answer"},
		{"a negative total", honest(95).but(stating(-1)), 95, "total of -1", "total of -1"},
		{"an absurd total", honest(95).but(stating(1 << 40)), 95, "total of 1099511627776", "total of 1099511627776"},
		{"a negative page number", honest(95).but(func(p *Page[item]) { p.Number = -2 }, 2), 95, "page -2", "page -2"},
		{"a page size of 0", honest(95).but(func(p *Page[item]) { p.Size = 0 }), 95, "page size of 0", "page size of 0"},
		{"a negative page size", honest(95).but(func(p *Page[item]) { p.Size = -10 }, 2), 95, "page size of -10", "page size of -10"},
		{"a page size that changes", honest(95).but(func(p *Page[item]) { p.Size = 20 }, 4), 95, "page 4: the page size is 20", "page 4: the page size is 20"},
		{"more items than the page size", honest(95).but(func(p *Page[item]) { p.Items = append(p.Items, numbered(99)) }, 2), 95, "11 items on a page of 10", "11 items on a page of 10"},
		{"an item without a UID", honest(95).but(func(p *Page[item]) { p.Items[3].uid = "" }, 2), 95, "page 2: item 4 has no UID", "page 2: item 4 has no UID"},

		{"a smaller page size than asked, and said so", func(number, size int) (*Page[item], error) { return honest(95)(number, min(size, 7)) }, 95, complete, complete},
		{"a smaller page size than asked, and not said", func(number, size int) (*Page[item], error) {
			page, err := honest(95)(number, 7)
			page.Size = size
			return page, err
		}, 95, complete, "although"},
		{"a page size so small that one page should do", func(number, size int) (*Page[item], error) {
			page, err := honest(9)(number, 3)
			page.Size = size
			return page, err
		}, 9, complete, "page 1: it has 3 of 10 items, although the page after it has some"},

		{"a total of 0", honest(95).but(stating(0)), 95, complete, complete},
		{"a total too small", honest(95).but(stating(30)), 95, complete, complete},
		{"a total that is the number of items on the page", honest(95).but(func(p *Page[item]) { p.Total = len(p.Items) }), 95, complete, complete},
		{"a total too big by less than a page", honest(95).but(stating(103)), 95, complete, complete},
		{"a total too big by pages", honest(95).but(stating(200)), 95, "page 11: it is empty", "it has 0 of 10 items"},
		{"the biggest total there is", honest(95).but(stating(largest)), 95, "page 11: it is empty", "it has 0 of 10 items"},
		{"a list without an end", func(number, size int) (*Page[item], error) {
			page, err := honest(number*size)(number, size)
			page.Total = 95
			return page, err
		}, 0, "the list goes on", "the list goes on"},
		{"the same item twice on a page", honest(95).but(func(p *Page[item]) { p.Items[9] = p.Items[8] }, 2), 94, complete, complete},
	}
	for _, test := range tests {
		for _, prefetch := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s, %d in flight", test.name, prefetch), func(t *testing.T) {
				options := Options{Size: 10, Prefetch: prefetch}
				check(t, "Forward", Forward(t.Context(), test.server.list(), options), test.length, test.forward)
				check(t, "Complete", Complete(t.Context(), test.server.list(), options), test.length, test.complete)
			})
		}
	}
}

func check(t *testing.T, name string, seq iter.Seq2[*item, error], length int, wrong string) {
	t.Helper()
	got, err := collect(seq)
	var protocol *ProtocolError
	switch {
	case wrong == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case wrong == "" && len(got) != length:
		t.Errorf("%s: %d of %d items", name, len(got), length)
	case wrong != "" && (!errors.As(err, &protocol) || !strings.Contains(err.Error(), wrong)):
		t.Errorf("%s: %v instead of a ProtocolError with %q", name, err, wrong)
	}
	for uid, times := range got {
		if times > 1 {
			t.Errorf("%s: item %s came %d times", name, uid, times)
		}
	}
}

func TestCompleteRefusesAListInAnotherOrder(t *testing.T) {
	descending := func(number, size int) (*Page[item], error) {
		page, err := honest(95)(number, size)
		for i := range page.Items {
			page.Items[i] = numbered(94 - (number-1)*size - i)
		}
		return page, err
	}
	for _, size := range []int{1, 10, 100} {
		list := server(descending).list()
		list.Created = func(i *item) time.Time { return i.created }
		if _, err := collect(Complete(t.Context(), list, Options{Size: size, Prefetch: 4})); !errors.Is(err, ErrUnordered) {
			t.Errorf("pages of %d: %v", size, err)
		}
	}
	list := honest(95).list()
	list.Created = func(i *item) time.Time { return i.created }
	check(t, "ascending", Complete(t.Context(), list, Options{Size: 10, Prefetch: 4}), 95, "")
	list.Created = func(i *item) time.Time { return time.Time{} }
	check(t, "times unknown", Complete(t.Context(), list, Options{Size: 10, Prefetch: 4}), 95, "")
	list.Created = func(i *item) time.Time { return day }
	check(t, "all at once", Complete(t.Context(), list, Options{Size: 10, Prefetch: 4}), 95, "")
}

// An update that moves an item to the end of the list: the server sorts by something else than the time of creation.
func TestCompleteNoticesItemsThatMoveToTheRight(t *testing.T) {
	requests := 0
	list := server(func(number, size int) (*Page[item], error) {
		requests++
		page, err := honest(50)(number, size)
		if number == 4 && requests > 1 {
			page.Items[0] = numbered(3)
		}
		return page, err
	}).list()
	if _, err := collect(Complete(t.Context(), list, Options{Size: 10})); !errors.Is(err, ErrUnordered) {
		t.Error(err)
	}
}

// A page that contradicts its own total once, because an item went between the server's counting and its listing.
func TestAContradictionThatIsGoneAtTheSecondLookIsLife(t *testing.T) {
	for name, read := range map[string]func(context.Context, List[item], Options) iter.Seq2[*item, error]{
		"Forward": Forward[item], "Complete": Complete[item],
	} {
		synctest.Test(t, func(t *testing.T) {
			times := 0
			list := server(func(number, size int) (*Page[item], error) {
				page, err := honest(95)(number, size)
				if number == 4 {
					if times++; times == 1 {
						page.Items = page.Items[:0]
					}
				}
				return page, err
			}).list()
			check(t, name, read(t.Context(), list, Options{Size: 10}), 95, "")
		})
	}
}
