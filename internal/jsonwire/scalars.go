package jsonwire

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
)

func decodeString(d *decoder, v reflect.Value) error {
	if !d.at('"') {
		return d.null("a string")
	}
	text, err := d.text()
	if err != nil {
		return err
	}
	v.SetString(d.keep(text))
	return nil
}

func decodeBool(d *decoder, v reflect.Value) error {
	switch {
	case d.at('t'):
		v.SetBool(true)
		return d.literal("true")
	case d.at('f'):
		return d.literal("false")
	}
	return d.null("a boolean")
}

// integer reads a number without fraction and exponent: 1.0 and 1e3 are none,
// as for encoding/json. It returns nil where it has read null.
func (d *decoder) integer() ([]byte, error) {
	if !d.atNumber() {
		return nil, d.null("an integer")
	}
	start := d.pos
	text, whole, err := d.number()
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, d.problem(start, "an integer was expected, a number with a fraction or an exponent was found")
	}
	return text, nil
}

func (d *decoder) atNumber() bool {
	return d.pos < len(d.data) && (d.data[d.pos] == '-' || d.data[d.pos]-'0' <= 9)
}

func decodeInt(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.integer()
	if text == nil {
		return err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || v.OverflowInt(n) {
		return d.problem(start, "the number does not fit "+v.Kind().String())
	}
	v.SetInt(n)
	return nil
}

func decodeUint(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.integer()
	if text == nil {
		return err
	}
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil || v.OverflowUint(n) {
		return d.problem(start, "the number does not fit "+v.Kind().String())
	}
	v.SetUint(n)
	return nil
}

func decodeFloat(d *decoder, v reflect.Value) error {
	if !d.atNumber() {
		return d.null("a number")
	}
	start := d.pos
	text, _, err := d.number()
	if err != nil {
		return err
	}
	n, err := strconv.ParseFloat(string(text), v.Type().Bits())
	if err != nil {
		return d.problem(start, "the number does not fit "+v.Kind().String())
	}
	v.SetFloat(n)
	return nil
}

func decodeNumber(d *decoder, v reflect.Value) error {
	if !d.atNumber() {
		return d.null("a number")
	}
	text, _, err := d.number()
	if err != nil {
		return err
	}
	v.SetString(string(text))
	return nil
}

func decodeBytes(d *decoder, v reflect.Value) error {
	if !d.at('"') {
		return d.null("a string in base64")
	}
	start := d.pos
	text, err := d.text()
	if err != nil {
		return err
	}
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(decoded, text)
	if err != nil {
		return d.problem(start, "a string in base64 was expected, another string was found")
	}
	v.SetBytes(decoded[:n])
	return nil
}

// decodeRaw keeps a value as it is, null included.
func decodeRaw(d *decoder, v reflect.Value) error {
	raw, err := d.raw()
	if err != nil {
		return err
	}
	v.SetBytes(append(json.RawMessage{}, raw...))
	return nil
}

// decodeInterface reads any value as encoding/json does: as a string, a
// float64, a bool, a []any or a map[string]any.
func decodeInterface(d *decoder, v reflect.Value) error {
	if d.at('n') {
		return d.literal("null")
	}
	if v.NumMethod() > 0 {
		return d.problem(d.pos, "a value of type "+v.Type().String()+" cannot be read")
	}
	value, err := d.any()
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(value))
	return nil
}

var (
	anyObject = reflect.TypeFor[map[string]any]()
	anyArray  = reflect.TypeFor[[]any]()
)

func (d *decoder) any() (any, error) {
	switch {
	case d.at('"'):
		text, err := d.text()
		if err != nil {
			return nil, err
		}
		return d.keep(text), nil
	case d.at('{'):
		return d.typed(anyObject)
	case d.at('['):
		return d.typed(anyArray)
	case d.at('t'):
		return true, d.literal("true")
	case d.at('f'):
		return false, d.literal("false")
	case d.atNumber():
		var n float64
		err := decodeFloat(d, reflect.ValueOf(&n).Elem())
		return n, err
	}
	return nil, d.expected("a value")
}

func (d *decoder) typed(t reflect.Type) (any, error) {
	target := reflect.New(t).Elem()
	if err := shared.of(t).decode(d, target); err != nil {
		return nil, err
	}
	return target.Interface(), nil
}
