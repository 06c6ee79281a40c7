package flowretailtest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	flowretail "github.com/flowretail/flowretail-go"
)

// The fake writes and reads JSON by itself. Were it to use the SDK's codec, the
// SDK would only ever be tested against its own mistakes.

// A field is one of the fields of a struct, as its json tag says.
type field struct {
	index     int
	name      string
	key       string // "name":
	omitEmpty bool
	required  bool
}

// A shape is what is known of a type of struct.
type shape struct {
	fields []field
	extra  int // the index of Extra, or -1
}

var shapes sync.Map // of reflect.Type to *shape

func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	made := &shape{extra: -1}
	for i := range t.NumField() {
		of := t.Field(i)
		name, options, _ := strings.Cut(of.Tag.Get("json"), ",")
		switch {
		case of.Name == "Extra":
			made.extra = i
		case name == "" || name == "-":
		default:
			made.fields = append(made.fields, field{
				index: i, name: name, key: strconv.Quote(name) + ":",
				omitEmpty: options == "omitempty" || options == "omitzero",
				required:  slices.Contains(strings.Split(of.Tag.Get("api"), ","), "required"),
			})
		}
	}
	known, _ := shapes.LoadOrStore(t, made)
	return known.(*shape)
}

var (
	secretType = reflect.TypeFor[flowretail.Secret]()
	timeType   = reflect.TypeFor[time.Time]()
)

// timestamps have milliseconds, as those of the API.
const timestamp = "2006-01-02T15:04:05.000Z07:00"

func appendValue(to []byte, v reflect.Value) []byte {
	switch v.Type() {
	case secretType:
		secret := v.Interface().(flowretail.Secret)
		return appendString(to, secret.Reveal())
	case timeType:
		at := v.Interface().(time.Time)
		if at.IsZero() {
			return append(to, "null"...)
		}
		return append(at.AppendFormat(append(to, '"'), timestamp), '"')
	}
	switch v.Kind() {
	case reflect.String:
		return appendString(to, v.String())
	case reflect.Bool:
		return strconv.AppendBool(to, v.Bool())
	case reflect.Int:
		return strconv.AppendInt(to, v.Int(), 10)
	case reflect.Pointer:
		if v.IsNil() {
			return append(to, "null"...)
		}
		return appendValue(to, v.Elem())
	case reflect.Slice:
		to = append(to, '[')
		for i := range v.Len() {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendValue(to, v.Index(i))
		}
		return append(to, ']')
	default:
		return appendObject(to, v)
	}
}

func appendObject(to []byte, v reflect.Value) []byte {
	of := shapeOf(v.Type())
	to = append(to, '{')
	start := len(to)
	for _, field := range of.fields {
		value := v.Field(field.index)
		if field.omitEmpty && value.IsZero() {
			continue
		}
		if len(to) > start {
			to = append(to, ',')
		}
		to = appendValue(append(to, field.key...), value)
	}
	if of.extra >= 0 && v.Field(of.extra).Len() > 0 {
		extra := v.Field(of.extra).Interface().(map[string]json.RawMessage)
		for _, name := range slices.Sorted(maps.Keys(extra)) {
			if len(to) > start {
				to = append(to, ',')
			}
			to = append(append(appendString(to, name), ':'), extra[name]...)
		}
	}
	return append(to, '}')
}

func appendString(to []byte, text string) []byte {
	plain := utf8.ValidString(text)
	for i := 0; plain && i < len(text); i++ {
		plain = text[i] >= ' ' && text[i] != '"' && text[i] != '\\'
	}
	if plain {
		return append(append(append(to, '"'), text...), '"')
	}
	quoted, _ := json.Marshal(text) // a string can always be marshalled
	return append(to, quoted...)
}
