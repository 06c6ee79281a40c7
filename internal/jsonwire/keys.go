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
	return implements(k.typ, textUnmarshalerType) || implements(k.typ, textMarshalerType)
}

// decode sets key to the value of name.
func (k mapKey) decode(d *decoder, key reflect.Value, name []byte, start int) error {
	switch {
	case implements(k.typ, textUnmarshalerType):
		return d.rejected(start, k.typ, key.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(name))
	case key.Kind() == reflect.String:
		key.SetString(d.intern(name))
		return nil
	case (key.CanInt() || key.CanUint()) && setInteger(key, name):
		return nil
	}
	return d.problem(start, "member name is not a valid "+k.typ.String()+" key")
}

// encode returns the name of key. If there is none, it reports a problem and
// returns false.
func (k mapKey) encode(e *encoder, key reflect.Value) (name string, ok bool) {
	switch {
	case implements(k.typ, secretType):
		return e.secretText(key)
	case key.Kind() == reflect.String:
		return key.String(), true
	case implements(k.typ, textMarshalerType):
		return e.methodText(key)
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10), true
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10), true
	}
	e.problem("has keys of type " + k.typ.String() + ", which cannot be encoded")
	return "", false
}
