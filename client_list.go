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
}

// iterate iterates over the pages of a list operation.
func iterate[T any](ctx context.Context, c *Client, in *request, uid func(*T) string, opts []IterOption) iter.Seq2[*T, error] {
	in.asIterator()
	list, err := newListing(in, opts)
	if err != nil {
		return refused[T](in, opts, err)
	}
	options := pager.Options{Start: list.start, Size: list.size, Prefetch: list.settings.prefetch}
	if report := list.settings.onPage; report != nil {
		options.OnPage = func(progress pager.Progress) { report(Progress(progress)) }
	}
	read := pager.Forward[T]
	if list.settings.complete {
		read = pager.Complete[T]
	}
	return func(yield func(*T, error) bool) {
		r := &reading{listing: list, started: time.Now()}
		if response := list.settings.response; response != nil {
			defer r.capture(response) // the requests have ended by then
		}
		for item, err := range read(ctx, pagesOf(c, r, uid), options) {
			if err != nil {
				err = r.wrapError(err)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// refused is an iterator over a list that is not requested.
func refused[T any](in *request, opts []IterOption, err error) iter.Seq2[*T, error] {
	response := iterSettingsOf(opts).response
	return func(yield func(*T, error) bool) {
		if response != nil {
			*response = Response{}
		}
		yield(nil, invalidRequest(in, err))
	}
}

// A reading is one range over an iterator.
type reading struct {
	*listing
	started time.Time

	mu       sync.Mutex
	requests int
	last     Response // several goroutines read pages; the caller's Response belongs to the caller's
}

// pagesOf returns what the pager needs to read a list.
func pagesOf[T any](c *Client, r *reading, uid func(*T) string) pager.List[T] {
	list := pager.List[T]{
		Fetch: func(ctx context.Context, request pager.Request) (*pager.Page[T], error) {
			page, err := fetchPage[T](ctx, c, r, request)
			if err != nil {
				return nil, err
			}
			return &pager.Page[T]{
				Items: page.Items, Number: page.Paging.PageNumber, Size: page.Paging.PageSize, Total: page.Paging.TotalCount,
			}, nil
		},
		UID:    uid,
		Beyond: isNotFoundByAPI,
	}
	if _, ok := any((*T)(nil)).(dated); ok {
		list.Created = func(item *T) time.Time { return any(item).(dated).createdAt() }
	}
	if r.request.operation.Unpaged {
		list.Fetch = asOnlyPage(list.Fetch)
	}
	return list
}

// asOnlyPage makes page 1 of a list without paging parameters the only one: its size is
// unlimited, and other pages are empty. It is for one request at a time.
func asOnlyPage[T any](fetch func(context.Context, pager.Request) (*pager.Page[T], error)) func(context.Context, pager.Request) (*pager.Page[T], error) {
	total := 0
	return func(ctx context.Context, request pager.Request) (*pager.Page[T], error) {
		if request.Number > 1 {
			return &pager.Page[T]{Items: []T{}, Number: request.Number, Total: total}, nil
		}
		page, err := fetch(ctx, request)
		if err == nil {
			page.Number, page.Size, total = 1, math.MaxInt32, page.Total
		}
		return page, err
	}
}

// dated is implemented by items whose order Complete can check.
type dated interface{ createdAt() time.Time }

// fetchPage requests one page. It runs in several goroutines at a time.
func fetchPage[T any](ctx context.Context, c *Client, r *reading, page pager.Request) (decoded *Page[T], err error) {
	var response Response
	defer func() { r.keep(&response) }()
	err = c.call(ctx, r.page(page.Number, page.Size), []CallOption{r.pageOptions(&response)}, func(response *transport.Response) error {
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
	if list.size > math.MaxInt32 {
		return nil, fmt.Errorf("pageSize %d is larger than every page", list.size)
	}
	switch {
	case in.operation.Unpaged:
		list.settings.prefetch = 1
	case list.size == 0:
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
	if l.request.operation.Unpaged {
		return l.request
	}
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
func (r *reading) keep(response *Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests += response.Attempts
	if response.StatusCode != 0 || r.last.StatusCode == 0 {
		r.last = *response
	}
}

// capture gives the caller the last response.
func (r *reading) capture(response *Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*response = r.last
}

// sent returns how many requests were sent.
func (r *reading) sent() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// wrapError turns an error of the pager into a CallError. Its requests are those of the iterator,
// unless a single page has failed.
func (r *reading) wrapError(err error) error {
	failed, isCall := errors.AsType[*CallError](err)
	protocol, isProtocol := errors.AsType[*pager.ProtocolError](err)
	switch {
	case isCall && isProtocol:
		page := *failed
		page.Err = fmt.Errorf("page %d: %s: %w", protocol.Page, protocol.Problem, failed.Err)
		page.iterator = true
		page.Attempts, page.Elapsed = r.sent(), time.Since(r.started)
		return &page
	case isCall:
		return err
	case isProtocol:
		err = fmt.Errorf("%w: %w", ErrMalformedResponse, err)
	case errors.Is(err, pager.ErrUnordered):
		err = fmt.Errorf("%w: %w", ErrCompleteUnsupported, err)
	default:
		if _, ok := errors.AsType[*pager.IncompleteError](err); ok {
			err = fmt.Errorf("%w: %w", ErrListIncomplete, err)
		}
	}
	failed = newCallError(r.request)
	failed.Attempts, failed.Elapsed, failed.iterator = r.sent(), time.Since(r.started), true
	failed.Outcome, failed.Err = ErrOutcomeUnknown, err
	return failed
}
