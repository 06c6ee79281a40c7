package tokensource

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

// ErrRefused marks the error of a refresh that the API refused (401 or 403). It is
// not tried again with the same credentials, because that could lock the account.
var ErrRefused = errors.New("refused")

// RefreshFunc gets a new token.
type RefreshFunc func(ctx context.Context) (*Token, error)

// Refreshing is a source that gets its tokens from a RefreshFunc. What Token and
// Replace return depends on the current token:
//
//	there is none                        the result of a refresh
//	it is neither rejected nor due       the current token
//	RefreshAt is reached, or the API     the result of a refresh; if there is none,
//	  has rejected it                    the current token until it expires, except
//	                                     for the call that it was rejected for
//
// One refresh runs at a time, and every call that needs one waits for it. It is
// canceled when the contexts of all waiting calls have ended. It ends with:
//
//	a token        The token is the current token now.
//	a failure      No refresh starts for 1 second, then 2, 4, 8, 16 and at most 30
//	               seconds. Until then calls get the same error.
//	a refusal      No refresh starts again, or, with SubjectToken, none with the
//	               same subject token. After two refusals in a row the delays of
//	               a failure are added. Calls get the same error.
//	cancellation   The next call starts a refresh.
//
// When the API rejects two tokens in a row that it has never accepted, or six that it
// has accepted for other calls and that are less than a minute old, no refresh starts
// for 1 second, then 2, 4, 8, 16 and at most 30 seconds: a token more is no help, and
// each one is a login.
type Refreshing struct {
	Refresh RefreshFunc
	// SubjectToken, if set, returns the token that Refresh exchanges for a new one.
	// refused is the last subject token if the API refused it, else empty.
	SubjectToken func(ctx context.Context, refused string) (string, error)

	mu       sync.Mutex
	current  *Token
	issued   time.Time // when the source returned the current token
	rejected bool      //  the API has rejected the current token
	running  *refresh  // nil if none is
	refused  *refresh  // the last one that ended, if it was refused
	failure  error     // of the last refresh that failed
	failures int       // in a row
	retryAt  time.Time

	rejections int // in a row, of tokens that were never accepted or are younger than freshTime
	heldUntil  time.Time
}

const (
	// freshTime is the age of a token below which its rejection counts, although the
	// API has accepted it before.
	freshTime = time.Minute
	// So many rejections in a row do not delay the next refresh: of tokens that the API
	// has never accepted, and of others.
	maxRejections         = 1
	maxRejectionsAccepted = 5
)

// delayAfter returns the time until the next refresh after failures in a row.
func delayAfter(failures int) time.Duration {
	return min(time.Second<<min(failures-1, 5), 30*time.Second)
}

// A refresh is one run of Refresh, and the calls that wait for it.
type refresh struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}

	// Valid when done is closed.
	subjectToken string
	token        *Token
	err          error
	canceled     bool
}

// Token returns the current token, after a refresh if that is due.
func (r *Refreshing) Token(ctx context.Context) (*Token, error) { return r.get(ctx, nil) }

// Replace returns another token than rejected. It starts a refresh only if
// rejected is still the current token. The error wraps ErrIrreplaceable if the
// refresh returns the same token again, and if no refresh may start.
func (r *Refreshing) Replace(ctx context.Context, rejected *Token) (*Token, error) {
	r.Reject(rejected)
	token, err := r.get(ctx, rejected)
	if err == nil && token.Value == rejected.Value {
		return nil, ErrIrreplaceable
	}
	return token, err
}

// Reject says that the API rejected a token. If that is the current one, the next
// call starts a refresh.
func (r *Refreshing) Reject(rejected *Token) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rejected || r.usable(rejected) || r.current == nil {
		return
	}
	r.rejected = true
	now, accepted := time.Now(), r.current.accepted.Load()
	expired := !r.current.Expiry.IsZero() && !now.Before(r.current.Expiry)
	if expired || accepted && now.Sub(r.issued) >= freshTime {
		r.rejections = 0
		return
	}
	allowed := maxRejections
	if accepted {
		allowed = maxRejectionsAccepted
	}
	if r.rejections++; r.rejections > allowed {
		r.heldUntil = now.Add(delayAfter(r.rejections - allowed))
	}
}

func (r *Refreshing) get(ctx context.Context, rejected *Token) (*Token, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		token, running, err := r.tokenOrRefresh(ctx, rejected)
		if running == nil {
			return token, err
		}
		select {
		case <-running.done:
		case <-ctx.Done():
		}
		r.leave(running)
		if ctx.Err() != nil || running.canceled {
			// A refresh that this call joined can be canceled if all others had left.
			continue
		}
		if running.err == nil {
			return running.token, nil
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.unexpiredOr(running.err, rejected)
	}
}

// tokenOrRefresh returns the current token, or the refresh to wait for, or the
// error that prevents both.
func (r *Refreshing) tokenOrRefresh(ctx context.Context, rejected *Token) (*Token, *refresh, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.usable(rejected) && !r.rejected && (r.current.RefreshAt.IsZero() || now.Before(r.current.RefreshAt)) {
		return r.current, nil, nil
	}
	if r.running == nil {
		if err := r.blocked(now); err != nil {
			token, err := r.unexpiredOr(err, rejected)
			return token, nil, err
		}
		r.running = r.start(ctx)
	}
	r.running.waiting++
	return nil, r.running, nil
}

// usable reports whether there is a token other than rejected.
func (r *Refreshing) usable(rejected *Token) bool {
	return r.current != nil && (rejected == nil || r.current.Value != rejected.Value)
}

// blocked returns the reason why no refresh may start now, or nil.
func (r *Refreshing) blocked(now time.Time) error {
	if r.refused != nil && r.SubjectToken == nil {
		return r.refused.err
	}
	if now.Before(r.retryAt) {
		return r.failure
	}
	if hold := r.heldUntil.Sub(now); hold > 0 {
		return &HoldError{r.rejections, hold}
	}
	return nil
}

// unexpiredOr returns the current token if it is usable and has not expired, else
// err: a refresh that fails early does not matter yet, and the API may accept again
// what it has rejected.
func (r *Refreshing) unexpiredOr(err error, rejected *Token) (*Token, error) {
	if r.usable(rejected) && (r.current.Expiry.IsZero() || time.Now().Before(r.current.Expiry)) {
		return r.current, nil
	}
	return nil, err
}

// errNoResult is the error of a RefreshFunc that ended its goroutine, as a token
// source does that calls FailNow in a test.
var errNoResult = errors.New("the refresh of the token ended without a result")

// start starts a refresh. Its context has the values of ctx, for tracing, but does
// not end with ctx, because other calls may wait for the refresh.
func (r *Refreshing) start(ctx context.Context) *refresh {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	running := &refresh{cancel: cancel, done: make(chan struct{}), err: errNoResult}
	go func() {
		defer cancel()
		defer r.finish(ctx, running)
		running.subjectToken, running.token, running.err = r.newToken(ctx)
	}()
	return running
}

// newToken calls Refresh, unless the API has refused the subject token before.
func (r *Refreshing) newToken(ctx context.Context) (subjectToken string, token *Token, err error) {
	if r.SubjectToken == nil {
		token, err = r.Refresh(ctx)
		return "", token, err
	}
	refused := cmp.Or(r.refused, new(refresh)) // r.refused changes only in finish
	subjectToken, err = r.SubjectToken(ctx, refused.subjectToken)
	if err != nil {
		return "", nil, err
	}
	if refused.err != nil && subjectToken == refused.subjectToken {
		return subjectToken, nil, refused.err
	}
	token, err = r.Refresh(ctx)
	if errors.Is(err, ErrRefused) {
		// Refresh may have used another subject token, after the API rejected the first.
		if used, lookupErr := r.SubjectToken(context.WithoutCancel(ctx), ""); lookupErr == nil {
			subjectToken = used
		}
	}
	return subjectToken, token, err
}

// finish stores the result of a refresh and wakes the calls that wait for it.
func (r *Refreshing) finish(ctx context.Context, finished *refresh) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(finished.done)
	r.running = nil
	now := time.Now()
	switch {
	case finished.err == nil:
		if r.current != nil && finished.token.Value == r.current.Value {
			finished.token.delayRefresh(r.current, now)
		}
		r.current, r.issued, r.rejected = finished.token, now, false
		r.refused, r.failures, r.retryAt = nil, 0, time.Time{}
	case errors.Is(finished.err, ErrRefused): // also if it has been canceled
		r.refused, r.failure = finished, finished.err
		if r.failures++; r.failures > 1 {
			r.retryAt = now.Add(delayAfter(r.failures - 1))
		}
	case ctx.Err() != nil:
		finished.canceled = true
	default:
		r.failures++
		r.failure, r.retryAt = finished.err, now.Add(delayAfter(r.failures))
	}
}

// leave ends the wait of one call. The last one cancels the refresh.
func (r *Refreshing) leave(running *refresh) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if running.waiting--; running.waiting == 0 {
		running.cancel()
	}
}
