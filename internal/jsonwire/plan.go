package jsonwire

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
)

// A plan says how values of one type are read and written. It is compiled once
// from the type and shared by all goroutines.
type plan struct {
	typ      reflect.Type
	decode   func(*decoder, reflect.Value) error
	encode   func(*encoder, reflect.Value) error
	expects  string       // the kind of value that it reads, for errors
	nullable bool         // null is a value of its own, not only the lack of one
	written  atomic.Int64 // the size of the last document
}

// plans holds the plans of the types that have been met.
type plans struct {
	cache        sync.Map                // reflect.Type to *plan
	describeTags func(reflect.Type) bool // see describedByTags
}

var shared = &plans{describeTags: describedByTags}

// describedByTags reports whether t is a resource of the SDK. Its MarshalJSON
// and UnmarshalJSON exist for other people's encoders and lead back to this
// package: to call them from here would be a circle.
func describedByTags(t reflect.Type) bool {
	return t.PkgPath() == "github.com/flowretail/flowretail-go" && t.Kind() == reflect.Struct && extraField(t) >= 0
}

var (
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	secretType          = reflect.TypeFor[secret]()
	rawMessageType      = reflect.TypeFor[json.RawMessage]()
	numberType          = reflect.TypeFor[json.Number]()
	stringsType         = reflect.TypeFor[[]string]()
)

// A secret shows its value to those who ask for it by name only. On the wire it
// is a string.
type secret interface{ Reveal() string }

// implements reports whether a value of type t that can be addressed has the
// methods of an interface.
func implements(t, methods reflect.Type) bool { return reflect.PointerTo(t).Implements(methods) }

// of returns the plan of a type.
func (p *plans) of(t reflect.Type) *plan {
	if known, ok := p.cache.Load(t); ok {
		return known.(*plan)
	}
	c := compiler{plans: p, made: make(map[reflect.Type]*plan)}
	c.of(t)
	// The plans are published when all of them are complete: those of recursive
	// types refer to each other.
	for made, plan := range c.made {
		p.cache.LoadOrStore(made, plan)
	}
	return c.made[t]
}

// A compiler makes the plans of a type and of the types within it.
type compiler struct {
	plans *plans
	made  map[reflect.Type]*plan
}

func (c *compiler) of(t reflect.Type) *plan {
	if known, ok := c.plans.cache.Load(t); ok {
		c.made[t] = known.(*plan)
	}
	if made, ok := c.made[t]; ok {
		return made
	}
	made := &plan{typ: t}
	c.made[t] = made
	c.byKind(made)
	c.byMethods(made)
	return made
}

// byKind fills in how values are read and written that do not do so themselves.
func (c *compiler) byKind(p *plan) {
	t := p.typ
	switch t {
	case timeType:
		p.decode, p.encode, p.expects = decodeTime, encodeTime, "a time"
		return
	case rawMessageType:
		p.decode, p.encode, p.expects, p.nullable = decodeRaw, encodeRaw, "a value", true
		return
	case numberType:
		p.decode, p.encode, p.expects = decodeNumber, encodeNumber, "a number"
		return
	}
	switch t.Kind() {
	case reflect.String:
		p.decode, p.encode, p.expects = decodeString, encodeString, "a string"
	case reflect.Bool:
		p.decode, p.encode, p.expects = decodeBool, encodeBool, "a boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.decode, p.encode, p.expects = decodeInt, encodeInt, "an integer"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.decode, p.encode, p.expects = decodeUint, encodeUint, "an integer"
	case reflect.Float32, reflect.Float64:
		p.decode, p.encode, p.expects = decodeFloat, encodeFloat, "a number"
	case reflect.Interface:
		p.decode, p.encode, p.expects, p.nullable = decodeInterface, c.plans.encodeInterface, "a value", true
	case reflect.Pointer:
		made := &pointerPlan{element: c.of(t.Elem())}
		p.decode, p.encode, p.nullable = made.decode, made.encode, true
		p.expects = made.element.expects
	case reflect.Struct:
		made := &structPlan{}
		p.decode, p.encode, p.expects = made.decode, made.encode, "an object"
		if err := c.fields(made, t); err != nil {
			p.refuse(err)
		}
	case reflect.Slice:
		c.slice(p)
	case reflect.Array:
		made := &arrayPlan{element: c.of(t.Elem())}
		p.decode, p.encode, p.expects = made.decode, made.encode, "an array"
	case reflect.Map:
		c.mapping(p)
	default:
		p.refuse(errors.New("a value of type " + t.String() + " cannot be JSON"))
	}
}

func (c *compiler) slice(p *plan) {
	element := p.typ.Elem()
	p.nullable = true
	switch {
	case p.typ == stringsType:
		p.decode, p.encode, p.expects = decodeStrings, encodeStrings, "an array"
	case element.Kind() == reflect.Uint8 && !implements(element, jsonMarshalerType) && !implements(element, textMarshalerType):
		p.decode, p.encode, p.expects = decodeBytes, encodeBytes, "a string"
	default:
		made := newSlicePlan(p.typ, c.of(element))
		p.decode, p.encode, p.expects = made.decode, made.encode, "an array"
	}
}

func (c *compiler) mapping(p *plan) {
	made := &mapPlan{element: c.of(p.typ.Elem()), key: mapKey{typ: p.typ.Key()}}
	p.decode, p.encode, p.expects, p.nullable = made.decode, made.encode, "an object", true
	if !made.key.possible() {
		p.refuse(errors.New("a map with keys of type " + p.typ.Key().String() + " cannot be JSON"))
	}
}

// byMethods replaces what byKind found by the methods with which a type reads
// and writes itself.
func (c *compiler) byMethods(p *plan) {
	t := p.typ
	switch {
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface, t == timeType, t == rawMessageType, c.plans.describeTags(t):
		return
	case implements(t, jsonUnmarshalerType):
		p.decode, p.expects, p.nullable = decodeByJSON, "a value", true
	case implements(t, textUnmarshalerType):
		p.decode, p.expects = decodeByText, "a string"
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

// refuse makes every use of a type an error.
func (p *plan) refuse(err error) {
	problem := err.Error()
	p.decode = func(d *decoder, _ reflect.Value) error { return d.problem(d.pos, problem) }
	p.encode = func(*encoder, reflect.Value) error { return &FieldError{Problem: "is impossible: " + problem} }
}

type pointerPlan struct{ element *plan }

type arrayPlan struct{ element *plan }

type mapPlan struct {
	key     mapKey
	element *plan
}
