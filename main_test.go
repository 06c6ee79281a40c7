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

// No goroutine outlives its call, over all tests together.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	fuzzing := flag.Lookup("test.fuzz").Value.String() != "" || flag.Lookup("test.fuzzworker").Value.String() == "true"
	if code != 0 || fuzzing {
		os.Exit(code)
	}
	if left := leaked(before); left > 0 {
		fmt.Printf("%d goroutines were left behind:\n", left)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
		code = 1
	}
	os.Exit(code)
}

// leaked returns how many goroutines there are more than before, once those of
// closed connections had a chance to end.
func leaked(before int) int {
	http.DefaultClient.CloseIdleConnections()
	left := 0
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if left = runtime.NumGoroutine() - before; left <= 0 {
			return 0
		}
	}
	return left
}
