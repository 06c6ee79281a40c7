package flowretail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/redact"
	"github.com/flowretail/flowretail-go/internal/tokensource"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// A request is a call as a service method puts it: the operation, and what the caller gave.
type request struct {
	operation  *operations.Operation
	pathValues []string
	parameters any // a struct with url tags, or url.Values
	payload    any
	hasPayload bool
	token      Secret // of an invitation
	repeatable bool
	lookup     func(context.Context) (bool, error)
	turns      *transport.Turns // of the iterator that the request belongs to
	place      int
}

// at begins a request for an operation, with the values of its path.
func at(operation *operations.Operation, pathValues ...string) *request {
	return &request{operation: operation, pathValues: pathValues, repeatable: operation.Idempotency == operations.Idempotent}
}

func (r *request) query(parameters any) *request {
	r.parameters = parameters
	return r
}

func (r *request) body(payload any) *request {
	r.payload, r.hasPayload = payload, true
	return r
}

func (r *request) invite(token Secret) *request {
	r.token = token
	return r
}

// once says that carrying the request out twice is not the same as once.
func (r *request) once() { r.repeatable = false }

// fetch calls an operation that answers with a T.
func fetch[T any](ctx context.Context, c *Client, in *request, opts []CallOption) (*T, error) {
	var out *T
	err := c.call(ctx, in, opts, func(answer *transport.Answer) error {
		out = new(T)
		return decode(answer, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// send calls an operation whose answer has nothing to say.
func send(ctx context.Context, c *Client, in *request, opts []CallOption) error {
	return c.call(ctx, in, opts, nil)
}

// call carries out a request. A nil accept means that any 2xx will do.
func (c *Client) call(ctx context.Context, in *request, opts []CallOption, accept func(*transport.Answer) error) error {
	options := settingsOf(opts)
	if options.response != nil {
		*options.response = Response{}
	}
	prepared, err := c.prepare(in, &options)
	if err != nil {
		err = refusal(in.operation.ID, err)
		c.record(ctx, in.operation, nil, err)
		return err
	}
	prepared.GoneIsDone = accept == nil && in.operation.Method == http.MethodDelete
	prepared.Accept = accept
	if accept == nil {
		prepared.Accept = func(*transport.Answer) error { return nil }
	}
	result := c.sender.Do(ctx, prepared)
	defer result.Release()
	options.response.fill(result)
	if !result.OK {
		err = c.failure(in.operation, result)
	}
	c.record(ctx, in.operation, result, err)
	return err
}

func settingsOf(opts []CallOption) callSettings {
	var options callSettings
	for _, opt := range opts {
		if opt == nil {
			options.refuse(errNilOption)
			continue
		}
		opt.applyCall(&options)
	}
	return options
}

var errNilOption = errors.New("an option is nil")

// prepare builds what goes over the wire. Its errors are the caller's mistakes.
func (c *Client) prepare(in *request, options *callSettings) (*transport.Call, error) {
	if options.problem != nil {
		return nil, options.problem
	}
	path, err := operations.Expand(in.operation.Path, in.pathValues)
	if err != nil {
		return nil, err
	}
	call := &transport.Call{
		Operation: in.operation, URL: new(*c.settings.base), Header: c.header, Logger: c.settings.logger,
		Repeatable: in.repeatable, Once: options.once, Lookup: in.lookup,
		Turns: in.turns, Place: in.place,
	}
	call.URL.Path += path
	if in.parameters != nil {
		values, err := parameters(in.parameters)
		if err != nil {
			return nil, err
		}
		call.URL.RawQuery = values.Encode()
	}
	if in.hasPayload {
		if call.Body, call.Secrets, err = encodeBody(in.payload); err != nil {
			return nil, err
		}
	}
	if err := c.authorize(call, in); err != nil {
		return nil, err
	}
	if options.language != "" || options.header != nil || in.hasPayload {
		call.Header = c.callHeader(options, in.hasPayload)
	}
	if options.once {
		call.Lookup = nil
	}
	return call, nil
}

func (c *Client) callHeader(options *callSettings, hasBody bool) http.Header {
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

// authorize chooses the credential that the operation takes.
func (c *Client) authorize(call *transport.Call, in *request) error {
	var source tokensource.Source
	switch in.operation.Token {
	case operations.NoToken:
		call.InviteToken = in.token.Reveal()
		if problem := tokensource.Problem(call.InviteToken); problem != "" {
			return errors.New("inviteToken " + problem)
		}
		call.Secrets = append(call.Secrets, call.InviteToken)
		return nil
	case operations.DeviceToken:
		source = c.credentials.device
	case operations.AuthToken:
		source = c.credentials.auth
	default:
		source = c.credentials.access
	}
	if source == nil {
		return fmt.Errorf("%w: the client was made without one; give NewClient WithToken or another credential", ErrNoToken)
	}
	call.Credential = source
	return nil
}

func encodeBody(payload any) (data []byte, secrets []string, err error) {
	switch payload.(type) {
	case []byte, string:
		return nil, nil, fmt.Errorf("the body is a %T; for JSON of your own use json.RawMessage", payload)
	}
	if checked, ok := payload.(interface{ check() error }); ok {
		if err := checked.check(); err != nil {
			return nil, nil, err
		}
	}
	return jsonwire.Marshal(payload)
}

// decode reads a 2xx answer into out. What it cannot read is ErrMalformedResponse.
func decode(answer *transport.Answer, out any) error {
	if err := jsonwire.Unmarshal(answer.Body, out); err != nil {
		return &malformed{answer: answer, err: err}
	}
	if holder, ok := out.(interface{ secrets() []string }); ok {
		answer.Secrets = append(answer.Secrets, holder.secrets()...)
	}
	if documented, ok := out.(interface{ problem() string }); ok {
		if problem := documented.problem(); problem != "" {
			return &malformed{answer: answer, err: errors.New(problem)}
		}
	}
	return nil
}

// malformed is what is wrong with a 2xx answer, before the call's secrets are
// known. It is turned into an error that keeps nothing of the answer.
type malformed struct {
	answer *transport.Answer
	err    error
}

func (m *malformed) Error() string { return m.err.Error() }

func (m *malformed) Unwrap() []error { return []error{ErrMalformedResponse, m.err} }

func (r *Response) fill(result *transport.Result) {
	if r == nil {
		return
	}
	*r = Response{Attempts: result.Attempts, Elapsed: result.Elapsed}
	if result.Answer == nil {
		return
	}
	r.StatusCode = result.Answer.Status
	r.Header = result.Answer.Header.Clone()
	for _, credential := range []string{"Authorization", "X-Access-Token", "X-Invite-Token", "Set-Cookie"} {
		r.Header.Del(credential)
	}
	// Servers repeat what they were sent, in WWW-Authenticate and Location too.
	for _, values := range r.Header {
		for i, value := range values {
			values[i] = redact.Scrub(value, result.Secrets)
		}
	}
}

// record logs a call.
func (c *Client) record(ctx context.Context, operation *operations.Operation, result *transport.Result, err error) {
	logger := c.settings.logger
	if logger == nil || !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attributes := []slog.Attr{slog.String("operation", operation.ID)}
	if result != nil {
		attributes = append(attributes, slog.Int("attempts", result.Attempts), slog.Duration("duration", result.Elapsed))
		if result.Answer != nil {
			attributes = append(attributes, slog.Int("status", result.Answer.Status))
		}
	}
	if failed, ok := errors.AsType[*CallError](err); ok {
		attributes = append(attributes, slog.String("outcome", string(failed.Outcome)))
		if generic, ok := errors.AsType[*GenericError](err); ok && generic.LogID != "" {
			attributes = append(attributes, slog.String("logId", generic.LogID))
		} else {
			attributes = append(attributes, slog.String("error", redact.Line(failed.Err.Error())))
		}
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "flowretail call", attributes...)
}
