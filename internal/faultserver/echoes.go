package faultserver

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// echoes send back what they were sent, credentials included, at every place
// that may end up in an error or a log. A good client lets nothing of it through.
func echoes() []Case {
	encoded := func(text string) string {
		data, _ := json.Marshal(text)
		return string(data)
	}
	token := func(e *Exchange) string { return strings.TrimPrefix(e.Header.Get("Authorization"), "Bearer ") }
	blank := func(text string) string { return strings.Repeat(" ", 3190) + text }
	percent := func(text string) string {
		var out strings.Builder
		for i := range len(text) {
			fmt.Fprintf(&out, "%%%02x", text[i])
		}
		return out.String()
	}
	bodies := []struct {
		name string
		body func(*Exchange) string
	}{
		{"the request", (*Exchange).Raw},
		{"the request in HTML", func(e *Exchange) string { return "<pre>" + html.EscapeString(e.Raw()) + "</pre>" }},
		{"the request in HTML with names for all", func(e *Exchange) string {
			return "<pre>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(e.Raw()) + "</pre>"
		}},
		{"the request in HTML with hexadecimal entities", func(e *Exchange) string {
			return "<pre>" + strings.NewReplacer("&", "&#x26;", "<", "&#x3c;", ">", "&#x3E;", `"`, "&#x22;", "'", "&#x27;", "-", "&#45;").Replace(e.Raw()) + "</pre>"
		}},
		{"the body in a form", func(e *Exchange) string { return "q=" + url.QueryEscape(string(e.Body)+token(e)) }},
		{"the body in a URL", func(e *Exchange) string { return "/q/" + url.PathEscape(string(e.Body)+token(e)) }},
		{"every byte in percent", func(e *Exchange) string { return "q=" + percent(string(e.Body)+token(e)) }},
		{"the body", func(e *Exchange) string { return "cannot read " + string(e.Body) }},
		{"the body in a string", func(e *Exchange) string { return "cannot read " + encoded(string(e.Body)) }},
		{"the body in a Go string", func(e *Exchange) string { return fmt.Sprintf("cannot read %q", e.Body) }},
		{"the body, decoded and encoded anew", func(e *Exchange) string {
			var value any
			_ = json.Unmarshal(e.Body, &value)
			data, _ := json.Marshal(value)
			return "cannot read " + string(data)
		}},
		{"the password alone", func(e *Exchange) string {
			var body struct{ Password string }
			_ = json.Unmarshal(e.Body, &body)
			return "wrong: " + body.Password + token(e)
		}},
		{"the token alone", func(e *Exchange) string { return "bad token " + token(e) + "!" }},
		{"the token behind blanks, where an excerpt is cut", func(e *Exchange) string { return "x" + blank(token(e)) }},
		{"the token across lines", func(e *Exchange) string {
			value := token(e)
			return "bad token\n " + value[:len(value)/2] + "\n " + value[len(value)/2:]
		}},
		{"the token with zero bytes in it", func(e *Exchange) string { return "bad token " + strings.Join(strings.Split(token(e), ""), "\x00") }},
		{"the request in UTF-16", func(e *Exchange) string { return utf16Text(e.Raw(), true) }},
		{"the request in an error", func(e *Exchange) string {
			return fmt.Sprintf(`{"code":%s,"message":%[1]s,"logId":%[1]s}`, encoded(e.Raw()+token(e)))
		}},
		{"the request deep in an error", func(e *Exchange) string {
			return fmt.Sprintf(`{"code":{"a":[%s]},"message":[%[1]s],"logId":{%[1]s:1}}`, encoded(e.Raw()+token(e)))
		}},
		{"the request in an error in a string", func(e *Exchange) string {
			return fmt.Sprintf(`{"message":%s}`, encoded(fmt.Sprintf(`{"message":%s}`, encoded(e.Raw()))))
		}},
		{"the request in an error of another kind", func(e *Exchange) string { return fmt.Sprintf(`{"error":%s}`, encoded(e.Raw())) }},
		{"the request in an error that is cut", func(e *Exchange) string { return fmt.Sprintf(`{"message":%s`, encoded(e.Raw())) }},
		{"the token for a name", func(e *Exchange) string {
			return fmt.Sprintf(`{%s:1,%[1]s:2,"items":[{%[1]s:{%[1]s:3}}]}`, encoded(token(e)))
		}},
		{"the token for a value", func(e *Exchange) string {
			return fmt.Sprintf(`{"tenantUserUid":{"x":%s},"createdAt":%[1]s,"items":[%[1]s],"paging":%[1]s}`, encoded(token(e)))
		}},
	}
	var cases []Case
	for _, echo := range bodies {
		cases = append(cases,
			Case{Name: "echo with a refusal: " + echo.name, Serve: func(e *Exchange) { e.Answer(400, echo.body(e)) }, Ends: refused(400)},
			Case{Name: "echo for an answer: " + echo.name, Serve: func(e *Exchange) { e.Answer(200, echo.body(e), asJSON) }, Ends: misread()},
		)
	}
	cases = append(cases,
		Case{Name: "echo with a failure", Serve: func(e *Exchange) { e.Answer(500, e.Raw(), "Content-Type: text/html") }, Ends: failing(500)},
		Case{Name: "echo with a failure, in JSON", Serve: func(e *Exchange) { e.Answer(500, fmt.Sprintf(`{"message":%s}`, encoded(e.Raw())), asJSON) }, Ends: failing(500)},
	)
	lines := []struct {
		name string
		raw  func(token string) string
		ends Ends
	}{
		{"the reason phrase", func(s string) string { return "HTTP/1.1 400 " + s + "\r\n\r\n" }, refused(400)},
		{"the status", func(s string) string { return "HTTP/1.1 " + s + " x\r\n\r\n" }, severed()},
		{"the version", func(s string) string { return s + " 200 OK\r\n\r\n" }, severed()},
		{"the status line", func(s string) string { return s + "\r\n\r\n" }, severed()},
		{"a header that is none", func(s string) string { return "HTTP/1.1 200 OK\r\n" + s + "\r\n\r\n" }, severed()},
		{"the length", func(s string) string { return head("Content-Length: " + s) }, severed()},
		{"the transfer encoding", func(s string) string { return head("Transfer-Encoding: " + s) }, severed()},
		{"a chunk size", func(s string) string { return head("Transfer-Encoding: chunked") + s + "\r\n" }, severed()},
		{"a trailer's name", func(s string) string {
			return head("Transfer-Encoding: chunked") + "0\r\n" + s + "\r\n\r\n"
		}, severed()},
		{"the content encoding", func(s string) string { return head("Content-Encoding: " + s) }, misread()},
		{"the content type", func(s string) string { return "HTTP/1.1 200 OK\r\nContent-Type: " + s + "\r\n\r\n" }, misread()},
		{"a wish to wait", func(s string) string { return Answer(503, "", "Retry-After: "+s, "Connection: close") }, failing(503)},
		{"a location", func(s string) string {
			return Answer(307, "", "Location: http://127.0.0.2:1/?token="+s, "Connection: close")
		}, refused(307)},
		{"a broken location", func(s string) string { return Answer(307, "", "Location: http://[::1/"+s, "Connection: close") }, refused(307)},
		{"a scheme in a location", func(s string) string { return Answer(307, "", "Location: "+s+"://x/", "Connection: close") }, refused(307)},
		{"cookies and other headers", func(s string) string {
			return Answer(401, "", "Set-Cookie: t="+s, "WWW-Authenticate: "+s, "X-Access-Token: "+s, "Authorization: Bearer "+s, s+": "+s, "Connection: close")
		}, refused(401)},
	}
	for _, line := range lines {
		cases = append(cases, Case{Name: "echo in a line: " + line.name, Serve: func(e *Exchange) {
			e.Send(line.raw(token(e)))
			e.HangUp()
		}, Ends: line.ends})
	}
	for i := range cases {
		cases[i].Client = "keeps its secrets"
	}
	return cases
}
