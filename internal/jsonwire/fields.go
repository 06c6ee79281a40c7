package jsonwire

import (
	"cmp"
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
	fields []*field
	byName map[string]int
	extra  int          // the index of Extra in the struct, or -1
	first  atomic.Int32 // like field.next, for the first member
}

// A field is one member of an object.
type field struct {
	name   string
	prefix []byte // `"name":`, as in a document without white space
	index  []int  // the path to the field through embedded structs
	tagged bool
	plan   *plan

	// next is the index of the field that is expected after this one. Objects of
	// one kind have their members in the same order, so the guess is nearly always
	// right. Without it BenchmarkDecodePage is about 20 % slower.
	next atomic.Int32

	omit     func(reflect.Value) bool // nil if the field is always written
	isZero   func(reflect.Value) bool
	required bool
	uid      bool
}

var extraType = reflect.TypeFor[map[string]json.RawMessage]()

// extraField returns the field Extra of a struct, which receives the members
// that no other field names.
func extraField(t reflect.Type) (extra reflect.StructField, ok bool) {
	for f := range t.Fields() {
		if f.Name == "Extra" && f.Type == extraType && f.Tag.Get("json") == "-" {
			return f, true
		}
	}
	return reflect.StructField{}, false
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
	all, err := c.collect(t)
	if err != nil {
		return err
	}
	s.fields = dominant(all)
	s.byName = make(map[string]int, len(s.fields))
	for i, f := range s.fields {
		s.byName[f.name] = i
		f.next.Store(int32(i + 1))
	}
	return nil
}

// collect finds the fields of a struct and of the structs that it embeds, level
// by level.
func (c compiler) collect(t reflect.Type) ([]*field, error) {
	type structure struct {
		t     reflect.Type
		index []int
	}
	var all []*field
	visited := make(map[reflect.Type]bool)
	for level := []structure{{t: t}}; len(level) > 0; {
		var deeper []structure
		for _, parent := range level {
			visited[parent.t] = true
		}
		for _, parent := range level {
			for f := range parent.t.Fields() {
				tag := f.Tag.Get("json")
				if tag == "-" {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				index := append(slices.Clone(parent.index), f.Index...)
				if nested := structOf(f.Type); f.Anonymous && name == "" && nested != nil {
					if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
						return nil, fmt.Errorf("%s.%s is an embedded pointer to an unexported type", parent.t, f.Name)
					}
					if !visited[nested] {
						deeper = append(deeper, structure{nested, index})
					}
					continue
				}
				if !f.IsExported() {
					continue
				}
				compiled, err := c.field(f, name, options)
				if err != nil {
					return nil, fmt.Errorf("%s.%s: %w", parent.t, f.Name, err)
				}
				compiled.index = index
				all = append(all, compiled)
			}
		}
		level = deeper
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
	f := &field{name: name, tagged: name != "", plan: c.plan(sf.Type), isZero: zeroTest(sf.Type)}
	if name == "" {
		f.name = sf.Name
	}
	if strings.ContainsAny(f.name, `"\`) {
		return nil, errors.New("names with quotes or backslashes are not supported")
	}
	f.prefix = []byte(`"` + f.name + `":`)
	var err error
	if f.omit, err = omitTest(sf.Type, options); err != nil {
		return nil, err
	}
	for option := range strings.SplitSeq(sf.Tag.Get("api"), ",") {
		switch option {
		case "required":
			f.required = true
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

// dominant applies Go's rules for embedding to fields with the same name, where
// a tagged field precedes others of its depth. It drops names that remain
// ambiguous, and returns the fields in the order of the struct.
func dominant(all []*field) []*field {
	slices.SortStableFunc(all, func(a, b *field) int {
		return cmp.Or(
			strings.Compare(a.name, b.name),
			cmp.Compare(len(a.index), len(b.index)),
			-cmp.Compare(rank(a), rank(b)),
		)
	})
	var chosen []*field
	for i := 0; i < len(all); {
		same := i + 1
		for same < len(all) && all[same].name == all[i].name {
			same++
		}
		ambiguous := same > i+1 && len(all[i+1].index) == len(all[i].index) && all[i+1].tagged == all[i].tagged
		if !ambiguous {
			chosen = append(chosen, all[i])
		}
		i = same
	}
	slices.SortFunc(chosen, func(a, b *field) int { return slices.Compare(a.index, b.index) })
	return chosen
}

func rank(f *field) int {
	if f.tagged {
		return 1
	}
	return 0
}
