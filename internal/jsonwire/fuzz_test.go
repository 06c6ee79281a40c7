package jsonwire

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var seeds = []string{
	everything, `{}`, `null`, `[]`, ` {"text" : "a\u00e5\ud83d\ude00" } `, `{"text":"\ud800"}`, `{"a":1,"a":2}`, `{"a":{"b":[{"c":[]}]}}`, `{"list":[1,2,3,4,5,6,7,8,9,10,11,12],"roles":["FULL",null]}`,
	`{"time":"","any":{"a":[1e3,-0,null]},"number":"12","bytes":[1,2],"pair":[1,2,3]}`, `{"time":"2025-10-28T16:54:56+02:00","numbers":{"-7":"x","+7":""}}`,
	`{"TEXT":"a","Text":"b","half":1e39}`, "{\"text\":\"\xff\"}", `{"whole":1.0}`, `{"small":128}`, `{"raw":null,"times":{"a":{"times":{}},"b":null}}`, `[1,]`, `{"flag":tru`,
}

// The differences from encoding/json that are wanted. Each is told by what the
// error says, and believed only where the document shows it.
var wantedRefusals = map[string]func(data []byte) bool{
	"is not valid UTF-8":  func(data []byte) bool { return !utf8.Valid(data) },
	"half of a surrogate": func(data []byte) bool { return bytes.Contains(bytes.ToLower(data), []byte(`\ud`)) },
	"is there twice":      hasNameTwice,
	"nesting is too deep": func(data []byte) bool {
		return bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > MaxDepth
	},
	"null was found":                            func(data []byte) bool { return string(bytes.Trim(data, " \t\r\n")) == "null" },
	"a longer one was":                          func(data []byte) bool { return bytes.Contains(data, []byte("[")) },
	"base64 was expected, an array was found":   func(data []byte) bool { return bytes.Contains(data, []byte("[")) },
	"a number was expected, a string was found": func(data []byte) bool { return bytes.Contains(data, []byte(`"`)) }, // for json.Number
	"a time as in RFC 3339":                     func(data []byte) bool { return bytes.Contains(data, []byte(":")) }, // see strict
}

func hasNameTwice(data []byte) bool {
	var value nameTwice
	_ = json.Unmarshal(data, &value)
	return bool(value)
}

// nameTwice becomes true when a name is there twice in any object of a document.
type nameTwice bool

func (n *nameTwice) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	var open []map[string]bool // nil for an array
	isName := func() bool { return len(open) > 0 && open[len(open)-1] != nil }
	for name := true; ; {
		token, err := decoder.Token()
		if err != nil {
			return nil
		}
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{':
				open = append(open, make(map[string]bool))
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			name = true
		case string:
			if name && isName() {
				*n = *n || nameTwice(open[len(open)-1][token])
				open[len(open)-1][token] = true
				name = false
				continue
			}
			name = true
		default:
			name = true
		}
	}
}

// hasNameInOtherCase reports whether a name would match a field for
// encoding/json alone, which ignores case.
func hasNameInOtherCase(data []byte, t reflect.Type) bool {
	var value any
	_ = json.Unmarshal(data, &value)
	var walk func(any) bool
	walk = func(value any) bool {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				if walk(element) {
					return true
				}
			}
		case map[string]any:
			for name, element := range value {
				for i := range t.NumField() {
					field, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
					if name != field && strings.EqualFold(name, field) {
						return true
					}
				}
				if walk(element) {
					return true
				}
			}
		}
		return false
	}
	return walk(value)
}

// A looseTime is how encoding/json has to be told that "" is no time.
type looseTime struct{ time.Time }

func (l *looseTime) UnmarshalJSON(data []byte) error {
	if string(data) == `""` {
		return nil
	}
	return l.Time.UnmarshalJSON(data)
}

func FuzzUnmarshalAgainstEncodingJSON(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Add(usersPage(2))
	f.Fuzz(func(t *testing.T, data []byte) {
		compare[kinds](t, data)
		compare[any](t, data)
		compare[json.RawMessage](t, data)
		compare[map[string]looseTime](t, data)
		compare[withExtra](t, data)
	})
}

// withExtra becomes what encoding/json decodes into a map.
type withExtra struct {
	Raw  json.RawMessage `json:"raw"`
	Text json.RawMessage `json:"text"`

	Extra map[string]json.RawMessage `json:"-"`
}

func (w *withExtra) encodingJSON(data []byte) error {
	if err := json.Unmarshal(data, &w.Extra); err != nil {
		return err
	}
	w.Raw, w.Text = w.Extra["raw"], w.Extra["text"]
	delete(w.Extra, "raw")
	delete(w.Extra, "text")
	maps.DeleteFunc(w.Extra, func(name string, raw json.RawMessage) bool { return holdsCredential(name, raw) })
	if len(w.Extra) == 0 {
		w.Extra = nil
	}
	return nil
}

func compare[T any](t *testing.T, data []byte) {
	var ours, theirs T
	err := Unmarshal(data, &ours)
	var reference error
	switch theirs := any(&theirs).(type) {
	case *withExtra:
		reference = theirs.encodingJSON(data)
	case *kinds:
		// "" is a time here and not there.
		reference = json.Unmarshal(bytes.ReplaceAll(data, []byte(`"time":""`), []byte(`"time":null`)), theirs)
	default:
		reference = json.Unmarshal(data, theirs)
	}
	if kind := reflect.TypeFor[T](); kind == reflect.TypeFor[kinds]() && hasNameInOtherCase(data, kind) {
		return
	}
	if err == nil {
		if reference != nil {
			t.Fatalf("%T: taken, but for encoding/json: %v", ours, reference)
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Fatalf("got  %+v\nwant %+v", ours, theirs)
		}
		return
	}
	if reference != nil {
		return
	}
	for said, shown := range wantedRefusals {
		if strings.Contains(err.Error(), said) && shown(data) {
			return
		}
	}
	t.Fatalf("%T: refused, but not by encoding/json: %v", ours, err)
}

func FuzzRoundTrip(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Add(usersPage(2))
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip[kinds](t, data)
		roundTrip[user](t, data)
		roundTrip[page[user]](t, data)
		roundTrip[any](t, data)
	})
}

func roundTrip[T any](t *testing.T, data []byte) {
	var first, second T
	if Unmarshal(data, &first) != nil {
		return
	}
	written, _, err := Marshal(&first)
	if err != nil {
		t.Fatalf("what was read cannot be written: %v", err)
	}
	if !json.Valid(written) {
		t.Fatalf("what was written is not JSON: %s", written)
	}
	if _, nothing := any(&first).(*any); nothing && string(written) == "null" {
		return
	}
	if err := Unmarshal(written, &second); err != nil {
		t.Fatalf("what was written cannot be read: %v\n%s", err, written)
	}
	again, _, err := Marshal(&second)
	if err != nil || !bytes.Equal(written, again) {
		t.Fatalf("%v\nfirst  %s\nsecond %s", err, written, again)
	}
}

// A value that is only checked and one that is decoded are subject to the same
// grammar.
func FuzzScan(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var value any
		var raw json.RawMessage
		decoded, kept := Unmarshal(data, &value), Unmarshal(data, &raw)
		if kept != nil && decoded == nil || kept == nil && decoded != nil &&
			!strings.Contains(decoded.Error(), "is there twice") && !strings.Contains(decoded.Error(), "does not fit") {
			t.Fatalf("decoded: %v, kept: %v", decoded, kept)
		}
		if kept == nil {
			for end := range data {
				if err := Unmarshal(data[:end], &raw); err != nil && !isTruncated(err) {
					t.Fatalf("cut at byte %d: %v", end, err)
				}
			}
		}
	})
}

func isTruncated(err error) bool {
	located, ok := err.(*decodeError)
	return ok && located.cause == io.ErrUnexpectedEOF
}
