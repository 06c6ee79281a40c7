package pager

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

func randomUUID(random *rand.Rand) string {
	var id [16]byte
	binary.NativeEndian.PutUint64(id[:8], random.Uint64())
	binary.NativeEndian.PutUint64(id[8:], random.Uint64())
	id[8] = id[8]&^kindMask | kindUUID
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

func TestSeenTellsEveryUIDFromEveryOther(t *testing.T) {
	uuid := "123e4567-e89b-42d3-a456-426614174000"
	uids := []string{
		"7", "07", "a", "A", strings.Repeat("a", 14), strings.Repeat("a", 15), strings.Repeat("a", 16), strings.Repeat("a", 1000),
		"a\x00", "a\x00\x00", "\x00", "\x00\x00", strings.Repeat("\x00", 15), strings.Repeat("\x00", 16),
		uuid, strings.ToUpper(uuid), strings.ReplaceAll(uuid, "-", ""), "123e4567-e89b-42d3-2456-426614174000", "123e4567-e89b-42d3-e456-426614174000",
		"123e4567-e89b-42d3-6456-426614174000", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "123e4567-e89b-42d3-a456-42661417400g",
	}
	var s seen
	for _, uid := range uids {
		if _, known := s.mark(uid); known {
			t.Errorf("%q is taken for another UID", uid)
		}
	}
	for _, uid := range uids {
		if _, known := s.mark(uid); !known {
			t.Errorf("%q is forgotten", uid)
		}
	}
}

func TestSeenKeepsTheMarksWhileItGrows(t *testing.T) {
	var s seen
	for n := range 50_000 {
		mark, known := s.mark(fmt.Sprint(n))
		if known || *mark != 0 {
			t.Fatalf("%d is there already", n)
		}
		*mark = uint16(n % 1000)
	}
	for n := range 50_000 {
		if mark, known := s.mark(fmt.Sprint(n)); !known || *mark != uint16(n%1000) {
			t.Fatalf("%d has lost its mark", n)
		}
	}
}

// FuzzKeyOf holds that only equal texts get equal keys: whatever is not hashed can be read back.
func FuzzKeyOf(f *testing.F) {
	f.Add("7", "123e4567-e89b-42d3-a456-426614174000")
	f.Add("short", strings.Repeat("long", 10))
	f.Fuzz(func(t *testing.T, a, b string) {
		if (keyOf(a) == keyOf(b)) != (a == b) {
			t.Errorf("%q and %q", a, b)
		}
		if keyOf(a) == (key{}) {
			t.Errorf("%q has the key of an empty slot", a)
		}
	})
}

// Small sets are left out: they take some kilobytes, whatever they hold.
func TestSeenTakesAtMost32BytesForEachUID(t *testing.T) {
	heap := func() float64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return float64(stats.HeapAlloc)
	}
	random := rand.New(rand.NewPCG(1, 2))
	s := new(seen)
	before, count, worst, last := heap(), 0, 0.0, 0.0
	for _, upTo := range []int{20_000, 50_000, 100_000, 120_000, 500_000, 800_000, 850_000, 900_000, 950_000, 1_000_000} {
		for ; count < upTo; count++ {
			s.mark(randomUUID(random))
		}
		// While a shard grows, both its old and its new slots are held.
		largest := 0
		for i := range s.shards {
			largest = max(largest, len(s.shards[i].slots))
		}
		last = (heap() - before + float64(largest*18)) / float64(count)
		worst = max(worst, last)
	}
	runtime.KeepAlive(s)
	t.Logf("%.1f bytes for each of %d UIDs, %.1f at worst on the way", last, count, worst)
	if worst > 32 {
		t.Errorf("%.1f bytes for a UID", worst)
	}
}

func BenchmarkSeen(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	uids := make([]string, 1<<16)
	for i := range uids {
		uids[i] = randomUUID(random)
	}
	b.Run("set", func(b *testing.B) {
		for b.Loop() {
			var s seen
			for _, uid := range uids {
				s.mark(uid)
			}
		}
	})
	b.Run("map of strings", func(b *testing.B) {
		for b.Loop() {
			m := map[string]uint16{}
			for _, uid := range uids {
				m[uid] = 0
			}
		}
	})
	runtime.KeepAlive(uids)
}
