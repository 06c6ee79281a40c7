package pager

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

var errTooMany = errors.New("too many requests")

// schedule is a server that treats each response as the next byte says. After the last byte it
// is correct, or starts with the first byte again.
type schedule struct {
	mu       sync.Mutex
	ops      []byte
	repeats  bool
	next     int // byte
	items    []int
	created  int
	requests int

	badPaging bool // a response contradicted the list
	changed   bool
}

func newSchedule(length int, ops []byte, repeats bool) *schedule {
	s := &schedule{ops: ops, repeats: repeats && len(ops) > 0, created: length}
	for n := range length {
		s.items = append(s.items, n)
	}
	return s
}

func (s *schedule) fetch(_ context.Context, request Request) (*Page[item], error) {
	number, size := request.Number, request.Size
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests++; s.requests > 100_000 {
		return nil, errTooMany
	}
	if s.next == len(s.ops) && s.repeats {
		s.next = 0
	}
	page := s.page(number, size)
	if s.next == len(s.ops) {
		return page, nil
	}
	op := s.ops[s.next]
	s.next++
	switch kind := op & 15; {
	case kind < 4:
		return page, nil
	case kind < 7:
		s.changed = true
		s.change(int(kind), int(op>>4), number)
		return page, nil
	default:
		s.badPaging = true
		return s.distort(page, int(kind), int(op>>4))
	}
}

// change changes the list after a response.
func (s *schedule) change(kind, count, number int) {
	switch kind {
	case 4:
		for range count {
			s.items = append(s.items, s.created)
			s.created++
		}
	case 5:
		for i := range min(count, len(s.items)) {
			deleted := (i*7 + count*16 + number) % len(s.items)
			s.items = slices.Delete(s.items, deleted, deleted+1)
		}
	case 6: // the first items
		s.items = slices.Delete(s.items, 0, min(count, len(s.items)))
	}
}

// distort changes a response.
func (s *schedule) distort(page *Page[item], kind, n int) (*Page[item], error) {
	switch kind {
	case 7: // the items of another page
		page.Items = s.page(1+n, page.Size).Items
	case 8:
		page.Items = page.Items[:min(n, len(page.Items))]
	case 9:
		page.Total = n * 10
	case 10:
		page.Total = 1 << min(2*n, 12) // the limits are multiples of the total
	case 11:
		page.Total += n - 8
	case 12:
		return nil, errPastEnd
	case 13: // items that do not exist
		for i := range page.Items {
			page.Items[i].uid = fmt.Sprint("x", s.requests, "-", i)
		}
	case 14:
		slices.Reverse(page.Items)
		page.Total -= n
	case 15:
		return s.malform(page, n)
	}
	return page, nil
}

func (s *schedule) malform(page *Page[item], n int) (*Page[item], error) {
	switch n {
	case 0:
		page.Items = nil
	case 1:
		page.Number++
	case 2:
		page.Size++
	case 3:
		page.Size = 0
	case 4:
		return nil, nil
	case 5:
		if len(page.Items) > 0 {
			page.Items[0].uid = ""
		}
	case 6:
		page.Size = max(1, page.Size/2)
	}
	return page, nil
}

func (s *schedule) page(number, size int) *Page[item] {
	page := &Page[item]{Items: []item{}, Number: number, Size: size, Total: len(s.items)}
	from := min((number-1)*size, len(s.items))
	for _, n := range s.items[from:min(from+size, len(s.items))] {
		page.Items = append(page.Items, numbered(n))
	}
	return page
}

// readAll reads the list. It fails the test if something follows an error, if a UID comes twice, or
// if the iteration does not end.
func (s *schedule) readAll(t *testing.T, m method, options Options) (got map[string]bool, err error) {
	list := List[item]{Fetch: s.fetch, UID: uidOf, Beyond: func(err error) bool { return err == errPastEnd }}
	got = map[string]bool{}
	for i, e := range m.read(t.Context(), list, options) {
		if err != nil {
			t.Fatal("something follows an error")
		}
		if err = e; err != nil {
			continue
		}
		if got[i.uid] {
			t.Fatalf("%s: item %s comes twice", m.name, i.uid)
		}
		got[i.uid] = true
	}
	if errors.Is(err, errTooMany) {
		t.Fatalf("%s does not end", m.name)
	}
	return got, err
}

// FuzzPageSchedule checks for any responses that the iteration ends and that no UID comes twice.
// If all responses are correct, there is no error and no loss: for both methods on a list that
// does not change, for Complete on a list that changes.
func FuzzPageSchedule(f *testing.F) {
	f.Add(byte(95), byte(9), byte(3), []byte{})
	f.Add(byte(95), byte(9), byte(7), []byte{0, 0x15, 0x36, 0, 0x24, 0xf5, 0, 0x96})
	f.Add(byte(60), byte(0), byte(1), []byte{0, 0, 0x17, 0x0a, 0xfa, 0x9c})
	f.Add(byte(200), byte(4), byte(4), []byte{0x09, 0x19, 0x0d})
	f.Fuzz(func(t *testing.T, length, size, prefetch byte, ops []byte) {
		if len(ops) > 100 {
			return
		}
		for _, m := range methods {
			s := newSchedule(int(length), ops, prefetch&128 != 0)
			got, err := s.readAll(t, m, Options{Size: 1 + int(size%50), Prefetch: 1 + int(prefetch%9)})
			switch {
			case s.badPaging:
			case err != nil:
				// A list that changes for ever may change too fast, and for Forward one that changes at all.
				if !s.changed || !s.repeats && m.name == completeMethod.name {
					t.Fatalf("%s of correct responses: %v", m.name, err)
				}
			case !s.changed || m.name == completeMethod.name:
				for _, n := range s.items {
					if n < int(length) && !got[fmt.Sprint(n)] {
						t.Fatalf("%s: item %d is lost", m.name, n)
					}
				}
			}
		}
	})
}
