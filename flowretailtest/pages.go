package flowretailtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A page is a part of a list.
type page[T any] struct {
	Items  []T      `json:"items"`
	Paging position `json:"paging"`
}

// A position says which part a page is.
type position struct {
	PageNumber int `json:"pageNumber"`
	PageSize   int `json:"pageSize"`
	TotalCount int `json:"totalCount"`
}

// A selection is the result of a filter and an order, kept while the list does
// not change: the pages of a long list would each cost a pass otherwise.
type selection struct {
	key     string
	version int
	numbers []int32
}

// An order says what the things of a list can be sorted by. Every list can be
// sorted by the time of creation, which is the default.
type order[T any] map[string]func(*T) string

func byTime(at time.Time) string { return at.UTC().Format(timestamp) }

// A filter keeps some of the things of a list. Its key names it; filters that
// keep different things have different keys.
type filter[T any] struct {
	key  string
	keep func(number int32, value *T) bool
}

// paginate answers with the page that the query asks for.
func paginate[T, V any](f *Fake, c *call, from *list[T], sortable order[T], kept filter[T], show func(int32) V) (answer, *refusal) {
	number, refused := c.positive("pageNumber", 1)
	if refused != nil {
		return answer{}, refused
	}
	size, refused := c.positive("pageSize", f.config.pageSize)
	if refused != nil {
		return answer{}, refused
	}
	size = min(size, f.config.maxPageSize)
	sortBy := cmp.Or(c.query.Get("sortBy"), "createdAt")
	if _, ok := sortable[sortBy]; (!ok && sortBy != "createdAt") || c.has("sortBy") && c.query.Get("sortBy") == "" {
		return answer{}, badRequest("INVALID_PARAMETER", "sortBy")
	}
	direction := c.query.Get("sortDirection")
	if c.has("sortDirection") && direction != "ASC" && direction != "DESC" {
		return answer{}, badRequest("INVALID_PARAMETER", "sortDirection")
	}

	total, at := from.len(), from.at
	if kept.keep != nil || sortBy != "createdAt" {
		numbers := choose(from, sortable[sortBy], sortBy, direction == "DESC", kept)
		total, at = len(numbers), func(index int) int32 { return numbers[index] }
	} else if direction == "DESC" {
		at = func(index int) int32 { return from.at(total - 1 - index) }
	}
	items := []V{}
	// The first comparison keeps absurd page numbers from overflowing.
	if number-1 <= total/size {
		for index := (number - 1) * size; index < min(number*size, total); index++ {
			items = append(items, show(at(index)))
		}
	}
	return ok(page[V]{items, position{number, size, total}}), nil
}

// choose returns what the filter keeps, in order. The order is stable: equal
// things stand in the order of their creation.
func choose[T any](from *list[T], text func(*T) string, sortBy string, descending bool, kept filter[T]) []int32 {
	key := fmt.Sprintf("%s %t %s", sortBy, descending, kept.key)
	cacheable := kept.keep == nil || kept.key != uncached
	if cacheable && from.chosen.key == key && from.chosen.version == from.version {
		return from.chosen.numbers
	}
	type entry struct {
		number int32
		text   string
	}
	var entries []entry
	for index := range from.len() {
		number := from.at(index)
		value := from.get(number)
		if kept.keep != nil && !kept.keep(number, &value) {
			continue
		}
		chosen := entry{number: number}
		if text != nil {
			chosen.text = text(&value)
		}
		entries = append(entries, chosen)
	}
	switch {
	case text != nil && descending:
		slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(b.text, a.text) })
	case text != nil:
		slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.text, b.text) })
	case descending:
		slices.Reverse(entries)
	}
	numbers := make([]int32, len(entries))
	for i := range entries {
		numbers[i] = entries[i].number
	}
	if cacheable {
		from.chosen = selection{key, from.version, numbers}
	}
	return numbers
}

// uncached is the key of a filter whose result depends on more than the list.
const uncached = ""

func (c *call) has(parameter string) bool { return len(c.query[parameter]) > 0 }

// positive reads a whole number of at least 1.
func (c *call) positive(parameter string, otherwise int) (int, *refusal) {
	if !c.has(parameter) {
		return otherwise, nil
	}
	number, err := strconv.Atoi(c.query.Get(parameter))
	if err != nil || number < 1 || number > 1<<40 {
		return 0, badRequest("INVALID_PARAMETER", parameter)
	}
	return number, nil
}

// notFound is the answer for something that the path names.
func notFound(what string) *refusal { return refuse(http.StatusNotFound, what+"_NOT_FOUND") }
