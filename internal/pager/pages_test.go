package pager

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type method struct {
	name string
	read func(context.Context, List[item], Options) iter.Seq2[*item, error]
}

var both = []method{{"Forward", Forward[item]}, {"Complete", Complete[item]}}

// counted counts requests: all of them, those under way, and the most that were under way at a time.
type counted struct {
	server           server
	all, flying, top atomic.Int64
}

func (c *counted) list() List[item] {
	list := c.server.list()
	fetch := list.Fetch
	list.Fetch = func(ctx context.Context, number, size int) (*Page[item], error) {
		c.all.Add(1)
		c.top.Store(max(c.top.Load(), c.flying.Add(1)))
		defer c.flying.Add(-1)
		if err := wait(ctx, 40*time.Millisecond); err != nil {
			return nil, err
		}
		return fetch(ctx, number, size)
	}
	return list
}

func TestForwardKeepsTheOrder(t *testing.T) {
	for _, prefetch := range []int{-1, 0, 1, 3, 8, 1000} {
		synctest.Test(t, func(t *testing.T) {
			d := newDrifting(7, 95) // answers overtake each other
			next := 0
			for got, err := range Forward(t.Context(), List[item]{Fetch: d.fetch, UID: uidOf}, Options{Size: 10, Prefetch: prefetch}) {
				if err != nil || got.uid != fmt.Sprint(next) {
					t.Fatalf("%v, %v instead of item %d", got, err, next)
				}
				next++
			}
			if next != 95 {
				t.Errorf("%d items", next)
			}
		})
	}
}

func TestForwardStartsAtTheGivenPage(t *testing.T) {
	for start, want := range map[int]int{0: 95, 1: 95, 3: 75, 10: 5, 11: 0, 40: 0} {
		got, err := collect(Forward(t.Context(), honest(95).list(), Options{Start: start, Size: 10}))
		if err != nil || len(got) != want {
			t.Errorf("from page %d: %d items instead of %d, %v", start, len(got), want, err)
		}
	}
	if _, err := collect(Forward(t.Context(), honest(95).list(), Options{Start: largest + 1})); err == nil {
		t.Error("no page has that number")
	}
}

func TestAnUnchangingListCostsNoMoreRequestsThanItHasTo(t *testing.T) {
	tests := []struct {
		length, prefetch  int
		forward, complete int64
	}{
		{0, 4, 1, 1}, {5, 4, 1, 1}, {15, 4, 2, 3}, {995, 1, 100, 101}, {995, 4, 100, 104}, {995, 8, 100, 108},
		{10, 4, 2, 3}, {1000, 4, 101, 105}, // full last pages: one more, to prove the end
	}
	for _, test := range tests {
		for i, want := range []int64{test.forward, test.complete} {
			synctest.Test(t, func(t *testing.T) {
				c := counted{server: honest(test.length)}
				got, err := collect(both[i].read(t.Context(), c.list(), Options{Size: 10, Prefetch: test.prefetch}))
				if err != nil || len(got) != test.length || c.all.Load() != want || c.top.Load() > int64(test.prefetch) {
					t.Errorf("%s of %d items, %d in flight: %d items, %d requests instead of %d, %d at a time, %v",
						both[i].name, test.length, test.prefetch, len(got), c.all.Load(), want, c.top.Load(), err)
				}
			})
		}
	}
}

func TestRequestsInFlightSaveTime(t *testing.T) {
	took := func(m method, prefetch int) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			if got, err := collect(m.read(t.Context(), honest(1995).slow().list(), Options{Size: 20, Prefetch: prefetch})); err != nil || len(got) != 1995 {
				t.Fatal(len(got), err)
			}
			d = time.Since(began)
		})
		return d
	}
	sequential, forward, complete := took(both[0], 1), took(both[0], 8), took(both[1], 8)
	t.Logf("100 pages of 40 ms: %v one by one, %v with 8 in flight, %v complete with 8 in flight", sequential, forward, complete)
	if ratio := float64(forward) / float64(sequential); ratio > 0.15 {
		t.Errorf("8 in flight take %.2f of the time of one", ratio)
	}
	if ratio := float64(complete) / float64(forward); ratio > 1.25 {
		t.Errorf("Complete takes %.2f of the time of Forward", ratio)
	}
}

func TestTheFirstItemTakesOneRequest(t *testing.T) {
	for _, m := range both {
		synctest.Test(t, func(t *testing.T) {
			c := counted{server: honest(995)}
			began := time.Now()
			for range m.read(t.Context(), c.list(), Options{Size: 10, Prefetch: 8}) {
				break
			}
			if time.Since(began) != 40*time.Millisecond || c.all.Load() != 1 {
				t.Errorf("%s: %v and %d requests", m.name, time.Since(began), c.all.Load())
			}
		})
	}
}

func TestBreakingAnywhereStopsEverything(t *testing.T) {
	for _, m := range both {
		for after := 1; after <= 95; after++ {
			synctest.Test(t, func(t *testing.T) { // and would not return while a goroutine were left
				c := counted{server: honest(95)}
				n := 0
				for range m.read(t.Context(), c.list(), Options{Size: 10, Prefetch: 4}) {
					if n++; n == after {
						break
					}
				}
				if c.flying.Load() != 0 || n != after {
					t.Errorf("%s: %d items, %d requests under way after the loop", m.name, n, c.flying.Load())
				}
			})
		}
	}
}

func TestAPanicOfTheConsumerStopsEverything(t *testing.T) {
	for _, m := range both {
		synctest.Test(t, func(t *testing.T) {
			c := counted{server: honest(95)}
			defer func() {
				if recover() == nil || c.flying.Load() != 0 {
					t.Errorf("%s: %d requests under way", m.name, c.flying.Load())
				}
			}()
			n := 0
			for range m.read(t.Context(), c.list(), Options{Size: 10, Prefetch: 4}) {
				if n++; n == 25 {
					panic("consumer")
				}
			}
		})
	}
}

func TestTheEndOfTheContextStopsEverything(t *testing.T) {
	for _, m := range both {
		synctest.Test(t, func(t *testing.T) {
			c := counted{server: honest(995)}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := collect(m.read(ctx, c.list(), Options{Size: 10, Prefetch: 4}))
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 100*time.Millisecond || c.flying.Load() != 0 {
				t.Errorf("%s: %v after %v, %d requests under way", m.name, err, time.Since(began), c.flying.Load())
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		for _, err := range m.read(ctx, honest(95).list(), Options{Size: 10}) {
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				continue
			}
			if n++; n == 3 {
				cancel()
			}
		}
		if n != 3 {
			t.Errorf("%s: %d items instead of 3, the end within a page", m.name, n)
		}
	}
}

func TestAFailingPageComesAfterTheItemsBeforeIt(t *testing.T) {
	broken := errors.New("broken")
	for _, prefetch := range []int{1, 4, 20} {
		s := server(func(number, size int) (*Page[item], error) {
			if number == 6 {
				return nil, broken
			}
			return honest(95)(number, size)
		})
		var last error
		n := 0
		for got, err := range Forward(t.Context(), s.list(), Options{Size: 10, Prefetch: prefetch}) {
			if last != nil {
				t.Error("something came after the error")
			}
			if last = err; err == nil {
				if got.uid != fmt.Sprint(n) {
					t.Errorf("item %s instead of %d", got.uid, n)
				}
				n++
			}
		}
		if n != 50 || !errors.Is(last, broken) {
			t.Errorf("%d items, then %v", n, last)
		}
		if _, err := collect(Complete(t.Context(), s.list(), Options{Size: 10, Prefetch: prefetch})); !errors.Is(err, broken) {
			t.Errorf("Complete: %v", err)
		}
	}
}

func TestAMissingListIsAnErrorAndNotAnEmptyOne(t *testing.T) {
	for _, m := range both {
		s := server(func(int, int) (*Page[item], error) { return nil, errPastEnd })
		if _, err := collect(m.read(t.Context(), s.list(), Options{})); !errors.Is(err, errPastEnd) {
			t.Errorf("%s: %v", m.name, err)
		}
		gone := 0
		s = func(number, size int) (*Page[item], error) {
			if gone++; gone > 4 {
				return nil, errPastEnd
			}
			return honest(95)(number, size)
		}
		if _, err := collect(m.read(t.Context(), s.list(), Options{Size: 10})); !errors.Is(err, errPastEnd) {
			t.Errorf("%s of a list that goes away: %v", m.name, err)
		}
	}
}

func TestASecondRangeStartsAfresh(t *testing.T) {
	for _, m := range both {
		seq := m.read(t.Context(), honest(95).list(), Options{Size: 10, Prefetch: 4})
		for range seq {
			break
		}
		for range 2 {
			check(t, m.name, seq, 95, "")
		}
	}
}

func TestAKeptItemIsNotTheServersOwn(t *testing.T) {
	for _, m := range both {
		shared := make([]item, 3)
		for i := range shared {
			shared[i] = numbered(i)
		}
		s := server(func(int, int) (*Page[item], error) {
			return &Page[item]{Items: shared, Number: 1, Size: 10, Total: 3}, nil
		})
		for got := range m.read(t.Context(), s.list(), Options{}) {
			got.uid = "changed"
		}
		if shared[0].uid != "0" {
			t.Errorf("%s yields items within their page", m.name)
		}
	}
}

func TestProgressIsReportedAfterEachPage(t *testing.T) {
	for _, m := range both {
		synctest.Test(t, func(t *testing.T) {
			var reports []Progress
			items := 0
			options := Options{Size: 10, Prefetch: 2, OnPage: func(p Progress) {
				if p.Items != items {
					t.Errorf("%s: %d items reported, %d yielded", m.name, p.Items, items)
				}
				reports = append(reports, p)
			}}
			for range m.read(t.Context(), honest(35).slow().list(), options) {
				items++
			}
			first, last := reports[0], reports[len(reports)-1]
			if first != (Progress{Pages: 1, Items: 10, Total: 35, Elapsed: 40 * time.Millisecond}) || first.Rate() != 250 {
				t.Errorf("%s: first %+v, %v/s", m.name, first, first.Rate())
			}
			if last.Items != 35 || last.Total != 35 || last.Pages < 4 {
				t.Errorf("%s: last %+v", m.name, last)
			}
		})
	}
	if (Progress{Items: 5}).Rate() != 0 {
		t.Error("a rate without time")
	}
}
