package pager

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
)

func TestIterate_panics(t *testing.T) {
	panics := map[string]func(*List[item], *Options) (consume func(*item)){
		"consumer": func(*List[item], *Options) func(*item) {
			n := 0
			return func(*item) {
				if n++; n == 25 {
					panic("consumer")
				}
			}
		},
		"UID": func(l *List[item], _ *Options) func(*item) {
			l.UID = func(i *item) string {
				if i.uid == "25" {
					panic("UID")
				}
				return i.uid
			}
			return func(*item) {}
		},
		"OnPage": func(_ *List[item], o *Options) func(*item) {
			o.OnPage = func(Progress) { panic("OnPage") }
			return func(*item) {}
		},
	}
	for _, m := range methods {
		for name, prepare := range panics {
			synctest.Test(t, func(t *testing.T) {
				c := counted{server: fixedList(95)}
				list, options := c.list(), Options{Size: 10, Prefetch: 4}
				consume := prepare(&list, &options)
				defer func() {
					if got := recover(); got != name || c.inFlight.Load() != 0 {
						t.Errorf("%s: the panic is %v instead of %s, %d requests in flight", m.name, got, name, c.inFlight.Load())
					}
				}()
				for i := range m.read(t.Context(), list, options) {
					consume(i)
				}
			})
		}
	}
}

// A panic in Fetch reaches the consumer, also that of a request which the consumer does not wait for.
func TestIterate_panicInFetch(t *testing.T) {
	for _, m := range methods {
		for failing := 1; failing <= 4; failing++ {
			for _, prefetch := range []int{1, 8} {
				fixed := fixedList(35)
				list := List[item]{UID: uidOf, Fetch: func(_ context.Context, r Request) (*Page[item], error) {
					if r.Number == failing {
						panic(errAccident)
					}
					return fixed(r.Number, r.Size)
				}}
				items := 0
				recovered := func() (value any) {
					defer func() { value = recover() }()
					for _, err := range m.read(t.Context(), list, Options{Size: 10, Prefetch: prefetch}) {
						if err != nil {
							t.Errorf("%s, page %d: %v", m.name, failing, err)
						}
						items++
					}
					return nil
				}()
				if recovered != errAccident || m.name == "Forward" && items != 10*(failing-1) {
					t.Errorf("%s, page %d, %d in flight: recovered %v after %d items", m.name, failing, prefetch, recovered, items)
				}
			}
		}
	}
}

// The consumer leaves the loop while the request for page 2 is in flight, which then panics.
func TestIterate_panicAfterBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := List[item]{UID: uidOf, Fetch: func(ctx context.Context, r Request) (*Page[item], error) {
			if r.Number == 2 {
				<-ctx.Done()
				panic(errAccident)
			}
			return fixedList(35)(r.Number, r.Size)
		}}
		defer func() {
			if value := recover(); value != errAccident {
				t.Errorf("recovered %v", value)
			}
		}()
		n := 0
		for range Forward(t.Context(), list, Options{Size: 10, Prefetch: 2}) {
			if n++; n == 5 {
				break
			}
		}
		t.Error("no panic")
	})
}

// A Fetch that ends its goroutine, as t.FailNow does, does not block the consumer.
func TestIterate_fetchEndsGoroutine(t *testing.T) {
	for _, m := range methods {
		list := List[item]{UID: uidOf, Fetch: func(context.Context, Request) (*Page[item], error) {
			runtime.Goexit()
			return nil, nil
		}}
		if _, err := collect(m.read(t.Context(), list, Options{})); err != errNoResponse {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}
