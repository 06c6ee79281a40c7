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

	page, items int // a page that is short, and not empty, if that is the reason
}

func (e *IncompleteError) Error() string {
	if e.page == 0 {
		return fmt.Sprintf("%d items were read, and the list should have %d", e.Yielded, e.Total)
	}
	return fmt.Sprintf("page %d has %d items, also when read again, although more follow; %d items were read, and the list should have %d",
		e.page, e.items, e.Yielded, e.Total)
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
// total is late: a later total confirms the length that an earlier look has shown. The first
// page that stays short is noted in r.short; it is the only one that is read again.
func (r *reader[T]) settle(resp response[T]) (response[T], error) {
	var looks []response[T]
	switch {
	case r.short == nil || resp.refused || !r.contradicts(&resp):
	case r.short.number == resp.number:
		looks = append(looks, *r.short)
	default:
		r.moreShort = true
		return resp, nil
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
// the list has changed before, or four if they are refusals, which state no total.
func (r *reader[T]) isQuiet(looks []response[T], resp response[T]) bool {
	others := 1
	switch {
	case resp.refused:
		others = 3
	case r.minTotal < r.maxTotal:
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
	case len(resp.items) == 0 && resp.number == 2 && r.statedSize == r.largest && resp.total <= r.options.Size:
		r.size = r.options.Size // The size that page 1 has stated was its length.
	case r.fitsSize(&resp):
		r.size = (resp.total - len(resp.items)) / (resp.number - 1)
	case r.short == nil:
		r.short = &resp
	}
	return resp, nil
}

// fitsSize reports whether a short page is the last one by another page size than that of the
// first page, which was short, too: each has stated its length as its size.
func (r *reader[T]) fitsSize(resp *response[T]) bool {
	left, before := resp.number-1, resp.total-len(resp.items)
	return left > 0 && resp.page != nil && resp.page.Size == len(resp.items) &&
		before%left == 0 && before/left >= r.largest && before/left <= r.options.Size
}

// unread returns how many more items the list should have than were yielded.
func (r *reader[T]) unread() int {
	return r.total - r.before(r.firstPage) - r.yielded - r.doubles
}

// noteDoubles counts the items that come twice on a page, if it is the first to have them. The
// total counts them twice, too.
func (r *reader[T]) noteDoubles(resp *response[T], fresh []int) {
	if len(fresh) == 0 || len(fresh) == len(resp.uids) {
		return
	}
	first := make(map[string]struct{}, len(fresh))
	for _, i := range fresh {
		first[resp.uids[i]] = struct{}{}
	}
	for _, uid := range resp.uids {
		if _, ok := first[uid]; ok {
			r.doubles++
		}
	}
	r.doubles -= len(fresh)
}

// isComplete reports whether the items that were yielded account for the latest total.
func (r *reader[T]) isComplete() bool { return r.short == nil && r.unread() <= 0 }

func (r *reader[T]) incomplete() error {
	err := &IncompleteError{Yielded: r.yielded, Total: max(0, r.yielded+r.unread())}
	if r.short != nil && len(r.short.items) > 0 {
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
//     the first page that stayed short, if there is one. If it is short again, the list is
//     incomplete. A list that seems to have lost half of its items is looked at, too: one stale
//     response may have told so.
//  3. If items are still missing, pages have overlapped: items were inserted on the left, or the
//     order is not stable. Another pass finds them, except those by which the list grows meanwhile.
func (r *reader[T]) run(s strategy[T]) error {
	for pass := 1; ; pass++ {
		before, totalBefore := r.yielded, r.total
		r.short, r.moreShort = nil, false
		if err := s.readAll(); err != nil {
			return err
		}
		if r.isComplete() && 2*r.total >= r.maxTotal {
			return nil
		}
		if grown := r.total - totalBefore; pass > 1 && r.short == nil && r.unread() <= 3*grown {
			return nil
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
		r.repairing = short == nil || len(resp.items) <= len(short.items) && !r.moreShort
		if r.repairing && r.isComplete() {
			return nil
		}
		if pass == maxPasses || r.yielded == before && r.minTotal == r.maxTotal {
			return r.incomplete()
		}
	}
}

// isRepaired reports whether a pass that looks for missing items has found them.
func (r *reader[T]) isRepaired() bool { return r.repairing && r.isComplete() }
