package flowretail_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// TestMain fails if goroutines are left after all tests.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	fuzzing := flag.Lookup("test.fuzz").Value.String() != "" || flag.Lookup("test.fuzzworker").Value.String() == "true"
	if code != 0 || fuzzing {
		os.Exit(code)
	}
	if left := goroutinesLeft(before); left > 0 {
		fmt.Printf("%d goroutines are left:\n", left)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
		code = 1
	}
	os.Exit(code)
}

// goroutinesLeft returns how many more goroutines there are than before. It waits for
// the goroutines of closed connections.
func goroutinesLeft(before int) int {
	http.DefaultClient.CloseIdleConnections()
	left := 0
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if left = runtime.NumGoroutine() - before; left <= 0 {
			return 0
		}
	}
	return left
}
