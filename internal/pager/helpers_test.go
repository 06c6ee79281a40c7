package pager

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

type item struct {
	uid     string
	created time.Time
}

func uidOf(i *item) string { return i.uid }

func createdOf(i *item) time.Time { return i.created }

func numbered(n int) item {
	return item{uid: fmt.Sprint(n), created: time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC)}
}

// method is one way to read a list.
type method struct {
	name string
	read func(context.Context, List[item], Options) iter.Seq2[*item, error]
}

var (
	forwardMethod  = method{"Forward", Forward[item]}
	completeMethod = method{"Complete", Complete[item]}
	methods        = []method{forwardMethod, completeMethod}
)

// latency is the duration of a request to a slow server.
const latency = 40 * time.Millisecond

var errPastEnd = errors.New("404")

// server returns a page.
type server func(number, size int) (*Page[item], error)

// fixedList serves a list that does not change.
func fixedList(length int) server {
	return func(number, size int) (*Page[item], error) {
		if size == 0 {
			size = 20
		}
		page := &Page[item]{Items: []item{}, Number: number, Size: size, Total: length}
		for n := (number - 1) * size; n < min(length, number*size); n++ {
			page.Items = append(page.Items, numbered(n))
		}
		return page, nil
	}
}

// list returns a List that reads from the server without delay.
func (s server) list() List[item] {
	return List[item]{
		Fetch:  func(_ context.Context, r Request) (*Page[item], error) { return s(r.Number, r.Size) },
		UID:    uidOf,
		Beyond: func(err error) bool { return errors.Is(err, errPastEnd) },
	}
}

// slow delays each request.
func (s server) slow() server {
	return func(number, size int) (*Page[item], error) {
		time.Sleep(latency)
		return s(number, size)
	}
}

// with changes the pages with the given numbers, or all pages.
func (s server) with(change func(p *Page[item]), numbers ...int) server {
	return func(number, size int) (*Page[item], error) {
		page, err := s(number, size)
		if err == nil && (len(numbers) == 0 || slices.Contains(numbers, number)) {
			change(page)
		}
		return page, err
	}
}

// withOnce changes the first response for a page.
func (s server) withOnce(change func(p *Page[item]), number int) server {
	done := false
	return s.with(func(p *Page[item]) {
		if !done {
			done = true
			change(p)
		}
	}, number)
}

// refusing refuses the pages from first to last as past the end.
func (s server) refusing(first, last int) server {
	return func(number, size int) (*Page[item], error) {
		if number >= first && number <= last {
			return nil, errPastEnd
		}
		return s(number, size)
	}
}

// logged appends the number of each page that is read to numbers. It is for one request at a time.
func (s server) logged(numbers *[]int) server {
	return func(number, size int) (*Page[item], error) {
		*numbers = append(*numbers, number)
		return s(number, size)
	}
}

func stateTotal(total int) func(*Page[item]) { return func(p *Page[item]) { p.Total = total } }

func stateSize(size int) func(*Page[item]) { return func(p *Page[item]) { p.Size = size } }

// keep removes all but the first n items.
func keep(n int) func(*Page[item]) {
	return func(p *Page[item]) { p.Items = p.Items[:min(n, len(p.Items))] }
}

// counted counts the requests to a slow server: all of them, those in flight, and the most in flight.
type counted struct {
	server              server
	all, inFlight, most atomic.Int64
}

func (c *counted) list() List[item] {
	list := c.server.list()
	fetch := list.Fetch
	list.Fetch = func(ctx context.Context, request Request) (*Page[item], error) {
		c.all.Add(1)
		c.most.Store(max(c.most.Load(), c.inFlight.Add(1)))
		defer c.inFlight.Add(-1)
		if err := wait(ctx, latency); err != nil {
			return nil, err
		}
		return fetch(ctx, request)
	}
	return list
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// collect returns how often each UID was yielded.
func collect(seq iter.Seq2[*item, error]) (got map[string]int, err error) {
	got = map[string]int{}
	for i, e := range seq {
		if e != nil {
			err = e
			continue
		}
		got[i.uid]++
	}
	return got, err
}

// check reads a list to its end. It expects length items, and a ProtocolError or an
// IncompleteError that contains problem if that is not empty. With a problem, length 0 means any.
func check(t *testing.T, name string, seq iter.Seq2[*item, error], length int, problem string) {
	t.Helper()
	got, err := collect(seq)
	var protocol *ProtocolError
	var incomplete *IncompleteError
	switch {
	case problem == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case len(got) != length && (problem == "" || length > 0):
		t.Errorf("%s: %d items instead of %d", name, len(got), length)
	case problem != "" && (!errors.As(err, &protocol) && !errors.As(err, &incomplete) || !strings.Contains(err.Error(), problem)):
		t.Errorf("%s: %v instead of an error with %q", name, err, problem)
	case incomplete != nil && incomplete.Yielded != len(got):
		t.Errorf("%s: %d items instead of %d", name, len(got), incomplete.Yielded)
	}
	for uid, times := range got {
		if times > 1 {
			t.Errorf("%s: item %s came %d times", name, uid, times)
		}
	}
}
