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

type accessGrant struct {
	StoreUID string `json:"storeUid" api:"required,uid"`
	Role     string `json:"role" api:"required"`
}

type updateRequest struct {
	UID       string                  `json:"uid,omitempty" api:"uid"`
	Name      *string                 `json:"name,omitempty"`
	Limit     *int                    `json:"limit,omitempty"`
	StoreUID  *string                 `json:"storeUid,omitempty" api:"uid"`
	Password  *password               `json:"password,omitempty"`
	Grants    []accessGrant           `json:"grants,omitzero"`
	ByName    map[string]*accessGrant `json:"byName,omitempty"`
	At        time.Time               `json:"at,omitzero"`
	Resend    bool                    `json:"-"`
	Untouched any                     `json:"untouched,omitempty"`
}

type loginRequest struct {
	UserCode string   `json:"userCode" api:"required"`
	Password password `json:"password" api:"required"`
}

func TestMarshal_values(t *testing.T) {
	tests := map[string]struct {
		value any
		want  string
	}{
		"no fields":               {updateRequest{}, `{}`},
		"pointers to zero values": {&updateRequest{Name: new(""), Limit: new(0), StoreUID: new("")}, `{"name":"","limit":0,"storeUid":""}`},
		"empty slice":             {updateRequest{Grants: []accessGrant{}}, `{"grants":[]}`},
		"nested structs":          {updateRequest{Grants: []accessGrant{{"7", "A"}, {"8-x_Y", "B"}}}, `{"grants":[{"storeUid":"7","role":"A"},{"storeUid":"8-x_Y","role":"B"}]}`},
		"sorted map":              {map[string]int{"b": 1, "a": 2, "å": 3}, `{"a":2,"b":1,"å":3}`},
		"map with integer keys":   {map[int]bool{-1: true}, `{"-1":true}`},
		"map with unsigned keys":  {map[uint8]bool{255: true}, `{"255":true}`},
		"nil values":              {map[string]any{"a": nil, "b": []int(nil), "c": map[string]int(nil), "d": (*int)(nil), "e": json.RawMessage(nil), "f": []string(nil), "g": []byte(nil)}, `{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null}`},
		"only required escapes":   {"<a&b> \"q\" \\ \n\r\t\x00\x1f\x7f å😀\u2028", `"<a&b> \"q\" \\ \n\r\t\u0000\u001f` + "\x7f å😀\u2028" + `"`},
		"numbers":                 {[]any{int8(-1), uint64(math.MaxUint64), float32(.1), 1e21, json.Number("1.50"), json.Number("")}, `[-1,18446744073709551615,0.1,1e+21,1.50,0]`},
		"bytes":                   {[]byte{1, 2, 3}, `"AQID"`},
		"array":                   {[2]bool{true}, `[true,false]`},
		"raw JSON":                {json.RawMessage(` {"a": 1} `), `{"a": 1}`},
		"types with methods":      {[]any{withMarshalJSON{}, &withMarshalJSON{}, withMarshalText{}, map[withMarshalText]int{{}: 1}}, `[{"by":"method"},{"by":"method"},"text",{"text":1}]`},
		"bytes with methods":      {[]byteWithMethods{1, 2}, `["byte","byte"]`},
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

type withMarshalJSON struct{}

func (*withMarshalJSON) MarshalJSON() ([]byte, error) { return []byte(`{"by":"method"}`), nil }

type withMarshalText struct{}

func (withMarshalText) MarshalText() ([]byte, error) { return []byte("text"), nil }

type byteWithMethods byte

func (byteWithMethods) MarshalText() ([]byte, error) { return []byte("byte"), nil }

// The methods of withErrors fail.
type withErrors struct{}

var errMethod = errors.New("marked-secret-cause")

func (withErrors) MarshalJSON() ([]byte, error) { return nil, errMethod }
func (withErrors) MarshalText() ([]byte, error) { return nil, errMethod }

type withTextError struct{}

func (withTextError) MarshalText() ([]byte, error) { return nil, errMethod }

func TestMarshal_errors(t *testing.T) {
	const notUID = "has something else than letters, digits, - and _ at position "
	tests := map[string]struct {
		value         any
		path, problem string
	}{
		"nil":                           {nil, "", "is nil"},
		"nil pointer":                   {(*updateRequest)(nil), "", "is nil"},
		"missing string":                {loginRequest{Password: newPassword("1")}, "userCode", "is required"},
		"missing secret":                {&loginRequest{UserCode: "1"}, "password", "is required"},
		"missing nested field":          {updateRequest{Grants: []accessGrant{{"7", "A"}, {StoreUID: "8"}}}, "grants[1].role", "is required"},
		"missing UID":                   {updateRequest{Grants: []accessGrant{{Role: "A"}}}, "grants[0].storeUid", "is required"},
		"invalid UID":                   {updateRequest{UID: "a/b"}, "uid", notUID + "2, so it is no UID"},
		"invalid UID in a pointer":      {updateRequest{StoreUID: new("..")}, "storeUid", notUID + "1, so it is no UID"},
		"invalid UID in a map":          {updateRequest{ByName: map[string]*accessGrant{"marked": {"?", "A"}}}, "byName[*].storeUid", notUID + "1, so it is no UID"},
		"string":                        {updateRequest{Name: new("marked\xff")}, "name", "is not valid UTF-8"},
		"whole string":                  {"\xff", "", "is not valid UTF-8"},
		"key":                           {map[string]int{"\xff": 1}, "[*]", "is not valid UTF-8"},
		"secret":                        {loginRequest{"1", newPassword("marked\xff")}, "password", "is not valid UTF-8"},
		"NaN":                           {[]float64{1, math.NaN()}, "[1]", "is infinite or not a number"},
		"infinite number":               {updateRequest{Untouched: math.Inf(1)}, "untouched", "is infinite or not a number"},
		"Number":                        {json.Number("marked"), "", "is not a JSON number"},
		"Number with trailing space":    {json.Number("1 "), "", "is not a JSON number"},
		"Number without digits":         {json.Number("1."), "", "is not a JSON number"},
		"raw JSON":                      {updateRequest{Untouched: json.RawMessage(`{"marked":}`)}, "untouched", "is not valid JSON"},
		"empty raw JSON":                {json.RawMessage{}, "", "is not valid JSON"},
		"two raw values":                {json.RawMessage(`1 2`), "", "is not valid JSON"},
		"year 10000":                    {updateRequest{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "at", "is a time that RFC 3339 cannot represent"},
		"unsupported type":              {updateRequest{Untouched: make(chan int)}, "untouched", "cannot be encoded: type chan int has no JSON form"},
		"MarshalJSON with an error":     {[]any{withErrors{}}, "[0]", "was rejected by its type jsonwire.withErrors"},
		"MarshalText with an error":     {[]any{withTextError{}}, "[0]", "was rejected by its type jsonwire.withTextError"},
		"key with an error":             {map[withTextError]int{{}: 1}, "[*]", "was rejected by its type jsonwire.withTextError"},
		"keys with the same name":       {map[keyWithoutCase]int{"a": 1, "A": 2}, "[*]", "is a duplicate: two keys have the same name"},
		"keys that can only be decoded": {map[decodableKey]int{{}: 1}, "[*]", "has keys of type jsonwire.decodableKey, which cannot be encoded"},
		"Extra":                         {store{Extra: map[string]json.RawMessage{"marked": json.RawMessage(`x`)}}, "Extra[*]", "is not valid JSON"},
		"name in Extra":                 {store{Extra: map[string]json.RawMessage{"\xff": nil}}, "Extra[*]", "is not valid UTF-8"},
		"unsupported option": {struct {
			A int `json:"a,string"`
		}{}, "", `cannot be encoded: struct { A int "json:\"a,string\"" }.A: the json option "string" is not supported`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data, secrets, err := Marshal(test.value)
			problems, ok := errors.AsType[FieldErrors](err)
			if !ok || data != nil || secrets != nil {
				t.Fatalf("got %s, %v, %v", data, len(secrets), err)
			}
			if got := problems[0]; len(problems) != 1 || got.Path != test.path || got.Problem != test.problem || err.Error() != got.Error() {
				t.Errorf("got  %v\nwant %s %s", err, test.path, test.problem)
			}
		})
	}
}

type keyWithoutCase string

func (k keyWithoutCase) MarshalText() ([]byte, error) { return []byte(strings.ToLower(string(k))), nil }

func (k keyWithoutCase) Reveal() string { return strings.ToLower(string(k)) }

type decodableKey struct{}

func (*decodableKey) UnmarshalText([]byte) error { return nil }

func TestMarshal_allErrors(t *testing.T) {
	for want, value := range map[string]any{
		"field userCode is required":                                      loginRequest{Password: newPassword("1")},
		"fields userCode and password are required":                       loginRequest{},
		"fields [0].userCode, [0].password and [1].password are required": []loginRequest{{}, {UserCode: "1"}},
		"value is not valid UTF-8":                                        "\xff",
		"fields grants[0].role and grants[1].storeUid are required; field uid is not valid; field name is not valid UTF-8": updateRequest{UID: "a/b", Name: new("\xff"), Grants: []accessGrant{{StoreUID: "1"}, {Role: "A"}}},
	} {
		_, _, err := Marshal(value)
		// The text about UIDs belongs to another package.
		text := strings.Replace(err.Error(), "has something else than letters, digits, - and _ at position 2, so it is no UID", "is not valid", 1)
		if text != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
	}
	if _, _, err := Marshal(withErrors{}); !errors.Is(err, errMethod) || strings.Contains(err.Error(), "marked") {
		t.Errorf("the cause is lost or in the text: %v", err)
	}
}

// A value must not change the paths of those that follow.
func TestMarshal_pathAfterOtherValues(t *testing.T) {
	type pair struct{ First, Second any }
	one := 1
	for _, first := range []any{
		store{Extra: map[string]json.RawMessage{"a": nil}}, loginRequest{"1", newPassword("1")}, map[string]any{"a": 1}, []any{1}, [1]any{1}, &one, 1,
	} {
		for want, value := range map[string]any{"[1]": []any{first, "\xff"}, "Second": pair{first, "\xff"}} {
			_, _, err := Marshal(value)
			if problems, ok := errors.AsType[FieldErrors](err); !ok || problems[0].Path != want {
				t.Errorf("after %v: %v", first, err)
			}
		}
	}
}

func TestMarshal_maxProblems(t *testing.T) {
	_, _, err := Marshal(make([]loginRequest, 1000))
	if problems, _ := errors.AsType[FieldErrors](err); len(problems) != maxProblems || problems[99].Path != "[49].password" {
		t.Errorf("%d problems, the last at %s", len(problems), problems[len(problems)-1].Path)
	}
}

func TestMarshal_cycles(t *testing.T) {
	type node struct {
		Left, Right *node
		Name        string `api:"required"`
	}
	cycle := &node{Name: "a"}
	cycle.Left, cycle.Right = cycle, cycle
	unnamed := &node{}
	unnamed.Left, unnamed.Right = unnamed, unnamed
	list := make([]any, 1)
	list[0] = list
	byName := map[string]any{}
	byName["a"] = byName
	var pointer any
	pointer = &pointer
	for name, value := range map[string]any{"struct": cycle, "slice": list, "map": byName, "pointer": pointer, "struct with problems": unnamed} {
		_, _, err := Marshal(value)
		problems, _ := errors.AsType[FieldErrors](err)
		if len(problems) == 0 || problems[0].Problem != "is nested too deeply" {
			t.Errorf("%s: got %d problems", name, len(problems))
		}
	}
}

func TestMarshal_maxDepth(t *testing.T) {
	nested := func(depth int) any {
		var value any = "the innermost value"
		for range depth {
			value = []any{value}
		}
		return value
	}
	if _, _, err := Marshal(nested(maxEncodeDepth)); err != nil {
		t.Error(err)
	}
	if _, _, err := Marshal(nested(maxEncodeDepth + 1)); err == nil {
		t.Error("a value that nests too deeply was encoded")
	}
	// Values beside each other do not nest.
	beside := make([]any, 2*maxEncodeDepth)
	for i := range beside {
		beside[i] = [3]any{&struct{}{}, map[string]*int{"a": new(1)}, []int{1}}
	}
	if _, _, err := Marshal(beside); err != nil {
		t.Error(err)
	}
}

func TestMarshal_secrets(t *testing.T) {
	one, two := newPassword("marked-secret-1"), newPassword("marked-secret-2\n")
	value := map[string]any{
		"a": loginRequest{"1", one}, "b": &updateRequest{Password: &two}, "c": []any{one, &two}, "d": map[password]password{one: two}, "e": password{},
	}
	got, secrets, err := Marshal(value)
	want := `{"a":{"userCode":"1","password":"marked-secret-1"},"b":{"password":"marked-secret-2\n"},"c":["marked-secret-1","marked-secret-2\n"],"d":{"marked-secret-1":"marked-secret-2\n"},"e":""}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	slices.Sort(secrets)
	if got := slices.Compact(secrets); !slices.Equal(got, []string{"marked-secret-1", "marked-secret-2\n"}) {
		t.Errorf("secrets %q", got)
	}

	got, err = MarshalMasked(value)
	want = `{"a":{"userCode":"1","password":"REDACTED"},"b":{"password":"REDACTED"},"c":["REDACTED","REDACTED"],"d":{"REDACTED":"REDACTED"},"e":""}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for _, value := range []any{unmasked("x"), map[unmasked]int{"x": 1}} {
		if got, err := MarshalMasked(value); err == nil {
			t.Errorf("a secret without a mask was encoded: %s", got)
		}
	}
	if got, secrets, err := Marshal(map[unmasked]int{"x": 1}); err != nil || string(got) != `{"marked-secret":1}` || len(secrets) != 1 {
		t.Errorf("got %s, %q, %v", got, secrets, err)
	}
}

type unmasked string

func (unmasked) Reveal() string { return "marked-secret" }

func TestMarshal_omittedSecrets(t *testing.T) {
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

func TestMarshalMasked_withoutChecks(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{loginRequest{}, `{"userCode":"","password":""}`},
		{updateRequest{UID: "a/b"}, `{"uid":"a/b"}`},
		{nil, `null`},
		{(*loginRequest)(nil), `null`},
	} {
		if got, err := MarshalMasked(test.value); err != nil || string(got) != test.want {
			t.Errorf("got %s, %v, want %s", got, err, test.want)
		}
	}
}

func TestMarshalMasked_extra(t *testing.T) {
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

func TestMarshalMasked_roundTrip(t *testing.T) {
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

func TestMarshal_separateBuffers(t *testing.T) {
	first, _, _ := Marshal("first")
	second, _, _ := Marshal("other")
	if string(first) != `"first"` || string(second) != `"other"` {
		t.Errorf("got %s and %s", first, second)
	}
}
