package pager

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"
)

// reader sends the requests of one iteration, checks each response by itself, and yields
// items. Only send starts goroutines. Everything else runs on the consumer's goroutine.
type reader[T any] struct {
	List[T]
	options Options
	ctx     context.Context
	cancel  context.CancelFunc
	yield   func(*T, error) bool
	started time.Time
	sent    sync.WaitGroup // the requests in flight

	size       int // items of a full page, as the first response stated; 0 before that
	firstTotal int // items of the list, as the first response stated
	total      int // items of the list, as the latest response stated
	pages      int // responses read
	yielded    int // items yielded
}

// response is the result of one request.
type response[T any] struct {
	number int
	page   *Page[T]
	err    error
	walk   *walk // the walk of Complete that asked for the page

	// Set by reader.accept.
	items   []T
	uids    []string // of the items
	total   int
	pastEnd bool // the server refused the page as past the end
}

// errStopped ends an iteration whose consumer has left the loop.
var errStopped = errors.New("the consumer has stopped")

// iterate runs read once for each range over the returned sequence. When read returns, it
// cancels the requests in flight and waits for them.
func iterate[T any](ctx context.Context, list List[T], options Options, read func(*reader[T]) error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		r := &reader[T]{List: list, options: options, yield: yield, started: time.Now()}
		r.ctx, r.cancel = context.WithCancel(ctx)
		defer r.sent.Wait()
		defer r.cancel()
		if err := read(r); err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// send sends a request in the background. The channel must have room for the response.
func (r *reader[T]) send(request Request, w *walk, responses chan<- response[T]) {
	request.Size = r.options.Size
	if r.size != 0 {
		request.Size = r.size
	}
	r.sent.Go(func() {
		page, err := r.Fetch(r.ctx, request)
		responses <- response[T]{number: request.Number, page: page, err: err, walk: w}
	})
}

// read reads a page and waits for it.
func (r *reader[T]) read(number int) (response[T], error) {
	responses := make(chan response[T], 1)
	r.send(Request{Number: number}, nil, responses)
	resp := <-responses
	return resp, r.accept(&resp)
}

// accept checks a response by itself, and sets its items, UIDs and total. The first response
// sets the page size.
func (r *reader[T]) accept(resp *response[T]) error {
	r.pages++
	if resp.err != nil {
		// The first page of a list is never past its end.
		if r.size == 0 || resp.number == 1 || r.Beyond == nil || !r.Beyond(resp.err) {
			return resp.err
		}
		resp.pastEnd, resp.total = true, r.total
		return nil
	}
	if err := r.validate(resp.number, resp.page); err != nil {
		return err
	}
	page := resp.page
	if r.size == 0 {
		r.firstTotal = page.Total
		r.size = max(1, page.Size) // an empty list may have no page size
	}
	r.total = page.Total
	resp.items, resp.total = page.Items, page.Total
	for i := range resp.items {
		uid := r.UID(&resp.items[i])
		if uid == "" {
			return protocolError(resp.number, "item %d has no UID", i+1)
		}
		resp.uids = append(resp.uids, uid)
	}
	return nil
}

func (r *reader[T]) validate(number int, page *Page[T]) error {
	switch {
	case page == nil:
		return protocolError(number, "there is no response")
	case page.Items == nil:
		return protocolError(number, "the response has no items, not even an empty list")
	case page.Number == 0:
		return protocolError(number, "paging.pageNumber is missing")
	case page.Number != number:
		return protocolError(number, "the server returned page %d", page.Number)
	case page.Total < 0 || page.Total > maxNumber:
		return protocolError(number, "a total of %d items", page.Total)
	case r.size == 0 && page.Size == 0 && len(page.Items) == 0:
		return nil // an empty list needs no page size
	case page.Size <= 0 || page.Size > maxNumber:
		return protocolError(number, "a page size of %d", page.Size)
	case r.size != 0 && page.Size != r.size:
		return protocolError(number, "the page size is %d, and it was %d before", page.Size, r.size)
	case len(page.Items) > page.Size:
		return protocolError(number, "%d items on a page of %d", len(page.Items), page.Size)
	}
	return nil
}

// before returns the number of items on the pages left of a page.
func (r *reader[T]) before(number int) int { return (number - 1) * r.size }

// missing returns how many more items the list should have right of the last item of a
// response, by the total of the response.
func (r *reader[T]) missing(resp *response[T]) int {
	return resp.total - r.before(resp.number) - len(resp.items)
}

// lacksPage reports whether a page has fewer than minItems items, although by its own total
// the list has at least a page of items more.
func (r *reader[T]) lacksPage(resp *response[T], minItems int) bool {
	return len(resp.items) < minItems && r.missing(resp) >= r.size
}

// recheck reads a page again that lacks a page of items, or that is past the end although it
// should have items. Deletes between the server's counting and its listing may explain that
// once.
func (r *reader[T]) recheck(resp response[T], minItems int) (response[T], error) {
	if !r.lacksPage(&resp, minItems) && !(resp.pastEnd && r.missing(&resp) > 0) {
		return resp, nil
	}
	// A page past the end states no total; accept gave it the latest one. Reading page 1 brings
	// that up to date, and fails if the list is gone.
	first, err := r.read(1)
	if err != nil {
		return first, err
	}
	if resp, err = r.read(resp.number); err != nil {
		return resp, err
	}
	if r.lacksPage(&resp, minItems) {
		return resp, protocolError(resp.number, "it has %d of %d items, although the list should have %d", len(resp.items), r.size, resp.total)
	}
	return resp, nil
}

// emit yields the items of a response that have the given indexes. It calls prefetch after
// the first of them, so that a consumer that wants one item costs one request.
func (r *reader[T]) emit(resp *response[T], indexes []int, prefetch func()) error {
	for n, i := range indexes {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		r.yielded++
		item := resp.items[i] // a copy, so that an item that is kept does not keep its page
		if !r.yield(&item, nil) {
			return errStopped
		}
		if n == 0 {
			prefetch()
		}
	}
	if r.options.OnPage != nil {
		r.options.OnPage(Progress{Pages: r.pages, Items: r.yielded, Total: r.total, Elapsed: time.Since(r.started)})
	}
	return nil
}
