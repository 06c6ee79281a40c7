package flowretailtest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/flowretail/flowretail-go/flowretailtest"
)

// The test starts itself as two more processes, since the environment is read once.
func TestExchangesFile(t *testing.T) {
	const childProcess = "FLOWRETAILTEST_CHILD_PROCESS"
	if os.Getenv(childProcess) != "" {
		fake := flowretailtest.New(flowretailtest.WithoutRecords())
		newCaller(t, fake).admin("POST", "/tenants/"+fake.TenantUID()+"/users?", newUser).want(200)
		return
	}
	name := filepath.Join(t.TempDir(), "exchanges")
	for range 2 {
		process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		process.Env = append(os.Environ(), childProcess+"=1", flowretailtest.ExchangesFile+"="+name)
		if output, err := process.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	written, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(written), []byte("\n"))
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		var exchange flowretailtest.Exchange
		if err := json.Unmarshal(line, &exchange); err != nil {
			t.Fatal(err)
		}
		if exchange.Request.Operation != create || string(exchange.Request.Body) != newUser || exchange.Status != 200 ||
			exchange.Header.Get("Content-Type") != "application/json" || !json.Valid(exchange.Body) {
			t.Errorf("written: %s", line)
		}
	}
}
