package flowretailtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/flowretail/flowretail-go/flowretailtest"
)

// A caller calls a fake with net/http alone, so that mistakes of the SDK do not
// hide mistakes of the fake.
type caller struct {
	t    *testing.T
	fake *flowretailtest.Fake
	base string
	http *http.Client
}

func newCaller(t *testing.T, fake *flowretailtest.Fake) *caller {
	return &caller{t, fake, flowretailtest.BaseURL, fake.HTTPClient()}
}

// A response is a response with its body, which was read.
type response struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// send sends a request. headers are names and values in turn.
func (c *caller) send(method, path, token, body string, headers ...string) response {
	c.t.Helper()
	res, err := c.try(method, path, token, body, headers...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res
}

func (c *caller) try(method, path, token, body string, headers ...string) (response, error) {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	return response{c.t, res.StatusCode, res.Header, read}, err
}

// admin sends a request with the token of an administrator.
func (c *caller) admin(method, path, body string) response {
	c.t.Helper()
	return c.send(method, path, c.fake.AdminToken(), body)
}

// want ends the test when the status is not the expected one.
func (r response) want(status int) response {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// object decodes the body.
func (r response) object() map[string]any {
	r.t.Helper()
	var object map[string]any
	if err := json.Unmarshal(r.body, &object); err != nil {
		r.t.Fatalf("the body is not an object: %v: %s", err, r.body)
	}
	return object
}

// at returns the member that a path of names leads to.
func (r response) at(names ...string) any {
	r.t.Helper()
	var value any = r.object()
	for _, name := range names {
		value = value.(map[string]any)[name]
	}
	return value
}

func (r response) text(names ...string) string {
	r.t.Helper()
	text, ok := r.at(names...).(string)
	if !ok {
		r.t.Fatalf("%v is not a string: %s", names, r.body)
	}
	return text
}

// items returns one field of each item of a page.
func (r response) items(names ...string) []string {
	r.t.Helper()
	values := []string{}
	for _, item := range r.want(http.StatusOK).at("items").([]any) {
		for _, name := range names {
			item = item.(map[string]any)[name]
		}
		values = append(values, item.(string))
	}
	return values
}

func (r response) total() int {
	r.t.Helper()
	return int(r.at("paging", "totalCount").(float64))
}

func staticToken(value string) oauth2.TokenSource {
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: value})
}
