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

// A caller speaks to a fake with nothing but net/http, so that the fake is
// judged by itself and not by the SDK.
type caller struct {
	t    *testing.T
	fake *flowretailtest.Fake
	base string
	http *http.Client
}

func call(t *testing.T, fake *flowretailtest.Fake) *caller {
	return &caller{t, fake, flowretailtest.BaseURL, fake.HTTPClient()}
}

// A response is an answer that has been read.
type response struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// send sends a request. Headers are given as name and value in turn.
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
	answer, err := c.http.Do(req)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	return response{c.t, answer.StatusCode, answer.Header, read}, err
}

// admin sends a request with the token of an administrator.
func (c *caller) admin(method, path, body string) response {
	c.t.Helper()
	return c.send(method, path, c.fake.AdminToken(), body)
}

// want stops the test when the status is another.
func (r response) want(status int) response {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// object reads the body.
func (r response) object() map[string]any {
	r.t.Helper()
	var object map[string]any
	if err := json.Unmarshal(r.body, &object); err != nil {
		r.t.Fatalf("body is no object: %v: %s", err, r.body)
	}
	return object
}

// at follows names through objects.
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
		r.t.Fatalf("%v is no text: %s", names, r.body)
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
