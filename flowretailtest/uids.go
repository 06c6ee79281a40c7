package flowretailtest

import (
	"encoding/hex"
	"time"
)

// What a UID is of; each kind has UIDs of its own.
const (
	ofTenant uint64 = iota + 1
	ofOrganization
	ofStore
	ofUser
	ofStoreAccess
	ofSubscriber
	ofToken
	ofLog
	ofSecret
	ofAsset
)

// mix is the finaliser of splitmix64 over a chain of values.
func mix(values ...uint64) uint64 {
	var h uint64
	for _, value := range values {
		h += value + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

const (
	spread   uint32 = 0x9e3779b1 // odd, so that multiplying by it can be undone
	unspread uint32 = 0x0e8b2f51 // its inverse modulo 2^32
)

// uid makes a UUID from a number. Its first eight digits hold the number, so
// that decodeUID finds what belongs to a UID without a table of all of them.
func uid(space uint64, number int32) string {
	var raw [16]byte
	key := uint32(number)*spread ^ uint32(space)
	high, low := mix(space, uint64(number)), mix(space, uint64(number), 1)
	for i := range 4 {
		raw[i] = byte(key >> (24 - 8*i))
		raw[4+i] = byte(high >> (8 * i))
	}
	for i := range 8 {
		raw[8+i] = byte(low >> (8 * i))
	}
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], raw[:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func decodeUID(space uint64, text string) (number int32, ok bool) {
	var raw [4]byte
	if len(text) != 36 {
		return 0, false
	}
	if _, err := hex.Decode(raw[:], []byte(text[:8])); err != nil {
		return 0, false
	}
	key := uint32(raw[0])<<24 | uint32(raw[1])<<16 | uint32(raw[2])<<8 | uint32(raw[3])
	number = int32((key ^ uint32(space)) * unspread)
	return number, number >= 0 && uid(space, number) == text
}

// A calendar says when the things of the sample were created: strictly one
// after the other, and all before the fake was made.
type calendar struct {
	start time.Time
	step  time.Duration
}

// newCalendar ends on a fixed day, so that the sample is the same every time,
// unless the clock, such as that of testing/synctest, has not come there yet.
func newCalendar(now time.Time, count int) calendar {
	end := time.Date(2025, 6, 2, 8, 0, 0, 0, time.UTC)
	if latest := now.UTC().Add(-24 * time.Hour).Truncate(time.Hour); end.After(latest) {
		end = latest
	}
	const span = 3 * 365 * 24 * time.Hour
	step := min(max(span/time.Duration(max(1, count)), time.Millisecond), 36*time.Hour).Truncate(time.Millisecond)
	return calendar{start: end.Add(-step * time.Duration(count)), step: step}
}

func (c calendar) at(number int32) time.Time {
	jitter := time.Duration(mix(uint64(number)) % uint64(max(1, c.step/2)))
	return c.start.Add(c.step*time.Duration(number) + jitter.Truncate(time.Millisecond))
}
