package jsonwire_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
)

// marked is like a resource of the SDK. Its package differs, as in a fork.
type marked struct {
	Name string  `json:"name"`
	Next *marked `json:"next"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

func (m marked) MarshalJSON() ([]byte, error)     { return jsonwire.MarshalMasked(m) }
func (m *marked) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, m) }

// unmarked has Extra and no JSON methods.
type unmarked struct {
	Name string `json:"name"`

	Extra map[string]json.RawMessage `json:"-"`
}

// withMethods has Extra and JSON methods of its own.
type withMethods struct {
	Name string `json:"name"`

	Extra map[string]json.RawMessage `json:"-"`
}

func (w withMethods) MarshalJSON() ([]byte, error) { return []byte(`"` + w.Name + `"`), nil }
func (w *withMethods) UnmarshalJSON(data []byte) error {
	w.Name = strings.Trim(string(data), `"`)
	return nil
}

func TestExtra_marked(t *testing.T) {
	const document = `{"name":"a","next":{"name":"b","next":null,"more":[1]}}`
	var direct, indirect marked
	if err := errors.Join(jsonwire.Unmarshal([]byte(document), &direct), json.Unmarshal([]byte(document), &indirect)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(direct, indirect) || string(direct.Next.Extra["more"]) != "[1]" {
		t.Errorf("jsonwire decodes %+v, encoding/json %+v", direct, indirect)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){"encoding/json": json.Marshal, "jsonwire": jsonwire.MarshalMasked} {
		if got, err := marshal(direct); err != nil || string(got) != document {
			t.Errorf("%s encodes %s, %v", name, got, err)
		}
	}
}

func TestExtra_markedWithinUserType(t *testing.T) {
	type holder struct {
		Item *marked `json:"item"`
	}
	got := holder{Item: &marked{Name: "a"}}
	if err := json.Unmarshal([]byte(`{"item":null}`), &got); err != nil || got.Item != nil {
		t.Errorf("got %+v, %v", got.Item, err)
	}
	if err := json.Unmarshal([]byte(`{"item":{"more":1}}`), &got); err != nil || string(got.Item.Extra["more"]) != "1" {
		t.Errorf("got %+v, %v", got.Item, err)
	}
}

func TestExtra_unmarked(t *testing.T) {
	const document = `{"name":"a","more":[1]}`
	var got unmarked
	if err := jsonwire.Unmarshal([]byte(document), &got); err != nil || got.Name != "a" || string(got.Extra["more"]) != "[1]" {
		t.Errorf("got %+v, %v", got, err)
	}
	if data, err := jsonwire.MarshalMasked(got); err != nil || string(data) != document {
		t.Errorf("got %s, %v", data, err)
	}
}

func TestExtra_methodsOfUserType(t *testing.T) {
	var got []withMethods
	if err := jsonwire.Unmarshal([]byte(`["a"]`), &got); err != nil || len(got) != 1 || got[0].Name != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
	if data, err := jsonwire.MarshalMasked(got); err != nil || string(data) != `["a"]` {
		t.Errorf("got %s, %v", data, err)
	}
}

func TestExtra_otherFields(t *testing.T) {
	type wrongType struct {
		Extra map[string]string `json:"-"`
	}
	type wrongTag struct {
		Extra map[string]json.RawMessage `json:"extra"`
	}
	type wrongName struct {
		More map[string]json.RawMessage `json:"-"`
	}
	for _, target := range []any{new(wrongType), new(wrongTag), new(wrongName)} {
		if err := jsonwire.Unmarshal([]byte(`{"a":"b"}`), target); err != nil || !reflect.ValueOf(target).Elem().IsZero() {
			t.Errorf("got %+v, %v", target, err)
		}
	}
}
