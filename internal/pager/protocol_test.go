package pager

import (
	"fmt"
	"testing"
)

func noPaging(p *Page[item]) { *p = Page[item]{Items: p.Items} }

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

// A protocolTest is a server, and what Forward and Complete make of it: length items, or a
// ProtocolError that contains a text.
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

func testProtocol(t *testing.T, tests []protocolTest) {
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

func TestIterate_goodPaging(t *testing.T) {
	testProtocol(t, []protocolTest{
		{"short last page", fixedList(95), 95, "", ""},
		{"full last page", fixedList(100), 100, "", ""},
		{"one item", fixedList(1), 1, "", ""},
		{"two pages", fixedList(15), 15, "", ""},
		{"empty list", fixedList(0), 0, "", ""},
		{"empty list without a page size", fixedList(0).with(stateSize(0)), 0, "", ""},
		{"pages past the end are refused", fixedList(100).refusing(11, 1<<30), 100, "", ""},
		{"smaller pages than requested", func(number, size int) (*Page[item], error) { return fixedList(95)(number, min(size, 7)) }, 95, "", ""},

		{"total 0", fixedList(95).with(stateTotal(0)), 95, "", ""},
		{"total too small", fixedList(95).with(stateTotal(30)), 95, "", ""},
		{"total is the number of items on the page", fixedList(95).with(func(p *Page[item]) { p.Total = len(p.Items) }), 95, "", ""},
		{"total too big by less than a page", fixedList(95).with(stateTotal(103)), 95, "", ""},
		{"total too big by one item, after a full last page", fixedList(100).with(stateTotal(101)), 100, "", ""},
		{"total too big by 9 items, after a full last page", fixedList(100).with(stateTotal(109)), 100, "", ""},
		{"the same item twice on a page", fixedList(95).with(func(p *Page[item]) { p.Items[9] = p.Items[8] }, 2), 94, "", ""},
	})
}

func TestIterate_badResponse(t *testing.T) {
	testProtocol(t, []protocolTest{
		both("no response", func(int, int) (*Page[item], error) { return nil, nil }, "page 1: there is no response"),
		both("no items", fixedList(95).with(func(p *Page[item]) { p.Items = nil }, 3), "page 3: the response has no items"),
		both("more items than the page size", fixedList(95).with(func(p *Page[item]) { p.Items = append(p.Items, numbered(99)) }, 2), "page 2: 11 items on a page of 10"),
		both("item without a UID", fixedList(95).with(func(p *Page[item]) { p.Items[3].uid = "" }, 2), "page 2: item 4 has no UID"),
		both("no paging", fixedList(95).with(noPaging, 1), "page 1: paging.pageNumber is missing"),
		both("no paging on a later page", fixedList(95).with(noPaging, 7), "page 7: paging.pageNumber is missing"),
		both("page number is ignored", samePage(95, 1, false, func(int) bool { return true }), "returned page 1"),
		both("negative page number", fixedList(95).with(func(p *Page[item]) { p.Number = -2 }, 2), "page 2: the server returned page -2"),
		both("negative total", fixedList(95).with(stateTotal(-1)), "page 1: a total of -1 items"),
		both("total of more than 31 bits", fixedList(95).with(stateTotal(1<<31)), "page 1: a total of 2147483648 items"),
		both("page size of 0", fixedList(95).with(stateSize(0)), "page 1: a page size of 0"),
		both("page size of 0 and no items", fixedList(0).with(stateSize(0)).with(stateTotal(5)), "page 1: a page size of 0"),
		both("page size of 0 and no total", fixedList(95).with(stateSize(0)).with(stateTotal(0)), "page 1: a page size of 0"),
		both("page size of 0 on a later page", fixedList(10).with(stateSize(0), 2).with(stateTotal(0), 2), "page 2: a page size of 0"),
		both("negative page size", fixedList(95).with(stateSize(-10), 2), "page 2: a page size of -10"),
		both("negative page size of an empty list", fixedList(0).with(stateSize(-10)), "page 1: a page size of -10"),
		both("page size of more than 31 bits", fixedList(0).with(stateSize(1<<31)), "page 1: a page size of 2147483648"),
		both("page size changes", fixedList(95).with(stateSize(20), 4), "page 4: the page size is 20, and it was 10 before"),
	})
}

// The largest numbers that are accepted.
func TestIterate_largestNumbers(t *testing.T) {
	for _, m := range methods {
		check(t, m.name, m.read(t.Context(), fixedList(5).with(stateSize(maxNumber)).list(), Options{Size: 10}), 5, "")
		check(t, m.name, m.read(t.Context(), fixedList(5).with(stateTotal(maxNumber)).list(), Options{Size: 10}), 0, "of 10 items, although the list should have 2147483647")
	}
}

func TestIterate_badPaging(t *testing.T) {
	always := func(int) bool { return true }
	at := func(page int) func(int) bool { return func(n int) bool { return n == page } }
	after := func(page int) func(int) bool { return func(n int) bool { return n > page } }
	testProtocol(t, []protocolTest{
		both("page 1 for every number", samePage(95, 1, true, always), "it repeats"),
		both("a page repeats the one before", samePage(95, 4, true, at(5)), "page 5: it repeats"),
		both("the last page for every number after it", samePage(100, 10, true, after(10)).with(stateTotal(150)), "it repeats"),

		{"empty page in the middle", fixedList(95).with(keep(0), 5), 0, "page 5: it has 0 of 10 items", "page 5: it has 0 of 10 items"},
		{"refused page in the middle", fixedList(95).refusing(5, 5), 0, "page 5: it has 0 of 10 items", "page 5: it has 0 of 10 items"},
		{"nothing after page 5", fixedList(95).with(keep(0), 6, 7, 8, 9, 10, 11), 0, "page 6: it has 0 of 10 items", "it has 0 of 10 items"},
		{"short page in the middle", fixedList(95).with(keep(4), 5), 89, "", "page 5: it has 4 of 10 items"},
		{"page that lacks one item", fixedList(95).with(keep(9), 9), 94, "", "page 9: it has 9 of 10 items"},
		{"page that lacks one item, and one item follows", fixedList(91).with(keep(9), 9), 90, "", "page 9: it has 9 of 10 items"},
		{"page that lacks one item, by a total that lacks one", fixedList(91).with(keep(9), 9).with(stateTotal(90)), 90, "", "page 9: it has 9 of 10 items"},
		{"pages of 7 instead of 10", func(number, size int) (*Page[item], error) {
			page, err := fixedList(95)(number, 7)
			page.Size = size
			return page, err
		}, 95, "", "of 10 items, although the list should have 95"},
		{"pages of 3, and one should do", func(number, size int) (*Page[item], error) {
			page, err := fixedList(9)(number, 3)
			page.Size = size
			return page, err
		}, 9, "", "page 1: it has 3 of 10 items, although the page after it has some"},

		{"total too big by a page, after a full last page", fixedList(100).with(stateTotal(110)), 0, "page 11: it has 0 of 10 items", "page 11: it has 0 of 10 items"},
		{"total too big by pages", fixedList(95).with(stateTotal(200)), 0, "page 11: it has 0 of 10 items", "of 10 items, although the list should have 200"},
		both("no end", func(number, size int) (*Page[item], error) {
			return fixedList(number*size).with(stateTotal(95))(number, size)
		}, "the list goes on, although it should have 95 items"),
	})
}

// An item was deleted between the server's counting and its listing: a page contradicts its
// total once, and not when it is read again.
func TestIterate_contradictionOnce(t *testing.T) {
	for _, m := range methods {
		for name, s := range map[string]server{
			"page 4 is empty":          fixedList(95).withOnce(keep(0), 4),
			"page 10 states total 200": fixedList(95).withOnce(stateTotal(200), 10),
		} {
			check(t, m.name+", "+name, m.read(t.Context(), s.list(), Options{Size: 10}), 95, "")
		}
	}
}

// A failure of the second read is an error.
func TestIterate_secondReadFails(t *testing.T) {
	for _, m := range methods {
		for _, failing := range []int{1, 4} {
			times := map[int]int{}
			s := server(func(number, size int) (*Page[item], error) {
				if times[number]++; number == failing && times[number] == 2 {
					return nil, errPastEnd
				}
				return fixedList(95).with(keep(0), 4)(number, size)
			})
			list := s.list()
			list.Beyond = func(error) bool { return false }
			if _, err := collect(m.read(t.Context(), list, Options{Size: 10})); err != errPastEnd {
				t.Errorf("%s, page %d fails: %v", m.name, failing, err)
			}
		}
	}
}
