package pager

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
)

// TestModel reads random lists with Forward and Complete, with 1 to 16 requests in flight. No item
// comes twice, and no iteration is endless. Without an error, nothing is lost:
//
//   - Complete yields each item that lasts.
//   - Forward yields each item of a list that does not change, or only grows at its end, and on
//     other lists as many items as the list ever had at least, less those created at its front.
//
// An honest server causes no error.
func TestModel(t *testing.T) {
	t.Parallel()
	errs := map[string]int{}
	for seed := range uint64(*modelRuns) {
		for _, m := range methods {
			random := rand.New(rand.NewPCG(seed, 3))
			size, inFlight := 1+random.IntN(20), 1+random.IntN(16)
			s := newModelServer(seed, size)
			if m.name == forwardMethod.name {
				s.atFront, s.unstable = random.IntN(3) == 0, random.IntN(10) == 0
				s.creates = min(s.creates, float64(s.granted)/4)
			}
			got, err := s.read(t, m, Options{Size: size, Prefetch: inFlight})
			run := fmt.Sprintf("seed %d, %s, pages of %d, %d in flight, %v", seed, m.name, size, inFlight, s)
			if err != nil {
				errs[m.name]++
				if s.isHonest() {
					t.Errorf("%s: %v", run, err)
				}
				continue
			}
			if lost := s.lost(m, got); lost > 0 {
				t.Errorf("%s: %d of %d items lost", run, lost, s.first)
			}
		}
	}
	t.Logf("%d runs, errors: %v", *modelRuns, errs)
}

func (s *modelServer) read(t *testing.T, m method, options Options) (got map[string]int, err error) {
	synctest.Test(t, func(t *testing.T) {
		list := List[item]{Fetch: s.fetch, UID: uidOf, Beyond: func(err error) bool { return err == errPastEnd }}
		if m.name == completeMethod.name {
			list.Created = createdOf
		}
		got, err = collect(m.read(t.Context(), list, options))
	})
	for uid, times := range got {
		if times > 1 {
			t.Errorf("%s: item %s came %d times", m.name, uid, times)
		}
	}
	if most := maxReadFactor*(s.first+1) + slackPages + options.Prefetch; s.requests > most {
		t.Errorf("%s: %d requests for %d items", m.name, s.requests, s.first)
	}
	return got, err
}

// lost returns how many items must have been yielded, and were not.
func (s *modelServer) lost(m method, got map[string]int) (n int) {
	if m.name == forwardMethod.name && (s.deleted > 0 || s.atFront || s.unstable) {
		if s.total > totalCountedFirst || s.unstable && s.created > s.first {
			return 0 // the totals say nothing about what is lost
		}
		if s.atFront {
			return s.shortest - (s.created - s.first) - len(got)
		}
		return s.shortest - len(got)
	}
	for _, i := range s.items {
		if i < s.first && got[fmt.Sprint(i)] == 0 {
			n++
		}
	}
	return n
}

func (s *modelServer) String() string {
	return fmt.Sprintf("{first %d, now %d, deleted %d, created %d, rates %.2f %.2f, front %v, massive %d, granted %d, size %d, total %d, past the end %d, accident %d at %d, unstable %v, %d requests}",
		s.first, len(s.items), s.deleted, s.created-s.first, s.deletes, s.creates, s.atFront, s.massive, s.granted, s.size, s.total, s.pastEnd, s.accident, s.at, s.unstable, s.requests)
}
