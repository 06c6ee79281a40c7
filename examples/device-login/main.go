// Command device-login logs a seller in on a point-of-sale device, and logs in
// again when the access token expires.
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

const about = `device-login logs a seller in on a point-of-sale device and gets the seller's
account several times. When the access token expires, the SDK logs in again and
retries the call. On the embedded fake the access token expires after each call.

FLOWRETAIL_TOKEN is the token of the device. The seller logs in with
FLOWRETAIL_USER_CODE and FLOWRETAIL_PASSWORD. The SDK does not retry a login that
the API refuses, because that could lock the account.

Usage: device-login [flags]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	calls := flags.Int("calls", 3, "the number of calls")
	pause := flags.Duration("pause", time.Second, "the time between two calls")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	device, err := setUp(terminal)
	if err != nil {
		return err
	}
	for call := range *calls {
		if call > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(*pause):
			}
		}
		if err := device.printSeller(ctx, terminal.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// A device is a point-of-sale device on which a seller is logged in.
type device struct {
	client    *flowretail.Client
	logins    *loginCounter
	afterCall func()
}

// A deviceConfig is what a device needs to log a seller in.
type deviceConfig struct {
	deviceToken oauth2.TokenSource
	userCode    string
	password    flowretail.Secret
	options     []flowretail.Option
	transport   http.RoundTripper
	afterCall   func()
}

func setUp(terminal *program.Terminal) (*device, error) {
	onFake, err := terminal.OnFake()
	if err != nil {
		return nil, err
	}
	if onFake {
		// The SDK cannot see when an opaque token expires, so the API refuses it during a call.
		return newDevice(configForFake(flowretailtest.New(flowretailtest.WithOpaqueTokens())))
	}
	return newDevice(deviceConfig{
		deviceToken: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: os.Getenv(flowretail.EnvToken)}),
		userCode:    os.Getenv("FLOWRETAIL_USER_CODE"),
		password:    flowretail.NewSecret(os.Getenv("FLOWRETAIL_PASSWORD")),
		options:     []flowretail.Option{flowretail.WithBaseURL(cmp.Or(os.Getenv(flowretail.EnvBaseURL), flowretail.ProductionURL))},
		transport:   http.DefaultTransport,
		afterCall:   func() {},
	})
}

// configForFake returns the configuration for the first seller of a fake. The
// access token expires after each call.
func configForFake(fake *flowretailtest.Fake) deviceConfig {
	tenantUID := fake.TenantUID()
	var seller flowretail.User
	for _, user := range fake.Users(tenantUID) {
		if user.AccountType == flowretail.AccountTypeRegular && user.Status == flowretail.UserStatusActive {
			seller = user
			break
		}
	}
	return deviceConfig{
		deviceToken: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: fake.DeviceToken(tenantUID)}),
		userCode:    seller.UserCode,
		password:    flowretail.NewSecret(fake.Password(tenantUID, seller.TenantUserUID)),
		options:     fake.Options(),
		transport:   fake,
		afterCall:   fake.ExpireTokens,
	}
}

func newDevice(config deviceConfig) (*device, error) {
	logins := &loginCounter{next: config.transport}
	client, err := flowretail.NewClient(append(config.options,
		flowretail.WithDeviceLogin(config.deviceToken, config.userCode, config.password),
		flowretail.WithHTTPClient(&http.Client{Transport: logins}),
		flowretail.WithUserAgent("flowretail-device-login"),
	)...)
	if err != nil {
		return nil, &program.UsageError{Err: err}
	}
	return &device{client: client, logins: logins, afterCall: config.afterCall}, nil
}

// printSeller gets the seller's account and prints it. The SDK handles the tokens.
func (d *device) printSeller(ctx context.Context, out io.Writer) error {
	account, err := d.client.Account.Get(ctx)
	switch {
	case errors.Is(err, flowretail.ErrUnauthorized), errors.Is(err, flowretail.ErrForbidden):
		return fmt.Errorf("the seller cannot log in: %w", err)
	case err != nil:
		return err
	case len(account.Tenants) == 0:
		return errors.New("the seller has no access to a tenant")
	}
	seller := account.Tenants[0]
	fmt.Fprintf(out, "%s  %s has access to %d stores of %s (%d logins)\n",
		time.Now().Format(time.TimeOnly), seller.DisplayName, len(seller.StoreAccess), seller.TenantName, d.logins.count.Load())
	d.afterCall()
	return nil
}

// A loginCounter is a transport that counts the logins.
type loginCounter struct {
	next  http.RoundTripper
	count atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (c *loginCounter) RoundTrip(request *http.Request) (*http.Response, error) {
	if operation, ok := flowretail.OperationFromContext(request.Context()); ok && operation.ID == "post-account" {
		c.count.Add(1)
	}
	return c.next.RoundTrip(request)
}
