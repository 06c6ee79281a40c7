// Package jsonwire is the JSON codec of the SDK. It follows the json tags of Go
// types, is stricter than encoding/json, and decodes a page of users about four
// times as fast.
//
// # Decoding
//
// Decoding starts from the zero value, whatever the target holds. A member that
// is missing or null leaves its field zero. Names are case-sensitive. The
// following are errors:
//
//   - invalid UTF-8, or half of a surrogate pair
//   - the same name twice in an object that is decoded into a struct or a map;
//     names within values that are skipped or kept as raw JSON are not compared
//   - nesting deeper than [MaxDepth], or data after the document
//   - a number that is not whole for an integer, or that overflows its field;
//     1.0 and 1e3 are whole
//   - null as the whole document or as an element of an array, unless the type has a
//     value for null
//
// Decoded strings do not refer to the document: keeping one does not keep the
// document in memory.
//
// Decoding ends with an error when the values, with all garbage, take more than 5
// times the size of the document: [{},{}] can stand for large structs. The limit is
// at least 4 MiB, and at most 112 MiB or 1.75 times the size of the document. What
// UnmarshalJSON methods allocate does not count.
//
// # Tags
//
// A field Extra map[string]json.RawMessage with the tag json:"-" receives the
// members that no field names, except those that may hold a credential. The tag
// json:"-" api:"extra" says in addition that the JSON methods of the struct call
// this package; the codec then does not call them.
//
// [UnmarshalResponse] checks fields with the tag api:"present", and [Marshal] those
// with the tags api:"required" and api:"uid". A type with a method Reveal() string is
// a secret.
package jsonwire

// Unmarshal decodes data into the value that v points to. Its errors say what
// was expected and where, and contain nothing of the document. If the document
// is truncated, the error wraps io.ErrUnexpectedEOF. After an error the target
// is zero.
func Unmarshal(data []byte, v any) error { return unmarshal(data, v, false) }

// UnmarshalResponse is Unmarshal for responses of the API. In addition it is an
// error if a member with api:"present" is missing, null or an empty string.
func UnmarshalResponse(data []byte, v any) error { return unmarshal(data, v, true) }

// UnmarshalMember is Unmarshal for UnmarshalJSON methods: null leaves v
// unchanged, as encoding/json specifies.
func UnmarshalMember(data []byte, v any) error {
	if string(data) == "null" {
		return nil
	}
	return unmarshal(data, v, false)
}

// Marshal encodes v as a request body, with secrets in clear. It returns the
// secrets that it wrote, so that the caller can redact them elsewhere. Fields
// that the API would reject are reported together as [FieldErrors]. Types with
// a MarshalJSON method of their own write their secrets themselves.
func Marshal(v any) (data []byte, secrets []string, err error) { return marshal(v, false) }

// MarshalMasked encodes v for everything but the API: secrets are written as
// their MarshalText methods write them, and the api tags are not checked.
func MarshalMasked(v any) ([]byte, error) {
	data, _, err := marshal(v, true)
	return data, err
}
