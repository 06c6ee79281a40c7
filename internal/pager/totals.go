package pager

import (
	"fmt"
	"slices"
)

// A server that lists a page and counts the list at the same time never contradicts itself: a
// page with fewer items than its page size is the last one, and its last item is the last of
// the total. The functions of this file deal with servers that do.

// IncompleteError is returned after all items were yielded, if the totals of the list say that
// there are more.
type IncompleteError struct {
	Yielded int // items
	Total   int // items that the list should have, from the first page read on

	page, items int // a page that is short, if that is the reason
}

func (e *IncompleteError) Error() string {
	text := fmt.Sprintf("%d items were read, and the list should have %d", e.Yielded, e.Total)
	if e.page != 0 {
		text += fmt.Sprintf(": page %d has %d items, also when read again", e.page, e.items)
	}
	return text
}

// contradicts reports whether a page has fewer items than its page size, although its total says
// that the list goes on.
func (r *reader[T]) contradicts(resp *response[T]) bool {
	return len(resp.items) < r.size && resp.total > r.lengthAt(resp)
}

// isEnd reports whether a page is the last one by itself: a short page whose last item is the
// last of the total. A smaller total may be late.
func (r *reader[T]) isEnd(resp *response[T]) bool {
	return len(resp.items) < r.size && !resp.mayBeFull && resp.total == r.lengthAt(resp)
}

// lengthAt returns the number of items from the beginning of the list to the end of a page.
func (r *reader[T]) lengthAt(resp *response[T]) int {
	return r.before(resp.number) + len(resp.items)
}

// settle reads a page again while it contradicts its total, and the two change. Deletions
// explain a contradiction, if the server counts the list before it lists the page, or if its
// total is late: a later total confirms the length that an earlier look has shown. A page that
// stays short is noted in r.short.
func (r *reader[T]) settle(resp response[T]) (response[T], error) {
	var looks []response[T]
	if r.short != nil && r.short.number == resp.number {
		looks = append(looks, *r.short)
	}
	for r.contradicts(&resp) {
		if resp.refused { // A refusal states no total, and the latest one may be old.
			first, err := r.read(1)
			if err != nil {
				return first, err
			}
			if resp.total = first.total; !r.contradicts(&resp) {
				return resp, nil
			}
		}
		if confirmed := r.confirmed(looks, resp); confirmed != nil {
			confirmed.total = r.lengthAt(confirmed)
			r.noteTotal(confirmed.total)
			return *confirmed, nil
		}
		if len(looks) == maxLooks || r.isQuiet(looks, resp) {
			return r.staysShort(resp)
		}
		looks = append(looks, resp)
		var err error
		if resp, err = r.read(resp.number); err != nil {
			return resp, err
		}
	}
	return resp, nil
}

// isQuiet reports whether the latest looks at a page have shown the same: two looks, or three if
// the list has changed before. A refusal counts as a change, since it states no total.
func (r *reader[T]) isQuiet(looks []response[T], resp response[T]) bool {
	others := 1
	if resp.refused || r.minTotal < r.maxTotal {
		others = 2
	}
	if len(looks) < others {
		return false
	}
	return !slices.ContainsFunc(looks[len(looks)-others:], func(look response[T]) bool {
		return look.total != resp.total || len(look.items) != len(resp.items) || look.refused != resp.refused
	})
}

// confirmed returns the latest look at a page that the total of resp, which came later,
// confirms; or nil. It is not a page that may be full.
func (r *reader[T]) confirmed(looks []response[T], resp response[T]) *response[T] {
	for i := range slices.Backward(looks) {
		if look := &looks[i]; len(look.items) < r.largest && r.lengthAt(look) >= resp.total {
			return look
		}
	}
	return nil
}

// staysShort returns a page that contradicts its total again and again.
func (r *reader[T]) staysShort(resp response[T]) (response[T], error) {
	switch {
	case resp.refused:
		problem := fmt.Sprintf("it is refused as past the end, although the list should have %d items", resp.total)
		return resp, &ProtocolError{Page: resp.number, Problem: problem, Err: resp.err}
	case len(resp.items) > 0 && len(resp.items) == r.largest:
		r.size = r.largest // The server grants fewer items than it states.
	case len(resp.items) == 0 && r.statedSize == r.largest && resp.total <= (resp.number-1)*r.options.Size:
		r.size = r.options.Size // The size that the server has stated was the length of a short page.
	case r.short == nil:
		r.short = &resp
	}
	return resp, nil
}

// unread returns how many more items the list should have than were yielded.
func (r *reader[T]) unread() int {
	return r.total - r.before(r.firstPage) - r.yielded - r.doubles
}

// noteDouble counts an item that comes twice on a page, if the page is the first to have it. A
// total counts it twice, too.
func (r *reader[T]) noteDouble(resp *response[T], fresh []int, uid string) {
	if slices.ContainsFunc(fresh, func(i int) bool { return resp.uids[i] == uid }) {
		r.doubles++
	}
}

// isComplete reports whether the items that were yielded account for the latest total. Items by
// which the list has grown meanwhile may be missing. If a page has stayed short, only a list
// that did not change, and has as many items as it says, is complete.
func (r *reader[T]) isComplete() bool {
	if r.short != nil {
		return r.unread() == 0 && r.minTotal == r.maxTotal
	}
	return r.unread() <= r.total-r.minTotal
}

func (r *reader[T]) incomplete() error {
	err := &IncompleteError{Yielded: r.yielded, Total: r.yielded + r.unread()}
	if r.short != nil {
		err.page, err.items = r.short.number, len(r.short.items)
	}
	return err
}

// A strategy reads the pages of a list: Forward or Complete.
type strategy[T any] interface {
	// readAll reads all pages.
	readAll() error
	// lastPage returns the page that has ended the last pass.
	lastPage() int
	// resume goes on from a page that was read again.
	resume(response[T]) error
}

// run reads a list until the items that were yielded account for its total:
//
//  1. A pass reads all pages.
//  2. If items are missing, one more look at the last page tells the latest total. The look is at
//     the first page that stayed short, if there is one. If it is short again, the list is incomplete.
//  3. If items are still missing, pages have overlapped: items were inserted on the left while
//     others were deleted, or the order is not stable. Another pass finds them.
func (r *reader[T]) run(s strategy[T]) error {
	for pass := 1; ; pass++ {
		before := r.yielded
		if err := s.readAll(); err != nil || r.isComplete() {
			return err
		}
		number, short := s.lastPage(), r.short
		if short != nil {
			number = short.number
		}
		resp, err := r.read(number)
		if err != nil {
			return err
		}
		if resp, err = r.settle(resp); err != nil {
			return err
		}
		if r.contradicts(&resp) {
			return r.incomplete()
		}
		r.short = nil
		if err := s.resume(resp); err != nil {
			return err
		}
		// Items that appear on a page that was short may have been hidden on other pages, too.
		r.repairing = short == nil || len(resp.items) <= len(short.items)
		if r.repairing && r.isComplete() {
			return nil
		}
		if pass == maxPasses || r.yielded == before && r.minTotal == r.maxTotal {
			return r.incomplete()
		}
		r.short = nil
	}
}

// isRepaired reports whether a pass that looks for missing items has found them.
func (r *reader[T]) isRepaired() bool { return r.repairing && r.isComplete() }
