package flowretail

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/flowretail/flowretail-go/internal/baseurl"
	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// An Option configures a client. The credentials are options, too: WithToken,
// WithTokenSource, WithDeviceLogin, WithTenantExchange and FromEnv.
type Option func(*settings) error

// The environment variables that FromEnv reads.
const (
	EnvToken   = "FLOWRETAIL_TOKEN"
	EnvBaseURL = "FLOWRETAIL_BASE_URL"
)

// FromEnv uses the token in FLOWRETAIL_TOKEN, and the base URL in
// FLOWRETAIL_BASE_URL if that is set. NewClient returns an error when
// FLOWRETAIL_TOKEN is not set.
func FromEnv() Option {
	return func(s *settings) error {
		token := os.Getenv(EnvToken)
		if token == "" {
			return errors.New("FromEnv: " + EnvToken + " is not set")
		}
		if base := os.Getenv(EnvBaseURL); base != "" {
			if err := WithBaseURL(base)(s); err != nil {
				return fmt.Errorf("FromEnv: "+EnvBaseURL+": %w", err)
			}
		}
		return WithToken(token)(s)
	}
}

// WithBaseURL sets the URL of the API: ProductionURL (the default), StageURL, or
// another server. http is permitted for loopback addresses only.
func WithBaseURL(base string) Option {
	return func(s *settings) (err error) {
		s.base, err = baseurl.Parse(base)
		return err
	}
}

// WithHTTPClient sends requests with the Transport of client. Its Timeout, if any,
// bounds one attempt, like RetryPolicy.AttemptTimeout. Its CheckRedirect and Jar are
// not used. The client is copied; later changes to it have no effect.
func WithHTTPClient(client *http.Client) Option {
	return func(s *settings) error {
		if client == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		s.http = new(*client)
		return nil
	}
}

// WithUserAgent puts the name of your program, such as "erp-sync/2.1", in front of
// the SDK's in the User-Agent header.
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		s.userAgent = name
		return checkHeaderValue("WithUserAgent", name)
	}
}

// WithLanguage sets the language of the API's error messages, such as "nb" or "en".
// It is sent as Accept-Language. By default the API uses the user's language.
func WithLanguage(language string) Option {
	return func(s *settings) error {
		s.language = language
		return checkHeaderValue("WithLanguage", language)
	}
}

// WithLogger writes one record for each attempt and one for each call, at debug
// level, with operation, status, attempts, duration, waits, outcome, log id, and why
// no further attempt was made. Bodies, queries and credentials are not logged.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		s.logger = logger
		return nil
	}
}

// WithMaxResponseBytes limits the size of a response to n bytes after decompression.
// The default is 64 MiB. A larger response is ErrResponseTooLarge. Of a response
// outside 2xx at most 256 KiB are read.
func WithMaxResponseBytes(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseBytes: %d bytes is not a size", n)
		}
		s.maxBytes = n
		return nil
	}
}

// WithGeneratedUIDs generates a random UID for every create that has none, so that
// one call creates the resource exactly once. Another call generates another UID:
// choose the UID yourself for a create that must happen once across calls and
// restarts. The error of a create of unknown outcome names its generated UID.
func WithGeneratedUIDs() Option {
	return func(s *settings) error {
		s.generatedUIDs = true
		return nil
	}
}

// WithRetryPolicy sets how often and how fast calls are retried. A client derived
// with With shares the retry budget of its parent unless its policy sets Budget.
func WithRetryPolicy(policy RetryPolicy) Option {
	return func(s *settings) error {
		s.policy = policy
		if policy.MaxAttempts < 0 || policy.BaseDelay < 0 || policy.MaxDelay < 0 {
			return errors.New("WithRetryPolicy: MaxAttempts, BaseDelay and MaxDelay cannot be negative")
		}
		return nil
	}
}

// RetryPolicy sets how often and how fast calls are retried. Which failures are
// retried is fixed; see the package documentation, "Retries".
type RetryPolicy struct {
	// MaxAttempts is the maximum number of requests of one call. 0: 4. 1: no retries.
	// It includes requests that are sent again with another token after a 401. These
	// are not counted:
	//   - requests that the API refused with 429, and connections that failed; see MaxWait
	//   - lookups of a create, at most one for each request: those that got a response, and
	//     the one after the last attempt
	//   - redirects, at most five for each request
	MaxAttempts int
	// BaseDelay is the maximum wait after the first attempt. 0: 250 ms. The maximum
	// doubles with each attempt; the wait is a random part of it. A read whose connections
	// end without a response waits for 8 to 16 times BaseDelay after the second one in a
	// row, and for 48 to 96 times after the third, at most for 30 seconds.
	BaseDelay time.Duration
	// MaxDelay is the maximum of the other waits. 0: 10 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the maximum wait for a Retry-After header. 0: 1 minute.
	// Negative: the header is ignored.
	MaxRetryAfter time.Duration
	// MaxWait is the maximum time from the first 429 to a call, or from its first wait
	// for the rate limiter, until its last attempt. 0: 2 minutes. Negative: no maximum.
	// A call tries to connect to the API for MaxWait, but at most for 30 seconds. The
	// context of the call bounds both.
	MaxWait time.Duration
	// AttemptTimeout ends an attempt, so that it is retried before the context of the
	// call ends. The retry uses another connection. 0: 30 s. Negative: no timeout.
	AttemptTimeout time.Duration
	// Budget is the number of retries that all calls of the client together may spend
	// on failures, so that a client does not multiply an outage. 0: 10. Negative: no
	// limit. It is at least three times the number of calls in flight. A call that
	// succeeds, or that the API refuses with a 4xx other than 408 and 429, returns its
	// retries and a tenth of one.
	Budget int
}

// budgetPerSuccess is the part of a retry that a success adds to the budget.
const budgetPerSuccess = 0.1

// withDefaults returns the policy with all defaults filled in.
func (p RetryPolicy) withDefaults() retry.Policy {
	maxWait := cmp.Or(p.MaxWait, 2*time.Minute)
	if maxWait < 0 {
		maxWait = math.MaxInt64
	}
	return retry.Policy{
		MaxWait:        maxWait,
		MaxAttempts:    cmp.Or(p.MaxAttempts, 4),
		BaseDelay:      cmp.Or(p.BaseDelay, 250*time.Millisecond),
		MaxDelay:       cmp.Or(p.MaxDelay, 10*time.Second),
		MaxRetryAfter:  cmp.Or(p.MaxRetryAfter, time.Minute),
		AttemptTimeout: max(0, cmp.Or(p.AttemptTimeout, 30*time.Second)),
	}
}

func (p RetryPolicy) budget() *retry.Budget {
	if p.Budget < 0 {
		return nil
	}
	return retry.NewBudget(float64(cmp.Or(p.Budget, 10)), budgetPerSuccess)
}

// WithMaxRate limits the requests of the client, and of the clients derived from it,
// to perSecond requests a second, from the first request on. A derived client for another
// server has a limit of its own, with the same maximum. By default there is no
// limit until the API refuses a request with 429. Token refreshes are not limited.
// perSecond must be positive.
func WithMaxRate(perSecond float64) Option {
	return func(s *settings) error {
		if !(perSecond > 0) || math.IsInf(perSecond, 1) {
			return fmt.Errorf("WithMaxRate: %v requests a second is not a rate", perSecond)
		}
		s.limiter = ratelimit.New(perSecond)
		return nil
	}
}

// defaultTransport returns the transport of clients without WithHTTPClient. A
// http.DefaultTransport that a test has replaced is used as it is.
func defaultTransport() http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	return sharedTransport()
}

var sharedTransport = sync.OnceValue(func() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32         // for iterators with Prefetch
	transport.MaxResponseHeaderBytes = 1 << 20 // net/http's default is 10 MiB
	// A dead HTTP/2 connection is closed before the attempt times out, so that the
	// retry uses another one.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}
	return transport
})

// An IterOption configures an iterator: Prefetch, Complete, OnPage, or a CallOption.
type IterOption interface{ applyIter(*iterSettings) }

// A CallOption configures a call: CaptureResponse, Language, Header, NoRetry. On an
// iterator it applies to every page.
type CallOption interface {
	IterOption
	applyCall(*callSettings)
}

type callSettings struct {
	response *Response
	language string
	header   http.Header
	noRetry  bool
	problem  error // of the first invalid option
}

func callSettingsOf(opts []CallOption) callSettings {
	var settings callSettings
	for _, opt := range opts {
		if opt == nil {
			settings.refuse(errNilOption)
			continue
		}
		opt.applyCall(&settings)
	}
	return settings
}

var errNilOption = errors.New("an option is nil")

type callOption func(*callSettings)

func (o callOption) applyCall(s *callSettings) { o(s) }
func (o callOption) applyIter(s *iterSettings) { o(&s.callSettings) }

func (s *callSettings) refuse(err error) {
	if s.problem == nil {
		s.problem = err
	}
}

// A Response has the status and the header of an HTTP response.
type Response struct {
	StatusCode int
	Header     http.Header   // without credentials
	Attempts   int           // requests of the call
	Elapsed    time.Duration // of the whole call
}

// CaptureResponse stores status and header of the last HTTP response in response,
// also when the call fails. On an iterator, response is set when the iteration ends.
func CaptureResponse(response *Response) CallOption {
	return callOption(func(s *callSettings) { s.response = response })
}

// Language sets the language of the API's error messages for one call, like
// WithLanguage.
func Language(language string) CallOption {
	return callOption(func(s *callSettings) {
		s.language = language
		if err := checkHeaderValue("Language", language); err != nil {
			s.refuse(err)
		}
	})
}

// Header sets a request header for one call. Headers that carry credentials or that
// net/http sets are ErrInvalidRequest.
func Header(key, value string) CallOption {
	return callOption(func(s *callSettings) {
		if err := checkHeader(key, value); err != nil {
			s.refuse(err)
			return
		}
		if s.header == nil {
			s.header = make(http.Header)
		}
		s.header.Set(key, value)
	})
}

// NoRetry sends exactly one request: no retry, no redirect, no second request with
// another token.
func NoRetry() CallOption { return callOption(func(s *callSettings) { s.noRetry = true }) }

func checkHeader(key, value string) error {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}) {
		return fmt.Errorf("Header: %.40q is not a header name", key)
	}
	key = http.CanonicalHeaderKey(key)
	switch key {
	case "Authorization", "X-Invite-Token", "Proxy-Authorization", "Cookie", "X-Access-Token":
		return fmt.Errorf("Header: %s carries a credential; use the option for that credential", key)
	case "Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Expect", "Accept-Encoding",
		// net/http retries writes with one of these by itself.
		"Idempotency-Key", "X-Idempotency-Key":
		return fmt.Errorf("Header: %s is set by the SDK", key)
	}
	return checkHeaderValue("Header "+key, value)
}

// checkHeaderValue refuses control characters, which could split a request. Its
// error does not repeat the value.
func checkHeaderValue(what, value string) error {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("%s: the value has a control character at position %d", what, i+1)
		}
	}
	return nil
}
