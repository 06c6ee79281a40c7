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
		return d.outOfRange(start, v.Kind().String())
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

func (d *decoder) outOfRange(offset int, kind string) error {
	return d.problem(offset, "number out of range for "+kind)
}

func decodeFloat(d *decoder, v reflect.Value) error {
	n, err := d.float(v.Type().Bits())
	v.SetFloat(n)
	return err
}

func (d *decoder) float(bits int) (float64, error) {
	start := d.pos
	text, err := d.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return 0, d.outOfRange(start, "float"+strconv.Itoa(bits))
	}
	return n, nil
}

func decodeNumber(d *decoder, v reflect.Value) error {
	text, err := d.number()
	d.use(len(text))
	v.SetString(string(text))
	return err
}

func decodeBytes(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.text()
	if err != nil {
		return err
	}
	d.use(len(text))
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
	d.use(len(raw))
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
		if len(text) > 0 {
			d.use(stringBytes) // for the interface
		}
		return d.intern(text), err
	case 't':
		return d.boolean()
	case '0':
		d.use(8) // for the interface
		return d.float(64)
	case '[':
		d.use(sliceBytes) // for the interface
		err := planOf(reflect.TypeFor[[]any]()).decode(d, reflect.ValueOf(&d.list).Elem())
		list := d.list
		d.list = nil
		return list, err
	case '{':
		return d.object()
	case 'n':
		return nil, d.literal("null")
	}
	return nil, d.expected(expectsValue)
}

// decodeObject does what mapPlan.decode does, with less garbage.
func decodeObject(d *decoder, v reflect.Value) error {
	object, err := d.object()
	v.Set(reflect.ValueOf(object))
	return err
}

func (d *decoder) object() (map[string]any, error) {
	d.use(mapBytes)
	object := make(map[string]any)
	for n := 0; ; n++ {
		if more, err := d.more('}', n); !more {
			return object, err
		}
		start := d.pos
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		key := d.intern(name)
		if _, duplicate := object[key]; duplicate {
			return nil, within(anyMember, d.problem(start, duplicateMember))
		}
		value, err := d.anyValue()
		if err == nil {
			err = d.chargeEntry(n, stringBytes, interfaceBytes)
		}
		if err != nil {
			return nil, within(anyMember, err)
		}
		object[key] = value
	}
}
