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

type inner struct {
	A int
	B int `json:"b"`
	C int
}

type other struct {
	A int
	C int `json:"C"`
	D int `json:"d"`
}

type Pointed struct {
	E int `json:"e"`
	B int `json:"b"`
}

type embedding struct {
	inner
	other
	*Pointed
	Named inner `json:"named"`
	B     int   `json:"b"`
	time.Duration
	skipped
}

type skipped int

func TestEmbeddedFieldsFollowTheRulesOfEncodingJSON(t *testing.T) {
	for _, value := range []embedding{
		{},
		{inner: inner{A: 1, B: 2, C: 3}, other: other{A: 4, C: 5, D: 6}, Named: inner{A: 7}, B: 8, Duration: 9, skipped: 10},
		{Pointed: &Pointed{E: 1, B: 2}},
	} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Marshal(value)
		if err != nil || string(got) != string(want) {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
		var ours, theirs embedding
		if err := errors.Join(Unmarshal(want, &ours), json.Unmarshal(want, &theirs)); err != nil || !reflect.DeepEqual(ours, theirs) {
			t.Errorf("got  %+v, %v\nwant %+v", ours, err, theirs)
		}
	}
}

func TestOmittedFieldsFollowTheRulesOfEncodingJSON(t *testing.T) {
	type all struct {
		A int                        `json:"a,omitempty"`
		B []int                      `json:"b,omitempty"`
		C []int                      `json:"c,omitzero"`
		D map[string]int             `json:"d,omitempty"`
		E *time.Time                 `json:"e,omitzero"`
		F [0]int                     `json:"f,omitempty"`
		G [1]int                     `json:"g,omitempty"`
		H struct{ X int }            `json:"h,omitempty"`
		I struct{ X int }            `json:"i,omitzero"`
		J any                        `json:"j,omitempty"`
		K zeroByPointer              `json:"k,omitzero"`
		L interface{ IsZero() bool } `json:"l,omitzero"`
		M float64                    `json:",omitempty"`
		N bool                       `json:"n,omitempty,omitzero"`
	}
	zero := time.Time{}
	for _, value := range []all{
		{},
		{A: 1, B: []int{0}, C: []int{}, D: map[string]int{"": 0}, G: [1]int{1}, H: struct{ X int }{1}, I: struct{ X int }{1}, J: 0, K: zeroByPointer{1}, L: &zeroByPointer{1}, M: 1, N: true},
		{B: []int{}, E: &zero, K: zeroByPointer{2}, L: (*zeroByPointer)(nil), D: map[string]int{}},
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

// A resource leads back here from its methods, as the SDK's resources do.
type resource struct {
	Name string    `json:"name"`
	Next *resource `json:"next"`

	Extra map[string]json.RawMessage `json:"-"`
}

func (r resource) MarshalJSON() ([]byte, error)     { return resources.marshalOnly(r) }
func (r *resource) UnmarshalJSON(data []byte) error { return resources.unmarshal(data, r) }

var resources = new(plans)

func init() {
	resources.describeTags = func(t reflect.Type) bool { return t == reflect.TypeFor[resource]() }
}

func (p *plans) marshalOnly(v any) ([]byte, error) {
	data, _, err := p.marshal(v, true)
	return data, err
}

func TestResourcesServeEncodingJSONWithoutACircle(t *testing.T) {
	document := `{"name":"a","next":{"name":"b","next":null,"more":[1]}}`
	var direct, foreign resource
	if err := errors.Join(resources.unmarshal([]byte(document), &direct), json.Unmarshal([]byte(document), &foreign)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(direct, foreign) || string(direct.Next.Extra["more"]) != "[1]" {
		t.Errorf("got %+v and %+v", direct, foreign)
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, resources.marshalOnly} {
		if got, err := marshal(direct); err != nil || string(got) != document {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

func TestOtherTypesReadAndWriteThemselves(t *testing.T) {
	type holder struct {
		Upper shouting            `json:"upper"`
		Keys  map[shouting]string `json:"keys"`
		Whole ownJSON             `json:"whole"`
	}
	var got holder
	if err := Unmarshal([]byte(`{"upper":"a","keys":{"b":"c"},"whole":null}`), &got); err != nil {
		t.Fatal(err)
	}
	want := holder{"A", map[shouting]string{"B": "c"}, ownJSON{"null"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var top ownJSON
	if err := Unmarshal([]byte(` [1, 2] `), &top); err != nil || top.data != "[1, 2]" {
		t.Errorf("got %+v, %v", top, err)
	}
	if err := Unmarshal([]byte(`[1,}`), &top); err == nil {
		t.Error("a type was handed what is not JSON")
	}
}

type shouting string

func (s *shouting) UnmarshalText(text []byte) error {
	for _, c := range text {
		*s += shouting(rune(c &^ 0x20))
	}
	return nil
}

type ownJSON struct{ data string }

func (o *ownJSON) UnmarshalJSON(data []byte) error { o.data = string(data); return nil }

func TestTheSDKsOwnResourcesAreKnownByTheirPackage(t *testing.T) {
	if describedByTags(reflect.TypeFor[resource]()) || describedByTags(reflect.TypeFor[time.Time]()) {
		t.Error("a type of another package counts as the SDK's own")
	}
}

func TestTypesThatCannotBeJSONAreRefused(t *testing.T) {
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
		new(struct{ *inner }),
	} {
		if err := Unmarshal([]byte(`{"a":1}`), target); err == nil {
			t.Errorf("%T was read", target)
		}
	}
}

func TestManyFieldsAreAllRead(t *testing.T) {
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
		t.Error("the last field was taken twice")
	}
}

// The race detector watches this one.
func TestPlansAreSharedByGoroutines(t *testing.T) {
	data := usersPage(3)
	var want page[user]
	if err := Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	shuffled := []byte(`{"paging":{"totalCount":1},"items":[{"email":"a","tenantUserUid":"b","storeAccess":[{"storeRole":"c","storeUid":"d"}]}]}`)
	for range 20 {
		fresh := &plans{describeTags: describedByTags}
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				var got page[user]
				if worker%2 == 0 {
					if err := fresh.unmarshal(shuffled, &got); err != nil || got.Items[0].StoreAccess[0].StoreUID != "d" {
						t.Errorf("got %+v, %v", got, err)
					}
					return
				}
				if err := fresh.unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("the page has changed, %v", err)
				}
				if _, err := fresh.marshalOnly(new(kinds)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}
