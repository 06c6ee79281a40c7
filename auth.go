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

// credentials are the sources of a client's tokens, by what an operation takes.
type credentials struct {
	access tokensource.Source // most operations
	device tokensource.Source // Account.Login
	auth   tokensource.Source // Account.CreateAccessToken, Account.AcceptInvite
}

// everywhere uses one source for all operations.
func everywhere(source tokensource.Source) credentials {
	return credentials{access: source, device: source, auth: source}
}

// WithToken uses a token as it is: an integration token for a service, or any
// other. The API checks which operations it is good for.
func WithToken(token string) Option {
	return withCredential("WithToken", func(*settings) (func(*Client) credentials, error) {
		source, err := tokensource.NewStatic(token)
		return func(*Client) credentials { return everywhere(source) }, err
	})
}

// WithTokenSource takes the token from a source. It is asked before the token
// expires, if an expiry is known (from the oauth2.Token, or from the exp claim of
// a JWT), and when the API has rejected the token; one goroutine asks at a time.
//
// A source has no context: a call whose context ends while the source is asked
// returns at once, and the source finishes by itself.
func WithTokenSource(source oauth2.TokenSource) Option {
	return withCredential("WithTokenSource", func(*settings) (func(*Client) credentials, error) {
		if source == nil {
			return nil, errors.New("the source is nil")
		}
		renewed := &tokensource.Renewed{Mint: mintFrom(source)}
		return func(*Client) credentials { return everywhere(renewed) }, nil
	})
}

// WithDeviceLogin logs a user in with the token of a point-of-sale device, and
// again whenever the access token is due. Account.Login uses the device token
// itself. A login that the API refused (401, 403) is not repeated by this
// client: accounts lock. (Once it is, when the device source then hands out
// another token: a 401 does not tell which of the two was wrong.)
func WithDeviceLogin(device oauth2.TokenSource, userCode string, password Secret) Option {
	return withCredential("WithDeviceLogin", func(*settings) (func(*Client) credentials, error) {
		if device == nil || userCode == "" || password.IsZero() {
			return nil, errors.New("a device token source, a user code and a password are needed")
		}
		deviceSource := &tokensource.Renewed{Mint: mintFrom(device)}
		return func(c *Client) credentials {
			login := c.refreshClient(everywhere(deviceSource))
			access := &tokensource.Renewed{Mint: mintSession(func(ctx context.Context) (*Session, error) {
				return login.Account.Login(ctx, &AccountLoginRequest{UserCode: userCode, Password: password})
			})}
			return credentials{access: access, device: deviceSource, auth: access}
		}, nil
	})
}

// WithTenantExchange exchanges a person's auth token for an access token of a
// tenant, and again whenever that is due. Account.CreateAccessToken and
// Account.AcceptInvite use the auth token itself. An exchange that the API
// refused (401, 403) is not repeated before the source has another auth token.
func WithTenantExchange(auth oauth2.TokenSource, tenantUID string) Option {
	return withCredential("WithTenantExchange", func(*settings) (func(*Client) credentials, error) {
		if auth == nil {
			return nil, errors.New("the source is nil")
		}
		if problem := operations.UIDProblem(tenantUID); problem != "" {
			return nil, errors.New("tenantUID " + problem)
		}
		authSource := &tokensource.Renewed{Mint: mintFrom(auth)}
		return func(c *Client) credentials {
			tenantExchange := c.refreshClient(everywhere(authSource))
			access := &tokensource.Renewed{
				Mint: mintSession(func(ctx context.Context) (*Session, error) {
					return tenantExchange.Account.CreateAccessToken(ctx, tenantUID)
				}),
				Basis: basisFrom(authSource),
			}
			return credentials{access: access, device: access, auth: authSource}
		}, nil
	})
}

func withCredential(option string, make func(*settings) (func(*Client) credentials, error)) Option {
	return func(s *settings) error {
		if s.credential != nil {
			return errors.New(option + ": the client has a credential already; give it one")
		}
		credential, err := make(s)
		if err != nil {
			return fmt.Errorf("%s: %w", option, err)
		}
		s.credential = credential
		return nil
	}
}

// mintFrom asks a source from outside.
func mintFrom(source oauth2.TokenSource) tokensource.Mint {
	return func(context.Context) (*tokensource.Token, error) {
		token, err := source.Token()
		if err != nil {
			return nil, fmt.Errorf("token source: %w", err)
		}
		if token == nil {
			return nil, errors.New("token source: it returned no token")
		}
		return tokensource.New(token.AccessToken, token.Expiry, time.Now())
	}
}

// basisFrom returns the token that an exchange trades in. A refused one is asked
// for again: a source that was not told of the refusal would keep it.
func basisFrom(source *tokensource.Renewed) func(context.Context, string) (string, error) {
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

// mintSession opens a session with the API.
func mintSession(open func(context.Context) (*Session, error)) tokensource.Mint {
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
