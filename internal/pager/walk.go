package pager

import (
	"math"
	"slices"
)

// walk reads pages from right to left, and is over when it meets an item that a walk further left has read.
type walk struct {
	id      uint16 // how the items that it read are marked
	place   int    // among all walks, from left to right; lower means further left
	next    int    // the page to read next; nothing that it still has to find stands right of it
	reach   int    // nothing that it has read or will read stands right of this page
	found   bool   // it has read an item
	empty   int    // empty pages in a row
	seeker  *walk  // the walk that waits for what this one's first page tells
	step    int    // how far to the right of a page that did not prove the end a seeker looks next
	waiting bool   // for a walk that seeks the end on its behalf
	reading bool
	over    bool
}

const (
	unbounded = math.MaxInt // the next page of a walk that does not know where the list ends
	mostWalks = math.MaxUint16
	// A walk with fewer pages ahead than this is not split: the overlap would cost more than it saves.
	worthSplitting = 6
	// So many empty pages in a row are read one by one before the end is looked for further left.
	patience = 2
)

// begin adds a walk at a place among the others.
func (c *complete[T]) begin(place int, w *walk) {
	w.id, w.reach = uint16(len(c.walks)), w.next
	c.walks = append(c.walks, w)
	c.order = slices.Insert(c.order, place, w)
	for i := place; i < len(c.order); i++ {
		c.order[i].place = i
	}
	c.active++
}

func (c *complete[T]) end(w *walk) {
	w.over = true
	c.active--
}

// layOut places the walks once the first page has told how long the list is. The rightmost one starts where the end should be.
func (c *complete[T]) layOut() {
	end := max(2, c.total/c.size+1)
	count := max(1, min(c.options.inFlight(), end/2))
	for i := 1; i < count; i++ {
		page := (int64(end)*int64(i) + int64(count) - 1) / int64(count)
		c.begin(i, &walk{next: int(page)})
	}
	top := &walk{next: unbounded, step: 1}
	c.begin(count, top)
	c.seek(top, end)
}

// seek has a new walk start at a guess, left of where the seeker would have to go on. Not the seeker itself: its items may
// have moved to between the guess and there, and whoever meets them must not take what is left of them for done.
func (c *complete[T]) seek(seeker *walk, guess int) {
	seeker.waiting = true
	c.begin(seeker.place, &walk{next: guess, seeker: seeker})
}

// sought tells the walk that waits what the page of its guess has shown: that the list ends there, or that it goes on.
func (c *complete[T]) sought(w *walk, a *answer[T]) error {
	seeker := w.seeker
	w.seeker, seeker.waiting = nil, false
	if len(a.items) < c.size && a.missing(c.size) <= 0 {
		c.end(seeker)
		return nil
	}
	if most := 2*int64(a.total/c.size+1) + grace; int64(a.number) > most || len(c.walks) >= mostWalks {
		return malformed(a.number, "the list goes on, although it should have %d items", a.total)
	}
	c.misled = c.misled || seeker.next != unbounded
	if guess := int64(a.number) + int64(seeker.step); guess < int64(seeker.next) {
		seeker.step *= 2
		c.seek(seeker, int(guess))
	}
	return nil
}

// advance decides where a walk goes from the page that it has read. known says that a walk further left has read one of
// the page's items.
func (c *complete[T]) advance(w *walk, a *answer[T], known bool) error {
	w.reading = false
	if w.seeker != nil {
		if err := c.sought(w, a); err != nil {
			return err
		}
	}
	if known || a.number == 1 {
		c.end(w)
		return nil
	}
	w.next = a.number - 1
	if len(a.items) > 0 {
		w.empty, w.found = 0, true
		return nil
	}
	w.empty++
	if !w.found {
		w.reach = w.next
	}
	if w.empty > patience {
		c.jump(w, a)
	}
	return nil
}

// jump guesses where the list ends now when a walk found nothing on a page, so that a list that has shrunk is not searched
// page by page: by the total, or halfway to the walk on the left where totals have turned out wrong.
func (c *complete[T]) jump(w *walk, a *answer[T]) {
	left := c.order[w.place-1].reach
	if left > w.next {
		left = 0
	}
	halfway := left + (w.next-left+1)/2
	guess := a.total/c.size + 1
	switch {
	case c.misled:
		guess = halfway
	case w.empty > patience+1:
		guess = min(guess, halfway)
	}
	if guess < w.next && len(c.walks) < mostWalks {
		w.step = 1
		c.seek(w, guess)
	}
}

// split halves what the walk with the most pages ahead of it still has to do, and reports whether that was worth it.
func (c *complete[T]) split() bool {
	if len(c.walks) >= mostWalks {
		return false
	}
	longest, ahead := (*walk)(nil), 0
	for i, w := range c.order {
		if !w.over && !w.waiting && i > 0 && w.next-c.order[i-1].reach > ahead {
			longest, ahead = w, w.next-c.order[i-1].reach
		}
	}
	if ahead < worthSplitting {
		return false
	}
	page := longest.next - (ahead+1)/2
	c.begin(longest.place, &walk{next: page})
	return true
}
