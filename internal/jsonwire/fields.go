package jsonwire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
)

// A structPlan maps the members of an object to fields.
type structPlan struct {
	fields  []*field
	byName  map[string]int
	present []int        // the indices of the fields with api:"present"
	extra   int          // the index of Extra in the struct, or -1
	first   atomic.Int32 // like field.next, for the first member
}

// A field is one member of an object.
type field struct {
	name   string
	prefix []byte // `"name":`, as in a document without white space
	index  []int  // the path to the field through embedded structs
	rank   int    // the lowest is used among fields of one name: by depth, then tagged ones first
	plan   *plan

	// next is the index of the field that is expected after this one. Objects of
	// one kind have their members in the same order, so the guess is nearly always
	// right. Without it BenchmarkDecodePage is about 20 % slower.
	next atomic.Int32

	omitEmpty bool
	omitZero  bool
	isZero    func(reflect.Value) bool
	required  bool
	uid       bool
	present   bool
}

var extraType = reflect.TypeFor[map[string]json.RawMessage]()

// extraField returns the field Extra of a struct, which receives the members
// that no other field names.
func extraField(t reflect.Type) (extra reflect.StructField, ok bool) {
	extra, ok = t.FieldByName("Extra")
	return extra, ok && len(extra.Index) == 1 && extra.Type == extraType && extra.Tag.Get("json") == "-"
}

// hasMarkedExtra reports whether the JSON methods of t call this package.
func hasMarkedExtra(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	extra, ok := extraField(t)
	return ok && extra.Tag.Get("api") == "extra"
}

// fields fills in the plan of a struct.
func (c compiler) fields(s *structPlan, t reflect.Type) error {
	s.extra = -1
	if extra, ok := extraField(t); ok {
		s.extra = extra.Index[0]
	}
	all, err := c.collect(nil, t, nil)
	if err != nil {
		return err
	}
	s.byName = make(map[string]int, len(all))
	for _, f := range all {
		if f.isHidden(all) {
			continue
		}
		s.byName[f.name] = len(s.fields)
		if f.present {
			s.present = append(s.present, len(s.fields))
		}
		s.fields = append(s.fields, f)
		f.next.Store(int32(len(s.fields)))
	}
	return nil
}

// isHidden applies Go's rules for embedding to fields with the same name: the
// one with the lowest rank is used, and none if two have that rank.
func (f *field) isHidden(all []*field) bool {
	return slices.ContainsFunc(all, func(other *field) bool {
		return other != f && other.name == f.name && other.rank <= f.rank
	})
}

// collect returns the fields of a struct and of the structs that it embeds, in
// the order of their declaration. outer are the structs around t, and index is
// the path through them.
func (c compiler) collect(outer []reflect.Type, t reflect.Type, index []int) ([]*field, error) {
	var all []*field
	outer = append(outer, t)
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		f.Index = slices.Concat(index, f.Index)
		if nested := structOf(f.Type); f.Anonymous && name == "" && nested != nil {
			if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
				return nil, fmt.Errorf("%s.%s is an embedded pointer to an unexported type", t, f.Name)
			}
			if slices.Contains(outer, nested) {
				continue // its fields are hidden by those of the outer struct
			}
			promoted, err := c.collect(outer, nested, f.Index)
			if err != nil {
				return nil, err
			}
			all = append(all, promoted...)
			continue
		}
		if !f.IsExported() {
			continue
		}
		compiled, err := c.field(f, name, options)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		all = append(all, compiled)
	}
	return all, nil
}

// structOf returns the struct type that t is or points to, or nil.
func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// field compiles one field from its type and tags.
func (c compiler) field(sf reflect.StructField, name, options string) (*field, error) {
	f := &field{name: name, index: sf.Index, rank: 2 * len(sf.Index), plan: c.plan(sf.Type), isZero: zeroTest(sf.Type)}
	if name == "" {
		f.name = sf.Name
		f.rank++
	}
	if strings.ContainsAny(f.name, `"\`) {
		return nil, errors.New("names with quotes or backslashes are not supported")
	}
	f.prefix = []byte(`"` + f.name + `":`)
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			f.omitEmpty = true
			// A secret may be a struct, which is never empty.
			f.omitZero = f.omitZero || implements(sf.Type, secretType)
		case "omitzero":
			f.omitZero = true
		case "":
		default:
			return nil, fmt.Errorf("the json option %q is not supported", option)
		}
	}
	for option := range strings.SplitSeq(sf.Tag.Get("api"), ",") {
		switch option {
		case "required":
			f.required = true
		case "present":
			f.present = true
			present := &presentPlan{value: f.plan, name: f.name}
			f.plan = &plan{typ: sf.Type, decode: present.decode, encode: present.encode, readsNull: true}
		case "uid":
			t := sf.Type
			if t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			if f.uid = t.Kind() == reflect.String; !f.uid {
				return nil, fmt.Errorf("a %s cannot be a UID", sf.Type)
			}
		case "":
		default:
			return nil, fmt.Errorf("unknown api option %q", option)
		}
	}
	return f, nil
}
