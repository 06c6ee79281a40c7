package pager

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// samePage returns one page for several page numbers. echo says whether it states the requested number.
func samePage(length, page int, echo bool, numbers func(int) bool) server {
	return func(number, size int) (*Page[item], error) {
		if !numbers(number) {
			return fixedList(length)(number, size)
		}
		p, err := fixedList(length)(page, size)
		if echo {
			p.Number = number
		}
		return p, err
	}
}

// A protocolTest is a server, and what Forward and Complete make of it: length items, or an
// error that contains a text after length items. With an error, length 0 means any.
type protocolTest struct {
	name              string
	server            server
	length            int
	forward, complete string
}

// both is a protocolTest with the same error for Forward and Complete.
func both(name string, s server, problem string) protocolTest {
	return protocolTest{name, s, 0, problem, problem}
}

// incomplete is a protocolTest of a list that comes short, after length items.
func incomplete(name string, s server, length, total int) protocolTest {
	problem := fmt.Sprintf("%d items were read, and the list should have %d", length, total)
	return protocolTest{name, s, length, problem, problem}
}

// testProtocol also checks that no test takes many requests.
func testProtocol(t *testing.T, most int, tests []protocolTest) {
	for _, test := range tests {
		for _, prefetch := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s, %d in flight", test.name, prefetch), func(t *testing.T) {
				for i, m := range methods {
					counter := &counted{server: test.server}
					list := test.server.list()
					fetch := list.Fetch
					list.Fetch = func(ctx context.Context, request Request) (*Page[item], error) {
						counter.all.Add(1)
						return fetch(ctx, request)
					}
					problem := []string{test.forward, test.complete}[i]
					check(t, m.name, m.read(t.Context(), list, Options{Size: 10, Prefetch: prefetch}), test.length, problem)
					if n := int(counter.all.Load()); n > most {
						t.Errorf("%s: %d requests", m.name, n)
					}
				}
			})
		}
	}
}

func always(int) bool { return true }

func at(page int) func(int) bool { return func(n int) bool { return n == page } }

func after(page int) func(int) bool { return func(n int) bool { return n > page } }

// clamped serves pages of at most n items.
func clamped(length, n int) server {
	return func(number, size int) (*Page[item], error) { return fixedList(length)(number, min(size, n)) }
}

// stateLength states the number of items on the page as the page size.
func stateLength(p *Page[item]) { p.Size = len(p.Items) }

func stateNoNumber(p *Page[item]) { p.Number = 0 }

// What is tolerated. Many requests in flight without any latency
// make Complete read pages twice.
func TestIterate_goodPaging(t *testing.T) {
	testProtocol(t, 80, []protocolTest{
		{"short last page", fixedList(95), 95, "", ""},
		{"full last page", fixedList(100), 100, "", ""},
		{"one item", fixedList(1), 1, "", ""},
		{"two pages", fixedList(15), 15, "", ""},
		{"empty list", fixedList(0), 0, "", ""},
		{"empty list without a page size", fixedList(0).with(stateSize(0)), 0, "", ""},
		{"pages past the end are refused", fixedList(100).refusing(11, 1<<30), 100, "", ""},
		{"pages past the end state no page size", fixedList(100).with(stateSize(0), 11), 100, "", ""},

		{"total 0", fixedList(95).with(stateTotal(0)), 95, "", ""},
		{"total too small", fixedList(95).with(stateTotal(30)), 95, "", ""},
		{"total is the number of items on the page", fixedList(95).with(func(p *Page[item]) { p.Total = len(p.Items) }), 95, "", ""},
		{"the same item twice on a page", fixedList(95).with(func(p *Page[item]) { p.Items[9] = p.Items[8] }, 2), 94, "", ""},

		{"smaller pages than requested", clamped(95, 7), 95, "", ""},
		{"smaller pages than stated", clamped(95, 7).with(stateSize(10)), 95, "", ""},
		{"pages of 3, and one should do", clamped(9, 3).with(stateSize(10)), 9, "", ""},
		{"the last page states its length", fixedList(95).with(stateLength), 95, "", ""},
		{"a full last page states its length", fixedList(100).with(stateLength), 100, "", ""},
		{"smaller pages state their length", clamped(95, 7).with(stateLength), 95, "", ""},
		{"a short list states its length", fixedList(3).with(stateLength), 3, "", ""},
		{"no page numbers", fixedList(95).with(stateNoNumber), 95, "", ""},
	})
}

// Each of these ends with the first response that shows the problem.
func TestIterate_badResponse(t *testing.T) {
	testProtocol(t, 20, []protocolTest{
		both("no response", func(int, int) (*Page[item], error) { return nil, nil }, "page 1: there is no response"),
		both("no items", fixedList(95).with(func(p *Page[item]) { p.Items = nil }, 3), "page 3: the response has no items"),
		both("more items than the page size", fixedList(95).with(func(p *Page[item]) { p.Items = append(p.Items, numbered(99)) }, 2), "page 2: 11 items on a page of 10"),
		both("more items than the page size of page 1", fixedList(95).with(stateSize(9), 1), "page 1: 10 items on a page of 9"),
		both("more items than requested, as the page size", fixedList(95).with(func(p *Page[item]) {
			p.Items = append(p.Items, numbered(99))
			stateLength(p)
		}, 2), "page 2: 11 items on a page of 10"),
		both("item without a UID", fixedList(95).with(func(p *Page[item]) { p.Items[3].uid = "" }, 2), "page 2: item 4 has no UID"),
		both("page number is ignored", samePage(95, 1, false, always), "returned page 1"),
		both("negative page number", fixedList(95).with(func(p *Page[item]) { p.Number = -2 }, 2), "page 2: the server returned page -2"),
		both("negative total", fixedList(95).with(stateTotal(-1)), "page 1: a total of -1 items"),
		both("total of more than 31 bits", fixedList(95).with(stateTotal(1<<31)), "page 1: a total of 2147483648 items"),
		both("page size of 0", fixedList(95).with(stateSize(0)), "page 1: a page size of 0"),
		both("page size of 0 on a later page", fixedList(95).with(stateSize(0), 2), "page 2: a page size of 0"),
		both("no page number on a later page", fixedList(95).with(stateNoNumber, 2), "page 2: paging.pageNumber is missing or 0"),
		both("no page number on page 1 only", fixedList(95).with(stateNoNumber, 1).with(func(p *Page[item]) { p.Number-- }, 2), "page 2: the server returned page 1"),
		both("negative page size", fixedList(95).with(stateSize(-10), 2), "page 2: a page size of -10"),
		both("negative page size of an empty list", fixedList(0).with(stateSize(-10)), "page 1: a page size of -10"),
		both("page size of more than 31 bits", fixedList(0).with(stateSize(1<<31)), "page 1: a page size of 2147483648"),
		both("page size changes", fixedList(95).with(stateSize(20), 4), "page 4: the page size is 20, and it was 10 before"),
	})
}

// The largest numbers that are accepted.
func TestIterate_largestNumbers(t *testing.T) {
	testProtocol(t, 80, []protocolTest{
		{"size", fixedList(5).with(stateSize(maxNumber)), 5, "", ""},
		incomplete("total", fixedList(5).with(stateTotal(maxNumber)), 5, maxNumber),
	})
}

// Servers whose pages and totals contradict each other. The items come, and then the error.
func TestIterate_incomplete(t *testing.T) {
	testProtocol(t, 80, []protocolTest{
		incomplete("a list of one page is empty", fixedList(95).with(keep(0)), 0, 95),
		incomplete("page 2 of 2 lacks items", fixedList(11).with(stateTotal(19)), 11, 19),
		incomplete("total too big by one item", fixedList(95).with(stateTotal(96)), 95, 96),
		incomplete("total too big by one item, after a full last page", fixedList(100).with(stateTotal(101)), 100, 101),
		incomplete("total too big by 9 items, after a full last page", fixedList(100).with(stateTotal(109)), 100, 109),
		incomplete("total too big by pages", fixedList(95).with(stateTotal(200)), 95, 200),
		incomplete("nothing after page 5", fixedList(95).with(keep(0), 6, 7, 8, 9, 10, 11), 50, 95),
		incomplete("short page in the middle", fixedList(95).with(keep(4), 5), 89, 95),
		incomplete("page that lacks one item", fixedList(95).with(keep(9), 9), 94, 95),
		incomplete("page that lacks one item, and one item follows", fixedList(91).with(keep(9), 9), 90, 91),
		{"a page repeats the one before", samePage(95, 4, true, at(5)), 0, "85 items were read, and the list should have 95", "items"},
		incomplete("pages are numbered from 0", func(number, size int) (*Page[item], error) {
			page, err := fixedList(95)(number+1, size)
			page.Number = number
			return page, err
		}, 85, 95),
		{"an empty page in the middle", fixedList(95).with(keep(0), 5), 0, "the list should have 95", "the list should have 95"},
		{"page 2 of 2 is empty", fixedList(15).with(keep(0), 2), 10, "the list should have 15", "the list should have 15"},
	})
}

// A server that hides items of its pages cannot show that it shows all others.
func TestIterate_shortPages(t *testing.T) {
	const problem = "page 9 has 9 items, also when read again, although more follow"
	testProtocol(t, 40, []protocolTest{
		{"one hidden item", fixedList(91).with(keep(9), 9).with(stateTotal(90)), 90, problem, problem},
	})
}

func TestIterate_contradictions(t *testing.T) {
	testProtocol(t, 80, []protocolTest{
		both("refused page in the middle", fixedList(95).refusing(5, 5), "page 5: it is refused as past the end, although the list should have 95 items: 404"),
		both("refused after page 1", fixedList(95).refusing(2, 1<<30), "it is refused as past the end, although the list should have 95 items: 404"),
		{"page 1 for every number", samePage(95, 1, true, always), 0,
			"page 9: it has the same items as the 8 pages before it", "it repeats the items of pages before it"},
		both("the last page for every number after it", samePage(100, 10, true, after(10)).with(stateTotal(150)), "page"),
	})
}

// Pages that overlap by half have all items, but in no order that Complete accepts.
func TestIterate_overlappingPages(t *testing.T) {
	s := server(func(number, size int) (*Page[item], error) {
		page, _ := numbers(from(0, 95)[min(95, (number-1)*size/2):])(1, size)
		page.Number, page.Total = number, 95
		return page, nil
	})
	check(t, "Forward", Forward(t.Context(), s.list(), Options{Size: 10}), 95, "")
	if _, err := collect(Complete(t.Context(), s.list(), Options{Size: 10})); !errors.Is(err, ErrUnordered) {
		t.Errorf("Complete: %v", err)
	}
}

// Lists without an end. The bound is 8 times the pages at first and 1000 more.
func TestIterate_endless(t *testing.T) {
	testProtocol(t, maxReadFactor*10+slackPages+8, []protocolTest{
		both("full pages", func(number, size int) (*Page[item], error) {
			return fixedList(number*size).with(stateTotal(95))(number, size)
		}, "the list does not end: 1081 pages were read, and it had 10 at first"),
		both("the total grows with the page number", func(number, size int) (*Page[item], error) {
			return fixedList(number*size).with(stateTotal(number*size+1))(number, size)
		}, "page"),
		incomplete("no items, and the total grows with the page number", func(number, size int) (*Page[item], error) {
			return fixedList(0).with(stateTotal((number-1)*size+1))(number, size)
		}, 0, 1),
	})
	requests := 0
	oneNew := func(number, size int) (*Page[item], error) {
		requests++
		return &Page[item]{Items: []item{numbered(requests)}, Number: number, Size: size, Total: number*size + 1}, nil
	}
	check(t, "one new item a page", Forward(t.Context(), server(oneNew).list(), Options{Size: 10}), 0, "the list does not end")
	check(t, "one new item a page", Complete(t.Context(), server(oneNew).list(), Options{Size: 10}), 0, "page")
}

// An item was deleted between the server's counting and its listing: a page contradicts its
// total once, and not when it is read again.
func TestIterate_contradictionOnce(t *testing.T) {
	for _, m := range methods {
		for name, s := range map[string]server{
			"page 4 is empty":          fixedList(95).withOnce(keep(0), 4),
			"page 4 is short":          fixedList(95).withOnce(keep(9), 4),
			"page 10 states total 200": fixedList(95).withOnce(stateTotal(200), 10),
		} {
			check(t, m.name+", "+name, m.read(t.Context(), s.list(), Options{Size: 10}), 95, "")
		}
	}
}
