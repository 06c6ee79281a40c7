package faultserver

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A PagingCase is a list whose pages contradict themselves or each other, and how
// an iterator over it ends.
type PagingCase struct {
	Name        string
	Handler     Handler
	MaxItems    int  // that the iterator yields
	Complete    bool // the iterator yields exactly MaxItems and no error
	MaxRequests int
}

// page is one page of a list.
type page struct {
	firstItem, items    int
	number, size, total any
}

func (p page) String() string {
	items := make([]string, p.items)
	for i := range items {
		items[i] = fmt.Sprintf(`{"tenantUserUid":"u-%d"}`, p.firstItem+i)
	}
	return fmt.Sprintf(`{"items":[%s],"paging":{"pageNumber":%v,"pageSize":%v,"totalCount":%v}}`, strings.Join(items, ","), p.number, p.size, p.total)
}

// servePages returns a handler that sends the body for the requested page number,
// or 404 if the body is empty.
func servePages(body func(number int) string) Handler {
	return func(e *Exchange) {
		requested, _ := url.Parse(e.URI)
		number, _ := strconv.Atoi(requested.Query().Get("pageNumber"))
		if text := body(number); text != "" {
			e.Respond(200, text, asJSON)
		} else {
			e.Respond(404, "{}", asJSON)
		}
	}
}

// correctPage returns a page of a list of 25 items, with 10 items a page.
func correctPage(number int) page {
	first := (number - 1) * 10
	return page{first, max(0, min(10, 25-first)), number, 10, 25}
}

// changePage returns a handler for the correct list, with one page changed.
func changePage(changed int, change func(*page)) Handler {
	return changeAll(func(number int, p *page) {
		if number == changed {
			change(p)
		}
	})
}

// changeAll returns a handler for the correct list, with every page changed.
func changeAll(change func(number int, p *page)) Handler {
	return servePages(func(number int) string {
		p := correctPage(number)
		change(number, &p)
		return p.String()
	})
}

// PagingCases returns all lists.
func PagingCases() []PagingCase {
	return append(append(correctPaging(), wrongItems()...), wrongPaging()...)
}

func correctPaging() []PagingCase {
	return []PagingCase{
		{"a correct list", changePage(0, nil), 25, true, 3},
		{"a correct list with 404 past the end", servePages(func(number int) string {
			if p := correctPage(number); p.items > 0 {
				return p.String()
			}
			return ""
		}), 25, true, 3},
		{"an empty list", servePages(func(number int) string { return page{0, 0, number, 0, 0}.String() }), 0, true, 1},
		{"the same item twice on a page", servePages(func(int) string {
			return `{"items":[{"tenantUserUid":"u-1"},{"tenantUserUid":"u-1"}],"paging":{"pageNumber":1,"pageSize":10,"totalCount":2}}`
		}), 1, true, 1},
	}
}

// wrongItems returns lists with missing, repeated or invalid items.
func wrongItems() []PagingCase {
	return []PagingCase{
		{"the first page for every page", changeAll(func(number int, p *page) { *p = correctPage(1); p.number = number }), 10, false, 12},
		{"the first page for every page, with its number", changeAll(func(_ int, p *page) { *p = correctPage(1) }), 10, false, 3},
		{"an empty page in the middle", changePage(2, func(p *page) { p.items = 0 }), 10, false, 6},
		{"a short page in the middle", changePage(2, func(p *page) { p.items = 5 }), 20, false, 6},
		{"a page with too many items", changePage(2, func(p *page) { p.items = 11 }), 10, false, 3},
		{"endless pages", servePages(func(number int) string { return page{number * 10, 10, number, 10, 25}.String() }), 20_000, false, 2000},
		{"no items", servePages(func(number int) string {
			return fmt.Sprintf(`{"paging":{"pageNumber":%d,"pageSize":10,"totalCount":25}}`, number)
		}), 0, false, 1},
		{"an item without UID", servePages(func(int) string {
			return `{"items":[{"tenantUserUid":"u-1"},{"displayName":"x"}],"paging":{"pageNumber":1,"pageSize":10,"totalCount":2}}`
		}), 0, false, MaxAttempts},
		{"404 for every page", servePages(func(int) string { return "" }), 0, false, 1},
	}
}

// wrongPaging returns lists with wrong values in paging.
func wrongPaging() []PagingCase {
	return []PagingCase{
		{"the number of another page", changePage(2, func(p *page) { p.number = 3 }), 10, false, 3},
		{"a page without number", changePage(2, func(p *page) { p.number = "null" }), 10, false, 3},
		{"a negative number", changePage(1, func(p *page) { p.number = -1 }), 0, false, 1},
		{"a size that changes", changePage(2, func(p *page) { p.size = 20 }), 10, false, 3},
		{"a size of zero", changePage(1, func(p *page) { p.size = 0 }), 0, false, 1},
		{"a negative size", changePage(1, func(p *page) { p.size = -10 }), 0, false, 1},
		{"a size of 2^63-1", changePage(1, func(p *page) { p.size = "9223372036854775807" }), 0, false, 1},
		{"a negative total", changePage(1, func(p *page) { p.total = -1 }), 0, false, 1},
		{"a total of 2^63-1", changeAll(func(_ int, p *page) { p.total = "9223372036854775807" }), 25, false, 8},
		{"a total that is too large", changeAll(func(_ int, p *page) { p.total = 1000 }), 25, false, 8},
		{"a total that is too small", changeAll(func(_ int, p *page) { p.total = 5 }), 25, false, 4},
		{"a total of zero", changeAll(func(_ int, p *page) { p.total = 0 }), 25, false, 4},
		{"no paging", servePages(func(int) string { return `{"items":[{"tenantUserUid":"u-1"}]}` }), 0, false, 1},
	}
}
