package flowretailtest

import (
	"slices"
	"time"
)

// A list holds things in the order of their creation. The first of them, the
// sample, are generated when they are asked for, so that a list of a million
// costs nothing until something is removed, and four bytes each from then on.
//
// Values are replaced and never changed in place: answers share them.
type list[T any] struct {
	sample   int32
	generate func(number int32) T
	decode   func(uid string) (number int32, ok bool)

	next    int32
	live    []int32 // ascending; nil while nothing was added or removed
	changed map[int32]T
	added   map[string]int32
	newest  time.Time
	version int
	chosen  selection
}

func newList[T any](sample int, newest time.Time, generate func(int32) T, decode func(string) (int32, bool)) *list[T] {
	return &list[T]{
		sample: int32(sample), next: int32(sample), newest: newest, generate: generate, decode: decode,
		changed: map[int32]T{}, added: map[string]int32{},
	}
}

func (l *list[T]) len() int {
	if l.live == nil {
		return int(l.sample)
	}
	return len(l.live)
}

// at returns the number of the thing that stands at index.
func (l *list[T]) at(index int) int32 {
	if l.live == nil {
		return int32(index)
	}
	return l.live[index]
}

func (l *list[T]) get(number int32) T {
	if value, ok := l.changed[number]; ok {
		return value
	}
	return l.generate(number)
}

func (l *list[T]) has(number int32) bool {
	if l.live == nil {
		return 0 <= number && number < l.sample
	}
	_, found := slices.BinarySearch(l.live, number)
	return found
}

func (l *list[T]) find(uid string) (number int32, ok bool) {
	if number, ok = l.added[uid]; ok {
		return number, true
	}
	number, ok = l.decode(uid)
	return number, ok && number < l.sample && l.has(number)
}

// stamp returns the time of creation for the next thing: now, and later than
// that of every other.
func (l *list[T]) stamp(now time.Time) time.Time {
	now = now.UTC().Truncate(time.Millisecond)
	if !now.After(l.newest) {
		now = l.newest.Add(time.Millisecond)
	}
	l.newest = now
	return now
}

func (l *list[T]) add(uid string, value T) int32 {
	l.own()
	number := l.next
	l.next++
	l.live = append(l.live, number)
	l.changed[number], l.added[uid] = value, number
	return number
}

func (l *list[T]) set(number int32, value T) {
	l.version++
	l.changed[number] = value
}

func (l *list[T]) remove(number int32, uid string) {
	if !l.has(number) {
		return
	}
	l.own()
	index, _ := slices.BinarySearch(l.live, number)
	l.live = slices.Delete(l.live, index, index+1)
	delete(l.changed, number)
	if l.added[uid] == number {
		delete(l.added, uid)
	}
}

// own notes a change of membership, for which the numbers have to be written out.
func (l *list[T]) own() {
	l.version++
	if l.live != nil {
		return
	}
	l.live = make([]int32, l.sample, l.sample+16)
	for i := range l.live {
		l.live[i] = int32(i)
	}
}
