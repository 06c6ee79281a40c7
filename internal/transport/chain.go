package transport

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// A Config is what the calls of a client share.
type Config struct {
	Base     http.RoundTripper // sends the requests
	Policy   retry.Policy
	Budget   *retry.Budget      // nil: no bound
	Limiter  *ratelimit.Limiter // nil: no limit
	MaxBytes int64              // of a 2xx response, after decompression
	// TimeoutName is the option that Policy.AttemptTimeout comes from, for errors.
	TimeoutName string
}

// A Transport sends the calls of a client. It is safe for concurrent use.
type Transport struct {
	Config
	client   *http.Client
	inFlight atomic.Int64 // calls
}

// New returns a transport.
func New(config Config) *Transport {
	return &Transport{Config: config, client: &http.Client{Transport: chain(config), CheckRedirect: checkRedirect}}
}

// chain assembles the links below the retries. The order matters:
//   - a lookup needs a token and counts against the rate limit, as every request does;
//   - a token is refreshed before a request stands in the queue, so that a refresh
//     never waits there and a rejected token does not wait for its turn again;
//   - one attempt is timed from when it may be sent.
func chain(config Config) http.RoundTripper {
	timeout := fmt.Errorf("attempt timed out after %s (%s)", config.Policy.AttemptTimeout.Round(time.Millisecond), config.TimeoutName)
	var link http.RoundTripper = attempt{config.Base, config.Policy.AttemptTimeout, timeout, config.MaxBytes}
	if config.Limiter != nil {
		link = rateLimit{link, config.Limiter, config.Policy}
	}
	link = authorization{link, config.Policy.MaxAttempts}
	return lookup{link}
}
