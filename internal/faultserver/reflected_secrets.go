package faultserver

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
)

// reflectionCases returns responses that repeat the request and its credentials, in every
// place that may end up in an error or a log record. A correct client shows no secret.
func reflectionCases() []Case {
	var cases []Case
	for _, reflected := range slices.Concat(requestBodies(), tokenBodies(), jsonBodies()) {
		cases = append(cases,
			Case{Name: "a 400 that repeats " + reflected.name, Handler: func(e *Exchange) { e.Respond(400, reflected.body(e)) }, Results: refused(400)},
			Case{Name: "a 200 that repeats " + reflected.name, Handler: func(e *Exchange) { e.Respond(200, reflected.body(e), asJSON) }, Results: malformed()},
		)
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

type reflectedBody struct {
	name string
	body func(*Exchange) string
}

// requestBodies returns bodies that repeat the whole request or its body.
func requestBodies() []reflectedBody {
	return []reflectedBody{
		{"the request", (*Exchange).Raw},
		{"the request in HTML", func(e *Exchange) string { return "<pre>" + html.EscapeString(e.Raw()) + "</pre>" }},
		{"the request in HTML with named entities", func(e *Exchange) string {
			return "<pre>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(e.Raw()) + "</pre>"
		}},
		{"the request in HTML with hexadecimal entities", func(e *Exchange) string {
			return "<pre>" + strings.NewReplacer("&", "&#x26;", "<", "&#x3c;", ">", "&#x3E;", `"`, "&#x22;", "'", "&#x27;", "-", "&#45;").Replace(e.Raw()) + "</pre>"
		}},
		{"the request in UTF-16", func(e *Exchange) string { return utf16Text(e.Raw(), binary.BigEndian) }},
		{"the body in a form", func(e *Exchange) string { return "q=" + url.QueryEscape(string(e.Body)+bearerToken(e)) }},
		{"the body in a URL", func(e *Exchange) string { return "/q/" + url.PathEscape(string(e.Body)+bearerToken(e)) }},
		{"the body in percent encoding", func(e *Exchange) string { return "q=" + percentEncoded(string(e.Body)+bearerToken(e)) }},
		{"the body", func(e *Exchange) string { return "cannot read " + string(e.Body) }},
		{"the body in a JSON string", func(e *Exchange) string { return "cannot read " + quoted(string(e.Body)) }},
		{"the body in a Go string", func(e *Exchange) string { return fmt.Sprintf("cannot read %q", e.Body) }},
		{"the body, decoded and encoded again", func(e *Exchange) string {
			var value any
			_ = json.Unmarshal(e.Body, &value)
			data, _ := json.Marshal(value)
			return "cannot read " + string(data)
		}},
	}
}

// tokenBodies returns bodies that repeat the token or the password alone.
func tokenBodies() []reflectedBody {
	return []reflectedBody{
		{"the password", func(e *Exchange) string {
			var body struct{ Password string }
			_ = json.Unmarshal(e.Body, &body)
			return "wrong: " + body.Password + bearerToken(e)
		}},
		{"the token", func(e *Exchange) string { return "bad token " + bearerToken(e) + "!" }},
		{"the token where an excerpt is truncated", func(e *Exchange) string { return "x" + strings.Repeat(" ", 3190) + bearerToken(e) }},
		{"the token on two lines", func(e *Exchange) string {
			value := bearerToken(e)
			return "bad token\n " + value[:len(value)/2] + "\n " + value[len(value)/2:]
		}},
		{"the token with zero bytes in it", func(e *Exchange) string { return strings.Join(strings.Split(bearerToken(e), ""), "\x00") }},
		{"the token as a JSON name", func(e *Exchange) string {
			return fmt.Sprintf(`{%s:1,%[1]s:2,"items":[{%[1]s:{%[1]s:3}}]}`, quoted(bearerToken(e)))
		}},
		{"the token as a JSON value", func(e *Exchange) string {
			return fmt.Sprintf(`{"tenantUserUid":{"x":%s},"createdAt":%[1]s,"items":[%[1]s],"paging":%[1]s}`, quoted(bearerToken(e)))
		}},
	}
}

// jsonBodies returns bodies that repeat the request in a JSON error.
func jsonBodies() []reflectedBody {
	return []reflectedBody{
		{"the request in an error", func(e *Exchange) string {
			return fmt.Sprintf(`{"code":%s,"message":%[1]s,"logId":%[1]s}`, quoted(e.Raw()+bearerToken(e)))
		}},
		{"the request in an error with nested values", func(e *Exchange) string {
			return fmt.Sprintf(`{"code":{"a":[%s]},"message":[%[1]s],"logId":{%[1]s:1}}`, quoted(e.Raw()+bearerToken(e)))
		}},
		{"the request in an error in a string", func(e *Exchange) string {
			return fmt.Sprintf(`{"message":%s}`, quoted(fmt.Sprintf(`{"message":%s}`, quoted(e.Raw()))))
		}},
		{"the request in an error with another name", func(e *Exchange) string { return fmt.Sprintf(`{"error":%s}`, quoted(e.Raw())) }},
		{"the request in a truncated error", func(e *Exchange) string { return fmt.Sprintf(`{"message":%s`, quoted(e.Raw())) }},
	}
}

// A reflectedHead has the token in the status line, a header or the framing.
type reflectedHead struct {
	name    string
	raw     func(token string) string
	results Results
}

// reflectedHeads returns heads with a token. It makes the first ones invalid HTTP.
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
