package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// report prints the spans and metrics, and shuts the providers down.
func (t *telemetry) report(ctx context.Context, out io.Writer, prometheusFormat bool) error {
	families, err := t.registry.Gather()
	if err != nil {
		return err
	}
	if prometheusFormat {
		for _, family := range families {
			if _, err := expfmt.MetricFamilyToText(out, family); err != nil {
				return err
			}
		}
	} else {
		err = errors.Join(printSpans(out, t.spans.GetSpans()), printMetrics(out, families))
	}
	return errors.Join(err, t.traces.Shutdown(ctx), t.metrics.Shutdown(ctx))
}

func printSpans(out io.Writer, spans tracetest.SpanStubs) error {
	slices.SortFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "START\tDURATION\tSPAN\tATTEMPT\tRESULT")
	for _, span := range spans {
		attributes := map[string]string{}
		for _, attribute := range span.Attributes {
			attributes[string(attribute.Key)] = attribute.Value.String()
		}
		start := span.StartTime.Sub(spans[0].StartTime)
		duration := span.EndTime.Sub(span.StartTime)
		result := cmp.Or(attributes["http.response.status_code"], attributes["error.type"], "-")
		fmt.Fprintf(table, "+%s\t%s\t%s\t%s\t%s\n", start.Round(time.Millisecond), duration.Round(100*time.Microsecond),
			span.Name, cmp.Or(attributes[string(attemptKey)], "-"), result)
	}
	return table.Flush()
}

// printMetrics prints the histogram of otelhttp and the counters of telemetry.go.
func printMetrics(out io.Writer, families []*dto.MetricFamily) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nMETRIC\tOPERATION\tSTATUS\tCOUNT\tMEAN")
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			status := cmp.Or(labels["http_response_status_code"], labels["error_type"], "-")
			count, mean := uint64(metric.GetCounter().GetValue()), "-"
			if histogram := metric.GetHistogram(); histogram != nil {
				count = histogram.GetSampleCount()
				seconds := histogram.GetSampleSum() / float64(max(1, count))
				mean = fmt.Sprintf("%.1f ms", 1000*seconds)
			}
			if family.GetName() == "http_client_request_body_size_bytes" {
				continue // reads have no body
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", family.GetName(), labels["flowretail_operation"], status, count, mean)
		}
	}
	return table.Flush()
}
