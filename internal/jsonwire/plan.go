package jsonwire

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
)

// A plan says how values of one type are decoded and encoded. It is compiled
// once per type and shared by all goroutines.
type plan struct {
	typ       reflect.Type
	kind      byte   // how the values of decode begin, see decoder.nextKind; 0 for any value
	expects   string // the kind of these values, for errors
	decode    decodeFunc
	encode    encodeFunc
	readsNull bool // whether decode reads null
}

type decodeFunc func(*decoder, reflect.Value) error

type encodeFunc func(*encoder, reflect.Value)

// plans maps each reflect.Type seen so far to its *plan.
var plans sync.Map

var (
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	secretType          = reflect.TypeFor[secret]()
	rawMessageType      = reflect.TypeFor[json.RawMessage]()
	numberType          = reflect.TypeFor[json.Number]()
	objectType          = reflect.TypeFor[map[string]any]()
)

// A secret is a string in a request body. Reveal returns its value.
type secret interface{ Reveal() string }

// implements reports whether an addressable value of type t implements an
// interface.
func implements(t, methods reflect.Type) bool { return reflect.PointerTo(t).Implements(methods) }

// planOf returns the plan of a type.
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	c := compiler{}
	result := c.plan(t)
	// The plans of recursive types refer to each other, so they are published
	// only when all of them are complete.
	for t, compiled := range c {
		plans.LoadOrStore(t, compiled)
	}
	return result
}

// A compiler holds the plans of a type and of the types that it contains.
type compiler map[reflect.Type]*plan

func (c compiler) plan(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	if started, ok := c[t]; ok {
		return started
	}
	p := &plan{typ: t}
	c[t] = p
	c.byKind(p)
	c.byMethods(p)
	return p
}

// byKind sets p for a type without methods of its own.
func (c compiler) byKind(p *plan) {
	t := p.typ
	switch t {
	case timeType:
		p.set('"', expectsTime, decodeTime, encodeTime)
		return
	case rawMessageType:
		p.set(0, "", decodeRaw, encodeRaw)
		p.readsNull = true
		return
	case numberType:
		p.set('0', expectsNumber, decodeNumber, encodeNumber)
		return
	}
	switch t.Kind() {
	case reflect.String:
		p.set('"', expectsString, decodeString, encodeString)
	case reflect.Bool:
		p.set('t', expectsBoolean, decodeBool, encodeBool)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.set('0', expectsInteger, decodeInteger, encodeInt)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.set('0', expectsInteger, decodeInteger, encodeUint)
	case reflect.Float32, reflect.Float64:
		p.set('0', expectsNumber, decodeFloat, encodeFloat)
	case reflect.Interface:
		p.set(0, "", decodeInterface, encodeInterface)
	case reflect.Pointer:
		pointer := &pointerPlan{element: c.plan(t.Elem())}
		p.set(0, "", pointer.decode, pointer.encode)
	case reflect.Struct:
		s := &structPlan{}
		p.set('{', expectsObject, s.decode, s.encode)
		if err := c.fields(s, t); err != nil {
			p.reject(err)
		}
	case reflect.Slice:
		c.slice(p)
	case reflect.Array:
		array := &arrayPlan{element: c.plan(t.Elem())}
		p.set('[', expectsArray, array.decode, array.encode)
	case reflect.Map:
		m := &mapPlan{element: c.plan(t.Elem()), key: mapKey{typ: t.Key()}}
		p.set('{', expectsObject, m.decode, m.encode)
		if t == objectType {
			p.decode = decodeObject
		}
		if !m.key.supported() {
			p.reject(errors.New("a map with keys of type " + t.Key().String() + " has no JSON form"))
		}
	default:
		p.reject(errors.New("type " + t.String() + " has no JSON form"))
	}
}

// isNilable reports whether values of type t may be nil. null is then a valid
// document.
func isNilable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return true
	}
	return false
}

// set sets how values are decoded and encoded. nil is encoded as null.
func (p *plan) set(kind byte, expects string, decode decodeFunc, encode encodeFunc) {
	p.kind, p.expects, p.decode, p.encode = kind, expects, decode, encode
	if isNilable(p.typ) {
		p.encode = func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.null()
				return
			}
			encode(e, v)
		}
	}
}

func (c compiler) slice(p *plan) {
	element := p.typ.Elem()
	if element.Kind() == reflect.Uint8 && !implements(element, jsonMarshalerType) && !implements(element, textMarshalerType) {
		p.set('"', expectsBase64, decodeBytes, encodeBytes)
		return
	}
	s := newSlicePlan(p.typ, c.plan(element))
	p.set('[', expectsArray, s.decode, s.encode)
}

// byMethods overrides p for a type that has JSON or text methods. The methods
// of a struct with api:"extra" call this package, so calling them would recurse.
func (c compiler) byMethods(p *plan) {
	t := p.typ
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface || t == timeType || t == rawMessageType || hasMarkedExtra(t) {
		return
	}
	switch {
	case implements(t, jsonUnmarshalerType):
		p.kind, p.decode, p.readsNull = 0, decodeByJSON, true
	case implements(t, textUnmarshalerType):
		p.kind, p.expects, p.decode = '"', expectsString, decodeByText
	}
	switch {
	case implements(t, secretType):
		p.encode = encodeSecret
	case implements(t, jsonMarshalerType):
		p.encode = encodeByJSON
	case implements(t, textMarshalerType):
		p.encode = encodeByText
	}
}

// reject makes every use of a type an error.
func (p *plan) reject(err error) {
	p.kind, p.readsNull = 0, true
	p.decode = func(d *decoder, _ reflect.Value) error { return d.problem(d.pos, err.Error()) }
	p.encode = func(e *encoder, _ reflect.Value) { e.problem("cannot be encoded: " + err.Error()) }
}

// A presentPlan is for a field with api:"present". value may still be incomplete
// when the plan is compiled.
type presentPlan struct {
	value *plan
	name  string
}

type pointerPlan struct{ element *plan }

type arrayPlan struct{ element *plan }

type mapPlan struct {
	key     mapKey
	element *plan
}
