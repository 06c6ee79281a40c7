package pager

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Complete yields every item that existed before its first request and still exists after its last, exactly once, in no
// particular order. See the package documentation for the conditions and the reasons.
func Complete[T any](ctx context.Context, list List[T], options Options) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		c := &complete[T]{
			reader:  newReader(ctx, list, options),
			answers: make(chan answer[T], options.inFlight()),
		}
		defer c.close()
		if err := c.run(yield); err != nil {
			yield(nil, err)
		}
	}
}

// outrun is how many times the pages that a list had at first Complete may read.
const outrun = 8

// complete is one iteration. Its state belongs to the consumer's goroutine.
type complete[T any] struct {
	*reader[T]
	seen    seen // marked with the lowest walk that read the item
	walks   []*walk
	order   []*walk // the same from left to right
	active  int     // walks that are not over
	flying  int
	answers chan answer[T]
	misled  bool // a guess at the end, made from a total, was too low

	border  time.Time // when the newest item of the first answer was created
	short   int       // the leftmost page that was not full, and 0 when all were
	filled  int       // the rightmost page that was not empty
	fresh   []int     // which items of the latest answer are new
	stopped bool      // the consumer has had enough
}

func (c *complete[T]) run(yield func(*T, error) bool) error {
	c.begin(0, &walk{next: 1})
	first, err := c.read(1)
	if err != nil {
		return err
	}
	if first, err = c.settle(first); err != nil {
		return err
	}
	if _, err := c.take(c.walks[0], &first); err != nil {
		return err
	}
	c.end(c.walks[0])
	if len(first.items) == c.size || first.missing(c.size) > 0 {
		c.layOut()
	}
	if c.yield(&first, yield); c.stopped {
		return nil
	}
	for c.active > 0 {
		c.ask()
		a := <-c.answers
		c.flying--
		if err := c.step(&a); err != nil {
			return err
		}
		c.ask()
		if c.yield(&a, yield); c.stopped {
			return nil
		}
	}
	return c.consistent()
}

// ask sends requests until as many are in flight as the caller wants.
func (c *complete[T]) ask() {
	for {
		// From right to left: a search for the end that waited for others would run after a list that grows.
		for _, w := range slices.Backward(c.order) {
			if c.flying >= c.options.inFlight() {
				return
			}
			if !w.over && !w.waiting && !w.reading {
				w.reading = true
				c.flying++
				c.request(w.next, w, c.answers)
			}
		}
		if c.flying >= c.options.inFlight() || !c.split() {
			return
		}
	}
}

// step takes an answer in and moves its walk on.
func (c *complete[T]) step(a *answer[T]) error {
	w := a.walk
	if err := c.accept(a); err != nil {
		return err
	}
	settled, err := c.settle(*a)
	if err != nil {
		return err
	}
	settled.walk = w
	*a = settled
	if first := int64(c.atFirst/c.size + 1); int64(c.pages) > outrun*(first+grace) {
		return malformed(a.number, "the list changes faster than it is read: %d pages were, and %d would have done at first", c.pages, first)
	}
	known, err := c.take(w, a)
	if err != nil {
		return err
	}
	return c.advance(w, a, known)
}

// settle looks twice at a page that lacks a pageful of what its own total promises, or more.
func (c *complete[T]) settle(a answer[T]) (answer[T], error) {
	lacking := func() bool { return len(a.items) < c.size && a.missing(c.size) >= int64(c.size) }
	if lacking() || a.beyond && a.missing(c.size) > 0 {
		var err error
		if a, err = c.again(a.number); err != nil {
			return a, err
		}
		if lacking() {
			return a, malformed(a.number, "it has %d of %d items, although the list should have %d", len(a.items), c.size, a.total)
		}
	}
	if len(a.items) < c.size && (c.short == 0 || a.number < c.short) {
		c.short = a.number
	}
	if len(a.items) > 0 {
		c.filled = max(c.filled, a.number)
	}
	return a, nil
}

// take notes the items of a page for a walk. It reports whether a walk further left has read one of them.
func (c *complete[T]) take(w *walk, a *answer[T]) (known bool, err error) {
	if err := c.ascends(a); err != nil {
		return false, err
	}
	c.fresh = c.fresh[:0]
	var risen map[string]bool // items that were further left before
	for i := range a.items {
		uid, err := c.uid(a, i)
		if err != nil {
			return false, err
		}
		mark, met := c.seen.mark(uid)
		if !met {
			c.fresh = append(c.fresh, i)
			*mark = w.id
			continue
		}
		switch other := c.walks[*mark]; {
		case other.place > w.place:
			*mark = w.id
		case other.place < w.place:
			known = true
			if other.reach < a.number {
				if risen == nil {
					risen = map[string]bool{}
				}
				risen[uid] = true
			}
		}
	}
	switch {
	case len(risen) > 0:
		return known, c.confirm(a.number, risen)
	case len(a.items) > 0 && len(c.fresh) == 0 && !known:
		// Nothing but what this walk, or one on its right, has read further right: so many items were deleted, or the server repeats a page.
		return known, c.confirm(a.number+1, c.uids(a))
	}
	return known, nil
}

func (c *complete[T]) uids(a *answer[T]) map[string]bool {
	uids := make(map[string]bool, len(a.items))
	for i := range a.items {
		uids[c.UID(&a.items[i])] = true
	}
	return uids
}

// confirm reads a page and fails when an item is on it that an earlier answer had on a page further left. Two requests that
// overlap may show an item in either place when something was deleted between them. This one is sent after the other was
// answered, and no item of an ascending list moves to the right.
func (c *complete[T]) confirm(number int, further map[string]bool) error {
	a, err := c.read(number)
	if err != nil {
		return err
	}
	found := 0
	for i := range a.items {
		if further[c.UID(&a.items[i])] {
			found++
		}
	}
	switch {
	case found == 0:
		return nil
	case found == len(a.items):
		return malformed(number, "it repeats the items of pages before it")
	default:
		return unordered(number, "items have moved to the right")
	}
}

// ascends checks what can be seen of the order: within a page, and against the newest item of the first one.
func (c *complete[T]) ascends(a *answer[T]) error {
	if c.Created == nil {
		return nil
	}
	var latest time.Time
	if a.number > 1 {
		latest = c.border
	}
	for i := range a.items {
		created := c.Created(&a.items[i])
		if created.IsZero() {
			continue
		}
		if created.Before(latest) {
			return unordered(a.number, fmt.Sprintf("item %d is older than one before it", i+1))
		}
		latest = created
	}
	if a.walk == nil {
		c.border = latest
	}
	return nil
}

// consistent looks again where one page was not full and another one right of it had items, which a list that changed
// between the two explains, and so does a server that holds items back.
func (c *complete[T]) consistent() error {
	if c.short == 0 || c.short >= c.filled {
		return nil
	}
	right, err := c.read(c.short + 1)
	if err != nil || len(right.items) == 0 {
		return err
	}
	left, err := c.read(c.short)
	if err != nil {
		return err
	}
	if len(left.items) < c.size && left.missing(c.size) > 0 {
		return malformed(c.short, "it has %d of %d items, although the page after it has some", len(left.items), c.size)
	}
	return nil
}

// yield hands over what is new in the latest answer.
func (c *complete[T]) yield(a *answer[T], yield func(*T, error) bool) {
	for n, i := range c.fresh {
		if c.stopped = !c.give(a.items[i], yield); c.stopped {
			return
		}
		if n == 0 {
			// Not before: a consumer that wanted the first item only has cost one request.
			c.ask()
		}
	}
	c.report()
}
