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

// Version is the version of this SDK, as its User-Agent names it.
const Version = "0.1.0"

// Where the API is served.
const (
	ProductionURL = "https://api.flowretail.com/v2"
	StageURL      = "https://api.stage.flowretail.com/v2"
)

const defaultMaxResponseBytes = 64 << 20

// A Client calls the Flow Retail API. It is safe for concurrent use; make one
// and keep it.
type Client struct {
	Tenants     *TenantsService
	Users       *UsersService
	Tokens      *TokensService
	Account     *AccountService
	Subscribers *SubscribersService

	settings    settings
	credentials credentials
	sender      *transport.Sender
	header      http.Header // of every request; never changed
}

// NewClient makes a client for the production API. Give it one credential:
// WithToken, WithTokenSource, WithDeviceLogin, WithTenantExchange or FromEnv.
// Without one it can only look at invitations.
func NewClient(opts ...Option) (*Client, error) {
	base, err := baseurl.Parse(ProductionURL)
	if err != nil {
		return nil, err
	}
	settings := settings{base: base, maxBytes: defaultMaxResponseBytes}
	if err := settings.apply(opts); err != nil {
		return nil, err
	}
	return assemble(settings, nil)
}

// With derives a client with other options. It shares the transport, the rate,
// the retry budget and the token of c, except for what the options replace. A
// base URL of another origin needs a credential in the same call: tokens do not
// travel.
func (c *Client) With(opts ...Option) (*Client, error) {
	settings := c.settings
	settings.credential = nil
	if err := settings.apply(opts); err != nil {
		return nil, err
	}
	if settings.credential == nil && !baseurl.SameOrigin(settings.base, c.settings.base) && c.credentials != (credentials{}) {
		return nil, fmt.Errorf("flowretail: With: %s is another origin than %s, and needs a credential of its own", settings.base.Host, c.settings.base.Host)
	}
	return assemble(settings, c)
}

// assemble makes a client of settings; parent is the one that it is derived from, or nil.
func assemble(settings settings, parent *Client) (*Client, error) {
	c := &Client{settings: settings, header: settings.header()}
	c.sender = settings.sender()
	if parent != nil {
		c.credentials = parent.credentials
		if baseurl.SameOrigin(settings.base, parent.settings.base) {
			c.sender.Pace = parent.sender.Pace
			if settings.policy.Budget == parent.settings.policy.Budget {
				c.sender.Budget = parent.sender.Budget
			}
		}
	}
	c.connect()
	if settings.credential != nil {
		c.credentials = settings.credential(c)
	}
	return c, nil
}

// connect gives the services their client.
func (c *Client) connect() {
	c.Tenants = &TenantsService{c}
	c.Users = &UsersService{c}
	c.Tokens = &TokensService{c}
	c.Account = &AccountService{c}
	c.Subscribers = &SubscribersService{c}
}

// as returns a copy of c with other credentials.
func (c *Client) as(credentials credentials) *Client {
	copied := *c
	copied.credentials = credentials
	copied.connect()
	return &copied
}

// String names the API that the client talks to, and nothing secret.
func (c *Client) String() string { return "flowretail.Client(" + c.settings.base.String() + ")" }

// GoString returns String: the fields of a client are nobody's business.
func (c *Client) GoString() string { return c.String() }

// A Request names an endpoint that has no method in this SDK.
type Request struct {
	// Operation is the name for errors, logs and traces; Method and Path by default.
	Operation string
	Method    string // GET when empty
	// Path is a template below the base URL, such as "/tenants/{tenantUid}/stores".
	Path string
	// PathValues fill the template in its order. They are checked like those of
	// the SDK's methods.
	PathValues []string
	// Query is a struct with url tags, or url.Values.
	Query any
	// Body is what encoding/json would take; a Secret in it is sent in clear.
	Body any
	// Idempotent says that carrying the request out twice is the same as once.
	// GET and HEAD always are.
	Idempotent bool
}

// Do calls an endpoint that has no method here, with the same credentials,
// errors and retries. The answer is decoded into out by the json tags of its type,
// whose names have to match exactly; it may be a type that decodes itself. A nil
// out ignores the answer's body.
func (c *Client) Do(ctx context.Context, req *Request, out any, opts ...CallOption) error {
	in, err := req.internal()
	if err != nil {
		return refusal(req.name(), err)
	}
	if out == nil {
		return send(ctx, c, in, opts)
	}
	if target := reflect.ValueOf(out); target.Kind() != reflect.Pointer || target.IsNil() {
		return refusal(in.operation.ID, fmt.Errorf("out is a %T; the answer needs a pointer to be decoded into", out))
	}
	return c.call(ctx, in, opts, func(answer *transport.Answer) error { return decode(answer, out) })
}

func (r *Request) name() string {
	if r == nil {
		return "request"
	}
	if r.Operation != "" {
		return r.Operation
	}
	return r.method() + " " + r.Path
}

func (r *Request) method() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return strings.ToUpper(r.Method)
}

// internal checks a request and turns it into one like those of the services.
func (r *Request) internal() (*request, error) {
	switch {
	case r == nil:
		return nil, errors.New("the request is nil")
	case !strings.HasPrefix(r.Path, "/") || strings.HasPrefix(r.Path, "//"):
		return nil, errors.New("the path has to begin with one slash: it stands below the base URL, and credentials go nowhere else")
	case strings.ContainsAny(r.Path, "?#%\\ ") || strings.Contains(r.Path+"/", "/../") || strings.Contains(r.Path+"/", "/./"):
		return nil, errors.New(`the path has one of ? # % \ . or a space in it; use PathValues and Query`)
	case !isMethod(r.method()):
		return nil, errors.New("the method is none of HTTP's")
	}
	method := r.method()
	repeat := operations.NotIdempotent
	if r.Idempotent || method == http.MethodGet || method == http.MethodHead {
		repeat = operations.Idempotent
	}
	in := at(&operations.Operation{ID: r.name(), Method: method, Path: r.Path, Idempotency: repeat}, slices.Clone(r.PathValues)...).query(r.Query)
	if r.Body != nil {
		in.body(r.Body)
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

// OperationInfo says which operation an HTTP request belongs to. The values are
// few, so they serve as labels of metrics and as names of spans.
type OperationInfo struct {
	ID           string // the operationId, such as "get-tenants-users"
	Method       string
	PathTemplate string // such as "/tenants/{tenantUid}/users"
	Attempt      int    // 1 for the first; a repetition has a higher number
}

// OperationFromContext returns what the context of a request says about its operation. It
// is for the round trippers that are given to WithHTTPClient.
func OperationFromContext(ctx context.Context) (OperationInfo, bool) {
	info, ok := transport.InfoFrom(ctx)
	return OperationInfo{ID: info.ID, Method: info.Method, PathTemplate: info.Path, Attempt: info.Attempt}, ok
}

// settings are what the options of a client set.
type settings struct {
	base       *url.URL
	http       *http.Client // the caller's; never changed
	credential func(*Client) credentials
	userAgent  string
	language   string
	logger     *slog.Logger
	policy     RetryPolicy
	maxBytes   int64
	mintedUIDs bool
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
	header := http.Header{"Accept": {"application/json"}, "User-Agent": {s.userAgentHeader()}}
	if s.language != "" {
		header["Accept-Language"] = []string{s.language}
	}
	return header
}

func (s *settings) userAgentHeader() string {
	return strings.TrimSpace(s.userAgent + " flowretail-go/" + Version)
}

func (s *settings) sender() *transport.Sender {
	sender := &transport.Sender{MaxBytes: s.maxBytes, Policy: s.policy.resolved(), Budget: s.policy.budget(), Pace: new(ratelimit.Pace)}
	if s.http != nil {
		sender.Transport = s.http.Transport
		if timeout := s.http.Timeout; timeout > 0 && (sender.Policy.AttemptTimeout == 0 || timeout < sender.Policy.AttemptTimeout) {
			sender.Policy.AttemptTimeout = timeout
		}
	}
	if sender.Transport == nil {
		sender.Transport = sharedTransport()
	}
	return sender
}
