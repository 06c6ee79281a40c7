package transport

import (
	"fmt"
	"net/http"
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
	client *http.Client
}

// New returns a transport.
func New(config Config) *Transport {
	return &Transport{Config: config, client: &http.Client{Transport: chain(config), CheckRedirect: checkRedirect}}
}

// chain assembles the links below the retries. The order matters:
//   - lookup is above authorization and rateLimit: a lookup needs a token and waits
//     for the rate limiter, as every request does.
//   - authorization is above rateLimit: a refresh never holds a place in the queue.
//     The request that follows a 401 waits there like any other.
//   - attempt is last: its timeout does not include the waits for a token and for the
//     rate limiter.
func chain(config Config) http.RoundTripper {
	timeoutErr := fmt.Errorf("attempt timed out after %s (%s)", config.Policy.AttemptTimeout.Round(time.Millisecond), config.TimeoutName)
	var link http.RoundTripper = attempt{
		next: config.Base, timeout: config.Policy.AttemptTimeout, timeoutErr: timeoutErr, maxBytes: config.MaxBytes,
	}
	if config.Limiter != nil {
		link = rateLimit{next: link, limiter: config.Limiter, policy: config.Policy}
	}
	link = authorization{next: link, maxAttempts: config.Policy.MaxAttempts}
	return lookup{next: link}
}
