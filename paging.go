package flowretail

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
)

// ListOptions choose a page of a list and its order. Zero fields use the API's
// defaults.
type ListOptions struct {
	PageNumber    int           `url:"pageNumber,omitempty"` // from 1
	PageSize      int           `url:"pageSize,omitempty"`   // items; the API may return fewer
	SortBy        string        `url:"sortBy,omitempty"`     // the name of a field; the API does not document which
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
		return fmt.Errorf("PageSize is %d; it cannot be negative", o.PageSize)
	}
	return nil
}

// A Page is a part of a list.
type Page[T any] struct {
	Items  []T    `json:"items" api:"present"`
	Paging Paging `json:"paging" api:"present"`
}

// Paging describes a page's place in its list.
type Paging struct {
	PageNumber int `json:"pageNumber"` // from 1
	PageSize   int `json:"pageSize"`
	TotalCount int `json:"totalCount"` // items in the list, when the page was read
}

// isHalf reports whether a response has one of items and paging.
func (*Page[T]) isHalf(body []byte) bool {
	var page struct {
		Items  presence `json:"items"`
		Paging presence `json:"paging"`
	}
	return jsonwire.Unmarshal(body, &page) == nil && page.Items != page.Paging
}

// presence is whether a member is there and not null.
type presence bool

// UnmarshalJSON copies nothing.
func (p *presence) UnmarshalJSON(data []byte) error {
	*p = string(data) != "null"
	return nil
}

func (p *Page[T]) secrets() []string {
	var secrets []string
	for i := range p.Items {
		holder, ok := any(&p.Items[i]).(interface{ secrets() []string })
		if !ok {
			break
		}
		secrets = append(secrets, holder.secrets()...)
	}
	return secrets
}

// DefaultPageSize is the number of items that iterators request per page when the
// list options have no PageSize.
const DefaultPageSize = 1000

const defaultPrefetch = 2

// iterSettings has what the options of an iterator set.
type iterSettings struct {
	callSettings
	prefetch int
	complete bool
	onPage   func(Progress)
}

func iterSettingsOf(opts []IterOption) iterSettings {
	settings := iterSettings{prefetch: defaultPrefetch}
	for _, opt := range opts {
		if opt == nil {
			settings.refuse(errNilOption)
			continue
		}
		opt.applyIter(&settings)
	}
	return settings
}

type iterOption func(*iterSettings)

func (o iterOption) applyIter(s *iterSettings) { o(s) }

// Prefetch lets an iterator have up to n requests in flight, 1 to 256. The default
// is 2; 1 reads one page after the other. Memory grows with n times the size of a
// page. n < 1 is ErrInvalidRequest.
func Prefetch(n int) IterOption {
	return iterOption(func(s *iterSettings) {
		s.prefetch = n
		if n < 1 {
			s.refuse(fmt.Errorf("Prefetch: %d requests in flight are too few", n))
		}
	})
}

// Complete makes an iterator complete while the list changes: if it ends without an
// error, every item that existed before the first request and still exists after the
// last was yielded exactly once. Reading page after page loses items: when an item is
// deleted, all later items move forward, and one of them moves from a page that is
// still to be read to a page that was read.
//
//   - Items that are created meanwhile may be missing; items that are deleted
//     meanwhile may appear.
//   - The order of the items is not specified.
//   - Breaking out of the loop voids the promise.
//   - The API must sort by creation time, stably, as the SDK requests.
//   - The cost is about one request per page, and one per request in flight.
//
// Complete works for the users of a tenant and the subscribers of a store, without
// filters and without another order. Other lists are ErrCompleteUnsupported.
func Complete() IterOption { return iterOption(func(s *iterSettings) { s.complete = true }) }

// OnPage calls report after each page, on the goroutine of the loop. With Complete
// a page may contain no new items.
func OnPage(report func(Progress)) IterOption {
	return iterOption(func(s *iterSettings) { s.onPage = report })
}

// Progress says how far an iterator has come.
type Progress struct {
	Pages   int // read; with Complete some are read twice
	Items   int // yielded
	Total   int // as the latest page stated
	Elapsed time.Duration
}

// Rate returns items a second.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Items) / p.Elapsed.Seconds()
}

// All iterates over a list that has no method in the SDK. The endpoint takes
// pageNumber and pageSize and returns items and paging. uid returns the UID of an
// item.
//
// Like every iterator of the SDK, it yields each UID once, and ends with an error if
// it could not read the whole list:
//
//   - the error of the page that failed. A page past the end may be empty, or a 404
//     with the API's JSON error.
//   - ErrListIncomplete, after all items were yielded, if the totals of the list say
//     that there are more, also in another look at the last page.
//   - ErrMalformedResponse, if a page contradicts the request or another page, or if
//     the list does not end: after 8 times as many requests as the list had pages at
//     first, and 1000 more.
//
// A list that changes meanwhile is no error. Items that are created meanwhile may be
// missing. If items are deleted meanwhile, others may be missing; see Complete.
//
// A panic of a round tripper or of an item's UnmarshalJSON reaches the goroutine of the
// loop, with the same value.
func All[T any](ctx context.Context, c *Client, req *Request, uid func(*T) string, opts ...IterOption) iter.Seq2[*T, error] {
	in, err := req.internal("All")
	if err == nil && uid == nil {
		err = errors.New("the function uid is nil")
	}
	if err != nil {
		return refused[T](in, opts, err)
	}
	return iterate(ctx, c, in, uid, opts)
}

// Collect returns all items of an iterator. With an error it returns the items
// before it.
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
