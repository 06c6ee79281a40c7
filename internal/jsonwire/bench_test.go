package jsonwire

import (
	"encoding/json"
	"testing"
)

// The sub-benchmarks do the same work; what counts is their ratio in one run.

func BenchmarkDecodePage(b *testing.B) {
	data := usersPage(1000)
	decode := func(unmarshal func([]byte, any) error) func(b *testing.B) {
		return func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				var users page[user]
				if err := unmarshal(data, &users); err != nil || len(users.Items) != 1000 {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("jsonwire", decode(UnmarshalResponse))
	b.Run("encodingjson", decode(json.Unmarshal))
}

func BenchmarkEncode(b *testing.B) {
	var users page[user]
	data := usersPage(1000)
	if err := Unmarshal(data, &users); err != nil {
		b.Fatal(err)
	}
	encode := func(marshal func(any) ([]byte, error)) func(b *testing.B) {
		return func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := marshal(&users); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("jsonwire", encode(MarshalMasked))
	b.Run("encodingjson", encode(json.Marshal))
}
