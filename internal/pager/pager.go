package pager

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"
)

// Limits of what a server may state and of what an iteration may cost.
const (
	// maxNumber bounds each number of a response, and the first page.
	maxNumber = math.MaxInt32

	// maxPrefetch bounds the requests in flight.
	maxPrefetch = 256

	// maxReadFactor bounds the pages that an iteration reads, as a multiple of the pages that
	// the list had at first. slackPages is added, so that short lists may grow.
	maxReadFactor = 8
	slackPages    = 1000

	// maxLooks bounds how often a page is read again that contradicts its total.
	maxLooks = 8

	// maxRepeats bounds the pages in a row with the same items that Forward reads.
	maxRepeats = 8

	// maxPasses bounds how often a list is read again that was not complete.
	maxPasses = 3
)

// List describes how to read one list.
type List[T any] struct {
	// Fetch reads a page. It is called from several goroutines, and must return soon after
	// its context has ended.
	Fetch func(context.Context, Request) (*Page[T], error)

	// UID returns the identity of an item.
	UID func(*T) string

	// Beyond reports whether an error of Fetch may mean that the page is past the end of
	// the list. A nil Beyond means that no error does.
	Beyond func(error) bool

	// Created returns when an item was created, or the zero time if that is unknown.
	// Complete checks the order of the list with it. A nil Created omits the check.
	Created func(*T) time.Time
}

// Request asks Fetch for a page. Page numbers count from 1.
type Request struct {
	Number int
	Size   int // 0 asks for no particular page size

	mayDecode <-chan struct{} // closed when the page may be decoded; nil if it may be at any time
}

// WaitToDecode waits until few decoded pages are ahead of this one. Fetch calls it before it
// decodes a page, so that many requests in flight do not take the memory of as many decoded
// pages.
func (r Request) WaitToDecode(ctx context.Context) error {
	if r.mayDecode == nil {
		return nil
	}
	select {
	case <-r.mayDecode:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Page is one response. The numbers are as the server states them.
type Page[T any] struct {
	Items  []T // nil if the response had no list, empty if it had an empty one
	Number int // the page number; 0 if it states none
	Size   int // the number of items of a full page; 0 if it states none, on an empty page
	Total  int // the number of items of the list
}

// Options are the caller's settings.
type Options struct {
	Start    int            // the first page of Forward; 0 means 1. Complete ignores it.
	Size     int            // the page size to request; 0 leaves it to the server
	Prefetch int            // the requests in flight, clamped to 1 to 256
	OnPage   func(Progress) // called on the consumer's goroutine after the items of each page
}

func (o Options) inFlight() int { return max(1, min(o.Prefetch, maxPrefetch)) }

// Progress tells how far an iteration has come.
type Progress struct {
	Pages   int           // pages read, second reads included
	Items   int           // items yielded
	Total   int           // the latest total that the server stated
	Elapsed time.Duration // since the iteration began
}

// Rate returns the items yielded per second.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Items) / p.Elapsed.Seconds()
}

// ProtocolError is returned for a page that contradicts the request, itself or another page.
// It contains no data of items.
type ProtocolError struct {
	Page    int // the page number
	Problem string
	Err     error // of Fetch, if that is the reason; else nil
}

func (e *ProtocolError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("page %d: %s: %v", e.Page, e.Problem, e.Err)
	}
	return fmt.Sprintf("page %d: %s", e.Page, e.Problem)
}

// Unwrap returns the error of Fetch.
func (e *ProtocolError) Unwrap() error { return e.Err }

func protocolError(page int, format string, args ...any) error {
	return &ProtocolError{Page: page, Problem: fmt.Sprintf(format, args...)}
}

// ErrUnordered is returned by Complete for a list that is not in ascending order of creation.
var ErrUnordered = errors.New("the list is not in ascending order of creation")

func unordered(page int, problem string) error {
	return fmt.Errorf("page %d: %s: %w", page, problem, ErrUnordered)
}

// Forward yields the items page by page, in the order of the list.
// The package comment says what it guarantees.
func Forward[T any](ctx context.Context, list List[T], options Options) iter.Seq2[*T, error] {
	return iterate(ctx, list, options, func(r *reader[T]) error {
		return r.run(newForward(r))
	})
}

// Complete yields every item that exists from before its first request until after its
// last, exactly once, in no particular order. The package comment gives the conditions.
func Complete[T any](ctx context.Context, list List[T], options Options) iter.Seq2[*T, error] {
	return iterate(ctx, list, options, func(r *reader[T]) error {
		return r.run(newComplete(r))
	})
}
