// Package tokensource keeps the token that calls are made with: it renews it
// before it expires and after the API has rejected it, once for all calls that
// wait.
package tokensource

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// A Token is a bearer token.
type Token struct {
	Value  string
	Header string    // the value of the Authorization header
	Expiry time.Time // by the clock of this machine; zero when it is not known
	Early  time.Time // when to renew it; zero when the expiry is not known

	claimed bool // the expiry was worked out from the token's own claims
}

// A Source hands out the token for a call.
type Source interface {
	// Token returns the current token.
	Token(ctx context.Context) (*Token, error)
	// Replace returns a token to use in place of one that the API rejected. It
	// is ErrIrreplaceable when there is no other.
	Replace(ctx context.Context, rejected *Token) (*Token, error)
}

// ErrIrreplaceable means that a source has no other token than the rejected one.
var ErrIrreplaceable = errors.New("the source has no other token")

// Problem says what keeps a value from being a token in a header; it is empty
// when nothing does. Tokens come from files and commands, with a line break at
// their end that would split the request. The text does not repeat the value.
func Problem(value string) string {
	if value == "" {
		return "is empty"
	}
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return "has a space, a line break or another character that cannot stand in a header"
		}
	}
	return ""
}

// New makes a token of value. A zero expiry means that it is not known.
func New(value string, expiry, now time.Time) (*Token, error) {
	if problem := Problem(value); problem != "" {
		return nil, errors.New("the token " + problem)
	}
	token := &Token{Value: value, Header: "Bearer " + value}
	lifetime := expiry.Sub(now)
	if expiry.IsZero() {
		lifetime, token.claimed = jwtLifetime(value, now), true
	}
	if lifetime > 0 {
		token.Expiry = now.Add(lifetime)
		// Time for the renewal and for calls on their way, without making short-lived tokens much shorter.
		token.Early = token.Expiry.Add(-min(lifetime/20, time.Minute))
	}
	return token, nil
}

// keep is for a token that a source has handed out again in place of earlier:
// it does not renew as early as we ask, and asking at each call would hammer it.
func (t *Token) keep(earlier *Token, now time.Time) {
	if t.claimed {
		// Its claims told more when it was new.
		t.Expiry = earlier.Expiry
	}
	left := t.Expiry.Sub(now)
	if t.Expiry.IsZero() || left <= 0 {
		// Only a rejection tells when it is over.
		t.Expiry, t.Early = time.Time{}, time.Time{}
		return
	}
	t.Early = now.Add(min(left, max(left/2, time.Second)))
}

// jwtLifetime reads how long a token is still good for when it is a JWT with an
// exp claim, and returns 0 when that cannot be told. The signature is the API's
// business. With iat beside exp the lifetime does not depend on this machine's
// clock: the token was just issued.
func jwtLifetime(token string, now time.Time) time.Duration {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return 0
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return 0
	}
	var claims struct {
		Expires float64 `json:"exp"`
		Issued  float64 `json:"iat"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return 0
	}
	expires, issued := unix(claims.Expires), unix(claims.Issued)
	switch {
	case expires.IsZero():
		return 0
	case issued.IsZero() || !issued.Before(expires):
		return expires.Sub(now)
	}
	// An old iat means that the token was issued a while ago and kept somewhere;
	// then only exp tells. A clock that runs up to a few minutes off is forgiven.
	if age := now.Sub(issued); age.Abs() > 5*time.Minute {
		return expires.Sub(now)
	}
	return expires.Sub(issued)
}

// unix converts seconds since 1970; what lies beyond the year 9999 is no time.
func unix(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 253402300800) {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}

// Static is a source with one token for ever.
type Static struct{ token *Token }

// NewStatic makes a source of one token. It is a pointer, so that fmt, which
// follows one pointer under verbs such as %s, does not reach the token from a
// client that somebody prints.
func NewStatic(value string) (*Static, error) {
	token, err := New(value, time.Time{}, time.Now())
	if err != nil {
		return nil, err
	}
	return &Static{token}, nil
}

// Token returns the token.
func (s *Static) Token(context.Context) (*Token, error) { return s.token, nil }

// Replace returns ErrIrreplaceable.
func (s *Static) Replace(context.Context, *Token) (*Token, error) { return nil, ErrIrreplaceable }
