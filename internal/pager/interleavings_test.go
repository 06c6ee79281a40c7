package pager

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// An interleaving is one order of all events while a small list is read: the server reads the
// page of a request, the response arrives, an item is deleted, an item is created. The choices
// say which of the possible events comes next.
type interleaving struct {
	choices  []int // taken so far; the first of the possible events follows them
	branches []int // at each event: how many events were possible

	items            []int
	created          int
	deletes, creates int  // still to come
	atOnce           bool // a response arrives as soon as the server has read the page

	mu       sync.Mutex
	requests []*pendingRequest
}

// pendingRequest is a request whose response has not arrived.
type pendingRequest struct {
	Request
	page   *Page[item] // nil before the server has read it
	arrive chan struct{}
}

func (v *interleaving) fetch(ctx context.Context, request Request) (*Page[item], error) {
	r := &pendingRequest{Request: request, arrive: make(chan struct{})}
	v.mu.Lock()
	v.requests = append(v.requests, r)
	v.mu.Unlock()
	select {
	case <-r.arrive:
		return r.page, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// choose returns which of n events comes next.
func (v *interleaving) choose(n int) int {
	event := len(v.branches)
	v.branches = append(v.branches, n)
	if event == len(v.choices) {
		v.choices = append(v.choices, 0)
	}
	return v.choices[event]
}

// step lets one event happen. A change comes before the server reads a page: whether a response
// arrives before or after it makes no difference.
func (v *interleaving) step() {
	slices.SortStableFunc(v.requests, func(a, b *pendingRequest) int { return a.Number - b.Number })
	for changing := false; ; changing = true {
		var events []func()
		for i, r := range v.requests {
			switch {
			case r.page == nil:
				events = append(events, func() {
					r.page, _ = numbers(v.items)(r.Number, r.Size)
					if v.atOnce {
						v.requests = slices.Delete(v.requests, i, i+1)
						close(r.arrive)
					}
				})
			case !changing:
				events = append(events, func() {
					v.requests = slices.Delete(v.requests, i, i+1)
					close(r.arrive)
				})
			}
		}
		reads := slices.ContainsFunc(v.requests, func(r *pendingRequest) bool { return r.page == nil })
		changes := len(events)
		if reads && v.deletes > 0 {
			for i := range v.items {
				events = append(events, func() { v.deletes--; v.items = slices.Delete(v.items, i, i+1) })
			}
		}
		if reads && v.creates > 0 {
			events = append(events, func() { v.creates--; v.items = append(v.items, v.created); v.created++ })
		}
		chosen := v.choose(len(events))
		events[chosen]()
		if chosen < changes {
			return
		}
	}
}

// run reads the list with one interleaving.
func (v *interleaving) run(t *testing.T, length, size, inFlight, deletes, creates int) {
	v.branches, v.requests = nil, nil
	v.items, v.created = from(0, length), length
	v.deletes, v.creates = deletes, creates
	synctest.Test(t, func(t *testing.T) {
		var got map[string]int
		var err error
		done := make(chan struct{})
		go func() {
			defer close(done)
			list := List[item]{Fetch: v.fetch, UID: uidOf, Created: createdOf}
			got, err = collect(Complete(t.Context(), list, Options{Size: size, Prefetch: inFlight}))
		}()
		for synctest.Wait(); len(v.requests) > 0; synctest.Wait() {
			v.step()
		}
		<-done
		lost := slices.DeleteFunc(slices.Clone(v.items), func(n int) bool { return n >= length || got[fmt.Sprint(n)] == 1 })
		if err != nil || len(lost) > 0 {
			t.Errorf("%d items on pages of %d, %d in flight, %d deletes, %d creates, choices %v: lost %v, %v",
				length, size, inFlight, deletes, creates, v.choices, lost, err)
		}
	})
}

// next makes the choices for the next interleaving. It reports whether there is one.
func (v *interleaving) next() bool {
	for len(v.branches) > 0 {
		last := len(v.branches) - 1
		if v.choices[last]++; v.choices[last] < v.branches[last] {
			v.choices = v.choices[:last+1]
			return true
		}
		v.branches = v.branches[:last]
	}
	return false
}

var allInterleavings = flag.Bool("interleavings", false, "TestComplete_interleavings takes all of them, which takes hours")

// TestComplete_interleavings reads lists of 1 to 5 items in every order of events, with up to 2
// deletes and 1 create, and 1 or 2 requests in flight. Without the flag -interleavings, each
// response arrives as soon as its page is read, and the largest sets are omitted.
func TestComplete_interleavings(t *testing.T) {
	t.Parallel()
	all := 0
	for length := 1; length <= 5; length++ {
		for size := 1; size <= 3; size++ {
			for changes := range 6 {
				for inFlight := 1; inFlight <= 2; inFlight++ {
					deletes, creates := changes%3, changes/3
					many := inFlight == 2 && size == 1 && (length == 5 || length > 2 && deletes+creates == 3)
					if many && !*allInterleavings {
						continue
					}
					v := &interleaving{atOnce: inFlight == 1 || !*allInterleavings}
					for more := true; more && !t.Failed(); more = v.next() {
						v.run(t, length, size, inFlight, deletes, creates)
						all++
					}
				}
			}
		}
	}
	t.Logf("%d interleavings", all)
}
