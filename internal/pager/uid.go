package pager

import "crypto/sha256"

// uidKey is the key of a UID in a map: 128 bits of its SHA-256.
//
// Memory per UUID, in maps of 10,000 to 1,300,000:
//
//	map[uidKey]struct{}    22 to 38 bytes, mean 30    (Forward)
//	map[uidKey]uint16      25 to 43 bytes, mean 33    (Complete)
//	map[string]struct{}    80 to 105 bytes, mean 92
type uidKey [16]byte

func keyOf(uid string) uidKey {
	var buffer [64]byte // keeps the copy of a UUID off the heap
	sum := sha256.Sum256(append(buffer[:0], uid...))
	return uidKey(sum[:])
}
