package flowretail

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/google/go-querystring/query"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/pager"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// A listing is what an iterator asks for: the same list on every page.
type listing struct {
	request    *request
	parameters url.Values // without the page
	start      int
	size       int
	settings   iterSettings
	turns      transport.Turns

	mu   sync.Mutex
	last Response // pages are read by several goroutines, and the caller's Response belongs to the caller's
}

// iterate iterates over the pages of a list operation.
func iterate[T any](ctx context.Context, c *Client, in *request, uid func(*T) string, opts []IterOption) iter.Seq2[*T, error] {
	list, err := newListing(in, opts)
	if err != nil {
		return failing[T](refusal(in.operation.ID, err))
	}
	source := pager.List[T]{
		Fetch: func(ctx context.Context, number, size int) (*pager.Page[T], error) {
			var response Response
			page, err := fetch[Page[T]](ctx, c, list.page(number, size), []CallOption{list.call(&response)})
			list.answered(&response)
			if err != nil {
				return nil, err
			}
			return &pager.Page[T]{
				Items: page.Items, Number: page.Paging.PageNumber, Size: page.Paging.PageSize, Total: page.Paging.TotalCount,
			}, nil
		},
		UID:    uid,
		Beyond: func(err error) bool { return errors.Is(err, ErrNotFound) },
	}
	options := pager.Options{Start: list.start, Size: list.size, Prefetch: list.settings.prefetch}
	if report := list.settings.onPage; report != nil {
		options.OnPage = func(progress pager.Progress) { report(Progress(progress)) }
	}
	if list.settings.complete {
		source.Created = creationTime[T]()
		return described(list, pager.Complete(ctx, source, options))
	}
	return described(list, pager.Forward(ctx, source, options))
}

func newListing(in *request, opts []IterOption) (*listing, error) {
	list := &listing{request: in, settings: iterSettingsOf(opts)}
	if list.settings.problem != nil {
		return nil, list.settings.problem
	}
	var err error
	if list.parameters, err = parameters(in.parameters); err != nil {
		return nil, err
	}
	if list.start, err = take(list.parameters, "pageNumber"); err != nil {
		return nil, err
	}
	if list.start > math.MaxInt32 {
		return nil, fmt.Errorf("page %d is beyond every list", list.start)
	}
	if list.size, err = take(list.parameters, "pageSize"); err != nil {
		return nil, err
	}
	if list.size == 0 {
		list.size = DefaultPageSize
	}
	if list.settings.complete {
		return list, list.completely()
	}
	return list, nil
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

// call is the option that sets all of the caller's, with a response of the page's own.
func (l *listing) call(response *Response) CallOption {
	return callOption(func(s *callSettings) {
		*s = l.settings.callSettings
		s.response = response
	})
}

// answered notes the answer of a page. A page that was given up has none.
func (l *listing) answered(response *Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if response.StatusCode != 0 || l.last.StatusCode == 0 {
		l.last = *response
	}
}

// fill gives the caller the answer that came last, and forgets it.
func (l *listing) fill(response *Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*response, l.last = l.last, Response{}
}

// take moves a number from the parameters to where the pages are counted.
func take(parameters url.Values, name string) (int, error) {
	text := parameters.Get(name)
	parameters.Del(name)
	if text == "" {
		return 0, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		return 0, fmt.Errorf("%s is not a number of 1 or more", name)
	}
	return number, nil
}

// completely asks for the order that Complete rests on, where it can be had.
func (l *listing) completely() error {
	if l.request.operation != operations.ListUsers && l.request.operation != operations.ListSubscribers {
		return fmt.Errorf("%w for this list: items can enter it in the middle", ErrCompleteUnsupported)
	}
	if l.start > 1 {
		return fmt.Errorf("%w from page %d on: it reads the whole list", ErrCompleteUnsupported, l.start)
	}
	for name, values := range l.parameters {
		ordered := name == "sortBy" && values[0] == "createdAt" || name == "sortDirection" && values[0] == string(SortAscending)
		if !ordered {
			return fmt.Errorf("%w with %s: items can enter the list in the middle", ErrCompleteUnsupported, name)
		}
	}
	l.parameters.Set("sortBy", "createdAt")
	l.parameters.Set("sortDirection", string(SortAscending))
	return nil
}

// page returns the request for a page. It runs in several goroutines at a time.
func (l *listing) page(number, size int) *request {
	values := make(url.Values, len(l.parameters)+2)
	for name, value := range l.parameters {
		values[name] = value
	}
	values["pageNumber"] = []string{strconv.Itoa(number)}
	if size > 0 {
		values["pageSize"] = []string{strconv.Itoa(size)}
	}
	page := *l.request
	page.parameters, page.turns, page.place = values, &l.turns, number
	return &page
}

// creationTime returns how to read when an item was created, or nil.
func creationTime[T any]() func(*T) time.Time {
	switch any((*T)(nil)).(type) {
	case *User:
		return func(item *T) time.Time { return any(item).(*User).CreatedAt }
	case *Subscriber:
		return func(item *T) time.Time { return any(item).(*Subscriber).CreatedAt }
	}
	return nil
}

// parameters encodes what a caller gave as a query.
func parameters(from any) (url.Values, error) {
	if value := reflect.ValueOf(from); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return url.Values{}, nil
	}
	switch from := from.(type) {
	case url.Values:
		copied := make(url.Values, len(from))
		for name, values := range from {
			copied[name] = values
		}
		return copied, nil
	case interface{ check() error }:
		if err := from.check(); err != nil {
			return nil, err
		}
	}
	values, err := query.Values(from)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return values, nil
}

// described gives the errors that the pages themselves raise the form of all others.
func described[T any](list *listing, seq iter.Seq2[*T, error]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if response := list.settings.response; response != nil {
			defer list.fill(response) // seq has ended by then, and with it its goroutines
		}
		for item, err := range seq {
			if err != nil {
				err = describe(list.request.operation, err)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

func describe(operation *operations.Operation, err error) error {
	if _, ok := errors.AsType[*CallError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*pager.ProtocolError](err); ok {
		err = fmt.Errorf("%w: %w", ErrMalformedResponse, err)
	} else if errors.Is(err, pager.ErrUnordered) {
		err = fmt.Errorf("%w: %w", ErrCompleteUnsupported, err)
	}
	return &CallError{Operation: operation.ID, Outcome: ErrOutcomeUnknown, Err: err}
}

func failing[T any](err error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) { yield(nil, err) }
}

// iterateOnce iterates over a list that has no paging parameters: it is one
// request, and must be the whole list.
func iterateOnce[T any](ctx context.Context, c *Client, in *request, uid func(*T) string, opts []IterOption) iter.Seq2[*T, error] {
	settings := iterSettingsOf(opts)
	if settings.complete {
		return failing[T](refusal(in.operation.ID, fmt.Errorf("%w for this list: it has no pages", ErrCompleteUnsupported)))
	}
	call := callOption(func(s *callSettings) { *s = settings.callSettings })
	return func(yield func(*T, error) bool) {
		page, err := fetch[Page[T]](ctx, c, in, []CallOption{call})
		if err != nil {
			yield(nil, err)
			return
		}
		seen := make(map[string]bool, len(page.Items))
		for _, item := range page.Items {
			key := uid(&item)
			if seen[key] {
				continue
			}
			seen[key] = true
			if !yield(&item, nil) {
				return
			}
		}
		if total := page.Paging.TotalCount; total > len(page.Items) {
			err := fmt.Errorf("%w: %d items of %d, and the operation has no paging parameters", ErrMalformedResponse, len(page.Items), total)
			yield(nil, describe(in.operation, err))
			return
		}
		if settings.onPage != nil {
			settings.onPage(Progress{Pages: 1, Items: len(page.Items), Total: page.Paging.TotalCount})
		}
	}
}
