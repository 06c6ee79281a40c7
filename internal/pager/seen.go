package pager

import (
	"crypto/sha256"
	"hash/maphash"
	"math/bits"
)

// seen is the set of UIDs that an iteration has met, each with a small mark.
//
// A UID becomes a key of 16 bytes: its own bits where it is a UUID or has at most 15 bytes, else 126 bits of its SHA-256.
// The keys lie in open-addressed shards, each of which grows by a quarter when it is four fifths full, and is doubled
// while it is small. So a UID takes from 22 to 29 bytes, and as the shards grow one at a time, the copy that growing needs is small.
type seen struct {
	seed   maphash.Seed
	shards [1 << shardBits]shard
}

const (
	shardBits  = 6
	firstSlots = 8
	manySlots  = 64
)

type shard struct {
	slots []slot
	used  int
}

type slot struct {
	key  key
	mark uint16
}

// key is never zero: two bits of its byte 8 say what it is made of. In a UUID these two are the variant, which is 10 in every UUID
// of RFC 9562; a UID with any other variant counts as text.
type key [16]byte

const (
	kindByte = 8
	kindMask = 0b11 << 6
	kindText = 0b01 << 6 // the low bits of the byte hold the length
	kindUUID = 0b10 << 6
	kindHash = 0b11 << 6
)

func keyOf(uid string) key {
	if k, ok := uuidKey(uid); ok {
		return k
	}
	var k key
	if len(uid) < len(k) {
		n := copy(k[:kindByte], uid)
		copy(k[kindByte+1:], uid[n:])
		k[kindByte] = kindText | byte(len(uid))
		return k
	}
	sum := sha256.Sum256([]byte(uid))
	copy(k[:], sum[:])
	k[kindByte] |= kindHash
	return k
}

// uuidKey reads a UUID in its canonical form, with lower-case digits. Any other spelling is another UID.
func uuidKey(uid string) (k key, ok bool) {
	if len(uid) != 36 || uid[8] != '-' || uid[13] != '-' || uid[18] != '-' || uid[23] != '-' {
		return k, false
	}
	var invalid byte
	for i, at := range [len(k)]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := digits[uid[at]], digits[uid[at+1]]
		invalid |= high | low
		k[i] = high<<4 | low&0x0f
	}
	return k, invalid < 0x10 && k[kindByte]&kindMask == kindUUID
}

// digits holds the value of each lower-case hexadecimal digit, and 0xff for any other byte.
var digits = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i, c := range "0123456789abcdef" {
		table[c] = byte(i)
	}
	return table
}()

// mark finds the mark of a UID, and reports whether the UID was known; if not, it is now, with a mark of 0. The pointer
// is good until the next call.
func (s *seen) mark(uid string) (mark *uint16, known bool) {
	if s.seed == (maphash.Seed{}) {
		s.seed = maphash.MakeSeed()
	}
	k := keyOf(uid)
	hash := maphash.Bytes(s.seed, k[:])
	shard := &s.shards[hash>>(64-shardBits)]
	if (shard.used+1)*5 > len(shard.slots)*4 {
		s.grow(shard)
	}
	place := shard.find(k, hash)
	if known = place.key == k; !known {
		place.key = k
		shard.used++
	}
	return &place.mark, known
}

// find returns the slot that holds the key, or the empty one where it belongs.
func (s *shard) find(k key, hash uint64) *slot {
	at, _ := bits.Mul64(hash<<shardBits, uint64(len(s.slots)))
	for {
		if slot := &s.slots[at]; slot.key == k || slot.key == (key{}) {
			return slot
		}
		if at++; at == uint64(len(s.slots)) {
			at = 0
		}
	}
}

func (s *seen) grow(old *shard) {
	size := len(old.slots) * 5 / 4
	if len(old.slots) < manySlots {
		size = max(firstSlots, len(old.slots)*2)
	}
	grown := shard{slots: make([]slot, size), used: old.used}
	for _, slot := range old.slots {
		if slot.key != (key{}) {
			*grown.find(slot.key, maphash.Bytes(s.seed, slot.key[:])) = slot
		}
	}
	*old = grown
}
