package flowretailtest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// A call is a request that is being processed. The checks fill in the later fields.
type call struct {
	route
	request *http.Request // its body was read
	header  http.Header   // with canonical names
	body    []byte
	now     time.Time

	token  *token        // nil where the operation takes none
	tenant *storedTenant // of the path; nil where the path has none
	user   *storedUser   // who calls; nil when that is not one user
	query  url.Values
}

// A response is what a handler returns.
type response struct {
	status int
	header http.Header
	value  any // nil for no body
}

func ok(value any) *response      { return &response{http.StatusOK, http.Header{}, value} }
func created(value any) *response { return &response{http.StatusCreated, http.Header{}, value} }
func noContent() *response        { return &response{http.StatusNoContent, http.Header{}, nil} }

// A wireResponse is what the client gets for a request.
type wireResponse struct {
	status int
	header http.Header
	body   []byte

	reset    bool // the connection is reset, without a response
	cut      bool // the connection breaks after half of the body
	injected bool // a fault made the response, or broke the connection
}

// serve processes a call with a fault and records it. The error is that of a
// context that was done before the response.
func (f *Fake) serve(ctx context.Context, c *call, fault Fault) (wireResponse, error) {
	recorded := f.recordRequest(c)
	res, err := f.applyFault(ctx, c, fault)
	f.recordResult(recorded, res)
	return res, err
}

// process handles a call under the lock, and turns an error into its response.
func (f *Fake) process(c *call) *response {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.now = time.Now()
	res, err := f.checkAndHandle(c)
	if err != nil {
		return f.errorResponse(c, err)
	}
	return res
}

// checkAndHandle calls the handler of the operation if the call passes the checks. A call
// that does not pass has no effect.
func (f *Fake) checkAndHandle(c *call) (*response, error) {
	switch {
	case len(c.allowed) == 0:
		return nil, newError(http.StatusNotFound, "UNKNOWN_ROUTE")
	case c.operation == nil:
		return nil, newError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	}
	for _, check := range []func(*call) error{
		f.authenticate, checkPath, f.checkTenant, checkHeader, checkBody, checkQuery,
	} {
		if err := check(c); err != nil {
			return nil, err
		}
	}
	return c.endpoint.handle(f, c)
}

// buffers have grown to the size of a page, so that encoding need not grow them again.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// encode takes the most time of a call. It is called without the lock.
func encode(res *response) wireResponse {
	out := wireResponse{status: res.status, header: res.header}
	if res.value != nil {
		out.header.Set("Content-Type", "application/json")
		buffer := buffers.Get().(*[]byte)
		*buffer = appendValue((*buffer)[:0], reflect.ValueOf(res.value))
		out.body = bytes.Clone(*buffer)
		buffers.Put(buffer)
	}
	return out
}

func checkPath(c *call) error {
	for _, name := range slices.Sorted(maps.Keys(c.path)) {
		if operations.UIDProblem(c.path[name]) != "" {
			return badRequest("INVALID_UID", name)
		}
	}
	return nil
}

func checkHeader(c *call) error {
	if accepted := c.header.Values("Accept"); len(accepted) > 0 && !acceptsJSON(strings.Join(accepted, ",")) {
		return badRequest("NOT_ACCEPTABLE")
	}
	if invited := c.header.Get(inviteHeader) != ""; invited != (c.operation == operations.GetInvite) {
		return badRequest("INVALID_HEADER", "x-invite-token")
	}
	return nil
}

func acceptsJSON(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, _, err := mime.ParseMediaType(part)
		if err == nil && slices.Contains([]string{"application/json", "application/*", "*/*"}, mediaType) {
			return true
		}
	}
	return false
}

const maxBody = 1 << 20 // bytes

func checkBody(c *call) error {
	if !c.endpoint.takesBody {
		if len(c.body) > 0 {
			return badRequest("BODY_NOT_EXPECTED")
		}
		return nil
	}
	mediaType, parameters, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" || !strings.EqualFold(cmp.Or(parameters["charset"], "utf-8"), "utf-8") {
		return badRequest("INVALID_CONTENT_TYPE")
	}
	if len(c.body) > maxBody {
		return badRequest("BODY_TOO_LARGE")
	}
	return nil
}

func checkQuery(c *call) error {
	query, err := url.ParseQuery(c.request.URL.RawQuery)
	if err != nil {
		return badRequest("INVALID_PARAMETER", "query")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		if !slices.Contains(c.endpoint.query, name) {
			return badRequest("UNKNOWN_PARAMETER", name)
		}
		if len(values) > 1 && name != "tenantUserUids" {
			return badRequest("REPEATED_PARAMETER", name)
		}
		isUID := strings.HasSuffix(name, "Uid") || strings.HasSuffix(name, "Uids")
		if isUID && slices.ContainsFunc(values, func(value string) bool { return operations.UIDProblem(value) != "" }) {
			return badRequest("INVALID_PARAMETER", name)
		}
	}
	c.query = query
	return nil
}

// setFields sets the fields of a struct to the fields of a request that have the
// same name and type. A field that is empty, or a nil pointer, sets nothing.
func setFields(target, request any) {
	to, from := reflect.ValueOf(target).Elem(), reflect.ValueOf(request).Elem()
	for i := range from.NumField() {
		field, value := to.FieldByName(from.Type().Field(i).Name), from.Field(i)
		if !field.IsValid() || value.IsZero() {
			continue
		}
		if value = reflect.Indirect(value); value.Type() == field.Type() {
			field.Set(value)
		}
	}
}

// later returns the time of a change: now, but not before a time.
func later(before, now time.Time) time.Time {
	now = now.UTC().Truncate(time.Millisecond)
	if now.Before(before) {
		return before
	}
	return now
}
