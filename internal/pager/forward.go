package pager

import (
	"context"
	"iter"
)

// repeatsInRow is how many pages in a row may bring nothing new, where the total explains them.
const repeatsInRow = 8

// outgrown is how many times its first length a list may reach while Forward reads it.
const outgrown = 4

// Forward yields the items page after page, in the order of the list. See the package documentation for what it promises.
func Forward[T any](ctx context.Context, list List[T], options Options) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		start := max(1, options.Start)
		if start > largest {
			yield(nil, errStart)
			return
		}
		f := &forward[T]{reader: newReader(ctx, list, options), next: start, last: start}
		defer f.close()
		for number := start; ; number++ {
			ended, err := f.page(number, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			if ended {
				return
			}
		}
	}
}

// forward is one pass from left to right.
type forward[T any] struct {
	*reader[T]
	seen     seen
	queue    []chan answer[T] // pages on their way, from left to right
	next     int              // the first page that was not asked for
	last     int              // the last page worth asking for, as known now
	skipped  int64            // items on the pages before the first one read
	consumed int64            // items on all pages up to here, those seen before included
	fresh    []int            // which items of the latest page are new
	lowest   int              // the lowest total that any page stated
	repeats  int              // pages in a row without anything new
	wasEmpty bool             // the page before held nothing
	stopped  bool             // the consumer has had enough
}

// ask sends requests until as many are in flight or waiting to be consumed as the caller wants.
func (f *forward[T]) ask() {
	for f.next <= f.last && len(f.queue) < f.options.inFlight() {
		to := make(chan answer[T], 1)
		f.request(f.next, nil, to)
		f.queue = append(f.queue, to)
		f.next++
	}
}

// page consumes the next page and reports whether the iteration is over.
func (f *forward[T]) page(number int, yield func(*T, error) bool) (ended bool, err error) {
	f.ask()
	a := <-f.queue[0]
	f.queue = f.queue[1:]
	if err := f.accept(&a); err != nil {
		return true, err
	}
	if a, err = f.settle(a); err != nil {
		return true, err
	}
	wrong := f.sift(&a)
	if len(f.fresh) == 0 && len(a.items) > 0 && wrong == nil {
		// It may have been sent ahead of the page before, and something deleted between the two.
		if a, err = f.read(number); err != nil {
			return true, err
		}
		wrong = f.sift(&a)
	}
	if number == max(1, f.options.Start) {
		f.skipped, f.consumed = a.before(f.size), a.before(f.size)
		f.lowest = a.total
	}
	f.consumed += int64(len(a.items))
	f.lowest = min(f.lowest, a.total)
	if err := f.progressed(&a); err != nil {
		return true, err
	}
	if ended = f.ended(&a); !ended {
		f.last = max(number+1, a.total/f.size+1)
	}
	if f.yield(&a, yield); f.stopped {
		return true, nil
	}
	if wrong == nil {
		f.report()
	}
	return ended, wrong
}

// sift finds what is new on a page, up to an item that it cannot tell from others.
func (f *forward[T]) sift(a *answer[T]) error {
	f.fresh = f.fresh[:0]
	for i := range a.items {
		uid, err := f.uid(a, i)
		if err != nil {
			return err
		}
		if _, known := f.seen.mark(uid); !known {
			f.fresh = append(f.fresh, i)
		}
	}
	return nil
}

// settle looks twice at a page that is empty although its own total puts a full one there.
func (f *forward[T]) settle(a answer[T]) (answer[T], error) {
	doubtful := func() bool {
		return len(a.items) == 0 && a.missing(f.size) >= int64(f.size) || a.beyond && a.missing(f.size) > 0
	}
	if doubtful() {
		var err error
		if a, err = f.again(a.number); err != nil {
			return a, err
		}
		if doubtful() && a.missing(f.size) >= int64(f.size) {
			return a, malformed(a.number, "it is empty, although the list should have %d items", a.total)
		}
	}
	if f.wasEmpty && len(a.items) > 0 {
		return a, malformed(a.number, "it has items, although the page before it is empty")
	}
	f.wasEmpty = len(a.items) == 0
	return a, nil
}

// ended reports whether the page is the last one, which takes more than a total: a page that is not full, where all pages
// together have brought as many items as the total says, or one that is empty where no item should be.
func (f *forward[T]) ended(a *answer[T]) bool {
	if len(a.items) == 0 && a.missing(f.size) <= 0 {
		return true
	}
	short := len(a.items) < f.size
	return short && int64(a.total) <= f.consumed && int64(a.total) <= a.before(f.size)+int64(f.size)
}

// yield hands over what is new on the page, while the next pages are on their way.
func (f *forward[T]) yield(a *answer[T], yield func(*T, error) bool) {
	if f.yielded > 0 {
		f.ask()
	}
	for n, i := range f.fresh {
		if f.stopped = !f.give(a.items[i], yield); f.stopped {
			return
		}
		if n == 0 {
			// Not before the first item of all: a consumer that wanted no other has cost one request.
			f.ask()
		}
	}
}

// progressed returns an error when pages repeat, or go on for ever. Items that were inserted left of here push known ones
// to the right; then the total has grown with them, but for what was deleted meanwhile.
func (f *forward[T]) progressed(a *answer[T]) error {
	spare := grace * int64(f.size)
	if read := f.consumed - f.skipped; read > 2*int64(a.total)+spare || read > outgrown*(int64(f.atFirst)+spare) {
		return malformed(a.number, "the list goes on, although it should have %d items, and had %d at first", a.total, f.atFirst)
	}
	if len(f.fresh) > 0 || len(a.items) == 0 {
		f.repeats = 0
		return nil
	}
	f.repeats++
	if f.repeats > repeatsInRow || len(a.items) > a.total-f.lowest+f.size/2 {
		return malformed(a.number, "it repeats items of earlier pages and brings no other")
	}
	return nil
}
