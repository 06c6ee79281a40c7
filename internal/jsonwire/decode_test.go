package jsonwire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"
)

type kinds struct {
	Text    string            `json:"text"`
	Flag    bool              `json:"flag"`
	Small   int8              `json:"small"`
	Whole   int               `json:"whole"`
	Count   uint16            `json:"count"`
	Half    float32           `json:"half"`
	Real    float64           `json:"real"`
	Pointer *int              `json:"pointer"`
	List    []int             `json:"list"`
	Texts   []string          `json:"texts"`
	Roles   []accountType     `json:"roles"`
	Pair    [2]int            `json:"pair"`
	Map     map[string]int    `json:"map"`
	Numbers map[int8]string   `json:"numbers"`
	Any     any               `json:"any"`
	Raw     json.RawMessage   `json:"raw"`
	Number  json.Number       `json:"number"`
	Bytes   []byte            `json:"bytes"`
	Time    time.Time         `json:"time"`
	Times   map[string]*kinds `json:"times"`
	Secret  password          `json:"secret"`
	//lint:ignore U1000 the test checks that the codec ignores it
	hidden  int
	Ignored chan int `json:"-"`
}

func TestUnmarshal_everyKind(t *testing.T) {
	tests := map[string]struct {
		data string
		want kinds
	}{
		"white space":  {" {\n\t\"flag\" : true , \r\"text\":\"a\" } ", kinds{Text: "a", Flag: true}},
		"empty object": {`{}`, kinds{}},
		"null": {`{"text":null,"flag":null,"whole":null,"count":null,"real":null,"pointer":null,"list":null,
			"texts":null,"pair":null,"map":null,"any":null,"number":null,"bytes":null,"time":null,"times":null,"secret":null}`, kinds{}},
		"null as raw JSON":          {`{"raw":null}`, kinds{Raw: json.RawMessage(`null`)}},
		"numbers":                   {`{"small":-128,"whole":9007199254740993,"count":65535,"half":0.5,"real":-1.5e-3}`, kinds{Small: -128, Whole: 9007199254740993, Count: 65535, Half: .5, Real: -.0015}},
		"whole numbers":             {`{"small":-1.28e2,"whole":9007199254740993.0,"count":6553500e-2,"list":[1.0,2e2,1E+3,0.0,-0.0,0e9,10e-1,123.4e1]}`, kinds{Small: -128, Whole: 9007199254740993, Count: 65535, List: []int{1, 200, 1000, 0, 0, 0, 1, 1234}}},
		"pointers":                  {`{"pointer":0}`, kinds{Pointer: new(0)}},
		"empty slices":              {`{"list":[],"texts":[ ],"bytes":""}`, kinds{List: []int{}, Texts: []string{}, Bytes: []byte{}}},
		"slices":                    {`{"list":[1,2 , 3],"texts":["a","b"],"roles":["FULL"]}`, kinds{List: []int{1, 2, 3}, Texts: []string{"a", "b"}, Roles: []accountType{"FULL"}}},
		"long slice":                {`{"list":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]}`, kinds{List: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}}},
		"short array":               {`{"pair":[7]}`, kinds{Pair: [2]int{7, 0}}},
		"maps":                      {`{"map":{"a":1,"b":2},"numbers":{"-7":"x"}}`, kinds{Map: map[string]int{"a": 1, "b": 2}, Numbers: map[int8]string{-7: "x"}}},
		"any":                       {`{"any":{"a":[1,"b",true,false,null,{}]}}`, kinds{Any: map[string]any{"a": []any{1.0, "b", true, false, nil, map[string]any{}}}}},
		"raw JSON and numbers":      {`{"raw": {"a" : [1]} ,"number":1e400}`, kinds{Raw: json.RawMessage(`{"a" : [1]}`), Number: "1e400"}},
		"base64":                    {`{"bytes":"AQID"}`, kinds{Bytes: []byte{1, 2, 3}}},
		"recursive type":            {`{"times":{"a":{"times":{"b":null}}}}`, kinds{Times: map[string]*kinds{"a": {Times: map[string]*kinds{"b": nil}}}}},
		"secret":                    {`{"secret":"marked-secret-\u0031"}`, kinds{Secret: newPassword("marked-secret-1")}},
		"escapes":                   {`{"text":"\"\\\/\b\f\n\r\t\u00e5\uD83D\ude00\u0000"}`, kinds{Text: "\"\\/\b\f\n\r\tå😀\x00"}},
		"surrogate pairs":           {`{"text":"\ud800\udc00\ud83d\ude00\udbff\udfff"}`, kinds{Text: "\U00010000😀\U0010ffff"}},
		"escapes beside surrogates": {`{"text":"\ud7ff\ue000"}`, kinds{Text: "\ud7ff\ue000"}},
		"escape in a name":          {`{"te\u0078t":"a"}`, kinds{Text: "a"}},
		"unknown members":           {`{"more":{"text":["b",1.5e3,{"x":null}]},"text":"a","Text":"B","ignored":1,"hidden":2}`, kinds{Text: "a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := kinds{Text: "from before", Whole: 1, List: []int{9}, Map: map[string]int{"from": 1}}
			if err := Unmarshal([]byte(test.data), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

var invalidDocuments = map[string]struct{ data, want string }{
	"number for string":                  {`{"text":1}`, "expected a string, got a number (at text, byte 8)"},
	"nested":                             {`{"times":{"k":{"list":[1,2,"x"]}}}`, "expected an integer, got a string (at times[*].list[2], byte 27)"},
	"array as document":                  {`[]`, "expected a JSON object, got an array (at byte 0)"},
	"null as document":                   {` null`, "expected a JSON object, got null (at byte 1)"},
	"HTML":                               {`<html>`, "expected a JSON object, got text that is not JSON (at byte 0)"},
	"invalid time":                       {`{"time":"yesterday"}`, "expected an RFC 3339 time, got another string (at time, byte 8)"},
	"number for time":                    {`{"time":17}`, "expected an RFC 3339 time, got a number (at time, byte 8)"},
	"fraction for integer":               {`{"whole":1.5}`, "expected an integer, got a number that is not whole or is out of range (at whole, byte 9)"},
	"exponent above int8":                {`{"small":1.28e2}`, "expected an integer, got a number that is not whole or is out of range (at small, byte 9)"},
	"int8 overflow":                      {`{"small":128}`, "number out of range for int8 (at small, byte 9)"},
	"int64 overflow":                     {`{"whole":99999999999999999999}`, "number out of range for int (at whole, byte 9)"},
	"negative unsigned":                  {`{"count":-1}`, "number out of range for uint16 (at count, byte 9)"},
	"unsigned overflow":                  {`{"count":65536}`, "number out of range for uint16 (at count, byte 9)"},
	"float overflow":                     {`{"half":1e39}`, "number out of range for float32 (at half, byte 8)"},
	"leading zero":                       {`{"whole":01}`, "expected a comma or the end of an object, got a number (at byte 10)"},
	"duplicate member":                   {`{"text":"a","text":"a"}`, "duplicate member (at text, byte 12)"},
	"duplicate unknown member":           {`{"x":1,"x":1}`, "duplicate member (at [*], byte 7)"},
	"duplicate key":                      {`{"map":{"x":1,"\u0078":1}}`, "duplicate member (at map[*], byte 14)"},
	"array too long":                     {`{"pair":[1,2,3]}`, "expected an array of at most 2 elements, got a longer one (at pair, byte 8)"},
	"invalid key":                        {`{"numbers":{"x":""}}`, "member name is not a valid int8 key (at numbers[*], byte 12)"},
	"key overflow":                       {`{"numbers":{"128":""}}`, "member name is not a valid int8 key (at numbers[*], byte 12)"},
	"invalid base64":                     {`{"bytes":"*"}`, "expected a base64 string, got another string (at bytes, byte 9)"},
	"mask for secret":                    {`{"secret":"REDACTED"}`, "value rejected by type jsonwire.password (at secret, byte 10)"},
	"invalid UTF-8":                      {"{\"text\":\"\xff\"}", "invalid UTF-8 in a string (at text, byte 9)"},
	"invalid UTF-8, skipped":             {"{\"x\":[\"\xc3\"]}", "invalid UTF-8 in a string (at [*], byte 7)"},
	"first half of surrogate":            {`{"text":"\ud800x"}`, "half of a surrogate pair in a string (at text, byte 9)"},
	"second half of surrogate":           {`{"text":"\udc00"}`, "half of a surrogate pair in a string (at text, byte 9)"},
	"first half and another escape":      {`{"text":"\ud800\ue000"}`, "half of a surrogate pair in a string (at text, byte 9)"},
	"last second half":                   {`{"text":"\udfff"}`, "half of a surrogate pair in a string (at text, byte 9)"},
	"control character in a long string": {"{\"text\":\"0123456789\n0123456789\"}", "control character in a string (at text, byte 19)"},
	"two first halves":                   {`{"text":"\ud800\ud800"}`, "half of a surrogate pair in a string (at text, byte 9)"},
	"control character":                  {"{\"text\":\"a\n\"}", "control character in a string (at text, byte 10)"},
	"control character after an escape":  {"{\"text\":\"\\n\n\"}", "control character in a string (at text, byte 11)"},
	"invalid UTF-8 after an escape":      {"{\"text\":\"\\n\xff\"}", "invalid UTF-8 in a string (at text, byte 9)"},
	"control character in base64":        {"{\"bytes\":\"\n\"}", "control character in a string (at bytes, byte 10)"},
	"unknown escape":                     {`{"text":"\x"}`, "unknown escape in a string (at text, byte 9)"},
	"invalid hexadecimal":                {`{"text":"\u00g0"}`, "invalid hexadecimal escape in a string (at text, byte 13)"},
	"data after the document":            {`{} {}`, "expected the end of the document, got an object (at byte 3)"},
	"trailing comma in an object":        {`{"flag":true,}`, "expected a member name, got the end of an object (at byte 13)"},
	"trailing comma in an array":         {`{"list":[1,]}`, "expected an integer, got the end of an array (at list[1], byte 11)"},
	"leading comma in an array":          {`{"list":[,1]}`, "expected an integer, got a comma (at list[0], byte 9)"},
	"leading comma in an object":         {`{,"flag":true}`, "expected a member name, got a comma (at byte 1)"},
	"no comma in an array":               {`{"list":[1 2]}`, "expected a comma or the end of an array, got a number (at list, byte 11)"},
	"no colon":                           {`{"flag" true}`, "expected a colon, got a boolean (at byte 8)"},
	"misspelt literal":                   {`{"flag":trUe}`, "expected true, got text that is not JSON (at flag, byte 10)"},
	"minus sign without digits":          {`{"real":-}`, "expected a digit, got the end of an object (at real, byte 9)"},
	"truncated":                          {`{"real":`, "unexpected end of the document (at real, byte 8)"},
}

func TestUnmarshal_errors(t *testing.T) {
	for name, test := range invalidDocuments {
		t.Run(name, func(t *testing.T) {
			var got kinds
			err := Unmarshal([]byte(test.data), &got)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if !reflect.DeepEqual(got, kinds{}) {
				t.Errorf("the target is not zero: %+v", got)
			}
		})
	}
}

func TestUnmarshal_invalidTarget(t *testing.T) {
	for _, target := range []any{nil, kinds{}, (*kinds)(nil)} {
		if err := Unmarshal([]byte(`{}`), target); err == nil {
			t.Errorf("%T was accepted", target)
		}
	}
}

func TestUnmarshal_null(t *testing.T) {
	got := store{Name: "kept"}
	if err := UnmarshalMember([]byte(`null`), &got); err != nil || got.Name != "kept" {
		t.Errorf("null as a member: %+v, %v", got, err)
	}
	if err := UnmarshalMember([]byte(`{"name":"new"}`), &got); err != nil || got.Name != "new" {
		t.Errorf("non-null member: %+v, %v", got, err)
	}
	for _, target := range []any{new(store), new(string), new(int), new([1]int), new(time.Time)} {
		if err := Unmarshal([]byte(`null`), target); err == nil {
			t.Errorf("null was accepted for a %T", target)
		}
	}
	for _, target := range []any{new(*store), new(any), new([]int), new(map[string]int), new(json.RawMessage)} {
		if err := Unmarshal([]byte(`null`), target); err != nil {
			t.Errorf("null was rejected for a %T: %v", target, err)
		}
	}
}

func TestUnmarshal_nullElements(t *testing.T) {
	rejected := map[string]struct {
		target any
		want   string
	}{
		`[{"name":"a"},null]`: {new([]store), "expected a JSON object, got null (at [1], byte 14)"},
		`["a", null]`:         {new([]string), "expected a string, got null (at [1], byte 6)"},
		`[null]`:              {new([2]int), "expected an integer, got null (at [0], byte 1)"},
		`[true,null]`:         {new([]bool), "expected a boolean, got null (at [1], byte 6)"},
		`[null,null]`:         {new([]password), "expected a string, got null (at [0], byte 1)"},
		`{"items":[null]}`:    {new(page[user]), "expected a JSON object, got null (at items[0], byte 10)"},
		`[[1],[null]]`:        {new([][]int), "expected an integer, got null (at [1][0], byte 6)"},
		`[nul]`:               {new([]int), "expected an integer, got null (at [0], byte 1)"},
	}
	for document, test := range rejected {
		if err := Unmarshal([]byte(document), test.target); err == nil || err.Error() != test.want {
			t.Errorf("%s for a %T: got %v, want %s", document, test.target, err, test.want)
		}
	}
	accepted := map[string]any{
		`[null,1]`:        []any{nil, 1.0},
		`[null,{}]`:       []*store{nil, {}},
		`[null,[]]`:       [][]int{nil, {}},
		`[null,{}] `:      []map[string]int{nil, {}},
		`["", null]`:      [2]time.Time{}, // the codec writes a zero time as null
		`[null,{"a": 1}]`: []json.RawMessage{json.RawMessage("null"), json.RawMessage(`{"a": 1}`)},
		`{"a":null}`:      map[string]int{"a": 0},
	}
	for document, want := range accepted {
		got := reflect.New(reflect.TypeOf(want))
		if err := Unmarshal([]byte(document), got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), want) {
			t.Errorf("%s for a %T: got %v, %v", document, want, got.Elem(), err)
		}
	}
}

func TestUnmarshal_maxDepth(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth))
	}
	for _, target := range []any{new(any), new(json.RawMessage)} {
		if err := Unmarshal(nested(MaxDepth), target); err != nil {
			t.Errorf("%T: %v", target, err)
		}
		if err := Unmarshal(nested(MaxDepth+1), target); err == nil || !strings.Contains(err.Error(), "nested deeper than 200 levels") {
			t.Errorf("%T: got %v, want an error", target, err)
		}
		// Values beside each other do not nest.
		beside := "[" + strings.Repeat(`[],{},[1],{"a":1},`, 2*MaxDepth) + "1]"
		if err := Unmarshal([]byte(beside), target); err != nil {
			t.Errorf("%T: %v", target, err)
		}
	}
}

// everything has a value of every kind, each with a mark that no error may contain.
const everything = `{"text":"marked-secret-\u0031","flag":true,"small":-1,"whole":4711,"real":1.5e3,"pointer":4711,
	"list":[4711],"texts":["marked-secret-2"],"pair":[4711,2],"map":{"marked-secret-3":4711},"numbers":{"4711":"marked-secret-4"},
	"any":{"marked-secret-5":["marked-secret-6",4711,null]},"raw":{"marked-secret-7":false},"number":4711,"bytes":"bWFya2Vk",
	"time":"2025-10-28T16:54:56.636Z","secret":"marked-secret-8","marked-secret-9":{"marked-secret-10":"marked-secret-11"}}`

func TestUnmarshal_truncated(t *testing.T) {
	data := strings.Replace(everything, `"4711":`, `"47":`, 1)
	if err := Unmarshal([]byte(data), new(kinds)); err != nil {
		t.Fatal(err)
	}
	for _, target := range []any{new(kinds), new(user), new(any), new(json.RawMessage)} {
		for end := range len(data) {
			err := Unmarshal([]byte(data[:end]), target)
			if _, ok := target.(*user); ok && err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				continue // an earlier value has the wrong kind
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%T, truncated at byte %d: %v", target, end, err)
			}
		}
	}
	if err := Unmarshal([]byte(`[}`), new(any)); errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("a malformed document counts as truncated")
	}
	if err := Unmarshal([]byte(`{"raw":{"cut":1}}`), new(struct {
		Raw truncatedValue `json:"raw"`
	})); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the error of a type counts as a truncated document: %v", err)
	}
}

type truncatedValue struct{}

func (*truncatedValue) UnmarshalJSON([]byte) error { return io.ErrUnexpectedEOF }

func TestUnmarshal_errorsWithoutContent(t *testing.T) {
	for i := range len(everything) {
		for _, replacement := range []string{"", `"`, "{", "]", ",", "1", "\xff", `\u`, "null"} {
			data := everything[:i] + replacement + everything[i+1:]
			err := Unmarshal([]byte(data), new(kinds))
			if err == nil {
				continue
			}
			for _, mark := range []string{"marked", "4711", "bWFy", "2025"} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err.Error()), mark) {
					t.Fatalf("%q for byte %d: %v", replacement, i, err)
				}
			}
		}
	}
}

func TestUnmarshal_extra(t *testing.T) {
	data := []byte(`{"new":{"a":[1, "x"]},"tenantUserUid":"7","TenantUserUid":"8","nothing":null,"Extra":1,"storeAccess":[{"colour":"red"}]}`)
	var got user
	if err := Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = 'x' // decoded values must not refer to the document
	}
	want := user{
		TenantUserUID: "7",
		StoreAccess:   []storeAccess{{Extra: map[string]json.RawMessage{"colour": json.RawMessage(`"red"`)}}},
		Extra: map[string]json.RawMessage{
			"new": json.RawMessage(`{"a":[1, "x"]}`), "TenantUserUid": json.RawMessage(`"8"`),
			"nothing": json.RawMessage(`null`), "Extra": json.RawMessage(`1`),
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := Unmarshal([]byte(`{"new":1,"new":1}`), &got); err == nil {
		t.Error("a duplicate unknown member was accepted")
	}
	if err := Unmarshal([]byte(`{}`), &got); err != nil || got.Extra != nil {
		t.Errorf("Extra without unknown members is %v, %v", got.Extra, err)
	}
}

func TestUnmarshal_stringsAreCopies(t *testing.T) {
	data := usersPage(50)
	users := new(page[user])
	if err := Unmarshal(data, users); err != nil {
		t.Fatal(err)
	}
	kept := users.Items[20].TenantUserUID
	input, items := weak.Make(&data[0]), weak.Make(&users.Items[0])
	data, users = nil, nil
	runtime.GC()
	if input.Value() != nil || items.Value() != nil {
		t.Error("the document or its slice is still in memory")
	}
	runtime.KeepAlive(kept)
}

func TestUnmarshal_sliceCapacity(t *testing.T) {
	for _, count := range []int{1, 2, 3, 100, 1000, 3} {
		var got page[user]
		if err := Unmarshal(usersPage(count), &got); err != nil {
			t.Fatal(err)
		}
		// The allocator rounds up to its size classes.
		if len(got.Items) != count || cap(got.Items) > count+count/5 {
			t.Errorf("%d users have capacity %d", len(got.Items), cap(got.Items))
		}
	}
}

// The buffer of the first slice is used again for the second.
func TestUnmarshal_slicesAreSeparate(t *testing.T) {
	type item struct {
		A, B int
		List []string
	}
	var first, second []item
	if err := Unmarshal([]byte(`[{"A":1,"B":2,"List":["x","y"]},{"A":3,"List":["z"]}]`), &first); err != nil {
		t.Fatal(err)
	}
	if err := Unmarshal([]byte(`[{"B":4,"List":[""]},{},{}]`), &second); err != nil {
		t.Fatal(err)
	}
	if want := []item{{1, 2, []string{"x", "y"}}, {3, 0, []string{"z"}}}; !reflect.DeepEqual(first, want) {
		t.Errorf("got %v, want %v", first, want)
	}
	if want := []item{{0, 4, []string{""}}, {}, {}}; !reflect.DeepEqual(second, want) {
		t.Errorf("got %v, want %v", second, want)
	}
}
