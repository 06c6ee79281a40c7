// Package programtest runs the examples in tests.
package programtest

import (
	"bytes"
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A Result is the exit code and the output of a program.
type Result struct {
	Code   int
	Stdout string
	Stderr string
}

// Run runs a program.
func Run(ctx context.Context, run func(context.Context, *program.Terminal) error, args ...string) Result {
	var stdout, stderr bytes.Buffer
	code := program.Run(ctx, &program.Terminal{Args: args, Stdout: &stdout, Stderr: &stderr}, run)
	return Result{code, stdout.String(), stderr.String()}
}

// UseEmbeddedFake sets the environment so that programs run on their embedded
// fakes.
func UseEmbeddedFake(t *testing.T) {
	t.Helper()
	t.Setenv(flowretail.EnvToken, "")
	t.Setenv(flowretail.EnvBaseURL, "")
}

// UseServer serves a fake, and sets the environment so that programs use it with
// the token.
func UseServer(t *testing.T, fake *flowretailtest.Fake, token string) {
	t.Helper()
	t.Setenv(flowretail.EnvToken, token)
	t.Setenv(flowretail.EnvBaseURL, fake.Start(t).URL)
}

// A RoundTripper is a function that is an http.RoundTripper.
type RoundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (r RoundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// KillAfter returns a transport that passes n requests on to a fake. At the next
// request it cancels the program and returns context.Canceled. With reachesAPI
// that request still reaches the fake, but its response is lost.
func KillAfter(n int, fake *flowretailtest.Fake, cancel context.CancelFunc, reachesAPI bool) http.RoundTripper {
	var requests atomic.Int64
	return RoundTripper(func(request *http.Request) (*http.Response, error) {
		number := int(requests.Add(1))
		if number <= n {
			return fake.RoundTrip(request)
		}
		if number == n+1 && reachesAPI {
			if response, err := fake.RoundTrip(request); err == nil {
				_ = response.Body.Close()
			}
		}
		cancel()
		return nil, context.Canceled
	})
}
