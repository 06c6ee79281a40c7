package jsonwire

import (
	"encoding"
	"reflect"
	"strconv"
)

// A mapKey converts between the names of members and the keys of a map.
type mapKey struct{ typ reflect.Type }

func (k mapKey) supported() bool {
	switch k.typ.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return implements(k.typ, textUnmarshalerType) || k.typ.Implements(textMarshalerType)
}

// decode sets key to the value of name.
func (k mapKey) decode(d *decoder, key reflect.Value, name []byte, start int) error {
	if implements(k.typ, textUnmarshalerType) {
		if err := key.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(name); err != nil {
			return d.rejected(start, k.typ.String(), err)
		}
		return nil
	}
	if key.Kind() == reflect.String {
		key.SetString(d.intern(name))
		return nil
	}
	switch {
	case key.CanInt():
		if n, err := strconv.ParseInt(string(name), 10, 64); err == nil && !key.OverflowInt(n) {
			key.SetInt(n)
			return nil
		}
	case key.CanUint():
		if n, err := strconv.ParseUint(string(name), 10, 64); err == nil && !key.OverflowUint(n) {
			key.SetUint(n)
			return nil
		}
	}
	return d.problem(start, "member name is not a valid "+k.typ.String()+" key")
}

// encode returns the name of key. If there is none, it reports a problem and
// returns false.
func (k mapKey) encode(e *encoder, key reflect.Value) (name string, ok bool) {
	isSecret := implements(k.typ, secretType)
	if isSecret && !e.masked {
		return e.reveal(key), true
	}
	if key.Kind() == reflect.String && !isSecret {
		return key.String(), true
	}
	switch {
	case k.typ.Implements(textMarshalerType):
		if key.Kind() == reflect.Pointer && key.IsNil() {
			return "", true
		}
		text, err := key.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			e.rejected(k.typ, err)
		}
		return string(text), err == nil
	case isSecret:
		e.problem("has a secret without a MarshalText method for a key")
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10), true
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10), true
	default:
		e.problem("has keys of type " + k.typ.String() + ", which cannot be encoded")
	}
	return "", false
}
