package main

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// observe reads the account of a fake, and returns the report and the error of
// the reading.
func observe(t *testing.T, fake *flowretailtest.Fake, prometheusFormat bool) (string, error) {
	t.Helper()
	telemetry, err := newTelemetry(fake)
	if err != nil {
		t.Fatal(err)
	}
	client, err := fake.NewClient(flowretail.WithHTTPClient(telemetry.httpClient()))
	if err != nil {
		t.Fatal(err)
	}
	readErr := readAccount(t.Context(), client, telemetry.tracer)
	var out bytes.Buffer
	if err := telemetry.report(t.Context(), &out, prometheusFormat); err != nil {
		t.Fatal(err)
	}
	return out.String(), readErr
}

func TestTelemetry_metrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := sample()
		text, err := observe(t, fake, true)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{}
		for _, request := range fake.Requests() {
			want[request.Operation]++
		}
		got := map[string]int{}
		line := regexp.MustCompile(`(?m)^http_client_request_duration_seconds_count\{.*flowretail_operation="([^"]+)".*\} (\d+)$`)
		for _, match := range line.FindAllStringSubmatch(text, -1) {
			count, _ := strconv.Atoi(match[2])
			got[match[1]] += count
		}
		if !maps.Equal(got, want) {
			t.Errorf("the metrics count %v, want %v", got, want)
		}
		for _, want := range []string{
			`flowretail_client_throttled_total{flowretail_operation="get-tenants-users"} 1`,
			`flowretail_client_retries_total{flowretail_operation="get-tenants-users"} 1`,
			`flowretail_client_retries_total{flowretail_operation="get-subscribers"} 2`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is missing", want)
			}
		}
	})
}

func TestTelemetry_noUIDsAndTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := sample()
		text, err := observe(t, fake, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, tenant := range fake.Tenants() {
			if strings.Contains(text, tenant.TenantUID) {
				t.Error("the metrics have the UID of a tenant")
			}
		}
		if strings.Contains(text, fake.AdminToken()) {
			t.Error("the metrics have the token")
		}
	})
}

func TestTelemetry_spanPerAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text, err := observe(t, sample(), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`get-tenants-users +1 +429`, `get-tenants-users +2 +200`, `get-subscribers +1 +503`, `get-subscribers +1 +\S+Error`, `read the account`,
		} {
			if !regexp.MustCompile(want).MatchString(text) {
				t.Errorf("no span %q in:\n%s", want, text)
			}
		}
	})
}

func TestTelemetry_failedCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: http.StatusForbidden})
		text, err := observe(t, fake, false)
		if !errors.Is(err, flowretail.ErrForbidden) || !strings.Contains(text, "403") {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

func TestProgram_onServer(t *testing.T) {
	fake := flowretailtest.New()
	programtest.UseServer(t, fake, fake.AdminToken())
	result := programtest.Run(t.Context(), run)
	if result.Code != program.ExitDone || !strings.Contains(result.Stdout, "get-subscribers") || strings.Contains(result.Stdout, fake.AdminToken()) {
		t.Errorf("%+v", result)
	}
}
