package flowretail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/flowretail/flowretail-go/internal/baseurl"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/ratelimit"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// Version is the version of the SDK. It is sent in the User-Agent header.
const Version = "0.1.0"

// The URLs of the API.
const (
	ProductionURL = "https://api.flowretail.com/v2"
	StageURL      = "https://api.stage.flowretail.com/v2"
)

const defaultMaxResponseBytes = 64 << 20

// A Client calls the Flow Retail API. It is safe for concurrent use. Create one and
// reuse it: its calls share connections, the token, the rate limiter and the retry
// budget.
type Client struct {
	Tenants     *TenantsService
	Users       *UsersService
	Tokens      *TokensService
	Account     *AccountService
	Subscribers *SubscribersService

	settings    settings
	credentials credentials
	transport   *transport.Transport
	header      http.Header // of every request; never changed
}

// NewClient returns a client for the production API. It takes one credential:
// FromEnv, WithToken, WithTokenSource, WithDeviceLogin or WithTenantExchange.
// Without a credential only Account.GetInvite works. An invalid option is an error.
func NewClient(opts ...Option) (*Client, error) {
	base, err := baseurl.Parse(ProductionURL)
	if err != nil {
		return nil, err
	}
	settings := settings{base: base, maxBytes: defaultMaxResponseBytes}
	if err := settings.apply(opts); err != nil {
		return nil, err
	}
	return newClient(settings, nil), nil
}

// With returns a client with further options. It shares the connections, the token,
// the rate limiter and the retry budget of c, except for what the options replace.
// A base URL of another origin requires a credential in the same call, because the
// token of c must not be sent there.
func (c *Client) With(opts ...Option) (*Client, error) {
	settings := c.settings
	settings.credential, settings.limiter = nil, nil
	if err := settings.apply(opts); err != nil {
		return nil, err
	}
	if settings.credential == nil && !baseurl.SameOrigin(settings.base, c.settings.base) && c.credentials != (credentials{}) {
		return nil, fmt.Errorf("flowretail: With: %s is another origin than %s and requires a credential of its own", settings.base.Host, c.settings.base.Host)
	}
	return newClient(settings, c), nil
}

// newClient returns a client with settings. parent is the client that it is derived
// from, or nil.
func newClient(settings settings, parent *Client) *Client {
	c := &Client{settings: settings, header: settings.header()}
	config := settings.transportConfig()
	if parent != nil {
		c.credentials = parent.credentials
		config = settings.share(config, parent)
	}
	c.transport = transport.New(config)
	c.addServices()
	if settings.credential != nil {
		c.credentials = settings.credential(c)
	}
	return c
}

// addServices gives the services their client.
func (c *Client) addServices() {
	c.Tenants = &TenantsService{c}
	c.Users = &UsersService{c}
	c.Tokens = &TokensService{c}
	c.Account = &AccountService{c}
	c.Subscribers = &SubscribersService{c}
}

// refreshClient returns a copy of c for the requests that refresh its token. They do
// not wait for the rate limiter, where the calls that need the token would wait, too.
func (c *Client) refreshClient(credentials credentials) *Client {
	copied := *c
	copied.credentials = credentials
	config := c.transport.Config
	config.Limiter = nil
	copied.transport = transport.New(config)
	copied.addServices()
	return &copied
}

// String names the base URL. It shows no credential.
func (c *Client) String() string { return "flowretail.Client(" + c.settings.base.String() + ")" }

// GoString returns String, so that printing a client does not show its fields.
func (c *Client) GoString() string { return c.String() }

// A Request describes a call of an endpoint that has no method in the SDK.
type Request struct {
	// Operation is the name in errors, logs and traces. Default: method and path.
	Operation string
	Method    string // default: GET
	// Path is a template below the base URL, such as "/tenants/{tenantUid}/stores".
	Path string
	// PathValues are the values of the template, in its order. Like those of the
	// SDK's methods they consist of letters, digits, - and _.
	PathValues []string
	// Query is a struct with url tags, or url.Values.
	Query any
	// Body is encoded as by encoding/json. A Secret in it is sent in clear.
	Body any
	// Idempotent means that sending the request twice has the effect of sending it
	// once, so that it can be retried. GET and HEAD are always idempotent.
	Idempotent bool
}

// Do calls an endpoint that has no method in the SDK, with the client's credential,
// retries and errors. It decodes the response into out by the json tags of its type,
// whose names have to match exactly, or by its UnmarshalJSON method. With a nil out
// the body of the response is ignored.
func (c *Client) Do(ctx context.Context, req *Request, out any, opts ...CallOption) error {
	in, err := req.internal("Do")
	if err != nil {
		return invalidRequest(in, err)
	}
	if out == nil {
		return send(ctx, c, in, opts)
	}
	if target := reflect.ValueOf(out); target.Kind() != reflect.Pointer || target.IsNil() {
		return invalidRequest(in, fmt.Errorf("out is a %T, not a pointer that the response can be decoded into", out))
	}
	return c.call(ctx, in, opts, func(response *transport.Response) error { return decode(response, out) })
}

func (r *Request) name() string {
	switch {
	case r == nil:
		return "request"
	case r.Operation != "":
		return r.Operation
	}
	return r.method() + " " + r.Path
}

func (r *Request) method() string {
	if r == nil || r.Method == "" {
		return http.MethodGet
	}
	return strings.ToUpper(r.Method)
}

// internal turns a request into one like those of the services, and checks it.
func (r *Request) internal(sdkMethod string) (*request, error) {
	method := r.method()
	operation := &operations.Operation{ID: r.name(), Method: method, Idempotency: operations.NotIdempotent, SDKMethods: []string{sdkMethod}}
	if r == nil {
		return newRequest(operation), errors.New("the request is nil")
	}
	operation.Path = r.Path
	if r.Idempotent || method == http.MethodGet || method == http.MethodHead {
		operation.Idempotency = operations.Idempotent
	}
	in := newRequest(operation, slices.Clone(r.PathValues)...).query(r.Query)
	if r.Body != nil {
		in.body(r.Body)
	}
	switch {
	case !strings.HasPrefix(r.Path, "/") || strings.HasPrefix(r.Path, "//"):
		return in, errors.New("the path must begin with one slash; it is below the base URL")
	case strings.ContainsAny(r.Path, "?#%\\ ") || strings.Contains(r.Path+"/", "/../") || strings.Contains(r.Path+"/", "/./"):
		return in, errors.New(`the path contains ?, #, %, \, a space, or the element . or ..; use PathValues and Query`)
	case !isMethod(method):
		return in, errors.New("the method is not an HTTP method")
	}
	return in, nil
}

func isMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

// OperationInfo says which operation an HTTP request belongs to. The number of
// different values is small, so they can be labels of metrics and names of spans.
type OperationInfo struct {
	ID           string // the operationId, such as "get-tenants-users"
	Method       string // the HTTP method
	PathTemplate string // such as "/tenants/{tenantUid}/users"
	Attempt      int    // 1 for the first request of a call, 2 for the next one, …
}

// OperationFromContext returns the operation that the context of an HTTP request
// belongs to. Use it in the round tripper that you give to WithHTTPClient.
func OperationFromContext(ctx context.Context) (OperationInfo, bool) {
	info, ok := transport.InfoFrom(ctx)
	return OperationInfo{ID: info.ID, Method: info.Method, PathTemplate: info.Path, Attempt: info.Attempt}, ok
}

// settings has what the options of a client set.
type settings struct {
	base          *url.URL
	http          *http.Client // the caller's; never changed
	credential    func(*Client) credentials
	userAgent     string
	language      string
	logger        *slog.Logger
	policy        RetryPolicy
	limiter       *ratelimit.Limiter // of WithMaxRate
	maxBytes      int64
	generatedUIDs bool
}

func (s *settings) apply(opts []Option) error {
	for _, opt := range opts {
		if opt == nil {
			return errors.New("flowretail: an option is nil")
		}
		if err := opt(s); err != nil {
			return fmt.Errorf("flowretail: %w", err)
		}
	}
	return nil
}

func (s *settings) header() http.Header {
	userAgent := strings.TrimSpace(s.userAgent + " flowretail-go/" + Version)
	header := http.Header{"Accept": {"application/json"}, "User-Agent": {userAgent}}
	if s.language != "" {
		header["Accept-Language"] = []string{s.language}
	}
	return header
}

// transportConfig returns the configuration of a client that shares nothing.
func (s *settings) transportConfig() transport.Config {
	config := transport.Config{
		Policy: s.policy.withDefaults(), Budget: s.policy.budget(), Limiter: s.limiter,
		MaxBytes: s.maxBytes, TimeoutName: "RetryPolicy.AttemptTimeout",
	}
	if config.Limiter == nil {
		config.Limiter = ratelimit.New(0)
	}
	if s.http != nil {
		config.Base = s.http.Transport
		if timeout := s.http.Timeout; timeout > 0 && (config.Policy.AttemptTimeout == 0 || timeout < config.Policy.AttemptTimeout) {
			config.Policy.AttemptTimeout, config.TimeoutName = timeout, "http.Client.Timeout"
		}
	}
	if config.Base == nil {
		config.Base = defaultTransport()
	}
	return config
}

// share replaces what a derived client has in common with its parent.
func (s *settings) share(config transport.Config, parent *Client) transport.Config {
	if !baseurl.SameOrigin(s.base, parent.settings.base) {
		if s.limiter == nil {
			config.Limiter = ratelimit.New(parent.transport.Limiter.Maximum())
		}
		return config
	}
	if s.limiter == nil {
		config.Limiter = parent.transport.Limiter
	}
	if s.policy.Budget == 0 || s.policy.Budget == parent.settings.policy.Budget {
		config.Budget = parent.transport.Budget
	}
	return config
}
