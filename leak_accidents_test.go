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

var echoes = map[string]func(string) string{
	"raw": func(s string) string { return s }, "in a URL": url.QueryEscape, "in a path": url.PathEscape, "in HTML": html.EscapeString,
	"in JSON": func(s string) string {
		data, _ := json.Marshal(s)
		return string(data[1 : len(data)-1])
	},
	"in JSON in HTML": func(s string) string {
		data, _ := json.Marshal(s)
		return html.EscapeString(string(data[1 : len(data)-1]))
	},
}

// sentSecrets returns the secrets that a request carries.
func sentSecrets(request *http.Request) []string {
	body := ""
	if request.Body != nil {
		data, _ := io.ReadAll(request.Body)
		request.Body.Close()
		body = string(data)
	}
	var carried []string
	for _, name := range slices.Sorted(maps.Keys(leakable)) {
		secret := leakable[name]
		escaped, _ := json.Marshal(secret)
		plain := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(escaped))
		if strings.Contains(fmt.Sprint(request.Header), secret) || strings.Contains(body, string(escaped)) || strings.Contains(body, plain) {
			carried = append(carried, secret)
		}
	}
	return carried
}

// An accident is an answer, or none, that gives away what was sent. It gets the
// secrets of the request, escaped.
type accident func(request *http.Request, echo string) (*http.Response, error)

func accidents() map[string]accident {
	all := map[string]accident{}
	for _, status := range []int{400, 401, 403, 404, 409, 418, 429, 500, 503} {
		for name, body := range map[string]func(echo string) (contentType, body string){
			"an error": func(echo string) (string, string) { return "application/json", errorJSON(echo, echo, echo) },
			"an error of other types": func(echo string) (string, string) {
				data, _ := json.Marshal(map[string]any{"code": 1, "message": []string{echo}, "logId": map[string]string{"id": echo}})
				return "application/json", string(data)
			},
			"an error as it was typed": func(echo string) (string, string) {
				return "application/json", `{"code":"X","message":"` + echo + `"}`
			},
			"a page": func(echo string) (string, string) {
				return "text/html", "<html><body>Bad request: " + echo + "</body></html>"
			},
			"a text":      func(echo string) (string, string) { return "text/plain", "upstream refused " + echo },
			"half a JSON": func(echo string) (string, string) { return "application/json", `{"message":"` + echo },
			"nothing else": func(echo string) (string, string) {
				return "text/plain; echo=" + inHeader(echo), ""
			},
		} {
			all[fmt.Sprintf("%d with %s", status, name)] = func(request *http.Request, echo string) (*http.Response, error) {
				contentType, text := body(echo)
				return answer(status, contentType, text)(request)
			}
		}
	}
	for name, body := range map[string]func(echo string) string{
		"a page":      func(echo string) string { return "<html>" + echo + "</html>" },
		"a text":      func(echo string) string { return echo },
		"a late text": func(echo string) string { return strings.Repeat(" \n", 1590) + "…" + echo },
		"a string":    func(echo string) string { return `"` + echo + `"` },
		"half a JSON": func(echo string) string { return `{"items":[{"tenantUid":"` + echo },
		"other types": func(echo string) string {
			return `{"items":"` + echo + `","tenantUid":["` + echo + `"],"tenant":"` + echo + `"}`
		},
		"other names": func(echo string) string { return `{"` + echo + `":{"` + echo + `":1}}` },
		"bad time": func(echo string) string {
			return `{"tenantUid":"t","tenantUserUid":"t","subscriberUid":"s","createdAt":"` + echo + `"}`
		},
		"nothing at all": func(string) string { return "" },
	} {
		all["200 with "+name] = func(request *http.Request, echo string) (*http.Response, error) {
			return answer(200, "application/json; x="+inHeader(echo), body(echo))(request)
		}
	}
	for name, failure := range map[string]func(echo string) error{
		"a text": func(echo string) error { return errors.New("cannot send " + echo) },
		"a URL": func(echo string) error {
			return &url.Error{Op: "Get", URL: "https://x?a=" + echo, Err: errors.New("no route for " + echo)}
		},
		"an address": func(echo string) error {
			return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no host " + echo)}
		},
		"a cause":           func(echo string) error { return quiet{errors.New("because of " + echo)} },
		"several causes":    func(echo string) error { return quietly{errors.New("a"), errors.New("because of " + echo)} },
		"a field":           func(echo string) error { return holder{header: echo} },
		"a wrapped field":   func(echo string) error { return fmt.Errorf("sending: %w", holder{header: echo}) },
		"an end and a text": func(echo string) error { return fmt.Errorf("%w: %s", io.ErrUnexpectedEOF, echo) },
	} {
		all["no answer but "+name] = func(_ *http.Request, echo string) (*http.Response, error) { return nil, failure(echo) }
	}
	all["a body that breaks"] = func(request *http.Request, echo string) (*http.Response, error) {
		response, err := answer(200, "", "")(request)
		response.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"items":[`), broken{errors.New("read: " + echo)}))
		return response, err
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		all[fmt.Sprintf("%d to another host", status)] = func(request *http.Request, echo string) (*http.Response, error) {
			response, err := answer(status, "text/html", echo)(request)
			response.Header.Set("Location", "https://elsewhere.example/?"+url.QueryEscape(echo))
			return response, err
		}
	}
	return all
}

// inHeader is an echo that a header can have.
func inHeader(echo string) string {
	if strings.Contains(echo, "\n") {
		return url.QueryEscape(echo)
	}
	return echo
}

func errorJSON(code, message, logID string) string {
	data, _ := json.Marshal(map[string]string{"code": code, "message": message, "logId": logID})
	return string(data)
}

// A quiet error says less than what it wraps.
type quiet struct{ cause error }

func (quiet) Error() string   { return "something went wrong" }
func (q quiet) Unwrap() error { return q.cause }

type quietly []error

func (quietly) Error() string     { return "some things went wrong" }
func (q quietly) Unwrap() []error { return q }

// A holder keeps a secret in a field, which %#v reads.
type holder struct{ header string }

func (holder) Error() string { return "the request was not sent" }

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
