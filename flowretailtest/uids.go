package flowretailtest

import (
	"encoding/hex"
	"fmt"
)

// Kinds of generated values. They keep values of different kinds apart.
const (
	kindTenant uint64 = iota + 1
	kindOrganization
	kindStore
	kindUser
	kindStoreAccess
	kindSubscriber
	kindGenerated
	kindPassword
	kindSecret
	kindAsset
)

// mix returns a hash of values: the finaliser of splitmix64, over each in turn.
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

// hash returns the hash of the seed, a kind and numbers.
func (f *Fake) hash(kind uint64, numbers ...int) uint64 {
	values := []uint64{f.config.seed, kind}
	for _, number := range numbers {
		values = append(values, uint64(number))
	}
	return mix(values...)
}

// uid returns the random-looking UUID that belongs to a kind and numbers.
func (f *Fake) uid(kind uint64, numbers ...int) string {
	high := f.hash(kind, numbers...)
	low := mix(high)
	var raw [16]byte
	for i := range 8 {
		raw[i], raw[8+i] = byte(high>>(8*i)), byte(low>>(8*i))
	}
	raw[6] = raw[6]&0x0f | 0x40 // version 4
	raw[8] = raw[8]&0x3f | 0x80 // the variant of RFC 9562
	text := hex.EncodeToString(raw[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// newUID generates a UID that is not part of the sample data.
func (f *Fake) newUID() string {
	f.generated++
	return f.uid(kindGenerated, f.generated)
}

// newSecret generates the value of a token. It says that it is fake.
func (f *Fake) newSecret(kind string) string {
	f.generated++
	return fmt.Sprintf("fake-%s-%016x", kind, f.hash(kindSecret, f.generated))
}
