package tokensource

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrRefused marks the error of a mint that the API refused (401 or 403).
// Asking again with the same credentials would only lock the account.
var ErrRefused = errors.New("refused")

// A Mint gets a new token from somewhere.
type Mint func(ctx context.Context) (*Token, error)

// Renewed is a source that gets its token from a Mint, and a new one when that
// is due. However many calls wait, there is one renewal.
type Renewed struct {
	Mint Mint
	// Basis, if set, returns what the mint trades for the token. A refusal holds
	// as long as the basis is the same; without Basis it holds for good. The
	// basis that was refused, if any, is given, so that another can be looked for.
	Basis func(ctx context.Context, refused string) (string, error)

	mu           sync.Mutex
	current      *Token    // nil before the first renewal
	underWay     *renewal  // nil when there is none
	failure      error     // of the last renewal
	failures     int       // in a row
	holdOff      time.Time // no renewal before this time, because of failures
	refusal      error     // never asked again with the same basis
	refusedBasis *string   // fmt prints a string, and of a pointer to one the address
}

// A renewal is one run of the mint, and the calls that wait for it.
type renewal struct {
	waiters int
	stop    context.CancelFunc
	done    chan struct{}

	// Set before done is closed.
	token     *Token
	err       error
	abandoned bool // all waiters had left
}

// Token returns the current token, after a renewal when that is due.
func (r *Renewed) Token(ctx context.Context) (*Token, error) { return r.get(ctx, nil) }

// Replace returns another token than rejected. When a renewal has brought one
// since rejected was handed out, that is it: late rejections of an old token
// make no further renewal.
func (r *Renewed) Replace(ctx context.Context, rejected *Token) (*Token, error) {
	token, err := r.get(ctx, rejected)
	if err == nil && token.Value == rejected.Value {
		return nil, ErrIrreplaceable
	}
	return token, err
}

func (r *Renewed) get(ctx context.Context, rejected *Token) (*Token, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		token, waitFor, err := r.findOrRenew(ctx, rejected)
		if token != nil || err != nil {
			return token, err
		}
		select {
		case <-waitFor.done:
		case <-ctx.Done():
		}
		r.leave(waitFor)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case waitFor.abandoned:
			// This call came after the last waiter had left, and before the mint noticed.
		case waitFor.err != nil:
			return r.fallback(rejected, waitFor.err)
		default:
			return waitFor.token, nil
		}
	}
}

// findOrRenew returns a token that is good, or the renewal to wait for, or the
// error that keeps from both.
func (r *Renewed) findOrRenew(ctx context.Context, rejected *Token) (*Token, *renewal, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.usable(rejected) && (r.current.Early.IsZero() || now.Before(r.current.Early)) {
		return r.current, nil, nil
	}
	if r.underWay == nil {
		if err := r.obstacle(now); err != nil {
			if r.usable(rejected) && now.Before(r.current.Expiry) {
				return r.current, nil, nil
			}
			return nil, nil, err
		}
		r.start(ctx)
	}
	r.underWay.waiters++
	return nil, r.underWay, nil
}

// obstacle is what keeps a renewal from being tried now, or at all.
func (r *Renewed) obstacle(now time.Time) error {
	if r.refusal != nil && r.Basis == nil {
		return r.refusal
	}
	if now.Before(r.holdOff) {
		return r.failure
	}
	return nil
}

func (r *Renewed) usable(rejected *Token) bool {
	return r.current != nil && (rejected == nil || r.current.Value != rejected.Value)
}

// fallback returns the token that was to be renewed early, if it is still good:
// that the renewal failed need not be the calls' trouble yet.
func (r *Renewed) fallback(rejected *Token, err error) (*Token, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.usable(rejected) && time.Now().Before(r.current.Expiry) {
		return r.current, nil
	}
	return nil, err
}

// errUnfinished is the error of a mint that did not return: the token source of
// a test called FailNow in it.
var errUnfinished = errors.New("the renewal of the token ended without a result")

// start begins a renewal. It is not the first caller's alone, so that caller's
// end must not end it; the values of that caller's context are kept for tracing.
func (r *Renewed) start(ctx context.Context) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	run := &renewal{stop: stop, done: make(chan struct{})}
	r.underWay = run
	go func() {
		defer stop()
		basis, token, err := "", (*Token)(nil), errUnfinished
		defer func() { r.finish(ctx, run, basis, token, err) }()
		basis, token, err = r.mint(ctx)
	}()
}

func (r *Renewed) mint(ctx context.Context) (string, *Token, error) {
	if r.Basis == nil {
		token, err := r.Mint(ctx)
		return "", token, err
	}
	r.mu.Lock()
	refusal, refused := r.refusal, ""
	if r.refusedBasis != nil {
		refused = *r.refusedBasis
	}
	r.mu.Unlock()
	basis, err := r.Basis(ctx, refused)
	if err != nil {
		return "", nil, err
	}
	if refusal != nil && basis == refused {
		return basis, nil, refusal
	}
	token, err := r.Mint(ctx)
	if errors.Is(err, ErrRefused) {
		// The mint replaces a basis that is rejected, and may have traded in another than the first.
		if traded, lost := r.Basis(context.WithoutCancel(ctx), ""); lost == nil {
			basis = traded
		}
	}
	return basis, token, err
}

func (r *Renewed) finish(ctx context.Context, run *renewal, basis string, token *Token, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(run.done)
	r.underWay = nil
	run.token, run.err = token, err
	now := time.Now()
	switch {
	case err == nil:
		if r.current != nil && token.Value == r.current.Value {
			token.keep(r.current, now)
		}
		r.current, r.failure, r.failures, r.refusal, r.refusedBasis = token, nil, 0, nil, nil
	case errors.Is(err, ErrRefused): // even if nobody waits for it any more
		r.refusal, r.refusedBasis = err, &basis
	case ctx.Err() != nil:
		run.abandoned = true
	default:
		r.failure = err
		r.holdOff = now.Add(min(time.Second<<min(r.failures, 5), 30*time.Second))
		r.failures++
	}
}

// leave takes a waiter off a renewal; the last one stops it.
func (r *Renewed) leave(run *renewal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if run.waiters--; run.waiters == 0 {
		run.stop()
	}
}
