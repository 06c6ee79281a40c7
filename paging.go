package flowretail

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// ListOptions choose a page of a list. The zero value leaves all to the API.
type ListOptions struct {
	PageNumber    int           `url:"pageNumber,omitempty"` // from 1
	PageSize      int           `url:"pageSize,omitempty"`   // items; the API may answer with fewer
	SortBy        string        `url:"sortBy,omitempty"`     // a field; the API documents no list of them
	SortDirection SortDirection `url:"sortDirection,omitempty"`
}

// SortDirection is the order of a list.
type SortDirection string

// The directions of a sort.
const (
	SortAscending  SortDirection = "ASC"
	SortDescending SortDirection = "DESC"
)

func (o *ListOptions) check() error {
	switch {
	case o == nil:
		return nil
	case o.PageNumber < 0:
		return fmt.Errorf("PageNumber is %d; pages begin at 1", o.PageNumber)
	case o.PageSize < 0:
		return fmt.Errorf("PageSize is %d", o.PageSize)
	}
	return nil
}

// A Page is a part of a list.
type Page[T any] struct {
	Items  []T    `json:"items"`
	Paging Paging `json:"paging"`
}

// Paging says which part of a list a page is.
type Paging struct {
	PageNumber int `json:"pageNumber"` // from 1
	PageSize   int `json:"pageSize"`
	TotalCount int `json:"totalCount"` // of the list, when the page was read
}

// DefaultPageSize is the size that iterators ask for when the options have none.
const DefaultPageSize = 1000

const defaultPrefetch = 2

// iterSettings are what the options of an iterator set.
type iterSettings struct {
	callSettings
	prefetch int
	complete bool
	onPage   func(Progress)
}

type iterOption func(*iterSettings)

func (o iterOption) applyIter(s *iterSettings) { o(s) }

// Prefetch lets an iterator have up to n requests in flight, ahead of its
// consumer; the default is 2, and 1 reads one page after the other. Memory grows
// with n times the size of a page.
func Prefetch(n int) IterOption {
	return iterOption(func(s *iterSettings) {
		s.prefetch = n
		if n < 1 {
			s.refuse(fmt.Errorf("Prefetch: %d requests in flight are too few", n))
		}
	})
}

// Complete makes an iterator miss nothing while the list changes: if it ends
// without an error, every item that existed before the first request and still
// exists after the last was yielded exactly once. Reading page after page cannot
// promise that: when an earlier item is deleted meanwhile, all later ones move up,
// and one of them slips from a page yet to be read to one that has been.
//
// Items that are created meanwhile may be missing, and items that are deleted
// meanwhile may appear. The order is not specified. Breaking off early voids the
// promise. It rests on the API to sort by creation, stably, as it is asked to.
//
// It holds for the users of a tenant and the subscribers of a store, without
// filter and with no other order than the creation's; elsewhere the iterator ends
// with ErrCompleteUnsupported.
func Complete() IterOption { return iterOption(func(s *iterSettings) { s.complete = true }) }

// OnPage has report called after each page, in the goroutine of the consumer.
// With Complete a page may have been read before, and add nothing.
func OnPage(report func(Progress)) IterOption {
	return iterOption(func(s *iterSettings) { s.onPage = report })
}

// Progress is how far an iterator has come.
type Progress struct {
	Pages   int // read; with Complete some are read twice
	Items   int // yielded
	Total   int // as the API said last
	Elapsed time.Duration
}

// Rate returns items a second.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Items) / p.Elapsed.Seconds()
}

// All iterates over a list that has no method here: an endpoint that takes
// pageNumber and pageSize, and answers with items and paging. The function uid
// returns the identity of an item.
func All[T any](ctx context.Context, c *Client, req *Request, uid func(*T) string, opts ...IterOption) iter.Seq2[*T, error] {
	in, err := req.internal()
	switch {
	case err != nil:
		return failing[T](refusal(req.name(), err))
	case uid == nil:
		return failing[T](refusal(req.name(), errors.New("the function for the UID of an item is nil")))
	}
	return iterate(ctx, c, in, uid, opts)
}

// Collect reads an iterator to its end. It returns what came before an error, with the error.
func Collect[T any](seq iter.Seq2[*T, error]) ([]*T, error) {
	var items []*T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}
