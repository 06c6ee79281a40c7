package jsonwire

import (
	"bytes"
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
)

func decodeString(d *decoder, v reflect.Value) error {
	text, err := d.text()
	if err != nil {
		return err
	}
	v.SetString(d.intern(text))
	return nil
}

func decodeBool(d *decoder, v reflect.Value) error {
	value, err := d.boolean()
	v.SetBool(value)
	return err
}

func (d *decoder) boolean() (bool, error) {
	if d.nextIs('t') {
		return true, d.literal("true")
	}
	return false, d.literal("false")
}

// decodeInteger also reads 1.0 and 1e3.
func decodeInteger(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.number()
	if err != nil || setInteger(v, text) {
		return err
	}
	if !bytes.ContainsAny(text, ".eE") {
		return d.outOfRange(start, v)
	}
	if !setInteger(v, withoutFraction(text)) {
		return d.mismatch(start, expectsInteger, "a number that is not whole or is out of range")
	}
	return nil
}

// setInteger sets v to an integer in decimal digits, and reports whether v can
// hold it.
func setInteger(v reflect.Value, digits []byte) bool {
	if v.CanInt() {
		n, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil || v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
		return true
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || v.OverflowUint(n) {
		return false
	}
	v.SetUint(n)
	return true
}

// withoutFraction returns a number such as 1.0 or 1e3 in decimal digits. It
// returns nil if the number is not whole or needs more than 64 bits.
func withoutFraction(number []byte) []byte {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(string(number)), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	significant := strings.TrimRight(digits, "0")
	if significant == "" || significant == "-" {
		return []byte("0")
	}
	zeros, _ := strconv.Atoi(exponent) // 0 without an exponent, and huge if it is out of range
	zeros += len(digits) - len(significant) - len(fraction)
	if zeros < 0 || zeros > 19 { // 1e20 has 67 bits
		return nil
	}
	return []byte(significant + strings.Repeat("0", zeros))
}

func (d *decoder) outOfRange(offset int, v reflect.Value) error {
	return d.problem(offset, "number out of range for "+v.Kind().String())
}

func decodeFloat(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.number()
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
	text, err := d.number()
	v.SetString(string(text))
	return err
}

func decodeBytes(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.text()
	if err != nil {
		return err
	}
	value, err := base64.StdEncoding.AppendDecode([]byte{}, text)
	if err != nil {
		return d.mismatch(start, expectsBase64, gotOtherString)
	}
	v.SetBytes(value)
	return nil
}

// decodeRaw keeps the bytes of a value, including null.
func decodeRaw(d *decoder, v reflect.Value) error {
	raw, err := d.raw()
	v.SetBytes(bytes.Clone(raw))
	return err
}

// decodeInterface decodes any value into a string, a float64, a bool, a []any or
// a map[string]any, as encoding/json does.
func decodeInterface(d *decoder, v reflect.Value) error {
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

func (d *decoder) anyValue() (any, error) {
	switch d.nextKind() {
	case '"':
		text, err := d.text()
		return d.intern(text), err
	case 't':
		return d.boolean()
	case '0':
		var n float64
		err := decodeFloat(d, reflect.ValueOf(&n).Elem())
		return n, err
	case '[':
		return d.valueOf(reflect.TypeFor[[]any]())
	case '{':
		return d.valueOf(reflect.TypeFor[map[string]any]())
	}
	return nil, d.expected(expectsValue)
}

func (d *decoder) valueOf(t reflect.Type) (any, error) {
	target := reflect.New(t).Elem()
	err := planOf(t).decode(d, target)
	return target.Interface(), err
}
