package pager

// Each walk costs a request, the one that hands over. More than a few walks are only
// worth it on a long list.
const (
	fewWalks     = 8
	pagesPerWalk = 10
)

// walk reads pages from right to left. It ends at page 1, or when it meets an item that a
// walk of lower rank has read, or if its first page is empty.
type walk struct {
	rank     uint16 // counts the walks from left to right
	start    int    // its first page
	next     int    // the page to request next; 0 while a request is in flight and after the end
	empty    int    // the leftmost page that was known to be empty when the walk started
	hasItems bool
}

// addWalk adds a walk right of all others.
func (c *complete[T]) addWalk(start int) *walk {
	w := &walk{rank: uint16(len(c.walks)), start: start, next: start, empty: c.empty}
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
// read one of the page's items. All items that last are left of each page that was empty.
func (c *complete[T]) advance(resp *response[T], handover bool) {
	w := resp.walk
	if len(resp.items) == 0 {
		c.empty = min(c.empty, resp.number)
	}
	w.hasItems = w.hasItems || len(resp.items) > 0
	if w.hasItems && !handover {
		w.next = min(resp.number, c.empty) - 1
	}
	if w == c.probe {
		c.findEnd(resp)
	}
}

// startSearch starts the search for the end of the list at a page.
func (c *complete[T]) startSearch(number int) {
	c.rightmost, c.empty, c.step, c.guess = 0, maxNumber, 1, number
	c.probe = c.addWalk(number)
}

// findEnd starts the next probe, unless the page of the last one ends the list. That is a
// short page whose last item is the last of the total, or a page with items before one that was
// empty already. After page 1, which is the first probe, it starts all other walks.
func (c *complete[T]) findEnd(resp *response[T]) {
	number, length, empty := resp.number, len(resp.items), resp.walk.empty
	if length > 0 {
		c.rightmost = number
	}
	c.probe, c.end = nil, number
	if c.empty == 1 || length > 0 && (empty <= number+1 || c.isEnd(resp)) {
		return
	}
	if c.rightmost >= c.empty { // Those items are gone, or on pages further left.
		c.rightmost = 0
	}
	next := resp.total/c.size + 1 // where the total puts the end
	known := next == c.guess      // and no reason to read that page again
	c.guess = next
	first := resp.walk.rank == c.firstRank
	if length > 0 && !first {
		next = max(next, number+c.step) // The steps double, to overtake a list that grows.
		c.step *= 2
	}
	middle := c.rightmost + (c.empty-c.rightmost)/2
	switch {
	case next > c.empty:
		next = middle
	case next == c.empty:
		next--
	case known && length == 0:
		next = middle
	case first:
		c.placeWalks(max(2, next))
		return
	}
	c.probe = c.addWalk(min(next, maxNumber))
}

// placeWalks spreads the walks over the list.
func (c *complete[T]) placeWalks(end int) {
	count := min(c.options.inFlight(), end/2, max(fewWalks, end/pagesPerWalk))
	for i := 1; i < count; i++ {
		c.addWalk(end * i / count)
	}
	c.probe = c.addWalk(end)
}
