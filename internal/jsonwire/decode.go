package jsonwire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
)

var errTarget = errors.New("jsonwire: the target is not a pointer, or nil")

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// unmarshal decodes data into what target points to.
func (p *plans) unmarshal(data []byte, target any) error {
	pointer := reflect.ValueOf(target)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return errTarget
	}
	v := pointer.Elem()
	plan := p.of(v.Type())
	v.SetZero()

	d := decoders.Get().(*decoder)
	d.reset(data)
	err := d.document(plan, v)
	d.release()
	if err != nil {
		v.SetZero() // half an answer is none
	}
	return err
}

func (d *decoder) reset(data []byte) { d.data, d.pos, d.depth = data, 0, 0 }

// release gives a decoder back for further documents, without what it has read.
func (d *decoder) release() {
	const most = 64 << 10
	d.data = nil
	d.recent.forget()
	if clear(d.list[:cap(d.list)]); cap(d.list) > most/16 {
		d.list = nil
	}
	if clear(d.scratch[:cap(d.scratch)]); cap(d.scratch) > most {
		d.scratch = nil
	}
	decoders.Put(d)
}

func (d *decoder) document(plan *plan, v reflect.Value) error {
	d.space()
	if d.at('n') && !plan.nullable {
		// As the whole answer, null is no object; as a member it is none.
		return d.expected(plan.expects)
	}
	if err := plan.decode(d, v); err != nil {
		return err
	}
	d.space()
	if d.pos < len(d.data) {
		return d.expected("the end of the input")
	}
	return nil
}

func (s *structPlan) decode(d *decoder, v reflect.Value) error {
	if !d.at('{') {
		return d.null("an object")
	}
	empty, err := d.open('}')
	if empty || err != nil {
		return err
	}
	var few [4]uint64
	seen := few[:]
	if len(s.fields) > 64*len(few) {
		seen = make([]uint64, (len(s.fields)+63)/64)
	}
	var unknown unknownMembers
	next := &s.first
	for {
		start := d.pos
		i := int(next.Load())
		if i < len(s.fields) && bytes.HasPrefix(d.data[d.pos:], s.fields[i].prefix) {
			if d.pos += len(s.fields[i].prefix); d.pos < len(d.data) && d.data[d.pos] <= ' ' {
				d.space()
			}
		} else {
			name, err := d.name()
			if err != nil {
				return err
			}
			known := false
			if i, known = s.byName[string(name)]; known {
				next.Store(int32(i))
			} else if err := unknown.read(s, d, v, string(name), start); err != nil {
				return within(member, err)
			} else if more, err := d.more('}'); more {
				continue
			} else {
				return err
			}
		}
		field := &s.fields[i]
		if seen[i>>6]&(1<<(i&63)) != 0 {
			return within(field.name, d.problem(start, "the member is there twice"))
		}
		seen[i>>6] |= 1 << (i & 63)
		if err := field.plan.decode(d, field.target(v)); err != nil {
			return within(field.name, err)
		}
		next = &field.next
		if more, err := d.more('}'); !more {
			return err
		}
	}
}

// unknownMembers are the members of one object that no field names.
type unknownMembers struct {
	extra map[string]json.RawMessage
	names map[string]struct{} // where there is no Extra to keep them
}

// read reads the value of an unknown member. Its name is in no error: it
// comes from the document.
func (u *unknownMembers) read(s *structPlan, d *decoder, v reflect.Value, name string, start int) error {
	if s.extra < 0 {
		if _, twice := u.names[name]; twice {
			return d.problem(start, "the member is there twice")
		}
		if u.names == nil {
			u.names = make(map[string]struct{})
		}
		u.names[name] = struct{}{}
		return d.skip()
	}
	if _, twice := u.extra[name]; twice {
		return d.problem(start, "the member is there twice")
	}
	raw, err := d.raw()
	if err != nil || holdsCredential(name, raw) {
		return err
	}
	if u.extra == nil {
		u.extra = make(map[string]json.RawMessage)
		*v.Field(s.extra).Addr().Interface().(*map[string]json.RawMessage) = u.extra
	}
	u.extra[name] = bytes.Clone(raw)
	return nil
}

// target returns the field within v, and makes what embedded pointers need on
// the way.
func (f *field) target(v reflect.Value) reflect.Value {
	if len(f.index) == 1 {
		return v.Field(f.index[0])
	}
	for i, index := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(index)
	}
	return v
}

func (p *pointerPlan) decode(d *decoder, v reflect.Value) error {
	if d.at('n') {
		return d.literal("null")
	}
	pointed := reflect.New(p.element.typ)
	if err := p.element.decode(d, pointed.Elem()); err != nil {
		return err
	}
	v.Set(pointed)
	return nil
}

func (m *mapPlan) decode(d *decoder, v reflect.Value) error {
	if !d.at('{') {
		return d.null("an object")
	}
	v.Set(reflect.MakeMap(v.Type()))
	empty, err := d.open('}')
	if empty || err != nil {
		return err
	}
	key := reflect.New(m.key.typ).Elem()
	for {
		start := d.pos
		name, err := d.name()
		if err != nil {
			return err
		}
		key.SetZero()
		if err := m.key.read(d, key, name, start); err != nil {
			return within(member, err)
		}
		if v.MapIndex(key).IsValid() {
			return within(member, d.problem(start, "the member is there twice"))
		}
		element := reflect.New(m.element.typ).Elem()
		if err := m.element.decode(d, element); err != nil {
			return within(member, err)
		}
		v.SetMapIndex(key, element)
		if more, err := d.more('}'); !more {
			return err
		}
	}
}

// decodeByJSON leaves the value to its type's UnmarshalJSON, once it is known
// to be valid.
func decodeByJSON(d *decoder, v reflect.Value) error {
	start := d.pos
	raw, err := d.raw()
	if err != nil {
		return err
	}
	if err := v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw); err != nil {
		return d.refused(start, v.Type().String(), err)
	}
	return nil
}

func decodeByText(d *decoder, v reflect.Value) error {
	if !d.at('"') {
		return d.null("a string")
	}
	start := d.pos
	text, err := d.text()
	if err != nil {
		return err
	}
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text); err != nil {
		return d.refused(start, v.Type().String(), err)
	}
	return nil
}
