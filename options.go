package flowretail

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/flowretail/flowretail-go/internal/baseurl"
	"github.com/flowretail/flowretail-go/internal/retry"
)

// An Option sets up a client. The credentials are options too; they stand in auth.go.
type Option func(*settings) error

// The environment variables that FromEnv reads.
const (
	EnvToken   = "FLOWRETAIL_TOKEN"
	EnvBaseURL = "FLOWRETAIL_BASE_URL"
)

// FromEnv takes the token from FLOWRETAIL_TOKEN, and the base URL from
// FLOWRETAIL_BASE_URL when that is set. A missing token is an error.
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

// WithBaseURL sets where the API is served: ProductionURL (the default),
// StageURL, or a server of one's own. Plain http is refused except to loopback.
func WithBaseURL(base string) Option {
	return func(s *settings) (err error) {
		s.base, err = baseurl.Parse(base)
		return err
	}
}

// WithHTTPClient sets the client that carries the requests: its Transport and
// its Timeout (for one attempt) are used. It is copied: it stays as it is, and
// what is changed in it afterwards has no effect.
// Redirects and repetitions are up to the SDK, and cookies are not kept.
func WithHTTPClient(client *http.Client) Option {
	return func(s *settings) error {
		if client == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		s.http = new(*client)
		return nil
	}
}

// WithUserAgent puts the name of your program in front of the SDK's own in the
// User-Agent header, such as "erp-sync/2.1".
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		s.userAgent = name
		return checkHeaderValue("WithUserAgent", name)
	}
}

// WithLanguage sets the language of the API's error messages, as in
// Accept-Language: "nb", "en". Without it the API takes the user's.
func WithLanguage(language string) Option {
	return func(s *settings) error {
		s.language = language
		return checkHeaderValue("WithLanguage", language)
	}
}

// WithLogger logs one record for each attempt and one for each call, at debug
// level: operation, status, attempts, duration, log id. Bodies, queries and
// credentials are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		s.logger = logger
		return nil
	}
}

// WithMaxResponseBytes bounds the size of an answer after decompression; the
// default is 64 MiB. A larger one is ErrResponseTooLarge.
func WithMaxResponseBytes(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseBytes: %d is not a size", n)
		}
		s.maxBytes = n
		return nil
	}
}

// WithGeneratedUIDs gives every create whose UID the caller left empty a random
// one, so that within one call it is carried out exactly once. A call that is made
// again mints another UID: for a create that shall happen once across calls and
// restarts choose the UID yourself. The error of such a create names its UID.
func WithGeneratedUIDs() Option {
	return func(s *settings) error {
		s.mintedUIDs = true
		return nil
	}
}

// WithRetryPolicy sets how calls are repeated. Clients derived from this one
// share its retry budget until they set another Budget.
func WithRetryPolicy(policy RetryPolicy) Option {
	return func(s *settings) error {
		s.policy = policy
		if policy.MaxAttempts < 0 || policy.BaseDelay < 0 || policy.MaxDelay < 0 {
			return errors.New("WithRetryPolicy: MaxAttempts, BaseDelay and MaxDelay cannot be negative")
		}
		return nil
	}
}

// A RetryPolicy says how calls are repeated. What is repeated is not a matter
// of policy: only what cannot be done twice by it.
type RetryPolicy struct {
	// MaxAttempts bounds the requests of one call. 0: 4; 1: never repeat.
	MaxAttempts int
	// BaseDelay bounds the wait after the first attempt. The bound doubles with
	// each attempt; the wait is a random part of it. 0: 250 ms.
	BaseDelay time.Duration
	// MaxDelay bounds every such wait. 0: 10 s.
	MaxDelay time.Duration
	// MaxRetryAfter bounds the wait that the API asks for in Retry-After. 0: 1
	// minute; negative: the wish is ignored.
	MaxRetryAfter time.Duration
	// AttemptTimeout ends an attempt that is stuck, so that it can be repeated
	// before the caller's context ends. 0: 30 s; negative: none.
	AttemptTimeout time.Duration
	// Budget is how many repetitions all calls of the client may spend on
	// failures. A success returns what it needed and earns a tenth more, so that
	// an outage is not multiplied. 0: 10; negative: no bound.
	Budget int
}

// budgetEarned is the part of a repetition that a success earns.
const budgetEarned = 0.1

func (p RetryPolicy) resolved() retry.Policy {
	return retry.Policy{
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
	return retry.NewBudget(float64(cmp.Or(p.Budget, 10)), budgetEarned)
}

// sharedTransport is net/http's default with room for the connections of a
// prefetching iterator. A DefaultTransport that a test has replaced is left alone.
func sharedTransport() http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	return tunedTransport()
}

var tunedTransport = sync.OnceValue(func() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	transport.MaxResponseHeaderBytes = 1 << 20 // a tenth of net/http's bound, and far more than an API sends
	return transport
})

// IterOption is an option of an iterator: Prefetch, Complete, OnPage, or any CallOption.
type IterOption interface{ applyIter(*iterSettings) }

// CallOption is an option of a call: CaptureResponse, Language, Header, NoRetry.
// Given to an iterator it holds for each of its pages.
type CallOption interface {
	IterOption
	applyCall(*callSettings)
}

type callSettings struct {
	response *Response
	language string
	header   http.Header
	once     bool
	problem  error // the first option that makes no sense
}

type callOption func(*callSettings)

func (o callOption) applyCall(s *callSettings) { o(s) }
func (o callOption) applyIter(s *iterSettings) { o(&s.callSettings) }

func (s *callSettings) refuse(err error) {
	if s.problem == nil {
		s.problem = err
	}
}

// A Response is the HTTP side of an answer.
type Response struct {
	StatusCode int
	Header     http.Header // without credentials
	Attempts   int
	Elapsed    time.Duration // of the whole call
}

// CaptureResponse stores the HTTP side of the last answer in response, also when
// the call fails. On an iterator it is filled when the iteration ends, with the
// answer that came last.
func CaptureResponse(response *Response) CallOption {
	return callOption(func(s *callSettings) { s.response = response })
}

// Language sets the language of the API's error messages for one call.
func Language(language string) CallOption {
	return callOption(func(s *callSettings) {
		s.language = language
		if err := checkHeaderValue("Language", language); err != nil {
			s.refuse(err)
		}
	})
}

// Header sets a header of one call, before all other options. Headers that carry
// credentials or that frame the request are refused.
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

// NoRetry makes a call that is one request on the wire, whatever comes back: no
// repetition, no redirect, no renewal of a rejected token.
func NoRetry() CallOption { return callOption(func(s *callSettings) { s.once = true }) }

func checkHeader(key, value string) error {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	}) {
		return fmt.Errorf("Header: %.40q is not the name of a header", key)
	}
	key = http.CanonicalHeaderKey(key)
	switch key {
	case "Authorization", "X-Invite-Token", "Proxy-Authorization", "Cookie", "X-Access-Token":
		return fmt.Errorf("Header: %s carries a credential; use the option that is made for it", key)
	case "Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Expect", "Accept-Encoding",
		// net/http repeats writes that have one of these by itself.
		"Idempotency-Key", "X-Idempotency-Key":
		return fmt.Errorf("Header: %s is up to the SDK", key)
	}
	return checkHeaderValue("Header "+key, value)
}

// checkHeaderValue refuses what would split a request. It does not repeat the value.
func checkHeaderValue(what, value string) error {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("%s: the value has a control character at position %d", what, i+1)
		}
	}
	return nil
}
