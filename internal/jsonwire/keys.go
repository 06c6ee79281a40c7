package jsonwire

import (
	"encoding"
	"reflect"
	"strconv"
)

// A mapKey turns the names of members into the keys of a map and back.
type mapKey struct{ typ reflect.Type }

func (k mapKey) possible() bool {
	switch k.typ.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return implements(k.typ, textUnmarshalerType) || k.typ.Implements(textMarshalerType)
}

// read sets key to what name stands for.
func (k mapKey) read(d *decoder, key reflect.Value, name []byte, start int) error {
	if implements(k.typ, textUnmarshalerType) {
		if err := key.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(name); err != nil {
			return d.refused(start, k.typ.String(), err)
		}
		return nil
	}
	switch {
	case key.Kind() == reflect.String:
		key.SetString(d.keep(name))
		return nil
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
	return d.problem(start, "the member's name is no key of type "+k.typ.String())
}

// write returns the name that stands for key.
func (k mapKey) write(e *encoder, key reflect.Value) (string, error) {
	if key.Kind() == reflect.String && !implements(k.typ, secretType) {
		return key.String(), nil
	}
	if implements(k.typ, secretType) && !e.masked {
		return e.reveal(key), nil
	}
	if k.typ.Implements(textMarshalerType) {
		if key.Kind() == reflect.Pointer && key.IsNil() {
			return "", nil
		}
		text, err := key.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return "", refusedBy(k.typ, err)
		}
		return string(text), nil
	}
	switch {
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10), nil
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10), nil
	case key.Kind() == reflect.String:
		return key.String(), nil
	}
	return "", &FieldError{Problem: "has keys of type " + k.typ.String() + ", which cannot be written"}
}
