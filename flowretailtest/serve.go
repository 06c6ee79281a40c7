package flowretailtest

import (
	"bytes"
	"cmp"
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

// A call is a request on its way through the checks to its handler.
type call struct {
	route
	endpoint endpoint
	header   http.Header
	query    url.Values
	body     []byte
	now      time.Time

	token *token       // nil where the operation takes none
	state *tenantState // the tenant in the path; nil where there is none
	user  int32        // who calls, in that tenant or in the one the token is bound to
}

// An answer is what a handler has come to.
type answer struct {
	status int
	value  any // nil for no body
	header http.Header
}

func ok(value any) answer { return answer{status: http.StatusOK, value: value} }

var noContent = answer{status: http.StatusNoContent}

// A reply is an answer as it goes over the wire.
type reply struct {
	status int
	header http.Header
	body   []byte
}

const maxBody = 1 << 20

// carryOut does what a request asks for, and nothing when a check fails.
func (f *Fake) carryOut(r *http.Request, header http.Header, to route, body []byte) reply {
	c := &call{route: to, header: header, body: body, now: time.Now()}
	f.mu.Lock()
	given, refused := f.try(c, r.URL.RawQuery)
	var explained errorBody
	if refused != nil {
		explained = f.explain(refused, language(header.Get("Accept-Language"), f.languageOf(c)))
	}
	f.mu.Unlock()
	if refused != nil {
		given = answer{status: refused.status, value: explained, header: http.Header{}}
		switch refused.status {
		case http.StatusUnauthorized:
			given.header.Set("Www-Authenticate", "Bearer")
		case http.StatusMethodNotAllowed:
			given.header.Set("Allow", strings.Join(to.allowed, ", "))
		}
	}
	return write(given)
}

// write encodes an answer, outside the lock.
func write(given answer) reply {
	out := reply{status: given.status, header: given.header}
	if out.header == nil {
		out.header = http.Header{}
	}
	if given.value != nil {
		out.header.Set("Content-Type", "application/json")
		scratch := scratches.Get().(*[]byte)
		*scratch = appendValue((*scratch)[:0], reflect.ValueOf(given.value))
		out.body = bytes.Clone(*scratch)
		scratches.Put(scratch)
	}
	return out
}

// scratches are buffers that have grown to the size of a page.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// try takes a call through the checks, from the outside in.
func (f *Fake) try(c *call, rawQuery string) (answer, *refusal) {
	if c.operation == nil {
		return answer{}, c.route.refusal()
	}
	c.endpoint = endpoints[c.operation]
	for _, check := range []func(*call) *refusal{f.authenticate, f.checkPath, f.enterTenant, checkHeader, checkBody} {
		if refused := check(c); refused != nil {
			return answer{}, refused
		}
	}
	if refused := c.parseQuery(rawQuery); refused != nil {
		return answer{}, refused
	}
	return c.endpoint.handle(f, c)
}

func (f *Fake) languageOf(c *call) string {
	switch {
	case c.state != nil && c.token != nil:
		return c.state.users.get(c.user).LanguageCode
	case c.token != nil && c.token.bound && c.token.kind != deviceToken && f.tenants.has(c.token.tenant):
		return f.state(c.token.tenant).users.get(c.token.user).LanguageCode
	}
	return ""
}

const inviteHeader = "X-Invite-Token"

// authenticate finds the token of a call, and holds its kind against what the
// operation takes.
func (f *Fake) authenticate(c *call) *refusal {
	authorization := c.header.Values("Authorization")
	if c.operation.Token == operations.NoToken {
		if len(authorization) > 0 {
			return badRequest("TOKEN_NOT_EXPECTED")
		}
		return nil
	}
	if len(authorization) == 0 {
		return refuse(http.StatusUnauthorized, "TOKEN_MISSING")
	}
	found := f.tokens[bearer(c.header)]
	switch {
	case found == nil || len(authorization) > 1 || !f.standing(found):
		return refuse(http.StatusUnauthorized, "TOKEN_INVALID")
	case !found.expires.IsZero() && !c.now.Before(found.expires):
		return refuse(http.StatusUnauthorized, "TOKEN_EXPIRED")
	}
	wanted := ""
	switch c.operation.Token {
	case operations.DeviceToken:
		if found.kind != deviceToken {
			wanted = "device token"
		}
	case operations.AuthToken:
		if found.kind != authToken {
			wanted = "auth token"
		}
	default:
		if found.kind == deviceToken {
			wanted = "access, auth or integration token"
		}
	}
	if wanted != "" {
		return refuse(http.StatusForbidden, "WRONG_TOKEN", wanted)
	}
	c.token, c.user = found, found.user
	return nil
}

// standing tells whether what a token is bound to is still there.
func (f *Fake) standing(t *token) bool {
	if !t.bound {
		return true
	}
	return f.tenants.has(t.tenant) && (t.kind == deviceToken || f.state(t.tenant).users.has(t.user))
}

// bearer returns the token in the Authorization header, or "".
func bearer(header http.Header) string {
	scheme, value, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return value
}

func (f *Fake) checkPath(c *call) *refusal {
	position := 0
	for _, segment := range templates[c.operation] {
		if !strings.HasPrefix(segment, "{") {
			continue
		}
		if operations.UIDProblem(c.values[position]) != "" {
			return badRequest("INVALID_UID", strings.Trim(segment, "{}"))
		}
		position++
	}
	return nil
}

func checkHeader(c *call) *refusal {
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

func checkBody(c *call) *refusal {
	if !c.endpoint.takeBody {
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

// parseQuery refuses what the operation does not take.
func (c *call) parseQuery(raw string) *refusal {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return badRequest("INVALID_PARAMETER", "query")
	}
	for name, values := range query {
		if !slices.Contains(c.endpoint.query, name) {
			return badRequest("UNKNOWN_PARAMETER", name)
		}
		if len(values) > 1 && name != "tenantUserUids" {
			return badRequest("REPEATED_PARAMETER", name)
		}
		for _, value := range values {
			if strings.Contains(strings.ToLower(name), "uid") && operations.UIDProblem(value) != "" {
				return badRequest("INVALID_PARAMETER", name)
			}
		}
	}
	c.query = query
	return nil
}
