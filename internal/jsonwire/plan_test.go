package jsonwire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"
)

type embeddedA struct {
	A int
	B int `json:"b"`
	C int
}

type embeddedB struct {
	A int
	C int `json:"C"`
	D int `json:"d"`
}

type EmbeddedPointer struct {
	E int `json:"e"`
	B int `json:"b"`
}

type embedding struct {
	embeddedA
	embeddedB
	*EmbeddedPointer
	Named embeddedA `json:"named"`
	B     int       `json:"b"`
	time.Duration
	embeddedInt
}

type embeddedInt int

func TestMarshal_embeddedStructs(t *testing.T) {
	for _, value := range []embedding{
		{},
		{embeddedA: embeddedA{A: 1, B: 2, C: 3}, embeddedB: embeddedB{A: 4, C: 5, D: 6}, Named: embeddedA{A: 7}, B: 8, Duration: 9, embeddedInt: 10},
		{EmbeddedPointer: &EmbeddedPointer{E: 1, B: 2}},
	} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		data, _, err := Marshal(value)
		if err != nil || string(data) != string(want) {
			t.Errorf("got  %s, %v\nwant %s", data, err, want)
		}
		var got, reference embedding
		if err := errors.Join(Unmarshal(want, &got), json.Unmarshal(want, &reference)); err != nil || !reflect.DeepEqual(got, reference) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, reference)
		}
	}
}

func TestMarshal_omitOptions(t *testing.T) {
	type all struct {
		A int             `json:"a,omitempty"`
		B []int           `json:"b,omitempty"`
		C []int           `json:"c,omitzero"`
		D map[string]int  `json:"d,omitempty"`
		E *time.Time      `json:"e,omitzero"`
		F [0]int          `json:"f,omitempty"`
		G [1]int          `json:"g,omitempty"`
		H struct{ X int } `json:"h,omitempty"`
		I struct{ X int } `json:"i,omitzero"`
		J any             `json:"j,omitempty"`
		K zeroByPointer   `json:"k,omitzero"`
		L *zeroByPointer  `json:"l,omitzero"`
		M float64         `json:",omitempty"`
		N bool            `json:"n,omitempty,omitzero"`
	}
	zero := time.Time{}
	for _, value := range []all{
		{},
		{A: 1, B: []int{0}, C: []int{}, D: map[string]int{"": 0}, G: [1]int{1}, H: struct{ X int }{1}, I: struct{ X int }{1}, J: 0, K: zeroByPointer{1}, L: &zeroByPointer{1}, M: 1, N: true},
		{B: []int{}, E: &zero, K: zeroByPointer{2}, D: map[string]int{}},
		{L: &zeroByPointer{2}},
	} {
		want, err := json.Marshal(&value)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := Marshal(&value); err != nil || string(got) != string(want) {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}

type zeroByPointer struct{ N int }

func (z *zeroByPointer) IsZero() bool { return z.N == 2 }

func TestUnmarshal_typesWithMethods(t *testing.T) {
	type holder struct {
		Upper upperCase            `json:"upper"`
		Keys  map[upperCase]string `json:"keys"`
		Whole rawDocument          `json:"whole"`
	}
	var got holder
	if err := Unmarshal([]byte(`{"upper":"a","keys":{"b":"c"},"whole":null}`), &got); err != nil {
		t.Fatal(err)
	}
	want := holder{"A", map[upperCase]string{"B": "c"}, rawDocument{"null"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var top rawDocument
	if err := Unmarshal([]byte(` [1, 2] `), &top); err != nil || top.data != "[1, 2]" {
		t.Errorf("got %+v, %v", top, err)
	}
	if err := Unmarshal([]byte(`[1,}`), &top); err == nil {
		t.Error("UnmarshalJSON was called with invalid JSON")
	}
}

type upperCase string

func (s *upperCase) UnmarshalText(text []byte) error {
	for _, c := range text {
		*s += upperCase(rune(c &^ 0x20))
	}
	return nil
}

type rawDocument struct{ data string }

func (o *rawDocument) UnmarshalJSON(data []byte) error { o.data = string(data); return nil }

func TestUnmarshal_mapKeys(t *testing.T) {
	for _, test := range []struct {
		data   string
		target any
		want   any // nil for an error
	}{
		{`{"-7":1}`, new(map[int8]int), map[int8]int{-7: 1}},
		{`{"-129":1}`, new(map[int8]int), nil},
		{`{"255":1}`, new(map[uint8]int), map[uint8]int{255: 1}},
		{`{"256":1}`, new(map[uint8]int), nil},
		{`{"-1":1}`, new(map[uint8]int), nil},
		{`{"x":1}`, new(map[uint8]int), nil},
		{`{"a":1}`, new(map[upperCase]int), map[upperCase]int{"A": 1}},
		{`{"a":1}`, new(map[keyWithError]int), nil},
		{`{"a":1}`, new(map[withMarshalText]int), nil}, // it can only be encoded
	} {
		err := Unmarshal([]byte(test.data), test.target)
		if test.want == nil && err == nil {
			t.Errorf("%s was decoded into a %T", test.data, test.target)
		}
		if got := reflect.ValueOf(test.target).Elem().Interface(); test.want != nil && (err != nil || !reflect.DeepEqual(got, test.want)) {
			t.Errorf("got %v, %v, want %v", got, err, test.want)
		}
	}
}

type keyWithError struct{}

func (*keyWithError) UnmarshalText([]byte) error { return errMethod }

func TestUnmarshal_unsupportedTypes(t *testing.T) {
	for _, target := range []any{
		new(chan int), new(func()), new(complex128), new(map[bool]int), new(error),
		new(struct {
			A int `json:"a,string"`
		}),
		new(struct {
			A int `json:"a" api:"uid"`
		}),
		new(struct {
			A string `json:"a" api:"mandatory"`
		}),
		new(struct{ *embeddedA }),
		structWithTag(`json:"a\"b"`),
		structWithTag(`json:"a\\b"`),
	} {
		if err := Unmarshal([]byte(`{"a":1}`), target); err == nil {
			t.Errorf("%T was decoded", target)
		}
	}
	if err := Unmarshal([]byte(`{"a":null}`), new(map[string]chan int)); err == nil {
		t.Error("null was decoded into a channel")
	}
}

// structWithTag returns a pointer to a struct whose field has a tag that vet
// and staticcheck reject.
func structWithTag(tag reflect.StructTag) any {
	return reflect.New(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int](), Tag: tag}})).Interface()
}

func TestUnmarshal_manyFields(t *testing.T) {
	var fields []reflect.StructField
	document := []byte("{")
	for i := range 300 {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[int]()})
		document = fmt.Appendf(document, `"F%d":%d,`, i, i)
	}
	document[len(document)-1] = '}'
	target := reflect.New(reflect.StructOf(fields))
	if err := Unmarshal(document, target.Interface()); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if got := target.Elem().Field(i).Int(); got != int64(i) {
			t.Errorf("field %d is %d", i, got)
		}
	}
	twice := append(document[:len(document)-1:len(document)-1], `,"F299":1}`...)
	if err := Unmarshal(twice, target.Interface()); err == nil {
		t.Error("a duplicate of the last field was accepted")
	}
}

// The race detector must not find a data race here.
func TestUnmarshal_concurrent(t *testing.T) {
	data := usersPage(3)
	var want page[user]
	if err := Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	shuffled := []byte(`{"paging":{"totalCount":1},"items":[{"email":"a","tenantUserUid":"b","storeAccess":[{"storeRole":"c","storeUid":"d"}]}]}`)
	for range 20 {
		plans.Clear()
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				var got page[user]
				if worker%2 == 0 {
					if err := Unmarshal(shuffled, &got); err != nil || got.Items[0].StoreAccess[0].StoreUID != "d" {
						t.Errorf("got %+v, %v", got, err)
					}
					return
				}
				if err := Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("the page differs, %v", err)
				}
				if _, err := MarshalMasked(new(kinds)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}
