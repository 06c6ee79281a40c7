package jsonwire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
)

var errTarget = errors.New("jsonwire: the target must be a non-nil pointer")

// Decoders are pooled because of recent, which is larger than most documents.
var decoders = sync.Pool{New: func() any { return &decoder{recent: new(recentStrings)} }}

// unmarshal decodes data into the value that target points to. response says
// whether members with api:"present" are required.
func unmarshal(data []byte, target any, response bool) error {
	pointer := reflect.ValueOf(target)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return errTarget
	}
	v := pointer.Elem()
	p := planOf(v.Type())
	v.SetZero()

	d := decoders.Get().(*decoder)
	d.data, d.pos, d.depth, d.response, d.budget = data, 0, 0, response, budgetFor(len(data))
	err := d.document(p, v)
	d.data = nil
	clear(d.recent[:])
	decoders.Put(d)
	if err != nil {
		v.SetZero()
	}
	return err
}

func (d *decoder) document(p *plan, v reflect.Value) error {
	d.space()
	if d.nextIs('n') && !p.readsNull && !isNilable(p.typ) {
		// Within a document null stands for a missing value, but not as the document.
		return d.expected(p.expects)
	}
	if err := p.read(d, v); err != nil {
		return err
	}
	d.space()
	if d.pos < len(d.data) {
		return d.expected("the end of the document")
	}
	return nil
}

// read decodes the value at d.pos. null leaves v zero, unless the type's own
// method reads it.
func (p *plan) read(d *decoder, v reflect.Value) error {
	if !d.nextIs(p.kind) { // without this test BenchmarkDecodePage is about 5 % slower
		next := d.nextKind()
		if next == 'n' && !p.readsNull {
			return d.literal("null")
		}
		if p.kind != 0 && next != p.kind {
			return d.expected(p.expects)
		}
	}
	return p.decode(d, v)
}

func (s *structPlan) decode(d *decoder, v reflect.Value) error {
	var bits [4]uint64
	seen := bits[:]
	if len(s.fields) > 256 {
		seen = make([]uint64, (len(s.fields)+63)/64)
	}
	var unknown unknownMembers
	next := &s.first
	for n := 0; ; n++ {
		if more, err := d.more('}', n); !more {
			d.releaseNames(unknown.names)
			if err == nil && d.response && len(s.present) > 0 {
				err = s.checkPresent(d, seen)
			}
			return err
		}
		start := d.pos
		i, name, err := s.name(d, next)
		if err != nil {
			return err
		}
		if i < 0 {
			if err := unknown.read(s, d, v, d.intern(name), start); err != nil {
				return within(anyMember, err)
			}
			continue
		}
		f := s.fields[i]
		if seen[i>>6]&(1<<(i&63)) != 0 {
			return within(f.name, d.problem(start, duplicateMember))
		}
		seen[i>>6] |= 1 << (i & 63)
		next = &f.next
		if err := f.plan.read(d, f.target(d, v)); err != nil {
			return within(f.name, err)
		}
	}
}

const duplicateMember = "duplicate member"

// checkPresent returns an error if a member with api:"present" was not seen.
func (s *structPlan) checkPresent(d *decoder, seen []uint64) error {
	for _, i := range s.present {
		if seen[i>>6]&(1<<(i&63)) == 0 {
			return within(s.fields[i].name, d.missing(d.pos, s.fields[i].name))
		}
	}
	return nil
}

// name reads a member's name and the colon. It returns the index of the field,
// or -1 and the name. The field that next expects is tried first.
func (s *structPlan) name(d *decoder, next *atomic.Int32) (index int, name []byte, err error) {
	if i := int(next.Load()); i < len(s.fields) && bytes.HasPrefix(d.data[d.pos:], s.fields[i].prefix) {
		d.pos += len(s.fields[i].prefix)
		d.space()
		return i, nil, nil
	}
	if name, err = d.name(); err != nil {
		return 0, nil, err
	}
	if index, known := s.byName[string(name)]; known {
		next.Store(int32(index))
		return index, nil, nil
	}
	return -1, name, nil
}

// unknownMembers are the members of one object that no field names.
type unknownMembers struct {
	extra map[string]json.RawMessage
	names map[string]struct{} // for a struct without Extra
}

// read reads the value of an unknown member. No error contains its name, which
// comes from the document.
func (u *unknownMembers) read(s *structPlan, d *decoder, v reflect.Value, name string, start int) error {
	if s.extra < 0 {
		if _, duplicate := u.names[name]; duplicate {
			return d.problem(start, duplicateMember)
		}
		if u.names == nil {
			u.names = d.takeNames()
		}
		if len(u.names) >= maxKeptNames {
			if err := d.chargeEntry(len(u.names), stringBytes, 0); err != nil {
				return err
			}
		}
		u.names[name] = struct{}{}
		return d.skip()
	}
	if _, duplicate := u.extra[name]; duplicate {
		return d.problem(start, duplicateMember)
	}
	raw, err := d.raw()
	if err != nil || holdsCredential(name, raw) {
		return err
	}
	if u.extra == nil {
		d.use(mapBytes)
		u.extra = make(map[string]json.RawMessage)
		*v.Field(s.extra).Addr().Interface().(*map[string]json.RawMessage) = u.extra
	}
	d.use(len(raw))
	if err := d.chargeEntry(len(u.extra), stringBytes, sliceBytes); err != nil {
		return err
	}
	u.extra[name] = bytes.Clone(raw)
	return nil
}

// maxKeptNames is the number of names up to which a set is used again. Clearing a
// larger one for each object would take long.
const maxKeptNames = 64

// takeNames returns an empty set for the unknown members of an object.
func (d *decoder) takeNames() map[string]struct{} {
	last := len(d.names) - 1
	if last < 0 {
		return make(map[string]struct{})
	}
	names := d.names[last]
	d.names = d.names[:last]
	return names
}

func (d *decoder) releaseNames(names map[string]struct{}) {
	if names != nil && len(names) <= maxKeptNames {
		clear(names)
		d.names = append(d.names, names)
	}
}

// target returns the field within v. It allocates embedded structs that are nil.
func (f *field) target(d *decoder, v reflect.Value) reflect.Value {
	if len(f.index) == 1 {
		return v.Field(f.index[0])
	}
	for _, index := range f.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				d.use(int(v.Type().Elem().Size()))
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(index)
	}
	return v
}

// decode returns an error if the member is null or an empty string.
func (p *presentPlan) decode(d *decoder, v reflect.Value) error {
	start := d.pos
	if err := p.value.read(d, v); err != nil {
		return err
	}
	if d.response && (d.data[start] == 'n' || v.Kind() == reflect.String && v.Len() == 0) {
		return d.missing(start, p.name)
	}
	return nil
}

func (p *presentPlan) encode(e *encoder, v reflect.Value) { p.value.encode(e, v) }

func (p *pointerPlan) decode(d *decoder, v reflect.Value) error {
	if err := d.charge(int(p.element.typ.Size())); err != nil {
		return err
	}
	pointer := reflect.New(p.element.typ)
	if err := p.element.read(d, pointer.Elem()); err != nil {
		return err
	}
	v.Set(pointer)
	return nil
}

func (m *mapPlan) decode(d *decoder, v reflect.Value) error {
	if err := d.charge(mapBytes); err != nil {
		return err
	}
	object := reflect.MakeMap(v.Type())
	keyBytes, elementBytes := int(m.key.typ.Size()), int(m.element.typ.Size())
	var key, element reflect.Value
	for n := 0; ; n++ {
		more, err := d.more('}', n)
		if err != nil {
			return err
		}
		if !more {
			v.Set(object)
			return nil
		}
		if n == 0 {
			d.use(keyBytes)
			d.use(elementBytes)
			key, element = reflect.New(m.key.typ).Elem(), reflect.New(m.element.typ).Elem()
		}
		if err := m.entry(d, object, key, element); err != nil {
			return err
		}
		if err := d.chargeEntry(n, keyBytes, elementBytes); err != nil {
			return within(anyMember, err)
		}
		object.SetMapIndex(key, element)
	}
}

// entry reads a member into key and element.
func (m *mapPlan) entry(d *decoder, object, key, element reflect.Value) error {
	start := d.pos
	name, err := d.name()
	if err != nil {
		return err
	}
	key.SetZero()
	element.SetZero()
	if err := m.key.decode(d, key, name, start); err != nil {
		return within(anyMember, err)
	}
	if object.MapIndex(key).IsValid() {
		return within(anyMember, d.problem(start, duplicateMember))
	}
	if err := m.element.read(d, element); err != nil {
		return within(anyMember, err)
	}
	return nil
}

// decodeByJSON checks the value and calls the type's UnmarshalJSON.
func decodeByJSON(d *decoder, v reflect.Value) error {
	start := d.pos
	raw, err := d.raw()
	if err != nil {
		return err
	}
	d.use(len(raw))
	return d.rejected(start, v.Type(), v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw))
}

func decodeByText(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.text()
	if err != nil {
		return err
	}
	d.use(len(text) + stringBytes)
	return d.rejected(start, v.Type(), v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text))
}
