package pages

import (
	"context"
	"iter"
)

// repeatsInRow is how many pages in a row may bring nothing new, where the total explains them.
const repeatsInRow = 8

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
	consumed int64            // items on the pages read, those seen before included
	atFirst  int              // the total that the first page stated
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
	if f.consumed == 0 && number == max(1, f.options.Start) {
		f.consumed, f.atFirst = a.before(f.size), a.total
	}
	f.consumed += int64(len(a.items))
	ended = f.ended(&a)
	if !ended {
		f.last = max(number+1, (a.total-1)/f.size+1)
	}
	if err := f.yield(&a, yield); err != nil || f.stopped {
		return true, err
	}
	f.report()
	return ended, nil
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

// ended reports whether the page is the last one. The total alone does not decide: where pages came shorter than they
// should have been, it takes an empty page to prove the end.
func (f *forward[T]) ended(a *answer[T]) bool {
	total := int64(a.total)
	if len(a.items) == 0 && total <= a.before(f.size) {
		return true
	}
	if full := len(a.items) == f.size; full && total < a.before(f.size)+int64(f.size) {
		return false // More than there should be: the total is stale.
	}
	return total <= f.consumed && total <= a.before(f.size)+int64(f.size)
}

// yield hands over what is new on the page.
func (f *forward[T]) yield(a *answer[T], yield func(*T, error) bool) error {
	first := f.yielded == 0
	if !first {
		f.ask()
	}
	fresh := 0
	for i := range a.items {
		uid, err := f.uid(a, i)
		if err != nil {
			return err
		}
		if _, known := f.seen.mark(uid); known {
			continue
		}
		fresh++
		if f.stopped = !f.give(a.items[i], yield); f.stopped {
			return nil
		}
		if first {
			// Not before: a consumer that wanted the first item only has cost one request.
			first = false
			f.ask()
		}
	}
	return f.progressed(a, fresh)
}

// progressed returns an error when pages repeat, or go on for ever. Items that were inserted left of here push known ones
// to the right; then the total has grown with them, but for what was deleted meanwhile.
func (f *forward[T]) progressed(a *answer[T], fresh int) error {
	if most := 2*int64(a.total) + grace*int64(f.size); f.consumed-int64(max(1, f.options.Start)-1)*int64(f.size) > most {
		return malformed(a.number, "the list goes on, although it should have %d items", a.total)
	}
	if fresh > 0 || len(a.items) == 0 {
		f.repeats = 0
		return nil
	}
	f.repeats++
	if f.repeats > repeatsInRow || len(a.items) > max(0, a.total-f.atFirst)+f.size/2 {
		return malformed(a.number, "it repeats items of earlier pages and brings no other")
	}
	return nil
}
