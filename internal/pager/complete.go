package pager

import (
	"fmt"
	"slices"
	"time"
)

// complete reads the pages from right to left, by several walks at a time.
type complete[T any] struct {
	*reader[T]
	responses chan response[T]
	inFlight  int // requests

	walks     []*walk           // by rank, the leftmost first
	firstRank uint16            // of this pass
	ranks     map[uidKey]uint16 // by item: the rank of the first walk that read it

	// The search for the end of the list; see findEnd.
	probe     *walk // the rightmost walk; nil once the end is known
	end       int   // the page that has shown the end
	rightmost int   // the rightmost page with items that a probe has read
	empty     int   // the leftmost empty page
	step      int   // pages from a full page to the next probe
	guess     int   // the page where the latest total has put the end

	newestOfFirst time.Time // the latest time of creation on page 1
}

func newComplete[T any](r *reader[T]) *complete[T] {
	return &complete[T]{
		reader:    r,
		responses: make(chan response[T], r.options.inFlight()),
		ranks:     map[uidKey]uint16{},
	}
}

func (c *complete[T]) readAll() error {
	c.firstRank = uint16(len(c.walks))
	c.startSearch(1)
	return c.walkAll()
}

func (c *complete[T]) lastPage() int { return c.end }

// resume starts a walk of the highest rank at a page that was read again.
func (c *complete[T]) resume(resp response[T]) error {
	c.startSearch(resp.number)
	c.probe.next = 0
	resp.walk = c.probe
	if err := c.process(resp); err != nil {
		return err
	}
	return c.walkAll()
}

// walkAll reads until all walks have ended.
func (c *complete[T]) walkAll() error {
	for c.sendRequests(); c.inFlight > 0; c.sendRequests() {
		resp := <-c.responses
		c.inFlight--
		if err := c.accept(&resp); err != nil {
			return err
		}
		settled, err := c.settle(resp)
		if err != nil {
			return err
		}
		settled.walk = resp.walk
		if err := c.process(settled); err != nil || c.isRepaired() {
			return err
		}
	}
	return nil
}

// process takes the items of a response, moves its walk on, and yields what is new.
func (c *complete[T]) process(resp response[T]) error {
	if err := c.checkOrder(&resp); err != nil {
		return err
	}
	fresh, handover, err := c.record(&resp)
	if err != nil {
		return err
	}
	c.advance(&resp, handover)
	return c.emit(&resp, fresh, c.sendRequests)
}

// record notes which walk has read an item first. It returns the indexes of the items that were
// not yielded, and whether a walk of lower rank has read one of the others.
func (c *complete[T]) record(resp *response[T]) (fresh []int, handover bool, err error) {
	w := resp.walk
	var movedRight []string
	for i, uid := range resp.uids {
		key := keyOf(uid)
		rank, known := c.ranks[key]
		switch {
		case !known:
			fresh = append(fresh, i)
			c.ranks[key] = w.rank
		case rank < c.firstRank:
			c.ranks[key] = w.rank
		case rank < w.rank:
			handover = true
			if c.walks[rank].start < resp.number { // a walk reads its start page and pages left of it
				movedRight = append(movedRight, uid)
			}
		}
	}
	c.noteDoubles(resp, fresh)
	if len(movedRight) > 0 {
		err = c.failIfStillOnPage(resp.number, movedRight)
	}
	return fresh, handover, err
}

// failIfStillOnPage reads a page again and fails if it still has one of the items, which
// another response had on a page further left. Two requests that overlap may find an item in
// either place, when an earlier item is deleted between them. This request overlaps with no
// other for these items, and no item of an ascending list moves to the right.
func (c *complete[T]) failIfStillOnPage(number int, uids []string) error {
	resp, err := c.read(number)
	if err != nil {
		return err
	}
	found := 0
	for _, uid := range resp.uids {
		if slices.Contains(uids, uid) {
			found++
		}
	}
	switch found {
	case 0:
		return nil
	case len(resp.items):
		return protocolError(number, "it repeats the items of pages before it")
	default:
		return unordered(number, "items have moved to the right")
	}
}

// checkOrder returns an error if times of creation descend within a page, or if one is
// before the latest of page 1.
func (c *complete[T]) checkOrder(resp *response[T]) error {
	if c.Created == nil {
		return nil
	}
	var latest time.Time
	if resp.number > 1 {
		latest = c.newestOfFirst
	}
	for i := range resp.items {
		created := c.Created(&resp.items[i])
		if created.IsZero() {
			continue
		}
		if created.Before(latest) {
			return unordered(resp.number, fmt.Sprintf("item %d is older than one before it", i+1))
		}
		latest = created
	}
	if resp.walk.rank == 0 {
		c.newestOfFirst = latest
	}
	return nil
}
