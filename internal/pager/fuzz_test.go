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

// schedule is a server that does with each answer what the next byte says. When the bytes are used up, it stays truthful, or
// begins again with them.
type schedule struct {
	mu       sync.Mutex
	ops      []byte
	endless  bool
	at       int
	items    []int
	made     int
	requests int
	lied     bool
	changed  bool
}

func (s *schedule) fetch(_ context.Context, number, size int) (*Page[item], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests++; s.requests > 100_000 {
		return nil, errTooMany
	}
	page := s.page(number, size)
	if s.at == len(s.ops) && s.endless {
		s.at = 0
	}
	if s.at == len(s.ops) {
		return page, nil
	}
	op := s.ops[s.at]
	s.at++
	much := int(op >> 4)
	if kind := op & 15; kind > 6 {
		s.lied = true
	} else if kind > 3 {
		s.changed = true
	}
	switch op & 15 {
	case 4: // items are created after the answer
		for range much {
			s.items = append(s.items, s.made)
			s.made++
		}
	case 5: // items are deleted after it
		for i := range min(much, len(s.items)) {
			at := (i*7 + int(op)*number) % len(s.items)
			s.items = slices.Delete(s.items, at, at+1)
		}
	case 6: // the first items are deleted
		s.items = slices.Delete(s.items, 0, min(much, len(s.items)))
	case 7: // another page
		page = s.page(1+much, size)
		page.Number = number
	case 8:
		page.Items = page.Items[:min(much, len(page.Items))]
	case 9:
		page.Total = much * 10
	case 10:
		page.Total = 1 << (2 * much)
		if s.endless {
			page.Total = min(page.Total, 1<<12) // what a list may grow to goes by what it claimed to be
		}
	case 11:
		page.Total += much - 8
	case 12:
		return nil, errPastEnd
	case 13: // items out of nothing
		for i := range page.Items {
			page.Items[i].uid = fmt.Sprint("x", s.requests, "-", i)
		}
	case 14:
		slices.Reverse(page.Items)
		page.Total -= much
	case 15:
		switch much {
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

// Whatever the answers are: the iteration ends, no UID comes twice, the truth about a list that stays as it is gives all of it,
// and the truth about one that changes lets Complete miss nothing that stays.
func FuzzPageSchedule(f *testing.F) {
	f.Add(byte(95), byte(9), byte(3), []byte{})
	f.Add(byte(95), byte(9), byte(7), []byte{0, 0x15, 0x36, 0, 0x24, 0xf5, 0, 0x96})
	f.Add(byte(60), byte(0), byte(1), []byte{0, 0, 0x17, 0x0a, 0xfa, 0x9c})
	f.Add(byte(200), byte(4), byte(4), []byte{0x09, 0x19, 0x0d})
	f.Fuzz(func(t *testing.T, length, size, prefetch byte, ops []byte) {
		if len(ops) > 100 {
			return
		}
		for _, m := range both {
			s := &schedule{ops: ops, endless: prefetch&128 != 0 && len(ops) > 0, made: int(length)}
			for n := range int(length) {
				s.items = append(s.items, n)
			}
			options := Options{Size: 1 + int(size%50), Prefetch: 1 + int(prefetch%9)}
			list := List[item]{Fetch: s.fetch, UID: uidOf, Beyond: func(err error) bool { return err == errPastEnd }}
			got := map[string]int{}
			var failed error
			for i, err := range m.read(t.Context(), list, options) {
				if failed != nil {
					t.Fatal("something comes after an error")
				}
				if failed = err; err != nil {
					continue
				}
				if got[i.uid]++; got[i.uid] > 1 {
					t.Fatalf("%s: item %s comes twice", m.name, i.uid)
				}
			}
			if errors.Is(failed, errTooMany) {
				t.Fatalf("%s does not end", m.name)
			}
			if s.lied {
				continue
			}
			if failed != nil {
				// A list that changes for ever may change too fast, and one that only changes now and then may for Forward.
				if !s.changed || !s.endless && m.name == "Complete" {
					t.Fatalf("%s: the truth is an error: %v", m.name, failed)
				}
				continue
			}
			for _, n := range s.items {
				if n < int(length) && got[fmt.Sprint(n)] == 0 && (m.name == "Complete" || !s.changed) {
					t.Fatalf("%s: item %d is lost", m.name, n)
				}
			}
		}
	})
}
