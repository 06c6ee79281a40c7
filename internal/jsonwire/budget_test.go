package jsonwire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// Large is a struct of 600 bytes without a UID.
type Large struct {
	A, B, C, D, E, F, G, H, I, J string
	K, L, M, N, O, P, Q, R, S, T string
	U, V, W, X, Y, Z             string
	Times                        [7]time.Time
	Flag                         bool
}

type small struct {
	ID   int
	Name string
}

type embedsLarge struct{ *Large }

// largeDocuments take many times their size in memory if nothing limits it. repeat
// is the part that fills the document.
var largeDocuments = map[string]struct {
	target              func() any
	begin, repeat, last string
	fits                bool
}{
	"users":             {func() any { return new(page[user]) }, `{"items":[`, `{},`, `{}]}`, false},
	"large structs":     {func() any { return new([]Large) }, `[`, `{},`, `{}]`, false},
	"small structs":     {func() any { return new([]small) }, `[`, `{},`, `{}]`, false},
	"pointers":          {func() any { return new([]*Large) }, `[`, `{},`, `{}]`, false},
	"embedded":          {func() any { return new([]embedsLarge) }, `[`, `{"A":""},`, `{}]`, false},
	"one user":          {func() any { return new(user) }, `{"storeAccess":[`, `{},`, `{}]}`, false},
	"empty strings":     {func() any { return new([]string) }, `[`, `"",`, `""]`, false},
	"short strings":     {func() any { return new([]string) }, `[`, `"abcdefgh",`, `""]`, true},
	"slices":            {func() any { return new([][]Large) }, `[`, `[{}],`, `[]]`, false},
	"maps":              {func() any { return new([]map[string]int) }, `[`, `{"a":1},`, `{}]`, false},
	"empty maps":        {func() any { return new([]map[string]small) }, `[`, `{},`, `{}]`, false},
	"unknown members":   {func() any { return new([]store) }, `[`, `{"a":1},`, `{}]`, false},
	"any, arrays":       {func() any { return new(any) }, `[`, `[],`, `[]]`, false},
	"any, objects":      {func() any { return new(any) }, `[`, `{},`, `{}]`, false},
	"any, in objects":   {func() any { return new(any) }, `{"a":[`, `{"a":[]},`, `{}]}`, false},
	"any, numbers":      {func() any { return new(any) }, `[`, `1,`, `1]`, false},
	"any, strings":      {func() any { return new(any) }, `[`, `"",`, `""]`, false},
	"any, nested":       {func() any { return new(any) }, `[`, strings.Repeat(`[`, 150) + strings.Repeat(`]`, 150) + `,`, `[]]`, false},
	"any, nested lists": {func() any { return new(any) }, `[`, strings.Repeat(`[0,0,0,0,`, 150) + `0` + strings.Repeat(`]`, 150) + `,`, `[]]`, false},
}

// largeDocument returns a document of about size bytes.
func largeDocument(begin, repeat, last string, size int) []byte {
	var document bytes.Buffer
	document.Grow(size + len(repeat) + len(last))
	document.WriteString(begin)
	for document.Len() < size-len(last) {
		document.WriteString(repeat)
	}
	document.WriteString(last)
	return document.Bytes()
}

// manyKeys returns an object of n members.
func manyKeys(n int) []byte {
	var document bytes.Buffer
	for i := range n {
		fmt.Fprintf(&document, `,"%x":0`, i)
	}
	document.Bytes()[0] = '{'
	document.WriteByte('}')
	return document.Bytes()
}

func TestUnmarshal_tooMuchMemory(t *testing.T) {
	check := func(name string, document []byte, target any, fits bool) {
		t.Run(name, func(t *testing.T) {
			err := Unmarshal(document, target)
			if fits && err != nil {
				t.Error(err)
			}
			if !fits && (err == nil || !strings.Contains(err.Error(), "the document would take more than 5.0 times its size in memory")) {
				t.Errorf("got %v, want an error", err)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error("the document counts as truncated")
			}
		})
	}
	for name, shape := range largeDocuments {
		check(name, largeDocument(shape.begin, shape.repeat, shape.last, 1<<20), shape.target(), shape.fits)
	}
	check("a map", manyKeys(100_000), new(any), false)
	check("Extra", manyKeys(100_000), new(store), false)
	check("a map of structs", bytes.ReplaceAll(manyKeys(100_000), []byte(":0"), []byte(":{}")), new(map[string]Large), false)
}

func TestUnmarshal_sparseDocuments(t *testing.T) {
	const sparse = `{"tenantUserUid":"u"},`
	const begin, end = `{"items":[`, `],"paging"`
	dense, few := usersPage(5000), usersOf100Bytes(1500)
	tests := map[string]struct {
		document []byte
		target   any
	}{
		"users with a UID":          {largeDocument(begin, sparse, `{}]}`, 22_000), new(page[user])},
		"10,000 users of 100 bytes": {usersOf100Bytes(10_000), new(page[user])},
		"1,000 empty structs":       {largeDocument(`[`, `{},`, `{}]`, 3000), new([]Large)},
		"1,000 objects":             {largeDocument(`[`, `{"id":1,"name":"abc"},`, `{}]`, 22_000), new(any)},
		"300 KiB of objects":        {largeDocument(`[`, `{"id":1,"name":"abc","active":true},`, `{}]`, 300<<10), new(any)},
		"a page of users":           {usersPage(1000), new(any)},
		"a user and nothing":        {[]byte(`{"tenantUserUid":"u"}`), new(user)},
		"a map":                     {manyKeys(10_000), new(map[string]int)},
		"few members of many":       {largeDocument(`[`, `{"a":1,"b":2,"ID":1,"Name":"x","e":3,"f":4,"g":5,"h":6,"i":7,"j":8,"k":9,"l":10},`, `{}]`, 1<<20), new([]small)},
		"numbers":                   {largeDocument(`[`, `1234567,`, `0]`, 1<<20), new([]int)},
		"dense after many sparse":   {slices.Concat(few[:len(few)-2], []byte(","), usersPage(400)[len(begin):]), new(page[user])},
		"dense after sparse":        {slices.Concat(largeDocument(begin, sparse, ``, 100_000), usersPage(1000)[len(begin):]), new(page[user])},
		"sparse after dense":        {slices.Concat(dense[:bytes.Index(dense, []byte(end))], []byte(","), largeDocument(``, sparse, `{}]}`, 200_000)), new(page[user])},
		"a long string":             {largeDocument(`["`, `0123456789`, `"]`, 5<<20), new([]string)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := Unmarshal(test.document, test.target); err != nil {
				t.Errorf("%d bytes: %v", len(test.document), err)
			}
		})
	}
}

func usersOf100Bytes(n int) []byte {
	var document bytes.Buffer
	for i := range n {
		fmt.Fprintf(&document, `,{"tenantUserUid":"%036d","displayName":"user %d","status":"ACTIVE"}`, i, i)
	}
	document.Bytes()[0] = '['
	return append(append([]byte(`{"items":`), document.Bytes()...), "]}"...)
}

// The benchmark reports the peak of the heap with the document, as a multiple of its
// size and in MiB.
func BenchmarkPeakHeap(b *testing.B) {
	for _, size := range []int{1, 4, 64} {
		for name, shape := range largeDocuments {
			b.Run(fmt.Sprintf("%s/%dMiB", strings.ReplaceAll(name, " ", "_"), size), func(b *testing.B) {
				document := largeDocument(shape.begin, shape.repeat, shape.last, size<<20)
				var peak uint64
				for b.Loop() {
					peak = max(peak, faultserver.PeakHeap(func() { _ = Unmarshal(document, shape.target()) }))
				}
				total := float64(peak) + float64(len(document))
				b.ReportMetric(total/float64(len(document)), "times")
				b.ReportMetric(total/(1<<20), "MiB")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
