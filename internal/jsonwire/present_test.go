package jsonwire

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

// identified has a member of every kind that a response must have.
type identified struct {
	UID   string             `json:"uid" api:"present"`
	Items []nested           `json:"items" api:"present"`
	Map   map[string]*nested `json:"map"`
	One   nested             `json:"one" api:"present"`
	Next  *identified        `json:"next"`
	Count *int               `json:"count" api:"present"`
	Time  time.Time          `json:"time" api:"present"`
	Raw   json.RawMessage    `json:"raw" api:"present"`
	Any   any                `json:"any" api:"present"`

	Extra map[string]json.RawMessage `json:"-"`
}

type nested struct {
	UID  string `json:"uid" api:"present"`
	Name string `json:"name"`
}

const identifiedJSON = `{"uid":"u","items":[],"one":{"uid":"o"},"count":0,"time":"","raw":0,"any":false}`

func TestUnmarshalResponse_present(t *testing.T) {
	var got identified
	if err := UnmarshalResponse([]byte(identifiedJSON), &got); err != nil {
		t.Fatal(err)
	}
	want := identified{UID: "u", Items: []nested{}, One: nested{UID: "o"}, Count: new(0), Raw: json.RawMessage("0"), Any: false}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnmarshalResponse_missing(t *testing.T) {
	tests := map[string]struct{ old, with, want string }{
		"string":               {`"uid":"u",`, ``, "uid is missing (at uid, byte 70)"},
		"null for a string":    {`"uid":"u"`, `"uid":null`, "uid is missing (at uid, byte 7)"},
		"empty string":         {`"uid":"u"`, `"uid":""`, "uid is missing (at uid, byte 7)"},
		"escaped name":         {`"uid":"u"`, `"\u0075id":""`, "uid is missing (at uid, byte 12)"},
		"slice":                {`"items":[],`, ``, "items is missing (at items, byte 69)"},
		"null for a slice":     {`"items":[]`, `"items":null`, "items is missing (at items, byte 19)"},
		"struct":               {`"one":{"uid":"o"},`, ``, "one is missing (at one, byte 62)"},
		"null for a struct":    {`"one":{"uid":"o"}`, `"one":null`, "one is missing (at one, byte 28)"},
		"pointer":              {`"count":0,`, ``, "count is missing (at count, byte 70)"},
		"null for a pointer":   {`"count":0`, `"count":null`, "count is missing (at count, byte 48)"},
		"null for a time":      {`"time":""`, `"time":null`, "time is missing (at time, byte 57)"},
		"null as raw JSON":     {`"raw":0`, `"raw":null`, "raw is missing (at raw, byte 66)"},
		"null as any":          {`"any":false`, `"any":null`, "any is missing (at any, byte 74)"},
		"in a struct":          {`"one":{"uid":"o"}`, `"one":{}`, "uid is missing (at one.uid, byte 30)"},
		"in a slice":           {`"items":[]`, `"items":[{"uid":"1"},{"name":"n"}]`, "uid is missing (at items[1].uid, byte 44)"},
		"in a map":             {`"uid":"u"`, `"uid":"u","map":{"k":{"uid":""}}`, "uid is missing (at map[*].uid, byte 29)"},
		"in a pointer":         {`"uid":"u"`, `"uid":"u","next":{"uid":""}`, "uid is missing (at next.uid, byte 25)"},
		"before a wrong item":  {`"items":[]`, `"items":[{},7]`, "uid is missing (at items[0].uid, byte 22)"},
		"duplicate after null": {`"one":{"uid":"o"}`, `"one":{"uid":"o"},"one":null`, "duplicate member (at one, byte 40)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			document := strings.Replace(identifiedJSON, test.old, test.with, 1)
			var got identified
			err := UnmarshalResponse([]byte(document), &got)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if !reflect.ValueOf(got).IsZero() {
				t.Errorf("the target is not zero: %+v", got)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error("the document counts as truncated")
			}
		})
	}
}

// Only responses are checked: what is stored as JSON may have no UID.
func TestUnmarshal_presentIsNotChecked(t *testing.T) {
	for _, unmarshal := range []func([]byte, any) error{Unmarshal, UnmarshalMember} {
		for _, document := range []string{`{}`, `{"uid":"","items":null,"one":null,"count":null,"time":null,"raw":null,"any":null}`, `{"items":[{}]}`} {
			if err := unmarshal([]byte(document), new(identified)); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
	if err := UnmarshalResponse([]byte(`{}`), new(nested)); err == nil {
		t.Fatal("a response without a UID was accepted")
	}
	if err := Unmarshal([]byte(`{}`), new(nested)); err != nil {
		t.Errorf("after a response: %v", err)
	}
}

func TestMarshal_presentIsNotChecked(t *testing.T) {
	for _, value := range []any{nested{}, &nested{Name: "n"}} {
		data, err := MarshalMasked(value)
		if err != nil || json.Unmarshal(data, new(nested)) != nil {
			t.Errorf("%s, %v", data, err)
		}
	}
	if data, _, err := Marshal(nested{UID: "u"}); err != nil || string(data) != `{"uid":"u","name":""}` {
		t.Errorf("%s, %v", data, err)
	}
}

func TestUnmarshalResponse_manyFields(t *testing.T) {
	var fields []reflect.StructField
	for i := range 300 {
		name := "F" + strings.Repeat("x", i)
		fields = append(fields, reflect.StructField{Name: name, Type: reflect.TypeFor[int]()})
	}
	fields[299].Tag = `api:"present"`
	target := reflect.New(reflect.StructOf(fields)).Interface()
	last := fields[299].Name
	if err := UnmarshalResponse([]byte(`{"`+last+`":1}`), target); err != nil {
		t.Error(err)
	}
	for _, document := range []string{`{"F":1}`, `{"` + last + `":null}`} {
		if err := UnmarshalResponse([]byte(document), target); err == nil {
			t.Errorf("%.20s was accepted", document)
		}
	}
	if err := UnmarshalResponse([]byte(`{"`+last+`":1,"`+last+`":1}`), target); err == nil {
		t.Error("a duplicate member was accepted")
	}
}
