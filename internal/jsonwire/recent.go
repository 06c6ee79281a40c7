package jsonwire

import (
	"encoding/binary"
	"math/bits"
)

const (
	recentSlots  = 1 << 10
	longestShort = 40 // a UUID has 36 bytes, a permission's name fewer
)

// recentStrings finds the strings that a document repeats: the names of
// permissions and roles, the UIDs and names of the tenant and its stores. Each
// is allocated once for a document, by itself, so that a string which is kept
// keeps nothing else alive. It forgets everything between documents.
type recentStrings struct {
	slots [recentSlots]string
	used  bool
}

// keep returns text as a string.
func (d *decoder) keep(text []byte) string {
	if len(text) > longestShort || len(text) < 2 {
		// Go allocates nothing for a string of one byte.
		return string(text)
	}
	slot := &d.recent.slots[hash(text)]
	if *slot == string(text) {
		return *slot
	}
	d.recent.used = true
	*slot = string(text)
	return *slot
}

func (r *recentStrings) forget() {
	if r.used {
		clear(r.slots[:])
		r.used = false
	}
}

// hash mixes the beginning, the end and the length of a text. Texts that
// collide push each other out and cost an allocation, no more.
func hash(text []byte) uint64 {
	var head, tail uint64
	switch n := len(text); {
	case n >= 8:
		head = binary.LittleEndian.Uint64(text)
		tail = binary.LittleEndian.Uint64(text[n-8:])
	case n >= 4:
		head = uint64(binary.LittleEndian.Uint32(text))
		tail = uint64(binary.LittleEndian.Uint32(text[n-4:]))
	default:
		head = uint64(text[0])
		tail = uint64(text[n-1])
	}
	const odd = 0x9E3779B97F4A7C15
	return (head ^ bits.RotateLeft64(tail*odd, 29) ^ uint64(len(text))) * odd >> (64 - 10)
}
