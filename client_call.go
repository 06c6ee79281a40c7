package flowretail

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/redact"
	"github.com/flowretail/flowretail-go/internal/retry"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// fetch calls an operation whose response is a T.
func fetch[T any](ctx context.Context, c *Client, in *request, opts []CallOption) (*T, error) {
	var out *T
	err := c.call(ctx, in, opts, func(response *transport.Response) error {
		out = new(T)
		return decode(response, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// send calls an operation whose response has no content of interest.
func send(ctx context.Context, c *Client, in *request, opts []CallOption) error {
	return c.call(ctx, in, opts, nil)
}

// call prepares a request, sends it and returns its error. A nil read accepts any 2xx.
func (c *Client) call(ctx context.Context, in *request, opts []CallOption, read func(*transport.Response) error) error {
	options := callSettingsOf(opts)
	if options.response != nil {
		*options.response = Response{}
	}
	prepared, err := c.prepare(in, &options)
	if err != nil {
		err = invalidRequest(in, err)
		c.log(ctx, in, nil, err)
		return err
	}
	prepared.NotFoundIsSuccess = read == nil && in.operation.Method == http.MethodDelete
	prepared.Decode = read
	if read == nil {
		prepared.Decode = func(*transport.Response) error { return nil }
	}
	result := c.transport.Do(ctx, prepared)
	defer result.Release()
	options.response.fill(result)
	if result.FoundByLookup {
		in.failOnMismatch(result)
	}
	if !result.OK {
		err = callErrorFrom(in, result)
	}
	c.log(ctx, in, result, err)
	return err
}

// failOnMismatch makes a create fail whose lookup has found another resource.
func (r *request) failOnMismatch(result *transport.Result) {
	if err := r.checkFound(); err != nil {
		result.OK, result.Err = false, err
		result.Outcome, result.Retryable = retry.Refused, false
	}
}

// decode reads a 2xx response into out. A response that it cannot read is
// ErrMalformedResponse. It is retried, unless it is complete and
//   - no JSON, by its content type,
//   - a page without items or without paging, or
//   - a document that would take too much memory.
func decode(response *transport.Response, out any) error {
	if err := jsonwire.UnmarshalResponse(response.Body, out); err != nil {
		err = &malformedError{response: response, err: err}
		kind := response.Header.Get("Content-Type")
		page, isPage := out.(interface{ isHalf(body []byte) bool })
		switch {
		case kind != "" && !isJSON(kind), errors.Is(err, jsonwire.ErrMemory),
			errors.Is(err, jsonwire.ErrMissing) && isPage && page.isHalf(response.Body):
			return transport.Final(err)
		}
		return err
	}
	if holder, ok := out.(interface{ secrets() []string }); ok {
		response.Secrets = append(response.Secrets, holder.secrets()...)
	}
	if documented, ok := out.(validated); ok {
		if err := documented.validate(); err != nil {
			return &malformedError{response: response, err: err}
		}
	}
	return nil
}

// validated is implemented by responses with rules that the tag api:"present" cannot
// express.
type validated interface{ validate() error }

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || kind == "text/json" || strings.HasSuffix(kind, "+json"))
}

// fill copies the last response of a call for CaptureResponse, without credentials.
func (r *Response) fill(result *transport.Result) {
	if r == nil {
		return
	}
	*r = Response{Attempts: result.Requests, Elapsed: result.Elapsed}
	if result.Response == nil {
		return
	}
	r.StatusCode = result.Response.Status
	r.Header = result.Response.Header.Clone()
	for _, credential := range []string{"Authorization", "X-Access-Token", "X-Invite-Token", "Set-Cookie"} {
		r.Header.Del(credential)
	}
	// Servers repeat what they were sent, for instance in WWW-Authenticate and Location.
	for _, values := range r.Header {
		for i, value := range values {
			values[i] = redact.Scrub(value, result.Secrets)
		}
	}
}

// log writes a record about a call.
func (c *Client) log(ctx context.Context, in *request, result *transport.Result, err error) {
	logger := c.settings.logger
	if logger == nil || !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attributes := []slog.Attr{slog.String("operation", in.operation.ID)}
	if result != nil {
		attributes = append(attributes, slog.Int("attempts", result.Requests), slog.Duration("duration", result.Elapsed))
		if result.Response != nil {
			attributes = append(attributes, slog.Int("status", result.Response.Status))
		}
		for _, wait := range []slog.Attr{
			slog.Duration("waitedForRate", result.Waits.RateLimit),
			slog.Duration("waitedForToken", result.Waits.Token),
			slog.Duration("waitedBeforeRetries", result.Waits.Backoff),
		} {
			if wait.Value.Duration() >= time.Millisecond {
				attributes = append(attributes, wait)
			}
		}
		if result.NotRetried != "" {
			attributes = append(attributes, slog.String("notRetried", result.NotRetried))
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
