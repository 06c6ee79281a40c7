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
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// observed does the job on a fake and returns what is printed.
func observed(t *testing.T, fake *flowretailtest.Fake, asScraped bool) (string, error) {
	t.Helper()
	telemetry, err := newTelemetry(fake)
	if err != nil {
		t.Fatal(err)
	}
	client, err := fake.NewClient(flowretail.WithHTTPClient(telemetry.httpClient()))
	if err != nil {
		t.Fatal(err)
	}
	failure := job(t.Context(), client, telemetry.tracer)
	var out bytes.Buffer
	if err := telemetry.report(t.Context(), &out, asScraped); err != nil {
		t.Fatal(err)
	}
	return out.String(), failure
}

func TestTheMetricsCountWhatReachedTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := sample()
		text, err := observed(t, fake, true)
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
			t.Errorf("the metrics count %v, and the API saw %v", got, want)
		}
		for _, want := range []string{
			`flowretail_client_throttled_total{flowretail_operation="get-tenants-users"} 1`,
			`flowretail_client_repeated_total{flowretail_operation="get-tenants-users"} 1`,
			`flowretail_client_repeated_total{flowretail_operation="get-subscribers"} 2`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is missing", want)
			}
		}
	})
}

func TestLabelsAreFewAndHoldNoUIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := sample()
		text, err := observed(t, fake, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, tenant := range fake.Tenants() {
			if strings.Contains(text, tenant.TenantUID) {
				t.Errorf("a metric has the UID of a tenant: one series for each")
			}
		}
		if strings.Contains(text, fake.AdminToken()) {
			t.Error("the token is in the metrics")
		}
	})
}

func TestEachAttemptIsASpanOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := sample()
		text, err := observed(t, fake, false)
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

func TestAFailedJobIsReportedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New()
		fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: http.StatusForbidden})
		text, err := observed(t, fake, false)
		if !errors.Is(err, flowretail.ErrForbidden) || !strings.Contains(text, "403") {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

func TestTheProgramObservesAServerThatTheEnvironmentNames(t *testing.T) {
	fake := flowretailtest.New()
	t.Setenv(flowretail.EnvToken, fake.AdminToken())
	t.Setenv(flowretail.EnvBaseURL, fake.Start(t).URL)
	var stdout, stderr bytes.Buffer
	code := program.Run(t.Context(), &program.Terminal{Stdout: &stdout, Stderr: &stderr}, run)
	if code != program.ExitDone || !strings.Contains(stdout.String(), "get-subscribers") || strings.Contains(stdout.String(), fake.AdminToken()) {
		t.Errorf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
}
