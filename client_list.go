package flowretail

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/flowretail/flowretail-go/internal/pager"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// A listing is what an iterator requests: the same list on every page.
type listing struct {
	request    *request
	parameters url.Values // without the page
	start      int
	size       int
	settings   iterSettings

	mu   sync.Mutex
	last Response // several goroutines read pages; the caller's Response belongs to the caller's
}

// iterate iterates over the pages of a list operation.
func iterate[T any](ctx context.Context, c *Client, in *request, uid func(*T) string, opts []IterOption) iter.Seq2[*T, error] {
	in.asIterator()
	list, err := newListing(in, opts)
	if err != nil {
		return errSeq[T](invalidRequest(in, err))
	}
	source := pager.List[T]{
		Fetch: func(ctx context.Context, request pager.Request) (*pager.Page[T], error) {
			page, err := fetchPage[T](ctx, c, list, request)
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
		if _, ok := any((*T)(nil)).(dated); ok {
			source.Created = func(item *T) time.Time { return any(item).(dated).createdAt() }
		}
		return wrapErrors(list, pager.Complete(ctx, source, options))
	}
	return wrapErrors(list, pager.Forward(ctx, source, options))
}

// dated is implemented by items whose order Complete can check.
type dated interface{ createdAt() time.Time }

// fetchPage requests one page. It runs in several goroutines at a time.
func fetchPage[T any](ctx context.Context, c *Client, list *listing, page pager.Request) (decoded *Page[T], err error) {
	var response Response
	defer func() { list.keep(&response) }()
	err = c.call(ctx, list.page(page.Number, page.Size), []CallOption{list.pageOptions(&response)}, func(response *transport.Response) error {
		if err := page.WaitToDecode(ctx); err != nil {
			return err
		}
		decoded = new(Page[T])
		return decode(response, decoded)
	})
	return decoded, err
}

// asIterator names the SDK's iterator, the last method of a list operation, in errors.
func (r *request) asIterator() {
	if methods := r.operation.SDKMethods; len(methods) > 0 {
		r.sdkMethod = methods[len(methods)-1]
	}
}

func newListing(in *request, opts []IterOption) (*listing, error) {
	list := &listing{request: in, settings: iterSettingsOf(opts)}
	if list.settings.problem != nil {
		return nil, list.settings.problem
	}
	var err error
	if list.parameters, err = encodeQuery(in.parameters); err != nil {
		return nil, err
	}
	if list.start, err = removeNumber(list.parameters, "pageNumber"); err != nil {
		return nil, err
	}
	if list.start > math.MaxInt32 {
		return nil, fmt.Errorf("pageNumber %d is beyond every list", list.start)
	}
	if list.size, err = removeNumber(list.parameters, "pageSize"); err != nil {
		return nil, err
	}
	if list.size == 0 {
		list.size = DefaultPageSize
	}
	if list.settings.complete {
		return list, list.requireStableOrder()
	}
	return list, nil
}

// removeNumber takes a number out of the parameters; 0 if it is not there.
func removeNumber(parameters url.Values, name string) (int, error) {
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

// requireStableOrder requests the order that Complete needs, or says why the list
// cannot have it.
func (l *listing) requireStableOrder() error {
	if !l.request.operation.StableOrder {
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

// page returns the request for a page.
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
	page.parameters = values
	return &page
}

// pageOptions returns the caller's options, with a response of the page's own.
func (l *listing) pageOptions(response *Response) CallOption {
	return callOption(func(s *callSettings) {
		*s = l.settings.callSettings
		s.response = response
	})
}

// keep stores the response to a page. A page that was cancelled has none.
func (l *listing) keep(response *Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if response.StatusCode != 0 || l.last.StatusCode == 0 {
		l.last = *response
	}
}

// capture gives the caller the last response.
func (l *listing) capture(response *Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*response, l.last = l.last, Response{}
}

// wrapErrors turns the errors of the pager into CallErrors.
func wrapErrors[T any](list *listing, seq iter.Seq2[*T, error]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if response := list.settings.response; response != nil {
			defer list.capture(response) // seq has ended by then, and its goroutines
		}
		for item, err := range seq {
			if err != nil {
				err = list.request.wrapPagerError(err)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

func (r *request) wrapPagerError(err error) error {
	if _, ok := errors.AsType[*CallError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*pager.ProtocolError](err); ok {
		err = fmt.Errorf("%w: %w", ErrMalformedResponse, err)
	} else if errors.Is(err, pager.ErrUnordered) {
		err = fmt.Errorf("%w: %w", ErrCompleteUnsupported, err)
	}
	failed := newCallError(r)
	failed.Outcome, failed.Err = ErrOutcomeUnknown, err
	return failed
}

// errSeq is an iterator that yields one error.
func errSeq[T any](err error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) { yield(nil, err) }
}

// iterateOnce iterates over a list without paging parameters: one request, whose
// response must be the whole list.
func iterateOnce[T any](ctx context.Context, c *Client, in *request, uid func(*T) string, opts []IterOption) iter.Seq2[*T, error] {
	in.asIterator()
	settings := iterSettingsOf(opts)
	if settings.complete {
		return errSeq[T](invalidRequest(in, fmt.Errorf("%w for this list: it has no pages", ErrCompleteUnsupported)))
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
			yield(nil, in.wrapPagerError(err))
			return
		}
		if settings.onPage != nil {
			settings.onPage(Progress{Pages: 1, Items: len(page.Items), Total: page.Paging.TotalCount})
		}
	}
}
