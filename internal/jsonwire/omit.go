package jsonwire

import (
	"fmt"
	"reflect"
	"strings"
)

// omitTest returns the test of the options omitempty and omitzero. It is nil if
// the field has neither.
func omitTest(t reflect.Type, options string) (func(reflect.Value) bool, error) {
	var omit func(reflect.Value) bool
	for option := range strings.SplitSeq(options, ",") {
		var test func(reflect.Value) bool
		switch option {
		case "":
			continue
		case "omitempty":
			test = emptyTest(t)
		case "omitzero":
			test = zeroTest(t)
		default:
			return nil, fmt.Errorf("the json option %q is not supported", option)
		}
		if first := omit; first != nil {
			second := test
			test = func(v reflect.Value) bool { return first(v) || second(v) }
		}
		omit = test
	}
	return omit, nil
}

type zeroer interface{ IsZero() bool }

var zeroerType = reflect.TypeFor[zeroer]()

// zeroTest returns the test of omitzero: the type's IsZero method if it has one.
// A pointer to such a type is zero if it is nil or points to a zero value.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		if t.Implements(zeroerType) {
			return func(v reflect.Value) bool {
				return v.IsNil() || v.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() ||
					v.Interface().(zeroer).IsZero()
			}
		}
	default:
		if implements(t, zeroerType) {
			return func(v reflect.Value) bool { return addressable(v).Addr().Interface().(zeroer).IsZero() }
		}
	}
	return reflect.Value.IsZero
}

// emptyTest returns the test of omitempty. For a secret it is that of omitzero.
func emptyTest(t reflect.Type) func(reflect.Value) bool {
	switch t.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return func(v reflect.Value) bool { return v.Len() == 0 }
	case reflect.Struct:
		if implements(t, secretType) {
			return zeroTest(t)
		}
		return func(reflect.Value) bool { return false }
	}
	return reflect.Value.IsZero
}
