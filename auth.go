package flowretail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// credentials are the token sources of a client, by the kind of token that an
// operation takes.
type credentials struct {
	access tokensource.Source // most operations
	device tokensource.Source // Account.Login
	auth   tokensource.Source // Account.CreateAccessToken, Account.AcceptInvite
}

// sameForAll uses one source for all operations.
func sameForAll(source tokensource.Source) credentials {
	return credentials{access: source, device: source, auth: source}
}

// WithToken uses a fixed token for all operations, such as an integration token.
// It is never refreshed. NewClient returns an error if the token is empty or has
// a character that is not allowed in a header, such as a line break.
//
// The API checks which operations the token allows.
func WithToken(token string) Option {
	source, err := tokensource.NewStatic(token)
	return withCredentials("WithToken", err, func(*Client) credentials { return sameForAll(source) })
}

// WithTokenSource uses the tokens of source for all operations. The client keeps a
// token and calls source again in two cases:
//
//   - One minute before the token expires, or 1/20 of its lifetime if that is less.
//     The expiry is that of the oauth2.Token, or else the exp claim of a JWT. A
//     token without either is kept until the API rejects it.
//   - When the API rejects the token with 401. If source then returns the same
//     token, the call fails with ErrUnauthorized.
//
// Refreshes are delayed when the API rejects one new token after another: after two that
// it has never accepted, or after six that it has accepted before and that are less than
// a minute old. The next refresh then follows after 1 second, then 2, 4, 8, 16 and at
// most 30 seconds. Until then calls use the rejected token, which the API may accept
// again.
//
// One goroutine calls source at a time, and all calls that need the token wait for
// it. Source gets no context: a call whose context ends returns at once, while
// source finishes in the background.
//
// If source fails, the call fails with its error and ErrNotSent. The next try
// follows after 1 second, then 2, 4, 8, 16 and at most 30 seconds. Until then calls
// get the same error, or the current token if it has not expired.
func WithTokenSource(source oauth2.TokenSource) Option {
	var err error
	if source == nil {
		err = errors.New("the source is nil")
	}
	return withCredentials("WithTokenSource", err, func(*Client) credentials {
		return sameForAll(refreshFrom(source))
	})
}

// WithDeviceLogin logs a user in with Account.Login and uses the access token of
// the login. It needs the tokens of a point-of-sale device, a user code and a
// password. Account.Login itself uses the device token.
//
// The client logs in before the first call, before the access token expires, and
// after the API has rejected it, as described at WithTokenSource.
//
// A login that the API refused (401 or 403) is not retried, because that could lock
// the account: every call then fails with the error of the login and ErrNotSent.
// There is one exception: after a 401 the client asks device for another token,
// because the device token may have been the wrong one, and logs in once more if it
// gets one.
func WithDeviceLogin(device oauth2.TokenSource, userCode string, password Secret) Option {
	var err error
	if device == nil || userCode == "" || password.IsZero() {
		err = errors.New("a device token source, a user code and a password are needed")
	}
	return withCredentials("WithDeviceLogin", err, func(c *Client) credentials {
		deviceTokens := refreshFrom(device)
		deviceClient := c.refreshClient(sameForAll(deviceTokens))
		access := &tokensource.Refreshing{Refresh: refreshBySession(func(ctx context.Context) (*Session, error) {
			return deviceClient.Account.Login(ctx, &AccountLoginRequest{UserCode: userCode, Password: password})
		})}
		return credentials{access: access, device: deviceTokens, auth: access}
	})
}

// WithTenantExchange exchanges the auth token of a person for an access token of a
// tenant, with Account.CreateAccessToken, and uses that access token.
// Account.CreateAccessToken and Account.AcceptInvite themselves use the auth token.
//
// The client exchanges the token before the first call, before the access token
// expires, and after the API has rejected it, as described at WithTokenSource.
//
// An exchange that the API refused (401 or 403) is not retried until auth returns
// another auth token. Until then every call fails with the error of the exchange
// and ErrNotSent. If the API refuses the exchanges of several auth tokens in a row,
// the next one follows after 1 second, then 2, 4, 8, 16 and at most 30 seconds.
func WithTenantExchange(auth oauth2.TokenSource, tenantUID string) Option {
	var err error
	if auth == nil {
		err = errors.New("the source is nil")
	} else if problem := operations.UIDProblem(tenantUID); problem != "" {
		err = errors.New("tenantUID " + problem)
	}
	return withCredentials("WithTenantExchange", err, func(c *Client) credentials {
		authTokens := refreshFrom(auth)
		authClient := c.refreshClient(sameForAll(authTokens))
		access := &tokensource.Refreshing{
			Refresh: refreshBySession(func(ctx context.Context) (*Session, error) {
				return authClient.Account.CreateAccessToken(ctx, tenantUID)
			}),
			SubjectToken: subjectTokenFrom(authTokens),
		}
		return credentials{access: access, device: access, auth: authTokens}
	})
}

// withCredentials returns an option that sets the credentials of a client. If
// problem is not nil, the option fails with it.
func withCredentials(option string, problem error, build func(*Client) credentials) Option {
	return func(s *settings) error {
		if s.credential != nil {
			return errors.New(option + ": the client already has a credential; use one credential option")
		}
		if problem != nil {
			return fmt.Errorf("%s: %w", option, problem)
		}
		s.credential = build
		return nil
	}
}

// refreshFrom returns a source that gets its tokens from a caller's source.
func refreshFrom(source oauth2.TokenSource) *tokensource.Refreshing {
	return &tokensource.Refreshing{Refresh: func(context.Context) (*tokensource.Token, error) {
		token, err := source.Token()
		if err != nil {
			return nil, fmt.Errorf("token source: %w", err)
		}
		if token == nil {
			return nil, errors.New("token source: it returned no token")
		}
		return tokensource.New(token.AccessToken, token.Expiry, time.Now())
	}}
}

// refreshBySession gets a new token by opening a session with the API.
func refreshBySession(open func(context.Context) (*Session, error)) tokensource.RefreshFunc {
	return func(ctx context.Context) (*tokensource.Token, error) {
		session, err := open(ctx)
		switch {
		case errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden):
			return nil, fmt.Errorf("%w: %w", tokensource.ErrRefused, withoutOutcome(err))
		case err != nil:
			return nil, withoutOutcome(err)
		}
		return tokensource.New(session.AccessToken.Reveal(), time.Time{}, time.Now())
	}
}

// withoutOutcome returns why a call within another call failed. Its outcome is not
// that of the outer call.
func withoutOutcome(err error) error {
	if failed, ok := errors.AsType[*CallError](err); ok {
		return fmt.Errorf("%s: %w", failed.name(), failed.Err)
	}
	return err
}

// subjectTokenFrom returns the token of source for an exchange. It replaces a
// token that the API refused in an exchange, because source does not know that.
func subjectTokenFrom(source *tokensource.Refreshing) func(context.Context, string) (string, error) {
	return func(ctx context.Context, refused string) (string, error) {
		token, err := source.Token(ctx)
		if err == nil && token.Value == refused {
			token, err = source.Replace(ctx, token)
			if errors.Is(err, tokensource.ErrIrreplaceable) {
				return refused, nil
			}
		}
		if err != nil {
			return "", err
		}
		return token.Value, nil
	}
}
