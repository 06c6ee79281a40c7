package flowretail

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "REDACTED"

// A Secret is a password or a token. It shows itself as REDACTED to fmt under
// every verb, to slog and to encoding/json, wherever it stands; only Reveal and
// a request's body give the value. The zero Secret is empty.
//
// Compare secrets with Equal: == compares where they are kept.
type Secret struct {
	// fmt reads the unexported fields of other people's structs without asking
	// the types of the fields, so the form itself has to hide the value: of a
	// pointer to a string fmt prints the address, under every verb and at every
	// depth, and mask says what that address stands for.
	mask  string
	value *string
}

// NewSecret keeps value as a Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{mask: redacted, value: &value}
}

// Reveal returns the value. Keep it out of logs and errors.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal reports whether two secrets have the same value, in a time that tells
// nothing but their lengths.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns REDACTED.
func (s Secret) String() string { return redacted }

// Format writes REDACTED under every verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns REDACTED.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns REDACTED, or nothing for an empty secret. It serves
// encoding/json too, for values and for keys of maps.
func (s Secret) MarshalText() ([]byte, error) {
	if s.IsZero() {
		return nil, nil
	}
	return []byte(redacted), nil
}

// UnmarshalText keeps text as a secret. It refuses REDACTED: who reads that
// back has lost the secret, and must not send the mask as a password.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errors.New("flowretail: " + redacted + " is the mask of a secret, not a secret")
	}
	*s = NewSecret(string(text))
	return nil
}
