package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/flowretailtest"
)

// onPurpose lists what tests do although the document does not have it, since
// the SDK promises that it works.
var onPurpose = map[string]string{
	"header X-Request-Id is not in the document":      "a header of the caller's own",
	"answer: items[].shoeSize is not in the document": "a field that the API has added since",
}

// The tests of the SDK and of the example programs run once more, while every
// exchange of theirs with a fake is written down.
func TestTheTestsOfTheSDKKeepToTheDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the tests of other modules")
	}
	met := map[string]bool{}
	for _, suite := range []struct{ module, packages string }{
		{"..", "."},
		{"../examples", "./..."},
	} {
		checker, faults, wanted := newChecker(t), 0, 0
		for exchange := range recorded(t, suite.module, suite.packages) {
			if exchange.Injected {
				exchange.Status = 0 // what a fault answers is not the API's
				faults++
			}
			err := checker.Check(onTheWire(exchange))
			if err == nil {
				continue
			}
			_, problem, _ := strings.Cut(err.Error(), "): ")
			if onPurpose[problem] != "" {
				wanted++
			} else if !met[problem] {
				t.Errorf("%s: %v", suite.module, err)
			}
			met[problem] = true
		}
		total := checker.Coverage().exchanges
		if total == 0 {
			t.Errorf("no exchange of the tests in %s was recorded", suite.module)
		}
		closing += fmt.Sprintf("%d exchanges of the tests in %s (of %d that faults ended, the requests alone), %d violations and %d on purpose\n",
			total, suite.module, faults, len(checker.Violations())-wanted, wanted)
	}
	for problem, reason := range onPurpose {
		if !met[problem] {
			t.Errorf("no test does this any more: %s (%s)", problem, reason)
		}
	}
}

// recorded runs tests of a module, and returns their exchanges with fakes. It
// leaves out the tests that would be slow and need no fake.
func recorded(t *testing.T, module, packages string) iter.Seq[flowretailtest.Exchange] {
	t.Helper()
	name := filepath.Join(t.TempDir(), "exchanges")
	run := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run=^(Test|Example)", "-skip=^TestHostile", packages)
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
