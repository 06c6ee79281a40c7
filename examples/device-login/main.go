// Command device-login is a till: it logs a seller in, works, and goes on when
// the access token runs out.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `device-login logs a seller in on a till and asks the API who that is, again and
again. When the access token expires, the till logs in once more by itself and
the call that was cut off succeeds. On the embedded fake the token is made to
expire after every call.

Here FLOWRETAIL_TOKEN is the token of the device. The seller logs in with
FLOWRETAIL_USER_CODE and FLOWRETAIL_PASSWORD. A login that the API refuses is
not tried again, since accounts lock.

Usage: device-login [flags]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	calls := flags.Int("calls", 3, "how often to call the API")
	pause := flags.Duration("pause", time.Second, "how long to wait between two calls")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	till, err := setUp(terminal)
	if err != nil {
		return err
	}
	for call := range *calls {
		if call > 0 {
			if err := wait(ctx, *pause); err != nil {
				return err
			}
		}
		if err := till.work(ctx, terminal.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// A till is a device that a seller is logged in on.
type till struct {
	client   *flowretail.Client
	logins   *loginCounter
	afterUse func() // what happens to the access token after each call
}

// A seat is what a till needs before a seller can log in.
type seat struct {
	device   oauth2.TokenSource
	userCode string
	password flowretail.Secret
	options  []flowretail.Option
	carrier  http.RoundTripper
	afterUse func()
}

func setUp(terminal *program.Terminal) (*till, error) {
	onFake, err := terminal.OnFake()
	if err != nil {
		return nil, err
	}
	if onFake {
		// Opaque tokens do not tell when they expire, so the till is cut off in the middle of its work.
		return newTill(seatOnFake(flowretailtest.New(flowretailtest.WithOpaqueTokens())))
	}
	return newTill(seat{
		device:   oauth2.StaticTokenSource(&oauth2.Token{AccessToken: os.Getenv(flowretail.EnvToken)}),
		userCode: os.Getenv("FLOWRETAIL_USER_CODE"),
		password: flowretail.NewSecret(os.Getenv("FLOWRETAIL_PASSWORD")),
		options:  []flowretail.Option{flowretail.WithBaseURL(cmp.Or(os.Getenv(flowretail.EnvBaseURL), flowretail.ProductionURL))},
		carrier:  http.DefaultTransport,
		afterUse: func() {},
	})
}

// seatOnFake takes the seat of the first seller of the sample data.
func seatOnFake(fake *flowretailtest.Fake) seat {
	tenantUID := fake.TenantUID()
	var seller flowretail.User
	for _, user := range fake.Users(tenantUID) {
		if user.AccountType == flowretail.AccountTypeRegular && user.Status == flowretail.UserStatusActive {
			seller = user
			break
		}
	}
	return seat{
		device:   oauth2.StaticTokenSource(&oauth2.Token{AccessToken: fake.DeviceToken(tenantUID)}),
		userCode: seller.UserCode,
		password: flowretail.NewSecret(fake.Password(tenantUID, seller.TenantUserUID)),
		options:  fake.Options(),
		carrier:  fake,
		afterUse: fake.ExpireTokens,
	}
}

func newTill(at seat) (*till, error) {
	logins := &loginCounter{carrier: at.carrier}
	client, err := flowretail.NewClient(append(at.options,
		flowretail.WithDeviceLogin(at.device, at.userCode, at.password),
		flowretail.WithHTTPClient(&http.Client{Transport: logins}),
		flowretail.WithUserAgent("flowretail-device-login"),
	)...)
	if err != nil {
		return nil, &program.UsageError{Err: err}
	}
	return &till{client: client, logins: logins, afterUse: at.afterUse}, nil
}

// work is a call as a till makes it: it knows nothing of tokens.
func (t *till) work(ctx context.Context, out io.Writer) error {
	account, err := t.client.Account.Get(ctx)
	switch {
	case errors.Is(err, flowretail.ErrUnauthorized), errors.Is(err, flowretail.ErrForbidden):
		return fmt.Errorf("the seller cannot log in, and the till does not try again: %w", err)
	case err != nil:
		return err
	case len(account.Tenants) == 0:
		return errors.New("the seller is no user of any tenant")
	}
	seller := account.Tenants[0]
	fmt.Fprintf(out, "%s  %s sells in %d stores of %s (logins so far: %d)\n",
		time.Now().Format(time.TimeOnly), seller.DisplayName, len(seller.StoreAccess), seller.TenantName, t.logins.made.Load())
	t.afterUse()
	return nil
}

// A loginCounter counts the logins among the requests that it carries.
type loginCounter struct {
	carrier http.RoundTripper
	made    atomic.Int32
}

// RoundTrip carries a request.
func (c *loginCounter) RoundTrip(request *http.Request) (*http.Response, error) {
	if operation, ok := flowretail.OperationFromContext(request.Context()); ok && operation.ID == "post-account" {
		c.made.Add(1)
	}
	return c.carrier.RoundTrip(request)
}

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
