package flowretail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A leakyResponse is a response, or an error, that contains the secrets of the request.
type leakyResponse func(request *http.Request, leaked string) (*http.Response, error)

// escapes are the ways in which a secret is escaped in a response.
var escapes = map[string]func(string) string{
	"not escaped": func(s string) string { return s }, "in a URL": url.QueryEscape, "in a path": url.PathEscape, "in HTML": html.EscapeString,
	"in JSON":         jsonEscape,
	"in JSON in HTML": func(s string) string { return html.EscapeString(jsonEscape(s)) },
}

func jsonEscape(s string) string {
	data, _ := json.Marshal(s)
	return string(data[1 : len(data)-1])
}

// secretsOf returns the secrets in a request.
func secretsOf(request *http.Request) []string {
	body := ""
	if request.Body != nil {
		data, _ := io.ReadAll(request.Body)
		request.Body.Close()
		body = string(data)
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(testSecrets)) {
		secret := testSecrets[name]
		escaped, _ := json.Marshal(secret)
		plain := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(escaped))
		if strings.Contains(fmt.Sprint(request.Header), secret) || strings.Contains(body, string(escaped)) || strings.Contains(body, plain) {
			found = append(found, secret)
		}
	}
	return found
}

// leakyResponses returns all leaky responses by name.
func leakyResponses() map[string]leakyResponse {
	all := map[string]leakyResponse{"a body that fails": func(request *http.Request, leaked string) (*http.Response, error) {
		response, err := respond(200, "", "")(request)
		response.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"items":[`), failingReader{errors.New("read: " + leaked)}))
		return response, err
	}}
	for _, status := range []int{301, 302, 303, 307, 308} {
		all[fmt.Sprintf("%d to another host", status)] = func(request *http.Request, leaked string) (*http.Response, error) {
			response, err := respond(status, "text/html", leaked)(request)
			response.Header.Set("Location", "https://elsewhere.example/?"+url.QueryEscape(leaked))
			return response, err
		}
	}
	for _, status := range []int{400, 401, 403, 404, 409, 418, 429, 500, 503} {
		for name, content := range leakyErrorBodies {
			all[fmt.Sprintf("%d with %s", status, name)] = func(request *http.Request, leaked string) (*http.Response, error) {
				contentType, body := content(leaked)
				return respond(status, contentType, body)(request)
			}
		}
	}
	for name, body := range leakyBodies {
		all["200 with "+name] = func(request *http.Request, leaked string) (*http.Response, error) {
			return respond(200, "application/json; x="+headerValue(leaked), body(leaked))(request)
		}
	}
	for name, failure := range leakyErrors {
		all["an error with "+name] = func(_ *http.Request, leaked string) (*http.Response, error) { return nil, failure(leaked) }
	}
	return all
}

// leakyErrorBodies return a content type and a body for a response that is not 2xx.
var leakyErrorBodies = map[string]func(leaked string) (contentType, body string){
	"an error": func(leaked string) (string, string) { return "application/json", errorJSON(leaked, leaked, leaked) },
	"an error with other types": func(leaked string) (string, string) {
		data, _ := json.Marshal(map[string]any{"code": 1, "message": []string{leaked}, "logId": map[string]string{"id": leaked}})
		return "application/json", string(data)
	},
	"an error that is not escaped": func(leaked string) (string, string) {
		return "application/json", `{"code":"X","message":"` + leaked + `"}`
	},
	"HTML": func(leaked string) (string, string) {
		return "text/html", "<html><body>Bad request: " + leaked + "</body></html>"
	},
	"text":           func(leaked string) (string, string) { return "text/plain", "upstream refused " + leaked },
	"truncated JSON": func(leaked string) (string, string) { return "application/json", `{"message":"` + leaked },
	"an empty body":  func(leaked string) (string, string) { return "text/plain; echo=" + headerValue(leaked), "" },
}

// leakyBodies return a malformed body for a 2xx response.
var leakyBodies = map[string]func(leaked string) string{
	"HTML":                   func(leaked string) string { return "<html>" + leaked + "</html>" },
	"text":                   func(leaked string) string { return leaked },
	"text after white space": func(leaked string) string { return strings.Repeat(" \n", 1590) + "…" + leaked },
	"a string":               func(leaked string) string { return `"` + leaked + `"` },
	"truncated JSON":         func(leaked string) string { return `{"items":[{"tenantUid":"` + leaked },
	"other types": func(leaked string) string {
		return `{"items":"` + leaked + `","tenantUid":["` + leaked + `"],"tenant":"` + leaked + `"}`
	},
	"other names": func(leaked string) string { return `{"` + leaked + `":{"` + leaked + `":1}}` },
	"an invalid timestamp": func(leaked string) string {
		return `{"tenantUid":"t","tenantUserUid":"t","subscriberUid":"s","createdAt":"` + leaked + `"}`
	},
	"an empty body": func(string) string { return "" },
}

// leakyErrors return errors of a round tripper.
var leakyErrors = map[string]func(leaked string) error{
	"text": func(leaked string) error { return errors.New("cannot send " + leaked) },
	"a URL": func(leaked string) error {
		return &url.Error{Op: "Get", URL: "https://x?a=" + leaked, Err: errors.New("no route for " + leaked)}
	},
	"an address": func(leaked string) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no host " + leaked)}
	},
	"a cause":                   func(leaked string) error { return hiddenCause{errors.New("because of " + leaked)} },
	"several causes":            func(leaked string) error { return hiddenCauses{errors.New("a"), errors.New("because of " + leaked)} },
	"a field":                   func(leaked string) error { return fieldError{header: leaked} },
	"a wrapped field":           func(leaked string) error { return fmt.Errorf("sending: %w", fieldError{header: leaked}) },
	"text and ErrUnexpectedEOF": func(leaked string) error { return fmt.Errorf("%w: %s", io.ErrUnexpectedEOF, leaked) },
}

// headerValue returns text that is valid in a header.
func headerValue(text string) string {
	if strings.Contains(text, "\n") {
		return url.QueryEscape(text)
	}
	return text
}

func errorJSON(code, message, logID string) string {
	data, _ := json.Marshal(map[string]string{"code": code, "message": message, "logId": logID})
	return string(data)
}

// A hiddenCause wraps an error and does not show its text.
type hiddenCause struct{ cause error }

func (hiddenCause) Error() string   { return "something went wrong" }
func (h hiddenCause) Unwrap() error { return h.cause }

type hiddenCauses []error

func (hiddenCauses) Error() string     { return "some things went wrong" }
func (h hiddenCauses) Unwrap() []error { return h }

// A fieldError has a secret in a field, which %#v prints.
type fieldError struct{ header string }

func (fieldError) Error() string { return "the request was not sent" }

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }
