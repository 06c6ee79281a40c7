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
	typ      reflect.Type
	decode   func(*decoder, reflect.Value) error
	encode   func(*encoder, reflect.Value)
	expects  string // the kind of value that decode expects, for errors
	nullable bool   // whether null is a valid document for the type
}

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
		p.decode, p.encode, p.expects = decodeTime, encodeTime, expectsTime
		return
	case rawMessageType:
		p.decode, p.encode, p.expects, p.nullable = decodeRaw, encodeRaw, expectsValue, true
		return
	case numberType:
		p.decode, p.encode, p.expects = decodeNumber, encodeNumber, expectsNumber
		return
	}
	switch t.Kind() {
	case reflect.String:
		p.decode, p.encode, p.expects = decodeString, encodeString, expectsString
	case reflect.Bool:
		p.decode, p.encode, p.expects = decodeBool, encodeBool, expectsBoolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.decode, p.encode, p.expects = decodeInt, encodeInt, expectsInteger
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.decode, p.encode, p.expects = decodeUint, encodeUint, expectsInteger
	case reflect.Float32, reflect.Float64:
		p.decode, p.encode, p.expects = decodeFloat, encodeFloat, expectsNumber
	case reflect.Interface:
		p.decode, p.encode, p.expects, p.nullable = decodeInterface, encodeInterface, expectsValue, true
	case reflect.Pointer:
		pointer := &pointerPlan{element: c.plan(t.Elem())}
		p.decode, p.encode, p.expects, p.nullable = pointer.decode, pointer.encode, pointer.element.expects, true
	case reflect.Struct:
		c.structure(p)
	case reflect.Slice:
		c.slice(p)
	case reflect.Array:
		array := &arrayPlan{element: c.plan(t.Elem())}
		p.decode, p.encode, p.expects = array.decode, array.encode, expectsArray
	case reflect.Map:
		c.mapping(p)
	default:
		p.reject(errors.New("type " + t.String() + " has no JSON form"))
	}
}

func (c compiler) structure(p *plan) {
	s := &structPlan{}
	p.decode, p.encode, p.expects = s.decode, s.encode, expectsObject
	if err := c.fields(s, p.typ); err != nil {
		p.reject(err)
	}
}

func (c compiler) slice(p *plan) {
	element := p.typ.Elem()
	p.nullable = true
	if element.Kind() == reflect.Uint8 && !implements(element, jsonMarshalerType) && !implements(element, textMarshalerType) {
		p.decode, p.encode, p.expects = decodeBytes, encodeBytes, expectsBase64
		return
	}
	s := newSlicePlan(p.typ, c.plan(element))
	p.decode, p.encode, p.expects = s.decode, s.encode, expectsArray
}

func (c compiler) mapping(p *plan) {
	m := &mapPlan{element: c.plan(p.typ.Elem()), key: mapKey{typ: p.typ.Key()}}
	p.decode, p.encode, p.expects, p.nullable = m.decode, m.encode, expectsObject, true
	if !m.key.supported() {
		p.reject(errors.New("a map with keys of type " + p.typ.Key().String() + " has no JSON form"))
	}
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
		p.decode, p.expects, p.nullable = decodeByJSON, expectsValue, true
	case implements(t, textUnmarshalerType):
		p.decode, p.expects = decodeByText, expectsString
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
	p.decode = func(d *decoder, _ reflect.Value) error { return d.problem(d.pos, err.Error()) }
	p.encode = func(e *encoder, _ reflect.Value) { e.problem("cannot be encoded: " + err.Error()) }
}

type pointerPlan struct{ element *plan }

type arrayPlan struct{ element *plan }

type mapPlan struct {
	key     mapKey
	element *plan
}
