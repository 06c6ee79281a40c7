package jsonwire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// An encoder writes one document.
type encoder struct {
	data    []byte
	depth   int
	masked  bool     // for anyone but the API
	secrets []string // those that were written in clear
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// pooled is the size up to which buffers are used again.
const pooled = 64 << 10

// marshal encodes value, whose pointers may be nil anywhere but at the top.
func (p *plans) marshal(value any, masked bool) (data []byte, secrets []string, err error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		if masked {
			return []byte("null"), nil, nil
		}
		return nil, nil, &FieldError{Path: "body", Problem: "is nil"}
	}
	plan := p.of(v.Type())
	e := encoders.Get().(*encoder)
	e.data = slices.Grow(e.data[:0], int(plan.written.Load()))
	e.depth, e.masked, e.secrets = 0, masked, nil
	if err := plan.encode(e, addressable(v)); err != nil {
		// The encoder is left to the garbage collector: it may hold secrets.
		if field := (*FieldError)(nil); errors.As(err, &field) && field.Path == "" {
			field.Path = "body"
		}
		return nil, nil, err
	}
	plan.written.Store(int64(len(e.data)))
	secrets = e.secrets
	if len(e.data) > pooled {
		return e.data, secrets, nil
	}
	data = bytes.Clone(e.data)
	if cap(e.data) <= pooled {
		clear(e.data)
		e.secrets = nil
		encoders.Put(e)
	}
	return data, secrets, nil
}

// addressable returns v or a copy of it, so that methods on pointers are found.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}

// mostSteps is how many arrays, objects and pointers may be nested in a value
// that is written. It is beyond what is read: it is there for values that hold
// themselves.
const mostSteps = 5 * MaxDepth

func (e *encoder) enter() error {
	if e.depth++; e.depth > mostSteps {
		return &FieldError{Problem: "is nested too deeply"}
	}
	return nil
}

func (s *structPlan) encode(e *encoder, v reflect.Value) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.data = append(e.data, '{')
	start := len(e.data)
	for i := range s.fields {
		field := &s.fields[i]
		value, there := field.source(v)
		if !e.masked {
			if err := field.check(value, there); err != nil {
				return err
			}
		}
		if !there || field.omit != nil && field.omit(value) {
			continue
		}
		if len(e.data) > start {
			e.data = append(e.data, ',')
		}
		e.data = append(e.data, field.prefix...)
		if err := field.plan.encode(e, value); err != nil {
			return within(field.name, err)
		}
	}
	if s.extra >= 0 {
		if err := s.encodeExtra(e, v.Field(s.extra), start); err != nil {
			return err
		}
	}
	e.depth--
	e.data = append(e.data, '}')
	return nil
}

// encodeExtra writes what the API sent beyond the fields; where it says
// something else than a field of the same name, the field is right.
func (s *structPlan) encodeExtra(e *encoder, v reflect.Value, start int) error {
	if v.Len() == 0 {
		return nil
	}
	extra := *addressable(v).Addr().Interface().(*map[string]json.RawMessage)
	names := make([]string, 0, len(extra))
	for name := range extra {
		if _, known := s.byName[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if len(e.data) > start {
			e.data = append(e.data, ',')
		}
		err := e.string(name)
		if err == nil {
			e.data = append(e.data, ':')
			err = e.raw(extra[name])
		}
		if err != nil {
			return within("Extra"+member, err)
		}
	}
	return nil
}

// source returns the field within v; there is none behind an embedded pointer
// that is nil.
func (f *field) source(v reflect.Value) (value reflect.Value, there bool) {
	if len(f.index) == 1 {
		return v.Field(f.index[0]), true
	}
	for i, index := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(index)
	}
	return v, true
}

// check tests what the API asks of a field, before anything is sent.
func (f *field) check(value reflect.Value, there bool) error {
	if f.required && (!there || f.isZero(value)) {
		return &FieldError{Path: f.name, Problem: "is required"}
	}
	if !f.uid || !there {
		return nil
	}
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if !value.IsValid() || value.Len() == 0 {
		return nil
	}
	if problem := operations.UIDProblem(value.String()); problem != "" {
		return &FieldError{Path: f.name, Problem: problem}
	}
	return nil
}

func (p *pointerPlan) encode(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.data = append(e.data, "null"...)
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	err := p.element.encode(e, v.Elem())
	e.depth--
	return err
}

func (p *plans) encodeInterface(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.data = append(e.data, "null"...)
		return nil
	}
	v = v.Elem()
	return p.of(v.Type()).encode(e, addressable(v))
}

func (s *slicePlan) encode(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.data = append(e.data, "null"...)
		return nil
	}
	return e.elements(s.element, v)
}

func (a *arrayPlan) encode(e *encoder, v reflect.Value) error { return e.elements(a.element, v) }

func (e *encoder) elements(element *plan, v reflect.Value) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.data = append(e.data, '[')
	for i := range v.Len() {
		if i > 0 {
			e.data = append(e.data, ',')
		}
		if err := element.encode(e, v.Index(i)); err != nil {
			return withinElement(i, err)
		}
	}
	e.depth--
	e.data = append(e.data, ']')
	return nil
}

func (m *mapPlan) encode(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.data = append(e.data, "null"...)
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	type entry struct {
		name  string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for each := v.MapRange(); each.Next(); {
		name, err := m.key.write(e, each.Key())
		if err != nil {
			return within(member, err)
		}
		entries = append(entries, entry{name, each.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	e.data = append(e.data, '{')
	for i, entry := range entries {
		if i > 0 {
			if entry.name == entries[i-1].name {
				return within(member, &FieldError{Problem: "is there twice: two keys have the same name"})
			}
			e.data = append(e.data, ',')
		}
		err := e.string(entry.name)
		if err == nil {
			e.data = append(e.data, ':')
			err = m.element.encode(e, addressable(entry.value))
		}
		if err != nil {
			return within(member, err)
		}
	}
	e.depth--
	e.data = append(e.data, '}')
	return nil
}

// encodeSecret writes a secret in clear for the API, and masked for others.
func encodeSecret(e *encoder, v reflect.Value) error {
	if !e.masked {
		return e.string(e.reveal(v))
	}
	if !implements(v.Type(), textMarshalerType) {
		return &FieldError{Problem: "is a secret that has no MarshalText to mask it"}
	}
	return encodeByText(e, v)
}

func (e *encoder) reveal(v reflect.Value) string {
	value := addressable(v).Addr().Interface().(secret).Reveal()
	if value != "" {
		e.secrets = append(e.secrets, value)
	}
	return value
}

// encodeByJSON leaves the value to its type's MarshalJSON.
func encodeByJSON(e *encoder, v reflect.Value) error {
	data, err := addressable(v).Addr().Interface().(json.Marshaler).MarshalJSON()
	if err != nil {
		return refusedBy(v.Type(), err)
	}
	return e.raw(data)
}

func encodeByText(e *encoder, v reflect.Value) error {
	text, err := addressable(v).Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return refusedBy(v.Type(), err)
	}
	return e.string(string(text))
}
