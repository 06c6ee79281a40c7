package jsonwire

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const required = "is required"

var (
	// ErrMissing is the cause of an error for a missing member with api:"present".
	ErrMissing = errors.New("missing member")
	// ErrMemory is the cause of an error for a document that would take too much memory.
	ErrMemory = errors.New("too much memory")
)

// A FieldError says that a field of a body is missing or invalid.
type FieldError struct {
	Path    string // such as "storeAccess[0].storeUid"; empty for the whole body
	Problem string // such as "is required"; it never contains the field's value
	cause   error  // what the type's own method returned; not part of the text
}

// Error returns the field's path and the problem.
func (e *FieldError) Error() string {
	if e.Path == "" {
		return "value " + e.Problem
	}
	return "field " + e.Path + " " + e.Problem
}

// Unwrap returns the error of the type's own method, or nil.
func (e *FieldError) Unwrap() error { return e.cause }

// FieldErrors are the problems of one body, in the order of its fields.
type FieldErrors []*FieldError

// Error returns all problems in one line. Missing fields come first, in one list.
func (e FieldErrors) Error() string {
	var missing, parts []string
	for _, field := range e {
		if field.Problem == required {
			missing = append(missing, field.Path)
		} else {
			parts = append(parts, field.Error())
		}
	}
	if last := len(missing) - 1; last > 0 {
		parts = slices.Insert(parts, 0, "fields "+strings.Join(missing[:last], ", ")+" and "+missing[last]+" are required")
	} else if last == 0 {
		parts = slices.Insert(parts, 0, "field "+missing[0]+" is required")
	}
	return strings.Join(parts, "; ")
}

// Unwrap returns the problems.
func (e FieldErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i, field := range e {
		all[i] = field
	}
	return all
}

// A decodeError says where a document differs from what its type expects. Its
// text contains names of fields, kinds and offsets, and nothing of the document:
// that may hold a secret, and error texts end up in logs.
type decodeError struct {
	path    string
	problem string
	offset  int
	cause   error // ErrMissing, ErrMemory, io.ErrUnexpectedEOF, or that of the type's own method; not part of the text
}

func (e *decodeError) Error() string {
	position := "byte " + strconv.Itoa(e.offset)
	if e.path != "" {
		position = e.path + ", " + position
	}
	return e.problem + " (at " + position + ")"
}

func (e *decodeError) Unwrap() error { return e.cause }

// within puts a segment in front of the path of err, which comes from a nested
// value.
func within(segment string, err error) error {
	if located, ok := err.(*decodeError); ok { //nolint:errorlint // an error of a type's own method is not located
		located.path = joinPath(segment, located.path)
	}
	return err
}

func withinElement(index int, err error) error { return within(elementSegment(index), err) }

func elementSegment(index int) string { return "[" + strconv.Itoa(index) + "]" }

// anyMember replaces, in paths, a name that comes from the document or from the
// caller's map: it may be a secret.
const anyMember = "[*]"

func joinPath(segment, path string) string {
	if path == "" || strings.HasPrefix(path, "[") {
		return segment + path
	}
	return segment + "." + path
}

// The kinds of values, as errors name them.
const (
	expectsValue   = "a JSON value"
	expectsObject  = "a JSON object"
	expectsArray   = "an array"
	expectsString  = "a string"
	expectsBase64  = "a base64 string"
	expectsTime    = "an RFC 3339 time"
	expectsNumber  = "a number"
	expectsInteger = "an integer"
	expectsBoolean = "a boolean"

	gotNotJSON     = "text that is not JSON"
	gotOtherString = "another string"
)

// expected reports that the value at d.pos is of another kind than what.
func (d *decoder) expected(what string) error {
	if d.pos >= len(d.data) {
		return d.truncated()
	}
	return d.mismatch(d.pos, what, kindOf(d.data[d.pos]))
}

func (d *decoder) mismatch(offset int, expected, got string) error {
	return d.problem(offset, "expected "+expected+", got "+got)
}

func (d *decoder) truncated() error {
	return &decodeError{problem: "unexpected end of the document", offset: len(d.data), cause: io.ErrUnexpectedEOF}
}

func (d *decoder) missing(offset int, name string) error {
	return &decodeError{problem: name + " is missing", offset: offset, cause: ErrMissing}
}

func (d *decoder) problem(offset int, problem string) error {
	return &decodeError{problem: problem, offset: offset}
}

// rejected reports that the method of type t returned an error for the value at
// offset. A nil cause stays nil.
func (d *decoder) rejected(offset int, t reflect.Type, cause error) error {
	if cause == nil {
		return nil
	}
	if errors.Is(cause, io.ErrUnexpectedEOF) {
		// The document itself is complete, and must not count as truncated.
		cause = errors.New("unexpected end of the value")
	}
	return &decodeError{problem: "value rejected by type " + t.String(), offset: offset, cause: cause}
}

func kindOf(first byte) string {
	switch first {
	case '"':
		return expectsString
	case '{':
		return "an object"
	case '[':
		return expectsArray
	case 't', 'f':
		return expectsBoolean
	case 'n':
		return "null"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return expectsNumber
	case ',':
		return "a comma"
	case ':':
		return "a colon"
	case ']':
		return "the end of an array"
	case '}':
		return "the end of an object"
	}
	return gotNotJSON
}
