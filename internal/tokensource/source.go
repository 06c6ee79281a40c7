// Package tokensource provides the tokens that calls are made with. It refreshes a
// token before it expires and after the API has rejected it, with one refresh for
// all calls that wait.
package tokensource

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Source provides the token for a call.
type Source interface {
	// Token returns the current token.
	Token(ctx context.Context) (*Token, error)
	// Replace returns a token to use instead of one that the API rejected. The
	// error wraps ErrIrreplaceable if the source has no other token.
	Replace(ctx context.Context, rejected *Token) (*Token, error)
	// Reject says that the API rejected a token, and asks for no other one.
	Reject(rejected *Token)
}

// ErrIrreplaceable is returned by Replace if the source has no token other than
// the rejected one.
var ErrIrreplaceable = errors.New("the source has no other token")

// A HoldError is returned by Replace while no refresh may start, because the API
// rejected the last tokens right after they were issued. It wraps ErrIrreplaceable.
type HoldError struct {
	Rejections int
	Hold       time.Duration // until a refresh may start
}

func (e *HoldError) Error() string {
	return fmt.Sprintf("the API rejected the last %d tokens, the next refresh is due in %s", e.Rejections, e.Hold.Round(time.Millisecond))
}

func (e *HoldError) Unwrap() error { return ErrIrreplaceable }

// Static is a source with one fixed token.
type Static struct{ token *Token }

// NewStatic returns a source with the token value. The result is a pointer that
// holds a pointer: fmt follows only one, so printing a client does not show the
// token.
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

// Reject does nothing.
func (s *Static) Reject(*Token) {}
