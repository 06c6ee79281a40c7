package pager

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// Page is one answer: its items, and what the server states about it. Numbers count from 1.
type Page[T any] struct {
	Items  []T // nil when the answer held none at all, empty when it held an empty list
	Number int // the page that the server says it is
	Size   int // how many items a full page has
	Total  int // how many items the list has
}

// List says how one list is read.
type List[T any] struct {
	// Fetch reads a page. A size of 0 asks for no particular one. It is called from several goroutines at a time, and
	// returns soon after its context has ended.
	Fetch func(ctx context.Context, number, size int) (*Page[T], error)

	// UID returns what tells an item from all others.
	UID func(*T) string

	// Beyond reports whether an error of Fetch may mean that the page lies past the end of the list. Nil means that none does.
	Beyond func(error) bool

	// Created returns when an item was created, or the zero time where that is unknown. [Complete] checks with it that the
	// list ascends; nil leaves the check out.
	Created func(*T) time.Time
}

// Options are a caller's wishes.
type Options struct {
	Start    int            // the first page of [Forward]; 0 means 1. [Complete] always reads the whole list.
	Size     int            // the page size to ask for; 0 leaves it to the server
	Prefetch int            // requests in flight, from 1 to 256; anything else means the nearest of these
	OnPage   func(Progress) // called on the consumer's goroutine after the items of each page
}

const maxPrefetch = 256

func (o Options) inFlight() int { return max(1, min(o.Prefetch, maxPrefetch)) }

// Progress is how far an iteration has come.
type Progress struct {
	Pages   int           // answers read, those that were read a second time included
	Items   int           // items yielded
	Total   int           // the length of the list, as the server stated it last
	Elapsed time.Duration // since the iteration began
}

// Rate returns the items yielded per second.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Items) / p.Elapsed.Seconds()
}

// ProtocolError says that the pages contradict what was asked for, themselves or each other. It holds nothing of the items.
type ProtocolError struct {
	Page    int // the page at which it showed
	Problem string
}

func (e *ProtocolError) Error() string { return fmt.Sprintf("page %d: %s", e.Page, e.Problem) }

func malformed(page int, format string, args ...any) error {
	return &ProtocolError{Page: page, Problem: fmt.Sprintf(format, args...)}
}

// ErrUnordered is returned by [Complete] for a list that is not in ascending order of creation: its promise cannot be kept there.
var ErrUnordered = errors.New("the list is not in ascending order of creation")

func unordered(page int, problem string) error {
	return fmt.Errorf("page %d: %s: %w", page, problem, ErrUnordered)
}

var errStart = fmt.Errorf("the first page lies outside 1 to %d", largest)

// largest bounds every number that a server may state, so that positions can be computed without overflow.
const largest = math.MaxInt32

// grace is how many pages a list may go on past the double of its stated total before it is taken for one without an end.
const grace = 1024
