package flowretail

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/flowretail/flowretail-go/internal/redact"
)

const redacted = redact.Mask

// A Secret is a password or a token. The zero Secret is empty.
//
// fmt (with every verb), slog and encoding/json print REDACTED instead of the
// value, also if the Secret is in a struct, slice or map. Only Reveal and request
// bodies give the value.
//
// Compare secrets with Equal; == compares addresses.
type Secret struct {
	// fmt does not call the methods of a Secret in an unexported field. It prints
	// the fields below instead: mask, and the address in value.
	mask  string
	value *string
}

// NewSecret returns a Secret with the given value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{mask: redacted, value: &value}
}

// Reveal returns the value. Do not log it or put it in errors.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal reports whether two secrets have the same value. The time it takes depends
// only on their lengths.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns REDACTED.
func (s Secret) String() string { return redacted }

// Format writes REDACTED for every verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns REDACTED.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns REDACTED, or nothing if the secret is empty. encoding/json
// uses it for values and map keys.
func (s Secret) MarshalText() ([]byte, error) {
	if s.IsZero() {
		return nil, nil
	}
	return []byte(redacted), nil
}

// UnmarshalText sets the value to text. It returns an error for REDACTED, so that
// the mask is not sent as a password.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errors.New("flowretail: " + redacted + " is the mask of a secret, not its value")
	}
	*s = NewSecret(string(text))
	return nil
}
