package pager

// walk reads pages from right to left. It ends at page 1, or when it meets an item that a
// walk of lower rank has read.
type walk struct {
	rank  uint16 // counts the walks from left to right
	start int    // its first page
	next  int    // the page to request next; 0 while a request is in flight and after the end
}

// addWalk adds a walk right of all others.
func (c *complete[T]) addWalk(start int) *walk {
	w := &walk{rank: uint16(len(c.walks)), start: start, next: start}
	c.walks = append(c.walks, w)
	return w
}

// placeWalks spreads the walks over the list, once page 1 has told its length. The rightmost
// one starts where the total puts the end.
func (c *complete[T]) placeWalks(total int) {
	end := max(2, total/c.size+1)
	count := max(1, min(c.options.inFlight(), end/2))
	for i := 1; i < count; i++ {
		c.addWalk(end * i / count)
	}
	c.probe = c.addWalk(end)
}

// sendRequests sends requests until enough are in flight or no walk has a page to request.
// The rightmost walk is served first: a search for the end that waited for other walks would
// fall behind a list that grows.
func (c *complete[T]) sendRequests() {
	for i := len(c.walks) - 1; i >= 0 && c.inFlight < c.options.inFlight(); i-- {
		if w := c.walks[i]; w.next > 0 {
			c.request(w.next, w, c.responses)
			c.inFlight++
			w.next = 0
		}
	}
}

// advance decides where a walk goes from a page. handover says that a walk of lower rank has
// read one of the page's items.
func (c *complete[T]) advance(w *walk, resp *response[T], handover bool) error {
	if !handover {
		w.next = resp.number - 1
	}
	switch ends := len(resp.items) < c.size && c.missing(resp) <= 0; {
	case w.rank == 0 && !ends:
		c.placeWalks(resp.total)
	case w == c.probe && ends:
		c.probe = nil
	case w == c.probe:
		return c.probeFurther(resp)
	}
	return nil
}

// probeFurther starts a walk further right than a page that did not end the list.
func (c *complete[T]) probeFurther(resp *response[T]) error {
	if resp.number > maxTotalFactor*(resp.total/c.size+1)+slackPages {
		return protocolError(resp.number, "the list goes on, although it should have %d items", resp.total)
	}
	c.probe = c.addWalk(resp.number + c.probeStep)
	c.probeStep *= 2
	return nil
}
