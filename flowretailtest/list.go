package flowretailtest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A list holds resources in the order of their creation.
type list[T resource] struct {
	items  []T
	byUID  map[string]T
	added  int       // how many were ever added
	newest time.Time // the latest time of creation
}

type resource interface {
	comparable
	uid() string
}

// newList makes a list with room for a number of items.
func newList[T resource](size int) list[T] {
	return list[T]{items: make([]T, 0, size), byUID: make(map[string]T, size)}
}

func (l *list[T]) add(item T, createdAt time.Time) {
	l.items = append(l.items, item)
	l.byUID[item.uid()] = item
	l.added++
	l.newest = createdAt
}

// remove removes the items that are gone.
func (l *list[T]) remove(gone func(T) bool) {
	l.items = slices.DeleteFunc(l.items, func(item T) bool {
		if !gone(item) {
			return false
		}
		delete(l.byUID, item.uid())
		return true
	})
}

// find returns the item with a UID. The error says what is not found, such as USER.
func (l *list[T]) find(uid, what string) (T, error) {
	item, exists := l.byUID[uid]
	if !exists {
		return item, notFound(what)
	}
	return item, nil
}

// nextCreatedAt returns the time of creation of the next item: now, or a millisecond
// after the newest item, whichever is later.
func (l *list[T]) nextCreatedAt(now time.Time) time.Time {
	now = now.UTC().Truncate(time.Millisecond)
	if !now.After(l.newest) {
		now = l.newest.Add(time.Millisecond)
	}
	return now
}

// A page is the body of a response to a list operation.
type page[V any] struct {
	Items  []V    `json:"items"`
	Paging paging `json:"paging"`
}

type paging struct {
	PageNumber int `json:"pageNumber"`
	PageSize   int `json:"pageSize"`
	TotalCount int `json:"totalCount"`
}

// sortKeys has the fields that a list can be sorted by, beside createdAt.
type sortKeys[T any] map[string]func(T) string

// paginate returns the page that the query asks for. The items are in the order
// of their creation; view makes what the API shows of one.
func paginate[T, V any](f *Fake, c *call, items []T, keys sortKeys[T], view func(T) V) (*response, error) {
	number, err := c.positiveParameter("pageNumber", 1)
	if err != nil {
		return nil, err
	}
	size, err := c.positiveParameter("pageSize", f.config.pageSize)
	if err != nil {
		return nil, err
	}
	sorted, err := sortItems(c, items, keys)
	if err != nil {
		return nil, err
	}
	size = min(size, f.config.maxPageSize)
	total := len(sorted)
	start := total
	if number-1 <= total/size { // otherwise the product could overflow
		start = min((number-1)*size, total)
	}
	shown := sorted[start:min(start+size, total)]
	return ok(page[V]{views(shown, view), paging{number, size, total}}), nil
}

// sortItems returns the items in the order that the query asks for. Creation
// order, the default, costs nothing; others are sorted for each request.
func sortItems[T any](c *call, items []T, keys sortKeys[T]) ([]T, error) {
	sortBy, direction := c.query.Get("sortBy"), c.query.Get("sortDirection")
	byCreation := !c.hasParameter("sortBy") || sortBy == "createdAt"
	key := keys[sortBy]
	if key == nil && !byCreation {
		return nil, badRequest("INVALID_PARAMETER", "sortBy")
	}
	if c.hasParameter("sortDirection") && direction != "ASC" && direction != "DESC" {
		return nil, badRequest("INVALID_PARAMETER", "sortDirection")
	}
	descending := direction == "DESC"
	if byCreation && !descending {
		return items, nil
	}
	sorted := slices.Clone(items)
	if byCreation {
		slices.Reverse(sorted)
		return sorted, nil
	}
	slices.SortStableFunc(sorted, func(a, b T) int {
		if descending {
			a, b = b, a
		}
		return cmp.Compare(strings.ToLower(key(a)), strings.ToLower(key(b)))
	})
	return sorted, nil
}

// positiveParameter returns the value of a parameter that is a whole number from 1.
func (c *call) positiveParameter(parameter string, otherwise int) (int, error) {
	if !c.hasParameter(parameter) {
		return otherwise, nil
	}
	number, err := strconv.Atoi(c.query.Get(parameter))
	if err != nil || number < 1 || number > 1<<40 {
		return 0, badRequest("INVALID_PARAMETER", parameter)
	}
	return number, nil
}

// hasParameter reports whether the query has a parameter.
func (c *call) hasParameter(parameter string) bool { return len(c.query[parameter]) > 0 }

// views returns what the API shows of each item.
func views[T, V any](items []T, view func(T) V) []V {
	shown := make([]V, len(items))
	for i, item := range items {
		shown[i] = view(item)
	}
	return shown
}

// filter returns the items to keep, in a new slice.
func filter[T any](items []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// timeSortKey returns a text that sorts like a time.
func timeSortKey(at time.Time) string { return at.UTC().Format(timestamp) }
