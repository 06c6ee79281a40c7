package jsonwire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
)

// A structPlan says which member of an object belongs to which field.
type structPlan struct {
	fields []field
	byName map[string]int
	extra  int          // the index of the field Extra, or -1
	first  atomic.Int32 // the field that was first in the last object; see field.next
}

// A field is one member of an object.
type field struct {
	name   string
	prefix []byte // "name": as it stands in a document without white space
	index  []int  // the way to the field through embedded structs
	tagged bool
	plan   *plan

	// next is the field that followed this one when the order was last not as
	// guessed. Objects of one kind come with their members in the same order,
	// so the guess is nearly always right and spares looking the name up.
	next atomic.Int32

	omit     func(reflect.Value) bool // nil when it is always written
	isZero   func(reflect.Value) bool
	required bool
	uid      bool
}

var extraType = reflect.TypeFor[map[string]json.RawMessage]()

// extraField returns the index of the field that takes the members which no
// field names: Extra map[string]json.RawMessage `json:"-"`; or -1.
func extraField(t reflect.Type) int {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "Extra" && f.Type == extraType && f.Tag.Get("json") == "-" {
			return i
		}
	}
	return -1
}

// fields fills in the plan of a struct.
func (c *compiler) fields(made *structPlan, t reflect.Type) error {
	made.extra = extraField(t)
	found, err := c.collect(t)
	if err != nil {
		return err
	}
	made.fields = make([]field, len(found))
	made.byName = make(map[string]int, len(found))
	for i, f := range found {
		made.byName[f.name] = i
		made.fields[i] = field{
			name: f.name, prefix: []byte(`"` + f.name + `":`), index: f.index, plan: f.plan,
			omit: f.omit, isZero: f.isZero, required: f.required, uid: f.uid,
		}
		made.fields[i].next.Store(int32(i + 1))
	}
	return nil
}

// collect finds the fields of a struct and of the structs that are embedded in
// it, level by level.
func (c *compiler) collect(t reflect.Type) ([]*field, error) {
	type embedded struct {
		t     reflect.Type
		index []int
	}
	var found []*field
	visited := make(map[reflect.Type]bool)
	for level := []embedded{{t: t}}; len(level) > 0; {
		var deeper []embedded
		for _, at := range level {
			visited[at.t] = true
		}
		for _, at := range level {
			for i := range at.t.NumField() {
				f := at.t.Field(i)
				name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
				if f.Tag.Get("json") == "-" || !f.IsExported() && !(f.Anonymous && structOf(f.Type) != nil) {
					continue
				}
				index := append(slices.Clone(at.index), i)
				if inner := structOf(f.Type); f.Anonymous && name == "" && inner != nil {
					if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
						return nil, fmt.Errorf("%s.%s is an embedded pointer to an unexported type", at.t, f.Name)
					}
					if !visited[inner] {
						deeper = append(deeper, embedded{inner, index})
					}
					continue
				}
				if !f.IsExported() {
					continue
				}
				made, err := c.field(f, name, options)
				if err != nil {
					return nil, fmt.Errorf("%s.%s: %w", at.t, f.Name, err)
				}
				made.index = index
				found = append(found, made)
			}
		}
		level = deeper
	}
	return dominant(found), nil
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

// field makes the plan of one field from its tags.
func (c *compiler) field(f reflect.StructField, name, options string) (*field, error) {
	made := &field{name: name, tagged: name != "", plan: c.of(f.Type), isZero: zeroTest(f.Type)}
	if name == "" {
		made.name = f.Name
	}
	if strings.ContainsAny(made.name, "\"\\") {
		return nil, fmt.Errorf("a name with quotes or backslashes is not supported")
	}
	var empty, zero bool
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			empty = true
		case "omitzero":
			zero = true
		case "":
		default:
			return nil, fmt.Errorf("the json option %q is not supported", option)
		}
	}
	isEmpty := emptyTest(f.Type)
	switch {
	case empty && zero:
		made.omit = func(v reflect.Value) bool { return isEmpty(v) || made.isZero(v) }
	case empty:
		made.omit = isEmpty
	case zero:
		made.omit = made.isZero
	}
	for option := range strings.SplitSeq(f.Tag.Get("api"), ",") {
		switch option {
		case "required":
			made.required = true
		case "uid":
			t := f.Type
			if t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			if made.uid = t.Kind() == reflect.String; !made.uid {
				return nil, fmt.Errorf("a %s cannot be a UID", f.Type)
			}
		case "":
		default:
			return nil, fmt.Errorf("the api option %q is not known", option)
		}
	}
	return made, nil
}

// dominant keeps of the fields with the same name the one that Go's rules for
// embedding choose, where a tag counts as well, and none where they do not.
// What is left stands in the order of the struct.
func dominant(found []*field) []*field {
	slices.SortStableFunc(found, func(a, b *field) int {
		return cmp.Or(
			strings.Compare(a.name, b.name),
			cmp.Compare(len(a.index), len(b.index)),
			-cmp.Compare(rank(a), rank(b)),
			slices.Compare(a.index, b.index),
		)
	})
	var kept []*field
	for i := 0; i < len(found); {
		same := i + 1
		for same < len(found) && found[same].name == found[i].name {
			same++
		}
		ambiguous := same > i+1 && len(found[i+1].index) == len(found[i].index) && found[i+1].tagged == found[i].tagged
		if !ambiguous {
			kept = append(kept, found[i])
		}
		i = same
	}
	slices.SortFunc(kept, func(a, b *field) int { return slices.Compare(a.index, b.index) })
	return kept
}

func rank(f *field) int {
	if f.tagged {
		return 1
	}
	return 0
}

type zeroer interface{ IsZero() bool }

var zeroerType = reflect.TypeFor[zeroer]()

// zeroTest returns the test of omitzero: the type's own IsZero where it has
// one. A pointer to such a type is zero when what it points to is.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		if !t.Implements(zeroerType) {
			return reflect.Value.IsZero
		}
		return func(v reflect.Value) bool {
			return v.IsNil() || v.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() ||
				v.Interface().(zeroer).IsZero()
		}
	case implements(t, zeroerType):
		return func(v reflect.Value) bool { return addressable(v).Addr().Interface().(zeroer).IsZero() }
	}
	return reflect.Value.IsZero
}

// emptyTest returns the test of omitempty, which for a secret is its IsZero.
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
