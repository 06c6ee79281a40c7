package pager

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// complete reads the pages from right to left, by several walks at a time.
type complete[T any] struct {
	*reader[T]
	responses chan response[T]
	inFlight  int // requests

	walks     []*walk           // by rank, the leftmost first
	probe     *walk             // its first page tells whether the list ends there; nil once the end is known
	probeStep int               // pages from a probe to the next one
	ranks     map[uidKey]uint16 // by item: the rank of the first walk that read it

	newestOfFirst time.Time // the latest time of creation on page 1
	leftmostShort int       // the leftmost short page
	rightmost     int       // the rightmost page with items
}

func newComplete[T any](r *reader[T]) *complete[T] {
	return &complete[T]{
		reader:    r,
		responses: make(chan response[T], r.options.inFlight()),
		probeStep: 1,
		ranks:     map[uidKey]uint16{},

		leftmostShort: math.MaxInt,
	}
}

func (c *complete[T]) run() error {
	c.probe = c.addWalk(1)
	for c.sendRequests(); c.inFlight > 0; c.sendRequests() {
		resp := <-c.responses
		c.inFlight--
		if err := c.process(resp); err != nil {
			return err
		}
	}
	return c.checkShortPage()
}

// process takes the items of a response, moves its walk on, and yields what is new.
func (c *complete[T]) process(resp response[T]) error {
	w := resp.walk
	if err := c.accept(&resp); err != nil {
		return err
	}
	resp, err := c.recheck(resp, c.size)
	if err != nil {
		return err
	}
	c.noteShortPage(&resp)
	if err := c.checkLimit(&resp); err != nil {
		return err
	}
	if err := c.checkOrder(w, &resp); err != nil {
		return err
	}
	fresh, handover, err := c.record(w, &resp)
	if err != nil {
		return err
	}
	if err := c.advance(w, &resp, handover); err != nil {
		return err
	}
	return c.emit(&resp, fresh, c.sendRequests)
}

// record notes which walk has read an item first. It returns the indexes of the new items, and
// whether a walk of lower rank has read one of the others.
func (c *complete[T]) record(w *walk, resp *response[T]) (fresh []int, handover bool, err error) {
	var movedRight []string
	for i, uid := range resp.uids {
		key := keyOf(uid)
		rank, known := c.ranks[key]
		switch {
		case !known:
			c.ranks[key] = w.rank
			fresh = append(fresh, i)
		case rank < w.rank:
			handover = true
			if c.walks[rank].start < resp.number { // a walk reads its start page and pages left of it
				movedRight = append(movedRight, uid)
			}
		}
	}
	switch {
	case len(movedRight) > 0:
		err = c.failIfStillOnPage(resp.number, movedRight)
	case len(resp.items) > 0 && len(fresh) == 0 && !handover:
		// This walk, or one further right, has read all of these items before. Either a page of
		// earlier items was deleted, or the server repeats a page.
		err = c.failIfStillOnPage(resp.number+1, resp.uids)
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

// noteShortPage notes the leftmost short page and the rightmost page with items, for
// checkShortPage.
func (c *complete[T]) noteShortPage(resp *response[T]) {
	if len(resp.items) < c.size {
		c.leftmostShort = min(c.leftmostShort, resp.number)
	}
	if len(resp.items) > 0 {
		c.rightmost = max(c.rightmost, resp.number)
	}
}

// checkLimit returns an error if too many pages were read.
func (c *complete[T]) checkLimit(resp *response[T]) error {
	first := c.firstTotal/c.size + 1
	if c.pages > maxReadFactor*(first+slackPages) {
		return protocolError(resp.number, "the list changes faster than it is read: %d pages were read, and it had %d at first", c.pages, first)
	}
	return nil
}

// checkOrder returns an error if times of creation descend within a page, or if one is
// before the latest of page 1.
func (c *complete[T]) checkOrder(w *walk, resp *response[T]) error {
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
	if w.rank == 0 {
		c.newestOfFirst = latest
	}
	return nil
}

// checkShortPage reads the leftmost short page again, if a page further right had items.
// A list that changed between the two requests explains that, and so does a server that
// withholds items.
func (c *complete[T]) checkShortPage() error {
	if c.leftmostShort >= c.rightmost {
		return nil
	}
	right, err := c.read(c.leftmostShort + 1)
	if err != nil || len(right.items) == 0 {
		return err
	}
	left, err := c.read(c.leftmostShort)
	if err != nil {
		return err
	}
	if len(left.items) < c.size && c.missing(&left) > 0 {
		return protocolError(left.number, "it has %d of %d items, although the page after it has some", len(left.items), c.size)
	}
	return nil
}
