package jsonwire

import (
	"reflect"
	"sync"
)

// A slicePlan decodes the first elements into memory that is used again and
// again, until their number is known or can be judged, so that a slice is
// allocated once and fits.
type slicePlan struct {
	element *plan
	waiting sync.Pool // of *reflect.Value: slices of waitingRoom zero elements
}

const waitingRoom = 8

func newSlicePlan(t reflect.Type, element *plan) *slicePlan {
	s := &slicePlan{element: element}
	s.waiting.New = func() any {
		room := reflect.MakeSlice(t, waitingRoom, waitingRoom)
		return &room
	}
	return s
}

func (s *slicePlan) decode(d *decoder, v reflect.Value) error {
	if !d.at('[') {
		return d.null("an array")
	}
	start := d.pos
	empty, err := d.open(']')
	if empty {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	if empty || err != nil {
		return err
	}
	room := s.waiting.Get().(*reflect.Value)
	n := 0
	for more := true; more && n < waitingRoom; n++ {
		if err := s.element.decode(d, room.Index(n)); err != nil {
			return withinElement(n, err)
		}
		if more, err = d.more(']'); err != nil {
			return err
		}
		if !more {
			s.settle(v, room, n+1, 0)
			return nil
		}
	}
	s.settle(v, room, n, d.further(n, start, v))
	return s.decodeRest(d, v, start)
}

// settle moves n elements from room to v, and gives v room for further ones.
func (s *slicePlan) settle(v reflect.Value, room *reflect.Value, n, further int) {
	v.Grow(n + further)
	v.SetLen(n)
	reflect.Copy(v, *room)
	for i := range n {
		room.Index(i).SetZero()
	}
	s.waiting.Put(room)
}

// decodeRest goes on with the elements of an array that begins at start.
func (s *slicePlan) decodeRest(d *decoder, v reflect.Value, start int) error {
	for more := true; more; {
		n := v.Len()
		if n == v.Cap() {
			v.Grow(max(n/2, d.further(n, start, v)))
		}
		v.SetLen(n + 1)
		element := v.Index(n)
		if err := s.element.decode(d, element); err != nil {
			return withinElement(n, err)
		}
		var err error
		if more, err = d.more(']'); err != nil {
			return err
		}
	}
	if v.Cap()-v.Len() > v.Len()/4 {
		fitting := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fitting, v)
		v.Set(fitting)
	}
	return nil
}

// further judges how many elements are still to come in an array that began at
// start, from the n elements so far and the bytes that are left. The memory
// that it leads to is never more than that of the document itself.
func (d *decoder) further(n, start int, v reflect.Value) int {
	left := len(d.data) - d.pos
	likely := left * n / (d.pos - start)
	size := max(int(v.Type().Elem().Size()), 1)
	return min(likely+likely/16, left/size) + 1
}

func (a *arrayPlan) decode(d *decoder, v reflect.Value) error {
	if !d.at('[') {
		return d.null("an array")
	}
	start := d.pos
	empty, err := d.open(']')
	if empty || err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n == v.Len() {
			return d.problem(start, "an array of "+v.Type().String()+" was expected, a longer one was found")
		}
		if err := a.element.decode(d, v.Index(n)); err != nil {
			return withinElement(n, err)
		}
		if more, err := d.more(']'); !more {
			return err
		}
	}
}

// decodeStrings is the slice of slices: the strings wait in the decoder.
func decodeStrings(d *decoder, v reflect.Value) error {
	if !d.at('[') {
		return d.null("an array")
	}
	empty, err := d.open(']')
	if empty {
		v.Set(reflect.MakeSlice(stringsType, 0, 0))
	}
	if empty || err != nil {
		return err
	}
	d.list = d.list[:0]
	for {
		element := ""
		if d.at('"') {
			text, err := d.text()
			if err != nil {
				return withinElement(len(d.list), err)
			}
			element = d.keep(text)
		} else if err := d.null("a string"); err != nil {
			return withinElement(len(d.list), err)
		}
		d.list = append(d.list, element)
		more, err := d.more(']')
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	*v.Addr().Interface().(*[]string) = append(make([]string, 0, len(d.list)), d.list...)
	return nil
}
