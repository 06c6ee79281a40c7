//go:build !race

package jsonwire

import (
	"runtime"
	"testing"
)

// With the race detector sync.Pool drops values at random.
func TestUnmarshal_allocations(t *testing.T) {
	const users, most = 200, 23 // 16 to 21, as strings collide in recentStrings
	data := usersPage(users)
	allocations := testing.AllocsPerRun(5, func() {
		if err := Unmarshal(data, new(page[user])); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > users*most {
		t.Errorf("%.1f allocations a user, want at most %d", allocations/users, most)
	}
}

// Refilling the pools after a garbage collection may add to the 5 times that are counted.
func TestUnmarshal_allocatedBytes(t *testing.T) {
	for name, shape := range largeDocuments {
		document := largeDocument(shape.begin, shape.repeat, shape.last, 1<<20)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = Unmarshal(document, shape.target())
		runtime.ReadMemStats(&after)
		if times := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(document)); times > 10 {
			t.Errorf("%s: decoding allocates %.1f times the size of the document", name, times)
		}
	}
}
