package pager

import (
	"cmp"
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

	sent      sync.WaitGroup // the requests in flight
	panicOnce sync.Once
	panicked  any // the first panic of Fetch

	pages   int // responses read
	yielded int // items yielded
	doubles int // items that came twice on the page that had them first
	barren  int // pages without a new item

	// What the responses state.
	size       int // items of a full page; see setSize and settle
	statedSize int // as the server states it; 0 before that
	largest    int // items of the largest page

	// sizeAssumed says that the first page was not full, although it states its length as its size.
	sizeAssumed bool
	firstPage   int // the page that was read first
	firstTotal  int // items of the list
	// statesNumber says whether the first response has stated its page number.
	statesNumber bool
	minTotal     int
	maxTotal     int
	total        int // the latest

	// The state of a pass; see run.
	short     *response[T] // the first page that stayed short; see settle
	moreShort bool         // other pages are short, too
	repairing bool         // the pass looks for items that the last one has not found
}

// response is the result of one request.
type response[T any] struct {
	number int
	page   *Page[T]
	err    error
	walk   *walk // the walk of Complete that asked for the page

	// Set by reader.accept.
	items     []T
	uids      []string // of the items
	total     int
	refused   bool // as past the end
	mayBeFull bool // no page had more items, and the server states no larger page size
}

var (
	// errStopped ends an iteration whose consumer has left the loop.
	errStopped = errors.New("the consumer has stopped")

	// errNoResponse is the error of a Fetch that panics or ends its goroutine.
	errNoResponse = errors.New("the request has ended without a response")
)

// iterate runs read once for each range over the returned sequence.
func iterate[T any](ctx context.Context, list List[T], options Options, read func(*reader[T]) error) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		r := &reader[T]{List: list, options: options, yield: yield, started: time.Now(), minTotal: maxNumber}
		r.ctx, r.cancel = context.WithCancel(ctx)
		err := r.runAndWait(read)
		if r.panicked != nil {
			panic(r.panicked)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// runAndWait cancels the requests in flight when read has ended, and waits for them.
func (r *reader[T]) runAndWait(read func(*reader[T]) error) error {
	defer r.sent.Wait()
	defer r.cancel()
	return read(r)
}

// send sends a request in the background. The channel must have room for the response.
func (r *reader[T]) send(request Request, w *walk, responses chan<- response[T]) {
	request.Size = cmp.Or(r.options.Size, r.statedSize)
	r.sent.Go(func() {
		resp := response[T]{number: request.Number, walk: w, err: errNoResponse}
		defer func() {
			if value := recover(); value != nil {
				r.panicOnce.Do(func() { r.panicked = value })
			}
			responses <- resp
		}()
		resp.page, resp.err = r.Fetch(r.ctx, request)
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
		// Neither the first page of a list nor the first page read is past the end.
		if r.pages == 1 || resp.number == 1 || r.Beyond == nil || !r.Beyond(resp.err) {
			return resp.err
		}
		resp.refused, resp.total = true, r.total
		return nil
	}
	if err := r.validate(resp.number, resp.page); err != nil {
		return err
	}
	page := resp.page
	if r.firstPage == 0 {
		r.firstPage, r.firstTotal, r.statesNumber = resp.number, page.Total, page.Number != 0
	}
	if r.size == 0 {
		r.setSize(resp.number, page)
	}
	length := len(page.Items)
	r.largest = max(r.largest, length)
	r.size = max(r.size, length)
	if r.sizeAssumed && length > 0 && resp.number != r.firstPage {
		// The list goes on. So the first page was full, unless the assumption fits here, too.
		if r.sizeAssumed = false; page.Total != r.before(resp.number)+length {
			r.size = r.largest
		}
	}
	resp.items = page.Items
	resp.mayBeFull = page.Size == length && length == r.largest
	resp.total = page.Total
	r.noteTotal(page.Total)
	for i := range resp.items {
		uid := r.UID(&resp.items[i])
		if uid == "" {
			return protocolError(resp.number, "item %d has no UID", i+1)
		}
		resp.uids = append(resp.uids, uid)
	}
	return r.checkPages(resp.number)
}

func (r *reader[T]) validate(number int, page *Page[T]) error {
	switch {
	case page == nil:
		return protocolError(number, "there is no response")
	case page.Items == nil:
		return protocolError(number, "the response has no items, not even an empty list")
	case page.Number == 0 && r.statesNumber:
		return protocolError(number, "paging.pageNumber is missing or 0")
	case page.Number != 0 && page.Number != number:
		return protocolError(number, "the server returned page %d", page.Number)
	case page.Total < 0 || page.Total > maxNumber:
		return protocolError(number, "a total of %d items", page.Total)
	case page.Size < 0 || page.Size > maxNumber || page.Size == 0 && len(page.Items) > 0:
		return protocolError(number, "a page size of %d", page.Size)
	}
	length := len(page.Items)
	size := cmp.Or(r.statedSize, page.Size)
	switch {
	case size == 0 || page.Size == length && length <= r.options.Size:
	case page.Size != 0 && page.Size != size && page.Size != length:
		return protocolError(number, "the page size is %d, and it was %d before", page.Size, size)
	case length > size:
		return protocolError(number, "%d items on a page of %d", length, size)
	}
	return nil
}

// setSize sets the page size from the first response. A server may state the number of items on
// the page instead, or none on an empty page. On the last page that is not the size of a full page.
func (r *reader[T]) setSize(number int, page *Page[T]) {
	requested, length := r.options.Size, len(page.Items)
	r.statedSize, r.size = page.Size, page.Size
	ended := page.Total == (number-1)*requested+length || number == 1 && page.Total < length
	if page.Size == 0 || page.Size == length && ended {
		r.size, r.sizeAssumed = max(1, requested, length), true
	}
}

// noteTotal takes note of the latest total.
func (r *reader[T]) noteTotal(total int) {
	r.total, r.minTotal, r.maxTotal = total, min(r.minTotal, total), max(r.maxTotal, total)
}

// checkPages returns an error if too many pages were read for the length of the list.
func (r *reader[T]) checkPages(number int) error {
	first := r.firstTotal/r.size + 1
	if r.pages > maxReadFactor*first+slackPages {
		return protocolError(number, "the list does not end: %d pages were read, and it had %d at first", r.pages, first)
	}
	stated := r.firstTotal/max(r.size, r.statedSize) + 1
	if r.barren > maxReadFactor*stated+slackPages {
		return protocolError(number, "the list does not end: %d pages had no new item, and it had %d at first", r.barren, stated)
	}
	return nil
}

// before returns the number of items on the pages left of a page.
func (r *reader[T]) before(number int) int { return (number - 1) * r.size }

// emit yields the items of a response that have the given indexes. It calls prefetch after
// the first of them, so that a consumer that wants one item costs one request.
func (r *reader[T]) emit(resp *response[T], indexes []int, prefetch func()) error {
	if len(indexes) == 0 {
		r.barren++
	}
	for n, i := range indexes {
		if r.ctx.Err() != nil {
			return context.Cause(r.ctx)
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
