package contract

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/flowretailtest"
)

// allowedViolations lists what tests send or receive although the document does
// not have it, because the SDK supports it.
var allowedViolations = map[string]string{
	"header X-Request-Id is not in the document":        "a header of the caller",
	"response: items[].shoeSize is not in the document": "a field that the API has added",
}

// This test runs the tests of the SDK and of the examples again, and checks each
// exchange with a fake.
func TestRecordedExchanges(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the tests of other modules")
	}
	found := map[string]bool{}
	for _, suite := range []struct{ module, packages string }{
		{"..", "."},
		{"../examples", "./..."},
	} {
		checker, total, injected := newChecker(t), 0, 0
		for exchange := range recordExchanges(t, suite.module, suite.packages) {
			total++
			if exchange.Injected {
				exchange.Status = 0 // an injected response is not the API's
				injected++
			}
			err := checker.Check(fromFake(exchange))
			if err == nil {
				continue
			}
			_, problem, _ := strings.Cut(err.Error(), "): ")
			if allowedViolations[problem] == "" && !found[problem] {
				t.Errorf("%s: %v", suite.module, err)
			}
			found[problem] = true
		}
		if total == 0 {
			t.Errorf("the tests in %s recorded no exchange", suite.module)
		}
		t.Logf("%d exchanges of the tests in %s, %d of them with an injected response that is not checked", total, suite.module, injected)
	}
	for problem, reason := range allowedViolations {
		if !found[problem] {
			t.Errorf("no test has this violation: %s (%s)", problem, reason)
		}
	}
}

// recordExchanges runs the tests of a module and returns their exchanges with
// fakes.
func recordExchanges(t *testing.T, module, packages string) iter.Seq[flowretailtest.Exchange] {
	t.Helper()
	name := filepath.Join(t.TempDir(), "exchanges")
	run := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run=^(Test|Example)", packages)
	run.Dir = module
	run.Env = append(os.Environ(), flowretailtest.ExchangesFile+"="+name)
	if output, err := run.CombinedOutput(); err != nil {
		t.Errorf("go test in %s: %v\n%s", module, err, output)
	}
	return func(yield func(flowretailtest.Exchange) bool) {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := json.NewDecoder(file); ; {
			var exchange flowretailtest.Exchange
			if err := lines.Decode(&exchange); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatal(err)
			}
			if !yield(exchange) {
				return
			}
		}
	}
}
