package faultserver

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A Lie is a list whose pages contradict themselves or each other. Only
// iterators can meet it.
type Lie struct {
	Name   string
	Client string
	Serve  Script
	Items  int  // that an iterator yields, at most
	Exact  bool // Items are all, and there is no error
	AtMost int  // requests
}

// list is one page as a server states it.
type list struct {
	first, count        int // the items
	number, size, total any
}

func (l list) String() string {
	items := make([]string, l.count)
	for i := range items {
		items[i] = fmt.Sprintf(`{"tenantUserUid":"u-%d"}`, l.first+i)
	}
	return fmt.Sprintf(`{"items":[%s],"paging":{"pageNumber":%v,"pageSize":%v,"totalCount":%v}}`, strings.Join(items, ","), l.number, l.size, l.total)
}

// paged returns a script that answers by the number of the page.
func paged(page func(number int) string) Script {
	return func(e *Exchange) {
		at, _ := url.Parse(e.URI)
		number, _ := strconv.Atoi(at.Query().Get("pageNumber"))
		if body := page(number); body != "" {
			e.Answer(200, body, asJSON)
		} else {
			e.Answer(404, "{}", asJSON)
		}
	}
}

// truthful is a list of 25 items on pages of 10.
func truthful(number int) list {
	first := (number - 1) * 10
	return list{first, max(0, min(10, 25-first)), number, 10, 25}
}

// but changes one page of the truthful list.
func but(page int, change func(*list)) Script {
	return paged(func(number int) string {
		l := truthful(number)
		if number == page {
			change(&l)
		}
		return l.String()
	})
}

// Lies returns the lists.
func Lies() []Lie {
	stop := "stops with an error"
	all := func(change func(number int, l *list)) Script {
		return paged(func(number int) string {
			l := truthful(number)
			change(number, &l)
			return l.String()
		})
	}
	return []Lie{
		{"the truth", "yields all", but(0, nil), 25, true, 3},
		{"the truth, with 404 past the end", "yields all", paged(func(number int) string {
			if l := truthful(number); l.count > 0 {
				return l.String()
			}
			return ""
		}), 25, true, 3},
		{"an empty list", "yields nothing", paged(func(number int) string { return list{0, 0, number, 0, 0}.String() }), 0, true, 1},
		{"the first page for every page", stop, all(func(number int, l *list) { *l = truthful(1); l.number = number }), 10, false, 12},
		{"the first page for every page, with its number", stop, all(func(_ int, l *list) { *l = truthful(1) }), 10, false, 3},
		{"an empty page in the middle", stop, but(2, func(l *list) { l.count = 0 }), 10, false, 6},
		{"a short page in the middle", "stops, or yields what is there", but(2, func(l *list) { l.count = 5 }), 20, false, 6},
		{"a page with too many items", stop, but(2, func(l *list) { l.count = 11 }), 10, false, 3},
		{"the number of another page", stop, but(2, func(l *list) { l.number = 3 }), 10, false, 3},
		{"a page without number", stop, but(2, func(l *list) { l.number = "null" }), 10, false, 3},
		{"a negative number", stop, but(1, func(l *list) { l.number = -1 }), 0, false, 1},
		{"a size that changes", stop, but(2, func(l *list) { l.size = 20 }), 10, false, 3},
		{"a size of zero", stop, but(1, func(l *list) { l.size = 0 }), 0, false, 1},
		{"a negative size", stop, but(1, func(l *list) { l.size = -10 }), 0, false, 1},
		{"an enormous size", stop, but(1, func(l *list) { l.size = "9223372036854775807" }), 0, false, 1},
		{"a negative total", stop, but(1, func(l *list) { l.total = -1 }), 0, false, 1},
		{"an enormous total", "reserves no memory for it", all(func(_ int, l *list) { l.total = "9223372036854775807" }), 25, false, 8},
		{"a total that is too large", stop, all(func(_ int, l *list) { l.total = 1000 }), 25, false, 8},
		{"a total that is too small", "goes by the items", all(func(_ int, l *list) { l.total = 5 }), 25, false, 4},
		{"a total of zero", "goes by the items", all(func(_ int, l *list) { l.total = 0 }), 25, false, 4},
		{"pages without end", stop, paged(func(number int) string { return list{number * 10, 10, number, 10, 25}.String() }), 20_000, false, 2000},
		{"no items", stop, paged(func(number int) string {
			return fmt.Sprintf(`{"paging":{"pageNumber":%d,"pageSize":10,"totalCount":25}}`, number)
		}), 0, false, 1},
		{"no paging", stop, paged(func(int) string { return `{"items":[{"tenantUserUid":"u-1"}]}` }), 0, false, 1},
		{"the same item twice on a page", "yields it once", paged(func(int) string {
			return `{"items":[{"tenantUserUid":"u-1"},{"tenantUserUid":"u-1"}],"paging":{"pageNumber":1,"pageSize":10,"totalCount":2}}`
		}), 1, true, 1},
		{"an item without UID", stop, paged(func(int) string {
			return `{"items":[{"tenantUserUid":"u-1"},{"displayName":"x"}],"paging":{"pageNumber":1,"pageSize":10,"totalCount":2}}`
		}), 0, false, Attempts},
		{"nothing but 404", "says so", paged(func(int) string { return "" }), 0, false, 1},
	}
}
