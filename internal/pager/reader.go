package pager

import (
	"context"
	"sync"
	"time"
)

// answer is a page, or the failure to read it, on its way to the consumer's goroutine.
type answer[T any] struct {
	number int
	walk   *walk // on whose behalf Complete asked
	page   *Page[T]
	err    error

	// Set by reader.accept.
	items  []T
	total  int
	beyond bool // the server refused the page as past the end
}

// before is the number of items on the pages left of this one.
func (a *answer[T]) before(size int) int64 { return int64(a.number-1) * int64(size) }

// missing is how many items the list should have right of the last one of this page, by the answer's own total.
func (a *answer[T]) missing(size int) int64 {
	return int64(a.total) - a.before(size) - int64(len(a.items))
}

// reader sends the requests of one iteration and checks what each answer says about itself. Only request starts
// goroutines; everything else belongs to the consumer's goroutine.
type reader[T any] struct {
	List[T]
	ctx     context.Context
	cancel  context.CancelFunc
	sent    sync.WaitGroup
	options Options
	size    int // of a full page, as the first answer stated it; 0 before that
	total   int // of items, as the latest answer stated it
	atFirst int // the same, as the first answer stated it
	pages   int
	yielded int
	began   time.Time
}

func newReader[T any](ctx context.Context, list List[T], options Options) *reader[T] {
	r := &reader[T]{List: list, options: options, began: time.Now()}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// close ends what is under way and waits for it, so that nothing outlives the iteration.
func (r *reader[T]) close() {
	r.cancel()
	r.sent.Wait()
}

// request reads a page in the background. The channel must have room for the answer.
func (r *reader[T]) request(number int, on *walk, to chan<- answer[T]) {
	size := r.options.Size
	if r.size != 0 {
		size = r.size
	}
	r.sent.Go(func() {
		page, err := r.Fetch(r.ctx, number, size)
		to <- answer[T]{number: number, walk: on, page: page, err: err}
	})
}

// read reads a page while the consumer waits.
func (r *reader[T]) read(number int) (answer[T], error) {
	to := make(chan answer[T], 1)
	r.request(number, nil, to)
	a := <-to
	return a, r.accept(&a)
}

// accept checks an answer against what was asked for. The first one that it sees settles the page size.
func (r *reader[T]) accept(a *answer[T]) error {
	r.pages++
	if a.err != nil {
		if r.size == 0 || a.number == 1 || r.Beyond == nil || !r.Beyond(a.err) {
			return a.err
		}
		a.beyond, a.total = true, r.total
		return nil
	}
	p := a.page
	switch {
	case p == nil:
		return malformed(a.number, "there is no answer")
	case p.Items == nil:
		return malformed(a.number, "the answer has no items, not even an empty list")
	case p.Number == 0:
		return malformed(a.number, "paging.pageNumber is missing")
	case p.Number != a.number:
		return malformed(a.number, "the server answered with page %d", p.Number)
	case p.Total < 0 || p.Total > largest:
		return malformed(a.number, "a total of %d items", p.Total)
	case p.Size == 0 && p.Total == 0 && len(p.Items) == 0 && r.size == 0:
		// An empty list has no page to take the size from. Any size will do.
		p = &Page[T]{Items: p.Items, Number: p.Number, Size: 1}
	case p.Size <= 0 || p.Size > largest:
		return malformed(a.number, "a page size of %d", p.Size)
	case r.size != 0 && p.Size != r.size:
		return malformed(a.number, "the page size is %d, and it was %d before", p.Size, r.size)
	}
	if len(p.Items) > p.Size {
		return malformed(a.number, "%d items on a page of %d", len(p.Items), p.Size)
	}
	if r.size == 0 {
		r.atFirst = p.Total
	}
	r.size, r.total = p.Size, p.Total
	a.items, a.total, a.page = p.Items, p.Total, nil
	return nil
}

// again reads a page for the second time, because what it said may be the trace of a change between the server's
// counting and its listing. The first page goes before it: where a page is refused as past the end, nothing else tells the
// total, nor whether the list is there at all.
func (r *reader[T]) again(number int) (answer[T], error) {
	if first, err := r.read(1); err != nil {
		return first, err
	}
	return r.read(number)
}

// uid returns an item's UID, or an error where it has none.
func (r *reader[T]) uid(a *answer[T], i int) (string, error) {
	uid := r.UID(&a.items[i])
	if uid == "" {
		return "", malformed(a.number, "item %d has no UID", i+1)
	}
	return uid, nil
}

// give yields a copy of an item, so that one that is kept does not hold on to its whole page. It reports whether to go on.
func (r *reader[T]) give(item T, yield func(*T, error) bool) bool {
	if err := r.ctx.Err(); err != nil {
		yield(nil, err)
		return false
	}
	r.yielded++
	return yield(&item, nil)
}

func (r *reader[T]) report() {
	if r.options.OnPage != nil {
		r.options.OnPage(Progress{Pages: r.pages, Items: r.yielded, Total: r.total, Elapsed: time.Since(r.began)})
	}
}
