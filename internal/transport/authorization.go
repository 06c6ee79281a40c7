package transport

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/baseurl"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// authorization adds the call's token to requests for the call's origin. When the
// API rejects the token (401), it sends the request once more with another one.
type authorization struct {
	next        http.RoundTripper
	maxAttempts int
}

// An unsentError ends a call before the request is sent. The request's body is in
// memory, so it is not closed.
type unsentError struct {
	err       error
	retryable bool
}

func (e *unsentError) Error() string { return e.err.Error() }

func (e *unsentError) Unwrap() error { return e.err }

func (a authorization) RoundTrip(request *http.Request) (*http.Response, error) {
	p := progressOf(request.Context())
	if !baseurl.SameOrigin(request.URL, p.URL) {
		return a.next.RoundTrip(request)
	}
	var token *tokensource.Token
	if p.Token != nil {
		var err error
		if token, err = p.findToken(request.Context(), nil); err != nil {
			return nil, &unsentError{err, !errors.Is(err, tokensource.ErrRefused)}
		}
	}
	response, err := a.send(request, p, token)
	if !rejected(response, token) || p.NoRetry || p.countedAttempts() >= a.maxAttempts {
		return response, err
	}
	p.outcome = max(p.outcome, retry.Refused) // decide does not see this response
	other, tokenErr := p.findToken(request.Context(), token)
	switch {
	case request.Context().Err() != nil:
		return response, err // the 401 says more than the end of the context
	case errors.Is(tokenErr, tokensource.ErrIrreplaceable):
		if _, held := errors.AsType[*tokensource.HoldError](tokenErr); held {
			p.whyNoOtherToken = tokenErr.Error()
		}
		return response, err
	case tokenErr != nil:
		return nil, &unsentError{tokenErr, !errors.Is(tokenErr, tokensource.ErrRefused)}
	}
	again := *request
	again.Response = nil // it counts as a request, also after a redirect
	return a.send(&again, p, other)
}

// send sends the request with a token, and says whether the API accepts it.
func (a authorization) send(request *http.Request, p *progress, token *tokensource.Token) (*http.Response, error) {
	response, err := a.next.RoundTrip(p.authorize(request, token))
	switch {
	case rejected(response, token):
		p.Token.Reject(token)
	case token != nil && response != nil && response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests:
		token.Accept()
	}
	return response, err
}

// rejected reports whether a response, if there is one, rejects the token.
func rejected(response *http.Response, token *tokensource.Token) bool {
	return token != nil && response != nil && response.StatusCode == http.StatusUnauthorized
}

// findToken returns a token other than rejected, which is nil at first.
func (p *progress) findToken(ctx context.Context, rejected *tokensource.Token) (token *tokensource.Token, err error) {
	began := time.Now()
	if rejected == nil {
		token, err = p.Token.Token(ctx)
	} else {
		token, err = p.Token.Replace(ctx, rejected)
	}
	p.waits.Token += time.Since(began)
	if err == nil && !slices.Contains(p.secrets, token.Value) {
		p.secrets = append(slices.Clip(p.secrets), token.Value)
	}
	return token, err
}

// authorize returns a copy of the request with the call's credentials. The copy
// is needed because the connection of an earlier attempt may still read the request.
func (p *progress) authorize(request *http.Request, token *tokensource.Token) *http.Request {
	authorized := *request
	authorized.Header = maps.Clone(request.Header)
	if p.InviteToken != "" {
		authorized.Header["X-Invite-Token"] = []string{p.InviteToken}
	}
	if token != nil {
		authorized.Header["Authorization"] = []string{token.Header}
	}
	if request.GetBody != nil {
		authorized.Body, _ = request.GetBody() // reading a []byte cannot fail
	}
	if p.NoRetry {
		// http.Transport sends a read again by itself when an idle connection turns
		// out to be closed, but not if it cannot know that the body is empty.
		if authorized.GetBody = nil; authorized.Body == nil {
			authorized.Body = io.NopCloser(strings.NewReader(""))
		}
	}
	return &authorized
}
