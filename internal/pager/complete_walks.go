package pager

// Each walk costs a request, the one that hands over. More than a few walks are only
// worth it on a long list.
const (
	fewWalks     = 8
	pagesPerWalk = 10
)

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

// sendRequests sends requests until enough are in flight or no walk has a page to request.
// The rightmost walk comes first. A search for the end that waited for other walks would fall
// behind a list that grows.
func (c *complete[T]) sendRequests() {
	for i := len(c.walks) - 1; i >= 0 && c.inFlight < c.options.inFlight(); i-- {
		if w := c.walks[i]; w.next > 0 {
			c.send(Request{Number: w.next}, w, c.responses)
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
	if w == c.probe {
		return c.resolveProbe(resp)
	}
	return nil
}

// resolveProbe starts the next probe, unless the page of the last one ends the list. After
// page 1, which is the first probe, it starts all other walks.
func (c *complete[T]) resolveProbe(resp *response[T]) error {
	switch {
	case len(resp.items) < c.size && c.missing(resp) <= 0:
		c.probe = nil
	case resp.number == 1:
		c.placeWalks(resp.total)
	case resp.number > maxTotalFactor*(resp.total/c.size+1)+slackPages:
		return protocolError(resp.number, "the list goes on, although it should have %d items", resp.total)
	default:
		c.probe = c.addWalk(resp.number + c.probeStep)
		c.probeStep *= 2
	}
	return nil
}

// placeWalks spreads the walks over the list. The rightmost one starts where the total puts
// the end.
func (c *complete[T]) placeWalks(total int) {
	end := max(2, total/c.size+1)
	count := min(c.options.inFlight(), end/2, max(fewWalks, end/pagesPerWalk))
	for i := 1; i < count; i++ {
		c.addWalk(end * i / count)
	}
	c.probe = c.addWalk(end)
}
