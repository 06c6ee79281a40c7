package flowretail

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"

	"github.com/google/go-querystring/query"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/tokensource"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// A request is an operation with the values that the caller of a method gave.
type request struct {
	operation  *operations.Operation
	sdkMethod  string // for errors
	pathValues []string
	parameters any // a struct with url tags, or url.Values; nil: no query
	payload    any
	hasBody    bool
	invite     Secret
	idempotent bool
	lookup     *request     // finds what a create has created
	checkFound func() error // what the lookup has found is checked before the call succeeds
}

// newRequest begins a request for an operation, with the values of its path.
func newRequest(operation *operations.Operation, pathValues ...string) *request {
	r := &request{operation: operation, pathValues: pathValues, idempotent: operation.Idempotency == operations.Idempotent}
	if len(operation.SDKMethods) > 0 {
		r.sdkMethod = operation.SDKMethods[0]
	}
	return r
}

func (r *request) query(parameters any) *request {
	r.parameters = parameters
	return r
}

func (r *request) body(payload any) *request {
	r.payload, r.hasBody = payload, true
	return r
}

func (r *request) inviteToken(token Secret) *request {
	r.invite = token
	return r
}

// notIdempotent marks a request that differs from other requests of its operation.
func (r *request) notIdempotent() *request {
	r.idempotent = false
	return r
}

// prepare checks a request and turns it into what is sent. Its errors are
// mistakes of the caller.
func (c *Client) prepare(in *request, options *callSettings) (*transport.Call, error) {
	if options.problem != nil {
		return nil, options.problem
	}
	target, err := c.url(in)
	if err != nil {
		return nil, err
	}
	call := &transport.Call{
		Operation: in.operation, URL: target, Header: c.callHeader(options, in.hasBody), Logger: c.settings.logger,
		Idempotent: in.idempotent, NoRetry: options.noRetry,
	}
	if in.hasBody {
		if call.Body, call.Secrets, err = encodeBody(in.payload); err != nil {
			return nil, err
		}
	}
	if in.lookup != nil {
		target, err := c.url(in.lookup)
		if err != nil {
			return nil, err
		}
		call.Lookup = &transport.Lookup{Operation: in.lookup.operation, URL: target}
	}
	return call, c.addCredential(call, in)
}

// url returns the URL of a request: the base URL, the path with its values, the query.
func (c *Client) url(in *request) (*url.URL, error) {
	path, err := operations.Expand(in.operation.Path, in.pathValues)
	if err != nil {
		return nil, err
	}
	target := *c.settings.base
	target.Path += path
	if in.parameters != nil {
		values, err := encodeQuery(in.parameters)
		if err != nil {
			return nil, err
		}
		target.RawQuery = values.Encode()
	}
	return &target, nil
}

func (c *Client) callHeader(options *callSettings, hasBody bool) http.Header {
	if options.language == "" && options.header == nil && !hasBody {
		return c.header
	}
	header := maps.Clone(c.header)
	if hasBody {
		header["Content-Type"] = []string{"application/json"}
	}
	if options.language != "" {
		header["Accept-Language"] = []string{options.language}
	}
	maps.Copy(header, options.header)
	return header
}

// addCredential gives a call the kind of token that its operation takes.
func (c *Client) addCredential(call *transport.Call, in *request) error {
	switch in.operation.Token {
	case operations.NoToken:
		call.InviteToken = in.invite.Reveal()
		if problem := tokensource.Problem(call.InviteToken); problem != "" {
			return errors.New("inviteToken " + problem)
		}
		call.Secrets = append(call.Secrets, call.InviteToken)
		return nil
	case operations.DeviceToken:
		call.Token = c.credentials.device
	case operations.AuthToken:
		call.Token = c.credentials.auth
	default:
		call.Token = c.credentials.access
	}
	if call.Token == nil {
		return fmt.Errorf("%w: give NewClient WithToken or another credential", ErrNoToken)
	}
	return nil
}

// encodeBody returns a body as JSON, and the secrets in it. Its error names all
// fields that are missing or invalid. A body with a rule that tags cannot express has
// a method checkBody.
func encodeBody(payload any) (data []byte, secrets []string, err error) {
	switch payload.(type) {
	case []byte, string:
		return nil, nil, fmt.Errorf("the body is a %T; use json.RawMessage for JSON of your own", payload)
	}
	data, secrets, err = jsonwire.Marshal(payload)
	if body, ok := payload.(interface{ checkBody() *jsonwire.FieldError }); ok {
		problems, _ := errors.AsType[jsonwire.FieldErrors](err)
		if problem := body.checkBody(); problem != nil {
			err = append(problems, problem)
		}
	}
	return data, secrets, err
}

// encodeQuery returns a struct with url tags, or url.Values, as a query of its own.
func encodeQuery(parameters any) (url.Values, error) {
	if value := reflect.ValueOf(parameters); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return url.Values{}, nil
	}
	switch parameters := parameters.(type) {
	case url.Values:
		return maps.Clone(parameters), nil
	case interface{ check() error }:
		if err := parameters.check(); err != nil {
			return nil, err
		}
	}
	values, err := query.Values(parameters)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return values, nil
}
