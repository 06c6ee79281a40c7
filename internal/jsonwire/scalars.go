package jsonwire

import (
	"bytes"
	"encoding/base64"
	"reflect"
	"strconv"
)

func decodeString(d *decoder, v reflect.Value) error {
	if !d.nextIs('"') {
		return d.nullOr(expectsString)
	}
	text, err := d.text()
	if err != nil {
		return err
	}
	v.SetString(d.intern(text))
	return nil
}

func decodeBool(d *decoder, v reflect.Value) error {
	switch {
	case d.nextIs('t'):
		v.SetBool(true)
		return d.literal("true")
	case d.nextIs('f'):
		return d.literal("false")
	}
	return d.nullOr(expectsBoolean)
}

// integer reads a number without fraction and exponent, as encoding/json does.
// It returns nil for null.
func (d *decoder) integer() ([]byte, error) {
	if !d.nextIsNumber() {
		return nil, d.nullOr(expectsInteger)
	}
	start := d.pos
	text, whole, err := d.number()
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, d.mismatch(start, expectsInteger, "a number with a fraction or an exponent")
	}
	return text, nil
}

func (d *decoder) nextIsNumber() bool {
	return d.pos < len(d.data) && (d.data[d.pos] == '-' || d.data[d.pos]-'0' <= 9)
}

func (d *decoder) outOfRange(offset int, v reflect.Value) error {
	return d.problem(offset, "number out of range for "+v.Kind().String())
}

func decodeInt(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.integer()
	if text == nil {
		return err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || v.OverflowInt(n) {
		return d.outOfRange(start, v)
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
		return d.outOfRange(start, v)
	}
	v.SetUint(n)
	return nil
}

func decodeFloat(d *decoder, v reflect.Value) error {
	if !d.nextIsNumber() {
		return d.nullOr(expectsNumber)
	}
	start := d.pos
	text, _, err := d.number()
	if err != nil {
		return err
	}
	n, err := strconv.ParseFloat(string(text), v.Type().Bits())
	if err != nil {
		return d.outOfRange(start, v)
	}
	v.SetFloat(n)
	return nil
}

func decodeNumber(d *decoder, v reflect.Value) error {
	if !d.nextIsNumber() {
		return d.nullOr(expectsNumber)
	}
	text, _, err := d.number()
	if err != nil {
		return err
	}
	v.SetString(string(text))
	return nil
}

func decodeBytes(d *decoder, v reflect.Value) error {
	if !d.nextIs('"') {
		return d.nullOr(expectsBase64)
	}
	start := d.pos
	text, err := d.text()
	if err != nil {
		return err
	}
	value := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(value, text)
	if err != nil {
		return d.mismatch(start, expectsBase64, gotOtherString)
	}
	v.SetBytes(value[:n])
	return nil
}

// decodeRaw keeps the bytes of a value, including null.
func decodeRaw(d *decoder, v reflect.Value) error {
	raw, err := d.raw()
	if err != nil {
		return err
	}
	v.SetBytes(bytes.Clone(raw))
	return nil
}

// decodeInterface decodes any value into a string, a float64, a bool, a []any or
// a map[string]any, as encoding/json does.
func decodeInterface(d *decoder, v reflect.Value) error {
	if d.nextIs('n') {
		return d.literal("null")
	}
	if v.NumMethod() > 0 {
		return d.problem(d.pos, "values of type "+v.Type().String()+" cannot be decoded")
	}
	value, err := d.anyValue()
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

func (d *decoder) anyValue() (any, error) {
	switch {
	case d.nextIs('"'):
		text, err := d.text()
		if err != nil {
			return nil, err
		}
		return d.intern(text), nil
	case d.nextIs('{'):
		return d.typed(anyObject)
	case d.nextIs('['):
		return d.typed(anyArray)
	case d.nextIs('t'):
		return true, d.literal("true")
	case d.nextIs('f'):
		return false, d.literal("false")
	case d.nextIsNumber():
		var n float64
		err := decodeFloat(d, reflect.ValueOf(&n).Elem())
		return n, err
	}
	return nil, d.expected(expectsValue)
}

func (d *decoder) typed(t reflect.Type) (any, error) {
	target := reflect.New(t).Elem()
	if err := planOf(t).decode(d, target); err != nil {
		return nil, err
	}
	return target.Interface(), nil
}
