package pager

import (
	"fmt"
	"runtime"
)

// maxDecoded bounds the pages that are decoded ahead of the consumer. A larger number
// cannot decode faster and takes more memory: a sync with 8 requests in flight took 43 MiB
// of heap without this bound, and 33 MiB with it, at a latency of 40 ms (bench/sync).
var maxDecoded = runtime.GOMAXPROCS(0)

// forward reads the pages from left to right.
type forward[T any] struct {
	*reader[T]
	start int

	queue            []queued[T] // the requests in flight, from left to right
	decoding         int         // so many of them, from the left, may be decoded
	nextRequest      int         // the page to request next
	lastWorthRequest int         // the last page worth a request, by the latest total

	seen       map[uidKey]struct{}
	itemsRead  int // items on the pages so far, known ones included
	minTotal   int // the lowest total so far
	repeated   int // pages in a row without a new item
	emptyPages int // pages without an item
}

// queued is a request in flight.
type queued[T any] struct {
	responses chan response[T]
	mayDecode chan struct{} // closed when the page may be decoded
}

func newForward[T any](r *reader[T]) *forward[T] {
	start := max(1, r.options.Start)
	return &forward[T]{
		reader: r, start: start, nextRequest: start, lastWorthRequest: start,
		seen: map[uidKey]struct{}{}, minTotal: maxNumber,
	}
}

func (f *forward[T]) run() error {
	if f.start > maxNumber {
		return fmt.Errorf("the first page is %d, and must be from 1 to %d", f.start, maxNumber)
	}
	for number := f.start; ; number++ {
		ended, err := f.readPage(number)
		if ended || err != nil {
			return err
		}
	}
}

// sendRequests sends requests until enough are in flight or wait for the consumer. It
// lets the leftmost pages be decoded.
func (f *forward[T]) sendRequests() {
	for f.nextRequest <= f.lastWorthRequest && len(f.queue) < f.options.inFlight() {
		q := queued[T]{make(chan response[T], 1), make(chan struct{})}
		f.send(Request{Number: f.nextRequest, mayDecode: q.mayDecode}, nil, q.responses)
		f.queue = append(f.queue, q)
		f.nextRequest++
	}
	for ; f.decoding < min(maxDecoded, len(f.queue)); f.decoding++ {
		close(f.queue[f.decoding].mayDecode)
	}
}

// readPage yields the items of the next page. It reports whether that was the last one.
func (f *forward[T]) readPage(number int) (ended bool, err error) {
	resp, fresh, err := f.receive(number)
	if err != nil {
		return false, err
	}
	f.itemsRead += len(resp.items)
	f.minTotal = min(f.minTotal, resp.total)
	if err := f.checkLimits(&resp, len(fresh)); err != nil {
		return false, err
	}
	ended = f.isLast(&resp)
	if ended {
		f.lastWorthRequest = number
	} else {
		f.lastWorthRequest = max(number+1, resp.total/f.size+1)
	}
	return ended, f.emit(&resp, fresh, f.sendRequests)
}

// receive waits for the next page. It returns the page and the indexes of its new items.
func (f *forward[T]) receive(number int) (resp response[T], fresh []int, err error) {
	f.sendRequests()
	resp = <-f.queue[0].responses
	f.queue = f.queue[1:]
	f.decoding--
	if err := f.accept(&resp); err != nil {
		return resp, nil, err
	}
	if resp, err = f.recheck(resp, 1); err != nil {
		return resp, nil, err
	}
	fresh = f.filterNew(&resp)
	if len(fresh) == 0 && len(resp.items) > 0 {
		// The request may have overtaken the one for the page before, with a deletion in between.
		if resp, err = f.read(number); err != nil {
			return resp, nil, err
		}
		fresh = f.filterNew(&resp)
	}
	if len(resp.items) > 0 && f.emptyPages > 0 {
		return resp, nil, protocolError(number, "it has items, although the page before it is empty")
	}
	if len(resp.items) == 0 {
		f.emptyPages++
	}
	return resp, fresh, nil
}

// filterNew returns the indexes of the items that no earlier page had.
func (f *forward[T]) filterNew(resp *response[T]) (fresh []int) {
	for i, uid := range resp.uids {
		key := keyOf(uid)
		if _, known := f.seen[key]; !known {
			f.seen[key] = struct{}{}
			fresh = append(fresh, i)
		}
	}
	return fresh
}

// isLast reports whether the list ends with a page. The total alone does not prove that. The
// page must be
//   - empty, with no item due on it by the total,
//   - empty, after an empty page, or
//   - a short page, when all pages together have as many items as the total says.
func (f *forward[T]) isLast(resp *response[T]) bool {
	switch {
	case len(resp.items) == f.size:
		return false
	case len(resp.items) == 0 && f.missing(resp) <= 0, f.emptyPages > 1:
		return true
	default:
		return resp.total <= f.before(f.start)+f.itemsRead
	}
}

// checkLimits returns an error if the list goes on without end, or if a page repeats items
// without a reason. Items that are inserted further left move known items to the right. The
// total then grows by as many, less the deletions of the same time, for which half a page is
// allowed.
func (f *forward[T]) checkLimits(resp *response[T], fresh int) error {
	slack := slackPages * f.size
	if f.itemsRead > maxTotalFactor*resp.total+slack || f.itemsRead > maxGrowth*(f.firstTotal+slack) {
		return protocolError(resp.number, "the list goes on, although it should have %d items, and had %d at first", resp.total, f.firstTotal)
	}
	if fresh > 0 || len(resp.items) == 0 {
		f.repeated = 0
		return nil
	}
	f.repeated++
	if inserted := resp.total - f.minTotal; f.repeated > maxRepeatedPages || len(resp.items) > inserted+f.size/2 {
		return protocolError(resp.number, "it repeats items of earlier pages and has no other")
	}
	return nil
}
