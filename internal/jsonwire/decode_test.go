package jsonwire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
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
	//lint:ignore U1000 that it is left alone is what is tried
	hidden int
	Left   chan int `json:"-"`
}

func TestUnmarshalReadsEveryKindOfValue(t *testing.T) {
	tests := map[string]struct {
		data string
		want kinds
	}{
		"members in any order and with white space": {" {\n\t\"flag\" : true , \r\"text\":\"a\" } ", kinds{Text: "a", Flag: true}},
		"an empty object": {`{}`, kinds{}},
		"null leaves zero values": {`{"text":null,"flag":null,"whole":null,"count":null,"real":null,"pointer":null,"list":null,
			"texts":null,"pair":null,"map":null,"any":null,"number":null,"bytes":null,"time":null,"times":null,"secret":null}`, kinds{}},
		"null is kept where a value is kept as it is": {`{"raw":null}`, kinds{Raw: json.RawMessage(`null`)}},
		"numbers":                      {`{"small":-128,"whole":9007199254740993,"count":65535,"half":0.5,"real":-1.5e-3}`, kinds{Small: -128, Whole: 9007199254740993, Count: 65535, Half: .5, Real: -.0015}},
		"pointers":                     {`{"pointer":0}`, kinds{Pointer: new(0)}},
		"empty slices are not nil":     {`{"list":[],"texts":[ ],"bytes":""}`, kinds{List: []int{}, Texts: []string{}, Bytes: []byte{}}},
		"slices":                       {`{"list":[1,2 , 3],"texts":["a",null,"b"],"roles":["FULL"]}`, kinds{List: []int{1, 2, 3}, Texts: []string{"a", "", "b"}, Roles: []accountType{"FULL"}}},
		"a slice longer than expected": {`{"list":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]}`, kinds{List: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}}},
		"a short array":                {`{"pair":[7]}`, kinds{Pair: [2]int{7, 0}}},
		"maps":                         {`{"map":{"a":1,"b":2},"numbers":{"-7":"x"}}`, kinds{Map: map[string]int{"a": 1, "b": 2}, Numbers: map[int8]string{-7: "x"}}},
		"any":                          {`{"any":{"a":[1,"b",true,false,null,{}]}}`, kinds{Any: map[string]any{"a": []any{1.0, "b", true, false, nil, map[string]any{}}}}},
		"values kept as they are":      {`{"raw": {"a" : [1]} ,"number":1e400}`, kinds{Raw: json.RawMessage(`{"a" : [1]}`), Number: "1e400"}},
		"bytes in base64":              {`{"bytes":"AQID"}`, kinds{Bytes: []byte{1, 2, 3}}},
		"a type within itself":         {`{"times":{"a":{"times":{"b":null}}}}`, kinds{Times: map[string]*kinds{"a": {Times: map[string]*kinds{"b": nil}}}}},
		"a secret":                     {`{"secret":"marked-secret-\u0031"}`, kinds{Secret: newPassword("marked-secret-1")}},
		"escapes":                      {`{"text":"\"\\\/\b\f\n\r\t\u00e5\uD83D\ude00\u0000"}`, kinds{Text: "\"\\/\b\f\n\r\tå😀\x00"}},
		"a name with an escape":        {`{"te\u0078t":"a"}`, kinds{Text: "a"}},
		"unknown members are skipped":  {`{"more":{"text":["b",1.5e3,{"x":null}]},"text":"a","Text":"B","left":1,"hidden":2}`, kinds{Text: "a"}},
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

func TestUnmarshalSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"another kind":                 {`{"text":1}`, "text: a string was expected, a number was found (byte 8)"},
		"another kind deep down":       {`{"times":{"k":{"list":[1,2,"x"]}}}`, "times[*].list[2]: an integer was expected, a string was found (byte 27)"},
		"the whole of another kind":    {`[]`, "an object was expected, an array was found (byte 0)"},
		"null as a whole":              {` null`, "an object was expected, null was found (byte 1)"},
		"HTML":                         {`<html>`, "an object was expected, something that is not JSON was found (byte 0)"},
		"a time that is none":          {`{"time":"yesterday"}`, "time: a time as in RFC 3339 was expected, another string was found (byte 8)"},
		"a time that is a number":      {`{"time":17}`, "time: a time was expected, a number was found (byte 8)"},
		"a fraction for an integer":    {`{"whole":1.0}`, "whole: an integer was expected, a number with a fraction or an exponent was found (byte 9)"},
		"an exponent for an integer":   {`{"count":1e3}`, "count: an integer was expected, a number with a fraction or an exponent was found (byte 9)"},
		"too large":                    {`{"small":128}`, "small: the number does not fit int8 (byte 9)"},
		"too large for any integer":    {`{"whole":99999999999999999999}`, "whole: the number does not fit int (byte 9)"},
		"negative":                     {`{"count":-1}`, "count: the number does not fit uint16 (byte 9)"},
		"too large for a float":        {`{"half":1e39}`, "half: the number does not fit float32 (byte 8)"},
		"a leading zero":               {`{"whole":01}`, "a comma or the end of an object was expected, a number was found (byte 10)"},
		"a member twice":               {`{"text":"a","text":"a"}`, "text: the member is there twice (byte 12)"},
		"an unknown member twice":      {`{"x":1,"x":1}`, "[*]: the member is there twice (byte 7)"},
		"a key twice":                  {`{"map":{"x":1,"\u0078":1}}`, "map[*]: the member is there twice (byte 14)"},
		"an array that is too long":    {`{"pair":[1,2,3]}`, "pair: an array of [2]int was expected, a longer one was found (byte 8)"},
		"a key that is no number":      {`{"numbers":{"x":""}}`, "numbers[*]: the member's name is no key of type int8 (byte 12)"},
		"base64 that is none":          {`{"bytes":"*"}`, "bytes: a string in base64 was expected, another string was found (byte 9)"},
		"a mask for a secret":          {`{"secret":"REDACTED"}`, "secret: the value is refused by jsonwire.password (byte 10)"},
		"invalid UTF-8":                {"{\"text\":\"\xff\"}", "text: a string is not valid UTF-8 (byte 9)"},
		"invalid UTF-8 that is unread": {"{\"x\":[\"\xc3\"]}", "[*]: a string is not valid UTF-8 (byte 7)"},
		"half a surrogate pair":        {`{"text":"\ud800x"}`, "text: a string has half of a surrogate pair (byte 9)"},
		"the other half":               {`{"text":"\udc00"}`, "text: a string has half of a surrogate pair (byte 9)"},
		"two first halves":             {`{"text":"\ud800\ud800"}`, "text: a string has half of a surrogate pair (byte 9)"},
		"a control character":          {"{\"text\":\"a\n\"}", "text: a string has a control character (byte 10)"},
		"an unknown escape":            {`{"text":"\x"}`, "text: a string has an unknown escape (byte 9)"},
		"an escape that is not hex":    {`{"text":"\u00g0"}`, "text: an escape in a string is not hexadecimal (byte 13)"},
		"something after the end":      {`{} {}`, "the end of the input was expected, an object was found (byte 3)"},
		"a comma too many":             {`{"flag":true,}`, "a member's name was expected, the end of an object was found (byte 13)"},
		"a comma too many in an array": {`{"list":[1,]}`, "list[1]: an integer was expected, the end of an array was found (byte 11)"},
		"no colon":                     {`{"flag" true}`, "a colon was expected, a boolean was found (byte 8)"},
		"a word that is none":          {`{"flag":trUe}`, "flag: true was expected, something that is not JSON was found (byte 10)"},
		"a sign alone":                 {`{"real":-}`, "real: a digit was expected, the end of an object was found (byte 9)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got kinds
			err := Unmarshal([]byte(test.data), &got)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if !reflect.DeepEqual(got, kinds{}) {
				t.Errorf("half an answer is left: %+v", got)
			}
		})
	}
}

func TestUnmarshalNeedsAPointer(t *testing.T) {
	for _, target := range []any{nil, kinds{}, (*kinds)(nil)} {
		if err := Unmarshal([]byte(`{}`), target); err == nil {
			t.Errorf("%T was taken", target)
		}
	}
}

func TestNullIsNoMemberAndNoDocument(t *testing.T) {
	got := store{Name: "kept"}
	if err := UnmarshalMember([]byte(`null`), &got); err != nil || got.Name != "kept" {
		t.Errorf("as a member: %+v, %v", got, err)
	}
	if err := UnmarshalMember([]byte(`{"name":"new"}`), &got); err != nil || got.Name != "new" {
		t.Errorf("a member that is there: %+v, %v", got, err)
	}
	for _, target := range []any{new(store), new(string), new(int), new([1]int), new(time.Time)} {
		if err := Unmarshal([]byte(`null`), target); err == nil {
			t.Errorf("as a document it is taken for a %T", target)
		}
	}
	for _, target := range []any{new(*store), new(any), new([]int), new(map[string]int), new(json.RawMessage)} {
		if err := Unmarshal([]byte(`null`), target); err != nil {
			t.Errorf("as a document it is not taken for a %T: %v", target, err)
		}
	}
}

func TestUnmarshalLimitsTheNesting(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth))
	}
	for _, target := range []any{new(any), new(json.RawMessage)} {
		if err := Unmarshal(nested(MaxDepth), target); err != nil {
			t.Errorf("%T: %v", target, err)
		}
		if err := Unmarshal(nested(MaxDepth+1), target); err == nil || !strings.Contains(err.Error(), "too deep") {
			t.Errorf("%T: got %v, want an error", target, err)
		}
	}
}

// everything has a value of every kind, each with a mark that no error may show.
const everything = `{"text":"marked-secret-\u0031","flag":true,"small":-1,"whole":4711,"real":1.5e3,"pointer":4711,
	"list":[4711],"texts":["marked-secret-2"],"pair":[4711,2],"map":{"marked-secret-3":4711},"numbers":{"4711":"marked-secret-4"},
	"any":{"marked-secret-5":["marked-secret-6",4711,null]},"raw":{"marked-secret-7":false},"number":4711,"bytes":"bWFya2Vk",
	"time":"2025-10-28T16:54:56.636Z","secret":"marked-secret-8","marked-secret-9":{"marked-secret-10":"marked-secret-11"}}`

func TestInputThatEndsTooEarlyIsToldApart(t *testing.T) {
	data := strings.Replace(everything, `"4711":`, `"47":`, 1)
	if err := Unmarshal([]byte(data), new(kinds)); err != nil {
		t.Fatal(err)
	}
	for _, target := range []any{new(kinds), new(user), new(any), new(json.RawMessage)} {
		for end := range len(data) {
			err := Unmarshal([]byte(data[:end]), target)
			if _, plain := target.(*user); plain && !errors.Is(err, io.ErrUnexpectedEOF) && err != nil {
				continue // a field of another kind comes first
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%T, cut at byte %d: %v", target, end, err)
			}
		}
	}
	if err := Unmarshal([]byte(`[}`), new(any)); errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("a malformed input counts as one that ends too early")
	}
	if err := Unmarshal([]byte(`{"raw":{"cut":1}}`), new(struct {
		Raw cutShort `json:"raw"`
	})); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a type's own error counts as an input that ends too early: %v", err)
	}
}

type cutShort struct{}

func (*cutShort) UnmarshalJSON([]byte) error { return io.ErrUnexpectedEOF }

func TestErrorsHoldNothingOfTheDocument(t *testing.T) {
	for at := range len(everything) {
		for _, put := range []string{"", `"`, "{", "]", ",", "1", "\xff", `\u`, "null"} {
			data := everything[:at] + put + everything[min(at+1, len(everything)):]
			err := Unmarshal([]byte(data), new(kinds))
			if err == nil {
				continue
			}
			for _, mark := range []string{"marked", "4711", "bWFy", "2025"} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err.Error()), mark) {
					t.Fatalf("%q at byte %d: %v", put, at, err)
				}
			}
		}
	}
}

func TestExtraKeepsWhatNoFieldNames(t *testing.T) {
	data := []byte(`{"new":{"a":[1, "x"]},"tenantUserUid":"7","TenantUserUid":"8","nothing":null,"Extra":1,"storeAccess":[{"colour":"red"}]}`)
	var got user
	if err := Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = 'x' // what was decoded must not depend on the input
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
		t.Error("an unknown member was taken twice")
	}
	if err := Unmarshal([]byte(`{}`), &got); err != nil || got.Extra != nil {
		t.Errorf("Extra without unknown members is %v, %v", got.Extra, err)
	}
}

func TestDecodedStringsAreAllThere(t *testing.T) {
	var texts []string
	for length := range 80 {
		for _, last := range []string{"", "å", "😀", "\n", `"`, `\`} {
			texts = append(texts, strings.Repeat("a", length)+last, strings.Repeat("b", length)+last+"c")
		}
	}
	data, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, texts) {
		t.Errorf("got %q", got)
	}
}

func TestAKeptStringDoesNotKeepItsPage(t *testing.T) {
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
		t.Error("the page is still in memory")
	}
	runtime.KeepAlive(kept)
}

func TestAllocationsOfAPage(t *testing.T) {
	const users, most = 200, 20
	data := usersPage(users)
	allocations := testing.AllocsPerRun(5, func() {
		if err := Unmarshal(data, new(page[user])); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > users*most {
		t.Errorf("%.1f allocations a user, want at most %d", allocations/users, most)
	}
}

func TestSlicesAreNotMuchLargerThanNeeded(t *testing.T) {
	for _, count := range []int{1, 8, 9, 100, 1000} {
		var got page[user]
		if err := Unmarshal(usersPage(count), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Items) != count || cap(got.Items) > count+count/4+2 {
			t.Errorf("%d users have room for %d", len(got.Items), cap(got.Items))
		}
	}
	// Elements that begin small promise a great number that does not come.
	var lists []string
	small := `["",` + strings.Repeat(`"",`, 20) + `"` + strings.Repeat("x", 1<<20) + `"]`
	if err := Unmarshal([]byte(small), &lists); err != nil || cap(lists) > 30 {
		t.Errorf("%d elements have room for %d, %v", len(lists), cap(lists), err)
	}
	var roles []accountType
	if err := Unmarshal([]byte(small), &roles); err != nil || cap(roles) > 30 {
		t.Errorf("%d elements have room for %d, %v", len(roles), cap(roles), err)
	}
}

func TestAnyNumberSurvives(t *testing.T) {
	for _, n := range []float64{0, math.Copysign(0, -1), 1, -1.5, 1e-7, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		data, _, err := Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var got float64
		if err := Unmarshal(data, &got); err != nil || got != n || math.Signbit(got) != math.Signbit(n) {
			t.Errorf("%v became %s and %v, %v", n, data, got, err)
		}
	}
}
