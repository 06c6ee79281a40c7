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

// The fake has its own JSON codec: with the SDK's, a mistake there would go
// unnoticed in tests of the SDK against the fake.

// A field is a field of a struct that has a json tag.
type field struct {
	index     int
	name      string
	key       string // "name":
	omitEmpty bool
	required  bool
}

// A structType describes a struct type.
type structType struct {
	fields []field
	extra  int // the index of Extra, or -1
}

var structTypes sync.Map // of reflect.Type to *structType

func structTypeOf(t reflect.Type) *structType {
	if known, ok := structTypes.Load(t); ok {
		return known.(*structType)
	}
	compiled := &structType{extra: -1}
	for i := range t.NumField() {
		structField := t.Field(i)
		name, options, _ := strings.Cut(structField.Tag.Get("json"), ",")
		switch {
		case structField.Name == "Extra":
			compiled.extra = i
		case name == "" || name == "-":
		default:
			compiled.fields = append(compiled.fields, field{
				index: i, name: name, key: strconv.Quote(name) + ":",
				omitEmpty: options == "omitempty" || options == "omitzero",
				required:  slices.Contains(strings.Split(structField.Tag.Get("api"), ","), "required"),
			})
		}
	}
	known, _ := structTypes.LoadOrStore(t, compiled)
	return known.(*structType)
}

var (
	secretType = reflect.TypeFor[flowretail.Secret]()
	timeType   = reflect.TypeFor[time.Time]()
)

// timestamp is the format of times. Like the API's, they have milliseconds.
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
	case reflect.Float64:
		return strconv.AppendFloat(to, v.Float(), 'f', -1, 64)
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
	t := structTypeOf(v.Type())
	to = append(to, '{')
	start := len(to)
	for _, field := range t.fields {
		value := v.Field(field.index)
		if field.omitEmpty && value.IsZero() {
			continue
		}
		if len(to) > start {
			to = append(to, ',')
		}
		to = appendValue(append(to, field.key...), value)
	}
	if t.extra >= 0 && v.Field(t.extra).Len() > 0 {
		extra := v.Field(t.extra).Interface().(map[string]json.RawMessage)
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
