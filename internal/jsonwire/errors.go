package jsonwire

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// A FieldError says that a field of a body is missing or malformed.
type FieldError struct {
	Path    string // such as "storeAccess[0].storeUid"; "body" for the whole
	Problem string // such as "is required"; it never repeats the field's value
}

// Error returns the path followed by the problem.
func (e *FieldError) Error() string { return e.Path + " " + e.Problem }

// under puts segment in front of the path, on the way out of a nested value.
func (e *FieldError) under(segment string) { e.Path = joinPath(segment, e.Path) }

// A decodeError says where a document departs from what its type expects. Its
// text names fields of the type, kinds and offsets, and nothing of the document:
// that may hold a secret, and the text may end in a log.
type decodeError struct {
	path    string
	problem string
	offset  int
	cause   error // io.ErrUnexpectedEOF, or what a type's own decoder said; not in the text
}

func (e *decodeError) Error() string {
	text := e.problem + " (byte " + strconv.Itoa(e.offset) + ")"
	if e.path == "" {
		return text
	}
	return e.path + ": " + text
}

func (e *decodeError) Unwrap() error { return e.cause }

func (e *decodeError) under(segment string) { e.path = joinPath(segment, e.path) }

// An encodeError carries what a type's own encoder said. Like the text of a
// decodeError, its own leaves that out.
type encodeError struct {
	FieldError
	cause error
}

func (e *encodeError) Unwrap() []error { return []error{&e.FieldError, e.cause} }

// refusedBy reports that a type's own encoder failed.
func refusedBy(t reflect.Type, cause error) error {
	return &encodeError{FieldError{Problem: "cannot be written by its type " + t.String()}, cause}
}

// within adds a step to the path of an error that comes out of a nested value.
func within(segment string, err error) error {
	if located, ok := err.(interface{ under(segment string) }); ok {
		located.under(segment)
	}
	return err
}

func withinElement(index int, err error) error {
	return within("["+strconv.Itoa(index)+"]", err)
}

// member stands in paths for a name that comes from the document or the
// caller's map rather than from a type.
const member = "[*]"

func joinPath(segment, path string) string {
	if path == "" {
		return segment
	}
	if strings.HasPrefix(path, "[") {
		return segment + path
	}
	return segment + "." + path
}

// expected reports that the byte at d.pos begins something else than what.
func (d *decoder) expected(what string) error {
	if d.pos >= len(d.data) {
		return d.truncated()
	}
	return d.problem(d.pos, what+" was expected, "+kindOf(d.data[d.pos])+" was found")
}

func (d *decoder) truncated() error {
	return &decodeError{problem: "the input ends too early", offset: len(d.data), cause: io.ErrUnexpectedEOF}
}

func (d *decoder) problem(offset int, problem string) error {
	return &decodeError{problem: problem, offset: offset}
}

// refused reports that a type's own decoder did not take the value at offset.
func (d *decoder) refused(offset int, typeName string, cause error) error {
	if errors.Is(cause, io.ErrUnexpectedEOF) {
		// The document is complete; only the type's view of it is not.
		cause = errors.New("unexpected end of the value")
	}
	return &decodeError{problem: fmt.Sprintf("the value is refused by %s", typeName), offset: offset, cause: cause}
}

func kindOf(first byte) string {
	switch first {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return "a number"
	case ',':
		return "a comma"
	case ':':
		return "a colon"
	case ']':
		return "the end of an array"
	case '}':
		return "the end of an object"
	}
	return "something that is not JSON"
}
