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
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	flowretail "github.com/flowretail/flowretail-go"
)

// The attributes of a request. They have few values, so that they can be labels
// of metrics. UIDs could not.
const (
	operationKey = attribute.Key("flowretail.operation")
	attemptKey   = attribute.Key("flowretail.attempt")
)

// telemetry collects spans and metrics of the SDK's requests.
type telemetry struct {
	transport http.RoundTripper
	tracer    trace.Tracer
	traces    *sdktrace.TracerProvider
	metrics   *sdkmetric.MeterProvider
	spans     *tracetest.InMemoryExporter // a service would send them to a collector
	registry  *prometheus.Registry        // a service would serve it with promhttp.HandlerFor
}

// newTelemetry returns telemetry around the transport next. The SDK calls its
// transport once for each attempt. The context of the request has the operation
// and the number of the attempt.
func newTelemetry(next http.RoundTripper) (*telemetry, error) {
	t := &telemetry{spans: tracetest.NewInMemoryExporter(), registry: prometheus.NewRegistry()}
	reader, err := exporter.New(exporter.WithRegisterer(t.registry), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo())
	if err != nil {
		return nil, err
	}
	t.metrics = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	t.traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(t.spans))
	t.tracer = t.traces.Tracer("flowretail-observe")
	meter := t.metrics.Meter("flowretail-observe")
	labeler, err := newAttemptLabeler(next, meter)
	if err != nil {
		return nil, err
	}
	t.transport = otelhttp.NewTransport(labeler,
		otelhttp.WithTracerProvider(t.traces),
		otelhttp.WithMeterProvider(t.metrics),
		// Do not send trace headers to the API.
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, request *http.Request) string {
			operation, _ := flowretail.OperationFromContext(request.Context())
			return operation.ID
		}),
	)
	return t, nil
}

func (t *telemetry) httpClient() *http.Client { return &http.Client{Transport: t.transport} }

// An attemptLabeler is the transport that otelhttp calls. It adds the operation
// and the attempt to the span and the metrics of otelhttp, and counts retries
// and responses with status 429.
type attemptLabeler struct {
	next               http.RoundTripper
	retries, throttled metric.Int64Counter
}

func newAttemptLabeler(next http.RoundTripper, meter metric.Meter) (*attemptLabeler, error) {
	retries, err := meter.Int64Counter("flowretail.client.retries", metric.WithDescription("Requests that retry an earlier attempt of the same call."))
	if err != nil {
		return nil, err
	}
	throttled, err := meter.Int64Counter("flowretail.client.throttled", metric.WithDescription("Responses with status 429."))
	if err != nil {
		return nil, err
	}
	return &attemptLabeler{next, retries, throttled}, nil
}

// RoundTrip implements http.RoundTripper.
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
		l.retries.Add(ctx, 1, label)
	}
	response, err := l.next.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusTooManyRequests {
		l.throttled.Add(ctx, 1, label)
	}
	return response, err
}
