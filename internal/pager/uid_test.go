package pager

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestKeyOf_distinct(t *testing.T) {
	uuid := "123e4567-e89b-42d3-a456-426614174000"
	uids := []string{
		"", "7", "07", "a", "A", "a\x00", "a\x00\x00", "\x00", "\x00\x00",
		strings.Repeat("a", 15), strings.Repeat("a", 16), strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 1000),
		uuid, strings.ToUpper(uuid), strings.ReplaceAll(uuid, "-", ""), uuid[:35] + "1", uuid + " ",
	}
	keys := map[uidKey]string{}
	for _, uid := range uids {
		if other, known := keys[keyOf(uid)]; known {
			t.Errorf("%q and %q have the same key", uid, other)
		}
		keys[keyOf(uid)] = uid
	}
	for _, uid := range uids {
		if keys[keyOf(uid)] != uid {
			t.Errorf("%q has two keys", uid)
		}
	}
}

func TestKeyOf_allocations(t *testing.T) {
	uid := fmt.Sprintf("%036d", 1)
	if n := testing.AllocsPerRun(100, func() { keyOf(uid) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Complete holds at most 45 bytes for each UUID that it has read, besides the pages in flight. A map of strings
// takes 80 and more.
func TestComplete_memory(t *testing.T) {
	heap := func() int {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	const size, length = 1000, 150_000
	s := server(func(number, size int) (*Page[item], error) {
		page, err := fixedList(length)(number, size)
		for i := range page.Items {
			page.Items[i].uid = fmt.Sprintf("123e4567-e89b-42d3-a456-%012s", page.Items[i].uid)
		}
		return page, err
	})
	before, after := heap(), 0
	options := Options{Size: size, OnPage: func(p Progress) {
		if p.Items == length && after == 0 {
			after = heap()
		}
	}}
	for _, err := range Complete(t.Context(), s.list(), options) {
		if err != nil {
			t.Fatal(err)
		}
	}
	const page = 200_000 // bytes of a page with its UIDs, at most
	if perUID := float64(after-before-page) / length; perUID > 45 {
		t.Errorf("%.1f bytes for each UID", perUID)
	}
}
