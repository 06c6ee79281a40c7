package pager

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestIterate_requestsOfFixedList(t *testing.T) {
	tests := []struct {
		length, prefetch  int
		forward, complete int64
	}{
		{0, 4, 1, 1}, {5, 4, 1, 1}, {15, 4, 2, 3}, {995, 1, 100, 101}, {995, 4, 100, 104}, {995, 8, 100, 108},
		{10, 4, 2, 3}, {1000, 4, 101, 105}, // a full last page costs one more
	}
	for _, test := range tests {
		for i, want := range []int64{test.forward, test.complete} {
			synctest.Test(t, func(t *testing.T) {
				c := counted{server: fixedList(test.length)}
				got, err := collect(methods[i].read(t.Context(), c.list(), Options{Size: 10, Prefetch: test.prefetch}))
				if err != nil || len(got) != test.length || c.all.Load() != want || c.most.Load() > int64(test.prefetch) {
					t.Errorf("%s of %d items, %d in flight: %d items, %d requests instead of %d, %d at a time, %v",
						methods[i].name, test.length, test.prefetch, len(got), c.all.Load(), want, c.most.Load(), err)
				}
			})
		}
	}
}

func TestIterate_requestsInFlight(t *testing.T) {
	for prefetch, want := range map[int]int64{-1: 1, 0: 1, 1: 1, 2: 2, 8: 8, 256: 256, 257: 256, 1000: 256} {
		for _, m := range methods {
			synctest.Test(t, func(t *testing.T) {
				c := counted{server: fixedList(pagesPerWalk*2560 + 5)}
				if _, err := collect(m.read(t.Context(), c.list(), Options{Size: 10, Prefetch: prefetch})); err != nil || c.most.Load() != want {
					t.Errorf("%s, Prefetch %d: %d requests in flight instead of %d, %v", m.name, prefetch, c.most.Load(), want, err)
				}
			})
		}
	}
}

// On a shorter list, Complete has fewer requests in flight, because each walk costs one.
func TestComplete_walks(t *testing.T) {
	for pages, want := range map[int]int64{1: 1, 3: 1, 4: 2, 9: 4, 16: 8, 40: 8, 89: 8, 90: 9, 300: 30, 3000: 64} {
		synctest.Test(t, func(t *testing.T) {
			c := counted{server: fixedList(10*pages - 5)}
			if _, err := collect(Complete(t.Context(), c.list(), Options{Size: 10, Prefetch: 64})); err != nil || c.most.Load() != want {
				t.Errorf("%d pages: %d requests in flight instead of %d, %v", pages, c.most.Load(), want, err)
			}
		})
	}
}

// Time is virtual, so the durations are exact.
func TestIterate_timeOfFixedList(t *testing.T) {
	tests := []struct {
		method   method
		prefetch int
		want     time.Duration
	}{
		{forwardMethod, 1, 100 * latency}, {forwardMethod, 8, 14 * latency},
		{completeMethod, 1, 101 * latency}, {completeMethod, 8, 15 * latency},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			check(t, test.method.name, test.method.read(t.Context(), fixedList(1995).slow().list(), Options{Size: 20, Prefetch: test.prefetch}), 1995, "")
			if took := time.Since(began); took != test.want {
				t.Errorf("%s, %d in flight: 100 pages took %v instead of %v", test.method.name, test.prefetch, took, test.want)
			}
		})
	}
}

func TestIterate_pageSize(t *testing.T) {
	for _, m := range methods {
		for requested, want := range map[int][]int{0: {0, 7, 7}, 50: {50, 50, 50}} {
			var sizes []int
			s := server(func(number, size int) (*Page[item], error) {
				sizes = append(sizes, size)
				return fixedList(20)(number, 7)
			})
			check(t, m.name, m.read(t.Context(), s.list(), Options{Size: requested}), 20, "")
			for i, size := range want {
				if sizes[i] != size {
					t.Errorf("%s: page sizes requested: %v instead of %v", m.name, sizes, want)
					break
				}
			}
		}
	}
}

func TestIterate_firstItemCostsOneRequest(t *testing.T) {
	for _, m := range methods {
		synctest.Test(t, func(t *testing.T) {
			c := counted{server: fixedList(995)}
			began := time.Now()
			for range m.read(t.Context(), c.list(), Options{Size: 10, Prefetch: 8}) {
				break
			}
			if time.Since(began) != latency || c.all.Load() != 1 {
				t.Errorf("%s: %v and %d requests", m.name, time.Since(began), c.all.Load())
			}
		})
	}
}

// The next page is read while the consumer works on the items of a page, all but the first one.
func TestIterate_readsAhead(t *testing.T) {
	const work = latency / 10 // for each item; 10 items take as long as a page
	for i, want := range []time.Duration{
		10*(latency+work) + 4*work,
		11*(latency+work) - work, // page 10 is read first, and has 5 items
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			for range methods[i].read(t.Context(), fixedList(95).slow().list(), Options{Size: 10, Prefetch: 1}) {
				time.Sleep(work)
			}
			if took := time.Since(began); took != want {
				t.Errorf("%s took %v instead of %v", methods[i].name, took, want)
			}
		})
	}
}

func TestIterate_break(t *testing.T) {
	for _, m := range methods {
		for after := 1; after <= 95; after++ {
			synctest.Test(t, func(t *testing.T) { // does not return while a goroutine is left
				c := counted{server: fixedList(95)}
				n := 0
				var left time.Time
				for range m.read(t.Context(), c.list(), Options{Size: 10, Prefetch: 4}) {
					if n++; n == after {
						left = time.Now()
						break
					}
				}
				if c.inFlight.Load() != 0 || n != after {
					t.Errorf("%s: %d items, %d requests in flight after the loop", m.name, n, c.inFlight.Load())
				}
				if waited := time.Since(left); waited != 0 {
					t.Errorf("%s: %v from the break to the end of the loop", m.name, waited)
				}
			})
		}
	}
}

func TestIterate_contextEnds(t *testing.T) {
	for _, m := range methods {
		synctest.Test(t, func(t *testing.T) {
			c := counted{server: fixedList(995)}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := collect(m.read(ctx, c.list(), Options{Size: 10, Prefetch: 4}))
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 100*time.Millisecond || c.inFlight.Load() != 0 {
				t.Errorf("%s: %v after %v, %d requests in flight", m.name, err, time.Since(began), c.inFlight.Load())
			}
		})
	}
}

func TestIterate_contextEndsWithinPage(t *testing.T) {
	for _, m := range methods {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		items, failures := 0, 0
		for _, err := range m.read(ctx, fixedList(95).list(), Options{Size: 10}) {
			if err != nil {
				failures++
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				continue
			}
			if items++; items == 3 {
				cancel()
			}
		}
		if items != 3 || failures != 1 {
			t.Errorf("%s: %d items instead of 3, and %d errors instead of 1", m.name, items, failures)
		}
	}
}

func TestIterate_missingList(t *testing.T) {
	for _, m := range methods {
		s := fixedList(0).refusing(1, 1<<30)
		for _, start := range []int{1, 3} {
			if _, err := collect(m.read(t.Context(), s.list(), Options{Start: start})); !errors.Is(err, errPastEnd) {
				t.Errorf("%s from page %d: %v", m.name, start, err)
			}
		}
	}
}

// The list is deleted while it is read. That it is refused from then on does not mean that it
// has ended.
func TestIterate_listIsDeleted(t *testing.T) {
	for _, m := range methods {
		for responses := 1; responses < 10; responses++ {
			requests := 0
			s := server(func(number, size int) (*Page[item], error) {
				if requests++; requests > responses {
					return nil, errPastEnd
				}
				return fixedList(91)(number, size)
			})
			if _, err := collect(m.read(t.Context(), s.list(), Options{Size: 10})); !errors.Is(err, errPastEnd) {
				t.Errorf("%s of a list that is deleted after %d responses: %v", m.name, responses, err)
			}
		}
	}
}

// Without Beyond, or for another error, a refused page ends the iteration.
func TestIterate_refusedPage(t *testing.T) {
	for _, m := range methods {
		for _, size := range []int{1, 10} {
			var pages []int
			list := fixedList(10*size).refusing(11, 1<<30).logged(&pages).list()
			check(t, m.name, m.read(t.Context(), list, Options{Size: size}), 10*size, "")
			if n := len(pages); n != 11 && m.name == "Forward" || n != 12 && m.name == "Complete" {
				t.Errorf("%s of 10 pages of %d read pages %v", m.name, size, pages)
			}
			list.Beyond = nil
			if _, err := collect(m.read(t.Context(), list, Options{Size: size})); err != errPastEnd {
				t.Errorf("%s without Beyond: %v", m.name, err)
			}
			list.Beyond = func(error) bool { return false }
			if _, err := collect(m.read(t.Context(), list, Options{Size: size})); err != errPastEnd {
				t.Errorf("%s with another error: %v", m.name, err)
			}
		}
	}
}

func TestIterate_secondRange(t *testing.T) {
	for _, m := range methods {
		seq := m.read(t.Context(), fixedList(95).list(), Options{Size: 10, Prefetch: 4})
		for range seq {
			break
		}
		for range 2 {
			check(t, m.name, seq, 95, "")
		}
	}
}

func TestIterate_itemsAreCopies(t *testing.T) {
	for _, m := range methods {
		shared := []item{numbered(0), numbered(1), numbered(2)}
		s := server(func(int, int) (*Page[item], error) {
			return &Page[item]{Items: shared, Number: 1, Size: 10, Total: 3}, nil
		})
		for got := range m.read(t.Context(), s.list(), Options{}) {
			got.uid = "changed"
		}
		if shared[0].uid != "0" {
			t.Errorf("%s yields pointers into the page", m.name)
		}
	}
}

func TestIterate_progress(t *testing.T) {
	for i, want := range [][]Progress{
		{{1, 10, 35, latency}, {2, 20, 35, 2 * latency}, {3, 30, 35, 3 * latency}, {4, 35, 35, 4 * latency}},
		{{1, 10, 35, latency}, {2, 15, 35, 2 * latency}, {3, 25, 35, 3 * latency}, {4, 35, 35, 4 * latency}, {5, 35, 35, 5 * latency}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var reports []Progress
			items := 0
			options := Options{Size: 10, Prefetch: 1, OnPage: func(p Progress) {
				if p.Items != items {
					t.Errorf("%s: %d items reported, %d yielded", methods[i].name, p.Items, items)
				}
				reports = append(reports, p)
			}}
			for range methods[i].read(t.Context(), fixedList(35).slow().list(), options) {
				items++
			}
			if !slices.Equal(reports, want) {
				t.Errorf("%s: %v instead of %v", methods[i].name, reports, want)
			}
		})
	}
}

func TestProgress_Rate(t *testing.T) {
	for want, p := range map[float64]Progress{
		250: {Items: 10, Elapsed: 40 * time.Millisecond},
		5e9: {Items: 5, Elapsed: 1},
		0:   {Items: 5},
	} {
		if got := p.Rate(); got != want {
			t.Errorf("%+v: %v/s instead of %v/s", p, got, want)
		}
	}
}
