// Package jsonwire is the codec for the JSON of the Flow Retail API. It is
// driven by the json tags of Go types and is stricter and several times faster
// than encoding/json.
//
// Decoding begins with the zero value, whatever the target holds: a member that
// is missing or null leaves its field zero. Names match exactly. A document is
// refused when it
//
//   - is not UTF-8, or has half of a surrogate pair;
//   - has the same name twice in an object that it decodes: two answers to one
//     question are none. Within values that are kept or skipped as they are, names are not
//     compared;
//   - nests deeper than [MaxDepth], or goes on after its value;
//   - has 1.0 or 1e3 for an integer, or a number that does not fit;
//   - is null as a whole, for a type that null is no value of.
//
// Strings are copied, each by itself: one that is kept pins nothing else.
//
// A field Extra map[string]json.RawMessage with the tag json:"-" takes the
// members that no field names, except for those that may hold a credential. The tag api:"required,uid" says what [Marshal]
// checks. A type with a method Reveal() string is a secret.
package jsonwire

// Unmarshal decodes data into the value that v points to, strictly. Its errors
// say where the document departs from the type, and hold nothing of the
// document. An input that ends too early gives one for which errors.Is finds
// io.ErrUnexpectedEOF. After an error the target is zero.
func Unmarshal(data []byte, v any) error { return shared.unmarshal(data, v) }

// UnmarshalMember serves UnmarshalJSON methods: it is Unmarshal, but null, which
// stands for a member that is not there, leaves v as it is.
func UnmarshalMember(data []byte, v any) error {
	if string(data) == "null" {
		return nil
	}
	return Unmarshal(data, v)
}

// Marshal encodes v for the wire, with secrets in clear. It returns the secrets
// that it revealed, so that the caller can scrub them from what the server
// sends back. What the API would refuse, it refuses with a [FieldError]. Types
// with a MarshalJSON of their own decide by themselves how to write what is in them.
func Marshal(v any) (data []byte, secrets []string, err error) { return shared.marshal(v, false) }

// MarshalMasked encodes v for anyone but the API: secrets as their own
// MarshalText writes them.
func MarshalMasked(v any) ([]byte, error) {
	data, _, err := shared.marshal(v, true)
	return data, err
}
