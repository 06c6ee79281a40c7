package tokensource

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"time"
)

// A Token is a bearer token.
type Token struct {
	Value     string
	Header    string    // the value of the Authorization header
	Expiry    time.Time // by the clock of this machine; zero if it is not known
	RefreshAt time.Time // zero if the expiry is not known

	expiryFromClaims bool // Expiry was computed from the claims of a JWT
	accepted         atomic.Bool
}

// Accept says that the API has accepted the token.
func (t *Token) Accept() { t.accepted.Store(true) }

// Problem returns why value cannot be a token in a header, or "" if it can.
// Tokens from files and commands often end in a line break, which would split
// the request. The result does not contain the value.
func Problem(value string) string {
	if value == "" {
		return "is empty"
	}
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return "has a space, a line break or another character that is not allowed in a header"
		}
	}
	return ""
}

// New returns a token. If expiry is zero and value is a JWT, the expiry is read
// from its claims. The token is due for refresh one minute before it expires, or
// 1/20 of its lifetime if that is less.
func New(value string, expiry, now time.Time) (*Token, error) {
	if problem := Problem(value); problem != "" {
		return nil, errors.New("the token " + problem)
	}
	token := &Token{Value: value, Header: "Bearer " + value}
	lifetime := expiry.Sub(now)
	if expiry.IsZero() {
		lifetime, token.expiryFromClaims = jwtLifetime(value, now), true
	}
	if lifetime > 0 {
		token.Expiry = now.Add(lifetime)
		token.RefreshAt = token.Expiry.Add(-min(lifetime/20, time.Minute))
	}
	return token, nil
}

// delayRefresh is for a token that the source returned again instead of a new
// one: the next refresh is due after half of the remaining lifetime, or after 1
// second if that is more. Without it every call would ask the source again.
func (t *Token) delayRefresh(previous *Token, now time.Time) {
	if t.expiryFromClaims {
		// The token is older now, so iat may no longer correct for the clock.
		t.Expiry = previous.Expiry
	}
	left := t.Expiry.Sub(now)
	if t.Expiry.IsZero() || left <= 0 {
		// The expiry was wrong: the source considers the token valid.
		t.Expiry, t.RefreshAt = time.Time{}, time.Time{}
		return
	}
	t.RefreshAt = now.Add(min(left, max(left/2, time.Second)))
}

// maxClockSkew is how far this machine's clock may differ from the API's.
const maxClockSkew = 5 * time.Minute

// jwtLifetime returns how long a JWT is valid from now on, or 0 if that is not
// known. It does not verify the signature.
//
// exp minus iat does not depend on this machine's clock. It is used if the token
// has just been issued, give or take maxClockSkew. Otherwise only exp counts.
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
	expires, issued := unixTime(claims.Expires), unixTime(claims.Issued)
	if expires.IsZero() {
		return 0
	}
	if issued.Before(expires) && now.Sub(issued).Abs() <= maxClockSkew {
		return expires.Sub(issued)
	}
	return expires.Sub(now)
}

// unixTime converts seconds since 1970. It returns the zero time for values that
// are not between 1970 and 9999.
func unixTime(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 253402300800) {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}
