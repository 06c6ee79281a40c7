package jsonwire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// An encoder writes one document. After the first problem its data is useless;
// it goes on to find further problems.
type encoder struct {
	data     []byte
	depth    int
	path     []step // from the whole value to the one that is being encoded
	masked   bool   // whether secrets are masked and api tags ignored
	secrets  []string
	problems FieldErrors
	stopped  bool // whether nested values are no longer encoded
}

// A step leads from a value to a member or, if name is empty, to an element.
type step struct {
	name  string
	index int
}

const (
	// maxEncodeDepth limits how deeply arrays, objects and pointers nest. It is
	// reached by values that contain themselves.
	maxEncodeDepth = 1000

	// maxProblems limits how many problems are reported for one value.
	maxProblems = 100
)

var encoders = sync.Pool{New: func() any { return new(encoder) }}

func marshal(value any, masked bool) (data []byte, secrets []string, err error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		if masked {
			return []byte("null"), nil, nil
		}
		return nil, nil, FieldErrors{{Problem: "is nil"}}
	}
	e := encoders.Get().(*encoder)
	*e = encoder{data: e.data[:0], path: e.path[:0], masked: masked}
	planOf(v.Type()).encode(e, addressable(v))
	data, secrets, problems := bytes.Clone(e.data), e.secrets, e.problems
	e.secrets, e.problems = nil, nil
	encoders.Put(e)
	if problems != nil {
		return nil, nil, problems
	}
	return data, secrets, nil
}

// problem reports a problem of the value at e.path.
func (e *encoder) problem(text string) { e.failed(text, nil) }

// failed reports that a value could not be encoded because of cause.
func (e *encoder) failed(text string, cause error) {
	path := ""
	for _, s := range slices.Backward(e.path) {
		segment := s.name
		if segment == "" {
			segment = elementSegment(s.index)
		}
		path = joinPath(segment, path)
	}
	if len(e.problems) == maxProblems {
		return
	}
	e.problems = append(e.problems, &FieldError{Path: path, Problem: text, cause: cause})
	e.stopped = e.stopped || len(e.problems) == maxProblems
}

// enter begins a nested value and reports whether it is to be encoded.
func (e *encoder) enter() bool {
	if e.depth >= maxEncodeDepth && !e.stopped {
		e.problem("is nested too deeply")
		e.stopped = true // a value that contains itself twice would otherwise take exponential time
	}
	if e.stopped {
		return false
	}
	e.depth++
	return true
}

// comma ends an element or a member.
func (e *encoder) comma() { e.data = append(e.data, ',') }

// leave ends an array or an object. It replaces the last comma.
func (e *encoder) leave(end byte) {
	e.depth--
	if last := len(e.data) - 1; e.data[last] == ',' {
		e.data[last] = end
	} else {
		e.data = append(e.data, end)
	}
}

func (e *encoder) null() { e.data = append(e.data, "null"...) }

// addressable returns v or a copy of it, so that methods on pointers are found.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	variable := reflect.New(v.Type()).Elem()
	variable.Set(v)
	return variable
}

func (s *structPlan) encode(e *encoder, v reflect.Value) {
	if !e.enter() {
		return
	}
	e.data = append(e.data, '{')
	for _, f := range s.fields {
		value, err := v.FieldByIndexErr(f.index)
		present := err == nil // not if an embedded pointer is nil
		e.path = append(e.path, step{name: f.name})
		if !e.masked && !f.valid(e, value, present) {
			present = false
		}
		if present && !(f.omitEmpty && isEmpty(value) || f.omitZero && f.isZero(value)) {
			e.data = append(e.data, f.prefix...)
			f.plan.encode(e, value)
			e.comma()
		}
		e.path = e.path[:len(e.path)-1]
	}
	if s.extra >= 0 {
		s.encodeExtra(e, v.Field(s.extra))
	}
	e.leave('}')
}

// encodeExtra writes the members of Extra, sorted by name, except those that
// have the name of a field.
func (s *structPlan) encodeExtra(e *encoder, v reflect.Value) {
	if v.Len() == 0 {
		return
	}
	extra := *addressable(v).Addr().Interface().(*map[string]json.RawMessage)
	names := make([]string, 0, len(extra))
	for name := range extra {
		if _, known := s.byName[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	e.path = append(e.path, step{name: "Extra" + anyMember})
	for _, name := range names {
		e.string(name)
		e.data = append(e.data, ':')
		e.raw(extra[name])
		e.comma()
	}
	e.path = e.path[:len(e.path)-1]
}

// valid reports what the API would reject. It returns false if there is a problem.
func (f *field) valid(e *encoder, value reflect.Value, present bool) bool {
	if f.required && (!present || f.isZero(value)) {
		e.problem(required)
		return false
	}
	if !f.uid || !present {
		return true
	}
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if !value.IsValid() || value.Len() == 0 {
		return true
	}
	problem := operations.UIDProblem(value.String())
	if problem != "" {
		e.problem(problem)
	}
	return problem == ""
}

func (p *pointerPlan) encode(e *encoder, v reflect.Value) {
	if e.enter() {
		p.element.encode(e, v.Elem())
		e.depth--
	}
}

func encodeInterface(e *encoder, v reflect.Value) {
	v = v.Elem()
	planOf(v.Type()).encode(e, addressable(v))
}

func (m *mapPlan) encode(e *encoder, v reflect.Value) {
	if !e.enter() {
		return
	}
	e.path = append(e.path, step{name: anyMember})
	type entry struct {
		name  string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for each := v.MapRange(); each.Next(); {
		if name, ok := m.key.encode(e, each.Key()); ok {
			entries = append(entries, entry{name, each.Value()})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	e.data = append(e.data, '{')
	for i, entry := range entries {
		if i > 0 && entry.name == entries[i-1].name {
			e.problem("is a duplicate: two keys have the same name")
		}
		e.string(entry.name)
		e.data = append(e.data, ':')
		m.element.encode(e, addressable(entry.value))
		e.comma()
	}
	e.path = e.path[:len(e.path)-1]
	e.leave('}')
}

func encodeSecret(e *encoder, v reflect.Value) {
	if text, ok := e.secretText(v); ok {
		e.string(text)
	}
}

// secretText returns a secret in clear or, if e.masked, as its MarshalText does.
func (e *encoder) secretText(v reflect.Value) (text string, ok bool) {
	if e.masked {
		if !implements(v.Type(), textMarshalerType) {
			e.problem("is a secret without a MarshalText method")
			return "", false
		}
		return e.methodText(v)
	}
	text = addressable(v).Addr().Interface().(secret).Reveal()
	if text != "" {
		e.secrets = append(e.secrets, text)
	}
	return text, true
}

// encodeByJSON calls the type's MarshalJSON.
func encodeByJSON(e *encoder, v reflect.Value) {
	data, err := addressable(v).Addr().Interface().(json.Marshaler).MarshalJSON()
	if err != nil {
		e.rejected(v.Type(), err)
		return
	}
	e.raw(data)
}

func encodeByText(e *encoder, v reflect.Value) {
	if text, ok := e.methodText(v); ok {
		e.string(text)
	}
}

// methodText calls the type's MarshalText.
func (e *encoder) methodText(v reflect.Value) (text string, ok bool) {
	data, err := addressable(v).Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		e.rejected(v.Type(), err)
	}
	return string(data), err == nil
}

func (e *encoder) rejected(t reflect.Type, cause error) {
	e.failed("was rejected by its type "+t.String(), cause)
}
