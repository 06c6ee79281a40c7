// Command observe reads an account with OpenTelemetry around the SDK. It prints
// a span for each request, and the metrics that a Prometheus server would scrape.
package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

const about = `observe reads the tenants, their users and the subscribers of their stores with
OpenTelemetry around the SDK. It prints a span for each attempt of each call, and
metrics by operation and status, including retries and responses with status
429. The embedded fake makes some requests fail.

telemetry.go is the file to copy. The other files only make requests and print.

Usage: observe [-prometheus]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	prometheusFormat := flags.Bool("prometheus", false, "print only the metrics, in the format of Prometheus")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	onFake, err := terminal.OnFake()
	if err != nil {
		return err
	}
	transport, options := http.DefaultTransport, []flowretail.Option{}
	if onFake {
		fake := sample()
		transport, options = fake, append(fake.Options(), flowretail.WithToken(fake.AdminToken()))
	} else {
		options = append(options, flowretail.FromEnv())
	}
	telemetry, err := newTelemetry(transport)
	if err != nil {
		return err
	}
	options = append(options, flowretail.WithHTTPClient(telemetry.httpClient()), flowretail.WithUserAgent("flowretail-observe"))
	client, err := flowretail.NewClient(options...)
	if err != nil {
		return &program.UsageError{Err: err}
	}
	err = readAccount(ctx, client, telemetry.tracer)
	// Report after a failure, too. The context may be cancelled then.
	return errors.Join(err, telemetry.report(context.WithoutCancel(ctx), terminal.Stdout, *prometheusFormat))
}

// sample returns a fake that makes some requests fail.
func sample() *flowretailtest.Fake {
	fake := flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithLatency(3*time.Millisecond))
	fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: http.StatusTooManyRequests, RetryAfter: "1", After: 1, Times: 1})
	fake.Inject(flowretailtest.Fault{Operation: "get-subscribers", Status: http.StatusServiceUnavailable, After: 1, Times: 1})
	fake.Inject(flowretailtest.Fault{Operation: "get-subscribers", Reset: true, After: 3, Times: 1})
	return fake
}

// readAccount reads all tenants. The span around it is the parent of the spans of
// all requests.
func readAccount(ctx context.Context, client *flowretail.Client, tracer trace.Tracer) error {
	ctx, span := tracer.Start(ctx, "read the account")
	defer span.End()
	err := readTenants(ctx, client)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

func readTenants(ctx context.Context, client *flowretail.Client) error {
	for tenant, err := range client.Tenants.All(ctx, nil) {
		if err != nil {
			return err
		}
		if err := readTenant(ctx, client, tenant.TenantUID); err != nil {
			return err
		}
	}
	return nil
}

func readTenant(ctx context.Context, client *flowretail.Client, tenantUID string) error {
	stores := map[string]bool{}
	for user, err := range client.Users.All(ctx, tenantUID, nil) {
		if err != nil {
			return err
		}
		for _, access := range user.StoreAccess {
			stores[access.StoreUID] = true
		}
	}
	for storeUID := range stores {
		for _, err := range client.Subscribers.All(ctx, tenantUID, storeUID, nil) {
			if err != nil {
				return err
			}
		}
	}
	return nil
}
