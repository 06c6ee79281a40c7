package faultserver

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// reflectionCases returns responses that repeat the request and its credentials, in every
// place that may end up in an error or a log record. A correct client shows no secret.
func reflectionCases() []Case {
	var cases []Case
	for _, part := range requestParts() {
		for form, format := range sorted(bodyForms()) {
			name := "that repeats " + part.name + " " + form
			cases = append(cases,
				Case{Name: "a 400 " + name, Handler: func(e *Exchange) { e.Respond(400, format(part.text(e))) }, Results: refused(400)},
				Case{Name: "a 200 " + name, Handler: func(e *Exchange) { e.Respond(200, format(part.text(e)), asJSON) }, Results: malformed()},
			)
		}
	}
	cases = append(cases,
		Case{Name: "a 500 that repeats the request", Handler: func(e *Exchange) { e.Respond(500, e.Raw(), "Content-Type: text/html") }, Results: serverError(500)},
		Case{Name: "a 500 that repeats the request in JSON", Handler: func(e *Exchange) { e.Respond(500, fmt.Sprintf(`{"message":%s}`, quoted(e.Raw())), asJSON) }, Results: serverError(500)},
	)
	for _, reflected := range reflectedHeads() {
		handler := func(e *Exchange) { SendAndClose(reflected.raw(bearerToken(e)))(e) }
		cases = append(cases, Case{Name: "the token in " + reflected.name, Handler: handler, Results: reflected.results})
	}
	return cases
}

func bearerToken(e *Exchange) string {
	return strings.TrimPrefix(e.Header.Get("Authorization"), "Bearer ")
}

// quoted returns text as a JSON string.
func quoted(text string) string {
	data, _ := json.Marshal(text)
	return string(data)
}

func percentEncoded(text string) string {
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, "%%%02x", text[i])
	}
	return out.String()
}

type requestPart struct {
	name string
	text func(*Exchange) string
}

// requestParts returns the parts of a request that a response can repeat.
func requestParts() []requestPart {
	return []requestPart{
		{"the request", (*Exchange).Raw},
		{"the token", bearerToken},
		{"the body and the token", func(e *Exchange) string { return string(e.Body) + bearerToken(e) }},
		{"the body, encoded again, and the password", func(e *Exchange) string {
			var body map[string]any
			_ = json.Unmarshal(e.Body, &body)
			encoded, _ := json.Marshal(body)
			return fmt.Sprint(string(encoded), body["password"])
		}},
	}
}

// bodyForms returns the forms in which a body can have a text.
func bodyForms() map[string]func(text string) string {
	namedEntities := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")
	numericEntities := strings.NewReplacer("&", "&#x26;", "<", "&#x3c;", ">", "&#x3E;", `"`, "&#x22;", "'", "&#x27;", "-", "&#45;")
	return map[string]func(string) string{
		"as it is":                      func(s string) string { return "cannot read " + s },
		"in HTML":                       func(s string) string { return "<pre>" + html.EscapeString(s) + "</pre>" },
		"in HTML with named entities":   func(s string) string { return "<pre>" + namedEntities.Replace(s) + "</pre>" },
		"in HTML with numeric entities": func(s string) string { return "<pre>" + numericEntities.Replace(s) + "</pre>" },
		"in UTF-16":                     func(s string) string { return utf16Text(s, binary.BigEndian) },
		"in a form":                     func(s string) string { return "q=" + url.QueryEscape(s) },
		"in a URL":                      func(s string) string { return "/q/" + url.PathEscape(s) },
		"in percent encoding":           func(s string) string { return "q=" + percentEncoded(s) },
		"in a JSON string":              func(s string) string { return "cannot read " + quoted(s) },
		"in a Go string":                func(s string) string { return fmt.Sprintf("cannot read %q", s) },
		"where an excerpt is truncated": func(s string) string { return "x" + strings.Repeat(" ", 3190) + s },
		"on two lines":                  func(s string) string { return "bad\n " + s[:len(s)/2] + "\n " + s[len(s)/2:] },
		"with zero bytes in it":         func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") },
		"as a JSON name":                func(s string) string { return fmt.Sprintf(`{%s:1,%[1]s:2,"items":[{%[1]s:{%[1]s:3}}]}`, quoted(s)) },
		"as a JSON value": func(s string) string {
			return fmt.Sprintf(`{"tenantUserUid":{"x":%s},"createdAt":%[1]s,"items":[%[1]s],"paging":%[1]s}`, quoted(s))
		},
		"in an error": func(s string) string { return fmt.Sprintf(`{"code":%s,"message":%[1]s,"logId":%[1]s}`, quoted(s)) },
		"in an error with nested values": func(s string) string {
			return fmt.Sprintf(`{"code":{"a":[%s]},"message":[%[1]s],"logId":{%[1]s:1}}`, quoted(s))
		},
		"in an error in a string": func(s string) string {
			return fmt.Sprintf(`{"message":%s}`, quoted(fmt.Sprintf(`{"message":%s}`, quoted(s))))
		},
		"in an error with another name": func(s string) string { return fmt.Sprintf(`{"error":%s}`, quoted(s)) },
		"in a truncated error":          func(s string) string { return fmt.Sprintf(`{"message":%s`, quoted(s)) },
	}
}

// A reflectedHead has the token in the status line, a header or the framing.
type reflectedHead struct {
	name    string
	raw     func(token string) string
	results Results
}

// reflectedHeads returns heads that repeat the token. Those with connectionError are
// invalid HTTP.
func reflectedHeads() []reflectedHead {
	return []reflectedHead{
		{"the status", func(s string) string { return "HTTP/1.1 " + s + " x\r\n\r\n" }, connectionError()},
		{"the version", func(s string) string { return s + " 200 OK\r\n\r\n" }, connectionError()},
		{"the status line", func(s string) string { return s + "\r\n\r\n" }, connectionError()},
		{"a header without a colon", func(s string) string { return "HTTP/1.1 200 OK\r\n" + s + "\r\n\r\n" }, connectionError()},
		{"the Content-Length", func(s string) string { return head("Content-Length: " + s) }, connectionError()},
		{"the Transfer-Encoding", func(s string) string { return head("Transfer-Encoding: " + s) }, connectionError()},
		{"a chunk size", func(s string) string { return head("Transfer-Encoding: chunked") + s + "\r\n" }, connectionError()},
		{"the name of a trailer", func(s string) string { return head("Transfer-Encoding: chunked") + "0\r\n" + s + "\r\n\r\n" }, connectionError()},
		{"the reason phrase", func(s string) string { return "HTTP/1.1 400 " + s + "\r\n\r\n" }, refused(400)},
		{"the Content-Encoding", func(s string) string { return head("Content-Encoding: " + s) }, malformed()},
		{"the Content-Type", func(s string) string { return "HTTP/1.1 200 OK\r\nContent-Type: " + s + "\r\n\r\n" }, notJSON()},
		{"Retry-After", func(s string) string { return Response(503, "", "Retry-After: "+s, "Connection: close") }, serverError(503)},
		{"a Location", func(s string) string {
			return Response(307, "", "Location: http://127.0.0.2:1/?token="+s, "Connection: close")
		}, refused(307)},
		{"an invalid Location", func(s string) string { return Response(307, "", "Location: http://[::1/"+s, "Connection: close") }, refused(307)},
		{"the scheme of a Location", func(s string) string { return Response(307, "", "Location: "+s+"://x/", "Connection: close") }, refused(307)},
		{"cookies and other headers", func(s string) string {
			return Response(401, "", "Set-Cookie: t="+s, "WWW-Authenticate: "+s, "X-Access-Token: "+s, "Authorization: Bearer "+s, s+": "+s, "Connection: close")
		}, refused(401)},
	}
}
