package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	flowretail "github.com/flowretail/flowretail-go"
)

// The attributes that say what the SDK was doing. They have few values, so
// they are safe as labels of metrics; UIDs would not be.
const (
	operationKey = attribute.Key("flowretail.operation")
	attemptKey   = attribute.Key("flowretail.attempt")
)

// telemetry collects what the SDK's requests do.
type telemetry struct {
	transport http.RoundTripper
	tracer    trace.Tracer
	traces    *sdktrace.TracerProvider
	metrics   *sdkmetric.MeterProvider
	spans     *spanLog
	registry  *prometheus.Registry // what promhttp.HandlerFor(registry, …) would serve
}

// newTelemetry puts the instruments around carrier. The SDK calls its transport
// once for each attempt, and the context of a request says which operation and
// which attempt that is.
func newTelemetry(carrier http.RoundTripper) (*telemetry, error) {
	t := &telemetry{spans: new(spanLog), registry: prometheus.NewRegistry()}
	reader, err := exporter.New(exporter.WithRegisterer(t.registry), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo())
	if err != nil {
		return nil, err
	}
	t.metrics = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	t.traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(t.spans))
	t.tracer = t.traces.Tracer("flowretail-observe")
	meter := t.metrics.Meter("flowretail-observe")
	labelled, err := newAttemptLabeler(carrier, meter)
	if err != nil {
		return nil, err
	}
	t.transport = otelhttp.NewTransport(labelled,
		otelhttp.WithTracerProvider(t.traces),
		otelhttp.WithMeterProvider(t.metrics),
		// The API does not ask for the names of our traces.
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, request *http.Request) string {
			operation, _ := flowretail.OperationFromContext(request.Context())
			return operation.ID
		}),
	)
	return t, nil
}

func (t *telemetry) httpClient() *http.Client { return &http.Client{Transport: t.transport} }

// An attemptLabeler stands within otelhttp. It tells it the operation of each
// request, and counts what it does not: repetitions, and refusals for going too
// fast.
type attemptLabeler struct {
	carrier             http.RoundTripper
	repeated, throttled metric.Int64Counter
}

func newAttemptLabeler(carrier http.RoundTripper, meter metric.Meter) (*attemptLabeler, error) {
	repeated, err := meter.Int64Counter("flowretail.client.repeated", metric.WithDescription("Requests that repeat an earlier attempt of the same call."))
	if err != nil {
		return nil, err
	}
	throttled, err := meter.Int64Counter("flowretail.client.throttled", metric.WithDescription("Answers with status 429."))
	if err != nil {
		return nil, err
	}
	return &attemptLabeler{carrier, repeated, throttled}, nil
}

// RoundTrip carries a request.
func (l *attemptLabeler) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	operation, _ := flowretail.OperationFromContext(ctx)
	name := operationKey.String(operation.ID)
	trace.SpanFromContext(ctx).SetAttributes(name, attemptKey.Int(operation.Attempt))
	if labeler, ok := otelhttp.ClientLabelerFromContext(ctx); ok {
		labeler.Add(name)
	}
	label := metric.WithAttributes(name)
	if operation.Attempt > 1 {
		l.repeated.Add(ctx, 1, label)
	}
	response, err := l.carrier.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusTooManyRequests {
		l.throttled.Add(ctx, 1, label)
	}
	return response, err
}
