package jsonwire

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

type grant struct {
	StoreUID string `json:"storeUid" api:"required,uid"`
	Role     string `json:"role" api:"required"`
}

type change struct {
	UID       string            `json:"uid,omitempty" api:"uid"`
	Name      *string           `json:"name,omitempty"`
	Limit     *int              `json:"limit,omitempty"`
	StoreUID  *string           `json:"storeUid,omitempty" api:"uid"`
	Password  *password         `json:"password,omitempty"`
	Grants    []grant           `json:"grants,omitzero"`
	ByName    map[string]*grant `json:"byName,omitempty"`
	At        time.Time         `json:"at,omitzero"`
	Resend    bool              `json:"-"`
	Untouched any               `json:"untouched,omitempty"`
}

type login struct {
	UserCode string   `json:"userCode" api:"required"`
	Password password `json:"password" api:"required"`
}

func TestMarshalWritesWhatIsSet(t *testing.T) {
	tests := map[string]struct {
		value any
		want  string
	}{
		"nothing":                                 {change{}, `{}`},
		"what is zero, by a pointer":              {&change{Name: new(""), Limit: new(0), StoreUID: new("")}, `{"name":"","limit":0,"storeUid":""}`},
		"an empty slice clears":                   {change{Grants: []grant{}}, `{"grants":[]}`},
		"nested values":                           {change{Grants: []grant{{"7", "A"}, {"8-x_Y", "B"}}}, `{"grants":[{"storeUid":"7","role":"A"},{"storeUid":"8-x_Y","role":"B"}]}`},
		"maps in the order of their keys":         {map[string]int{"b": 1, "a": 2, "å": 3}, `{"a":2,"b":1,"å":3}`},
		"maps with numbers for keys":              {map[int]bool{-1: true}, `{"-1":true}`},
		"nil where it may be":                     {map[string]any{"a": nil, "b": []int(nil), "c": map[string]int(nil), "d": (*int)(nil), "e": json.RawMessage(nil), "f": []string(nil), "g": []byte(nil)}, `{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null}`},
		"strings with as few escapes as possible": {"<a&b> \"q\" \\ \n\r\t\x00\x1f\x7f å😀\u2028", `"<a&b> \"q\" \\ \n\r\t\u0000\u001f` + "\x7f å😀\u2028" + `"`},
		"numbers":                     {[]any{int8(-1), uint64(math.MaxUint64), float32(.1), 1e21, json.Number("1.50"), json.Number("")}, `[-1,18446744073709551615,0.1,1e+21,1.50,0]`},
		"bytes":                       {[]byte{1, 2, 3}, `"AQID"`},
		"arrays":                      {[2]bool{true}, `[true,false]`},
		"what is JSON already":        {json.RawMessage(` {"a": 1} `), `{"a": 1}`},
		"types that write themselves": {[]any{himself{}, &himself{}, inText{}, map[inText]int{{}: 1}}, `[{"by":"himself"},{"by":"himself"},"in text",{"in text":1}]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, secrets, err := Marshal(test.value)
			if err != nil || string(got) != test.want || secrets != nil {
				t.Errorf("got  %s, %q, %v\nwant %s", got, secrets, err, test.want)
			}
		})
	}
}

type himself struct{}

func (*himself) MarshalJSON() ([]byte, error) { return []byte(`{"by":"himself"}`), nil }

type inText struct{}

func (inText) MarshalText() ([]byte, error) { return []byte("in text"), nil }

type failing struct{}

var errFailing = errors.New("marked-secret-cause")

func (failing) MarshalJSON() ([]byte, error) { return nil, errFailing }

func TestMarshalNamesTheFieldThatIsWrong(t *testing.T) {
	type node struct {
		Next *node `json:"next"`
	}
	circle := &node{}
	circle.Next = circle
	tests := map[string]struct {
		value         any
		path, problem string
	}{
		"nil":                            {nil, "body", "is nil"},
		"a nil pointer":                  {(*change)(nil), "body", "is nil"},
		"a required string":              {login{}, "userCode", "is required"},
		"a required secret":              {&login{UserCode: "1"}, "password", "is required"},
		"a required field deep down":     {change{Grants: []grant{{"7", "A"}, {StoreUID: "8"}}}, "grants[1].role", "is required"},
		"a required UID":                 {change{Grants: []grant{{Role: "A"}}}, "grants[0].storeUid", "is required"},
		"a malformed UID":                {change{UID: "a/b"}, "uid", `has something else than letters, digits, - and _ at position 2, so it is no UID`},
		"a malformed UID by a pointer":   {change{StoreUID: new("..")}, "storeUid", `has something else than letters, digits, - and _ at position 1, so it is no UID`},
		"a malformed UID within a map":   {change{ByName: map[string]*grant{"marked": {"?", "A"}}}, "byName[*].storeUid", `has something else than letters, digits, - and _ at position 1, so it is no UID`},
		"text that is not UTF-8":         {change{Name: new("marked\xff")}, "name", "is not valid UTF-8"},
		"a whole that is not UTF-8":      {"\xff", "body", "is not valid UTF-8"},
		"a key that is not UTF-8":        {map[string]int{"\xff": 1}, "[*]", "is not valid UTF-8"},
		"a secret that is not UTF-8":     {login{"1", newPassword("marked\xff")}, "password", "is not valid UTF-8"},
		"no number":                      {[]float64{1, math.NaN()}, "[1]", "is no number that JSON can write"},
		"an infinite number":             {change{Untouched: math.Inf(1)}, "untouched", "is no number that JSON can write"},
		"a Number that is none":          {json.Number("marked"), "body", "is not a number"},
		"a Number with more behind it":   {json.Number("1 "), "body", "is not a number"},
		"raw JSON that is none":          {change{Untouched: json.RawMessage(`{"marked":}`)}, "untouched", "is not valid JSON"},
		"two raw values":                 {json.RawMessage(`1 2`), "body", "is not valid JSON"},
		"a time beyond the year 9999":    {change{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "at", "is a time that RFC 3339 cannot write"},
		"a kind that JSON does not have": {change{Untouched: make(chan int)}, "untouched", "is impossible: a value of type chan int cannot be JSON"},
		"a type that fails":              {[]any{failing{}}, "[0]", "cannot be written by its type jsonwire.failing"},
		"extra members that are no JSON": {store{Extra: map[string]json.RawMessage{"marked": json.RawMessage(`x`)}}, "Extra[*]", "is not valid JSON"},
		"an option that is not known": {struct {
			A int `json:"a,string"`
		}{}, "body", `is impossible: struct { A int "json:\"a,string\"" }.A: the json option "string" is not supported`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data, secrets, err := Marshal(test.value)
			var field *FieldError
			if !errors.As(err, &field) || data != nil || secrets != nil {
				t.Fatalf("got %s, %v, %v", data, len(secrets), err)
			}
			if field.Path != test.path || field.Problem != test.problem || err.Error() != test.path+" "+test.problem {
				t.Errorf("got  %s %s\nwant %s %s", field.Path, field.Problem, test.path, test.problem)
			}
		})
	}
	if _, _, err := Marshal(failing{}); !errors.Is(err, errFailing) {
		t.Errorf("the cause is lost: %v", err)
	}
	if _, _, err := Marshal(circle); err == nil || !strings.HasSuffix(err.Error(), "is nested too deeply") {
		t.Error("a value that holds itself was written")
	}
}

func TestSecretsAreInClearForTheAPIAlone(t *testing.T) {
	one, two := newPassword("marked-secret-1"), newPassword("marked-secret-2\n")
	value := map[string]any{
		"a": login{"1", one}, "b": &change{Password: &two}, "c": []any{one, &two}, "d": map[password]password{one: two}, "e": password{},
	}
	got, secrets, err := Marshal(value)
	want := `{"a":{"userCode":"1","password":"marked-secret-1"},"b":{"password":"marked-secret-2\n"},"c":["marked-secret-1","marked-secret-2\n"],"d":{"marked-secret-1":"marked-secret-2\n"},"e":""}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	slices.Sort(secrets)
	if got := slices.Compact(secrets); !slices.Equal(got, []string{"marked-secret-1", "marked-secret-2\n"}) {
		t.Errorf("revealed %q", got)
	}

	got, err = MarshalMasked(value)
	want = `{"a":{"userCode":"1","password":"REDACTED"},"b":{"password":"REDACTED"},"c":["REDACTED","REDACTED"],"d":{"REDACTED":"REDACTED"},"e":""}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if got, err := MarshalMasked(unmasked{}); err == nil {
		t.Errorf("a secret without a mask was written: %s", got)
	}
}

type unmasked struct{ Value string }

func (unmasked) Reveal() string { return "marked-secret" }

func TestOmittedSecrets(t *testing.T) {
	type optional struct {
		A password  `json:"a,omitempty"`
		B password  `json:"b,omitzero"`
		C *password `json:"c,omitempty"`
	}
	for _, test := range []struct {
		value optional
		want  string
	}{
		{optional{}, `{}`},
		{optional{A: newPassword("x"), B: newPassword("y"), C: new(password)}, `{"a":"x","b":"y","c":""}`},
	} {
		if got, _, err := Marshal(test.value); err != nil || string(got) != test.want {
			t.Errorf("got %s, %v, want %s", got, err, test.want)
		}
	}
}

func TestMarshalMaskedAsksForNothing(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{login{}, `{"userCode":"","password":""}`},
		{change{UID: "a/b"}, `{"uid":"a/b"}`},
		{nil, `null`},
		{(*login)(nil), `null`},
	} {
		if got, err := MarshalMasked(test.value); err != nil || string(got) != test.want {
			t.Errorf("got %s, %v, want %s", got, err, test.want)
		}
	}
}

func TestExtraIsWrittenAgain(t *testing.T) {
	value := organization{OrganizationUID: "7", Extra: map[string]json.RawMessage{
		"z": json.RawMessage(`{"a": 1}`), "b": json.RawMessage(`null`), "n\n": nil, "name": json.RawMessage(`"another"`),
	}}
	want := `{"organizationUid":"7","name":"","b":null,"n\n":null,"z":{"a": 1}}`
	for _, value := range []any{value, &value, map[string]any{"": value}[""]} {
		if got, err := MarshalMasked(value); err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
	only := struct {
		Extra map[string]json.RawMessage `json:"-"`
	}{map[string]json.RawMessage{"a": json.RawMessage(`1`)}}
	if got, err := MarshalMasked(only); err != nil || string(got) != `{"a":1}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAPageSurvivesTheWayThereAndBack(t *testing.T) {
	var first, second page[user]
	if err := Unmarshal(usersPage(30), &first); err != nil {
		t.Fatal(err)
	}
	data, err := MarshalMasked(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := Unmarshal(data, &second); err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("the page has changed, %v", err)
	}
}

func TestWrittenDocumentsAreNotSharedBetweenCalls(t *testing.T) {
	first, _, _ := Marshal("first")
	second, _, _ := Marshal("other")
	if string(first) != `"first"` || string(second) != `"other"` {
		t.Errorf("got %s and %s", first, second)
	}
}
