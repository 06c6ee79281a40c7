// Command observe reads an account under observation: each request is a span,
// and the metrics are those that a Prometheus server would scrape.
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
OpenTelemetry around the SDK, and prints what was collected: a span for each
attempt of each call, and metrics by operation and status, with the refusals
for going too fast. On the embedded fake some requests fail on purpose.

Copy telemetry.go; the rest is a job to observe.

Usage: observe [-prometheus]
`

func main() { program.Main(run) }

func run(ctx context.Context, terminal *program.Terminal) error {
	flags := terminal.Flags(about)
	asScraped := flags.Bool("prometheus", false, "print the metrics as a Prometheus server scrapes them")
	if err := terminal.Parse(flags); err != nil {
		return err
	}
	onFake, err := terminal.OnFake()
	if err != nil {
		return err
	}
	carrier, options := http.DefaultTransport, []flowretail.Option{}
	if onFake {
		fake := sample()
		carrier, options = fake, append(fake.Options(), flowretail.WithToken(fake.AdminToken()))
	} else {
		options = append(options, flowretail.FromEnv())
	}
	telemetry, err := newTelemetry(carrier)
	if err != nil {
		return err
	}
	options = append(options, flowretail.WithHTTPClient(telemetry.httpClient()), flowretail.WithUserAgent("flowretail-observe"))
	client, err := flowretail.NewClient(options...)
	if err != nil {
		return &program.UsageError{Err: err}
	}
	failure := job(ctx, client, telemetry.tracer)
	// What was collected is of most use after a failure, and the context may be
	// done by then.
	return errors.Join(failure, telemetry.report(context.WithoutCancel(ctx), terminal.Stdout, *asScraped))
}

// sample is a fake that is slow, and does not keep up at first.
func sample() *flowretailtest.Fake {
	fake := flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithLatency(3*time.Millisecond))
	fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: http.StatusTooManyRequests, RetryAfter: "1", After: 1, Times: 1})
	fake.Inject(flowretailtest.Fault{Operation: "get-subscribers", Status: http.StatusServiceUnavailable, After: 1, Times: 1})
	fake.Inject(flowretailtest.Fault{Operation: "get-subscribers", Reset: true, After: 3, Times: 1})
	return fake
}

// job is what is observed. A span around it shows which calls belong together.
func job(ctx context.Context, client *flowretail.Client, tracer trace.Tracer) error {
	ctx, span := tracer.Start(ctx, "read the account")
	defer span.End()
	err := readAccount(ctx, client)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

func readAccount(ctx context.Context, client *flowretail.Client) error {
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
