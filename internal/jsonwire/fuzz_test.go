package jsonwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var seeds = []string{
	everything, `{}`, `null`, `[]`, ` {"text" : "a\u00e5\ud83d\ude00" } `, `{"text":"\ud800"}`, `{"a":1,"a":2}`, `{"a":{"b":[{"c":[]}]}}`, `{"list":[1,2,3,4,5,6,7,8,9,10,11,12],"roles":["FULL",null]}`,
	`{"time":"","any":{"a":[1e3,-0,null]},"number":"12","bytes":[1,2],"pair":[1,2,3]}`, `{"time":"2025-10-28T16:54:56+02:00","numbers":{"-7":"x","+7":""}}`,
	`{"times":{"a":{"time":"2025-10-28t16:54:56z"},"b":{"time":"2016-12-31T23:59:60Z"}}}`,
	`{"TEXT":"a","Text":"b","half":1e39}`, "{\"text\":\"\xff\"}", `{"whole":1.0}`, `{"small":128}`, `{"raw":null,"times":{"a":{"times":{}},"b":null}}`, `[1,]`, `{"flag":tru`,
}

// stricter maps errors that encoding/json does not return to a test whether the
// document justifies them.
var stricter = map[string]func(data []byte) bool{
	"invalid UTF-8":            func(data []byte) bool { return !utf8.Valid(data) },
	"half of a surrogate pair": func(data []byte) bool { return bytes.Contains(bytes.ToLower(data), []byte(`\ud`)) },
	"duplicate member":         hasDuplicateName,
	"nested deeper than": func(data []byte) bool {
		return bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > MaxDepth
	},
	"got null":                               func(data []byte) bool { return bytes.Contains(data, []byte("null")) },
	"times its size in memory":               func(data []byte) bool { return len(data) > 1000 },
	"got a longer one":                       func(data []byte) bool { return bytes.Contains(data, []byte("[")) },
	"expected a base64 string, got an array": func(data []byte) bool { return bytes.Contains(data, []byte("[")) },
	"expected a number, got a string":        func(data []byte) bool { return bytes.Contains(data, []byte(`"`)) }, // for json.Number
	"expected an RFC 3339 time":              func(data []byte) bool { return bytes.Contains(data, []byte(":")) }, // see isStrict
}

func hasDuplicateName(data []byte) bool {
	var value duplicateName
	_ = json.Unmarshal(data, &value)
	return bool(value)
}

// duplicateName is set if any object of a document has the same name twice.
type duplicateName bool

func (n *duplicateName) UnmarshalJSON(data []byte) error {
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
				*n = *n || duplicateName(open[len(open)-1][token])
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

// hasNameInOtherCase reports whether a name matches a field for encoding/json
// only, which ignores case.
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

// A looseTime accepts "" as the zero time.
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

// withExtra is compared with the map that encoding/json decodes.
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
	var got, want T
	err := Unmarshal(data, &got)
	var wantErr error
	switch want := any(&want).(type) {
	case *withExtra:
		wantErr = want.encodingJSON(data)
	case *kinds:
		// encoding/json does not accept "" for a time.
		wantErr = json.Unmarshal(bytes.ReplaceAll(data, []byte(`"time":""`), []byte(`"time":null`)), want)
	default:
		wantErr = json.Unmarshal(data, want)
	}
	if kind := reflect.TypeFor[T](); kind == reflect.TypeFor[kinds]() && hasNameInOtherCase(data, kind) {
		return
	}
	if err == nil {
		if wantErr != nil && (isWholeNumber(wantErr) || isTimeOfRFC3339(wantErr)) {
			return
		}
		if wantErr != nil {
			t.Fatalf("%T: accepted, but not by encoding/json: %v", got, wantErr)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		return
	}
	if wantErr != nil {
		return
	}
	for text, justified := range stricter {
		if strings.Contains(err.Error(), text) && justified(data) {
			return
		}
	}
	t.Fatalf("%T: rejected, but not by encoding/json: %v", got, err)
}

// isWholeNumber reports whether encoding/json rejected a number such as 1.0 or
// 1e3 for an integer.
func isWholeNumber(err error) bool {
	mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return false
	}
	number, isNumber := strings.CutPrefix(mismatch.Value, "number ")
	exact, ok := new(big.Rat).SetString(number)
	return isNumber && ok && exact.IsInt()
}

// isTimeOfRFC3339 reports whether package time rejected a time that RFC 3339 permits:
// with t, z, or second 60.
func isTimeOfRFC3339(err error) bool {
	rejected, ok := errors.AsType[*time.ParseError](err)
	if !ok {
		return false
	}
	value := strings.ToUpper(strings.Trim(rejected.Value, `"`))
	if rest, leap := strings.CutPrefix(value[min(16, len(value)):], ":60"); leap {
		value = value[:16] + ":59" + rest
	}
	_, err = time.Parse(time.RFC3339, value)
	return err == nil
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
		t.Fatalf("the decoded value cannot be encoded: %v", err)
	}
	if !json.Valid(written) {
		t.Fatalf("the encoded value is not JSON: %s", written)
	}
	if _, ok := any(&first).(*any); ok && string(written) == "null" {
		return
	}
	if err := Unmarshal(written, &second); err != nil {
		t.Fatalf("the encoded value cannot be decoded: %v\n%s", err, written)
	}
	again, _, err := Marshal(&second)
	if err != nil || !bytes.Equal(written, again) {
		t.Fatalf("%v\nfirst  %s\nsecond %s", err, written, again)
	}
}

// A value that is skipped and one that is decoded have the same grammar.
func FuzzScan(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var value any
		var raw json.RawMessage
		decoded, skipped := Unmarshal(data, &value), Unmarshal(data, &raw)
		if skipped != nil && decoded == nil || skipped == nil && decoded != nil &&
			!strings.Contains(decoded.Error(), "duplicate member") && !strings.Contains(decoded.Error(), "out of range") {
			t.Fatalf("decoded: %v, skipped: %v", decoded, skipped)
		}
		if skipped == nil {
			for end := range data {
				if err := Unmarshal(data[:end], &raw); err != nil && !isTruncated(err) {
					t.Fatalf("truncated at byte %d: %v", end, err)
				}
			}
		}
	})
}

func isTruncated(err error) bool {
	located, ok := err.(*decodeError)
	return ok && located.cause == io.ErrUnexpectedEOF
}
