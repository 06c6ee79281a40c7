package faultserver

import (
	"fmt"
	"strings"
)

// protocolCases returns responses in other versions of HTTP, with unusual syntax, or
// in no HTTP at all.
func protocolCases() []Case {
	body := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(GoodBody), GoodBody)
	cases := []Case{
		{Name: "HTTP/1.0, connection closed at the end", Handler: SendAndClose("HTTP/1.0 200 OK\r\n\r\n" + GoodBody), Results: succeeds()},
		{Name: "HTTP/1.0 with a length", Handler: Send("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + body), Results: succeeds()},
		{Name: "HTTP/1.0 with chunks, which HTTP/1.0 does not have", Handler: SendAndClose("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(GoodBody)), Results: malformed()},
		{Name: "no reason phrase", Handler: Send("HTTP/1.1 200\r\n" + body), Results: succeeds()},
		{Name: "lines that end in LF only", Handler: Send("HTTP/1.1 200 OK\n" + strings.ReplaceAll(body, "\r\n", "\n")), Results: succeeds()},
		{Name: "a folded header", Handler: Send("HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\n" + body), Results: succeeds()},
		{Name: "a space before a colon", Handler: Send("HTTP/1.1 200 OK\r\nX-Name : x\r\n" + body), Results: succeeds()},
		{Name: "header names in mixed case", Handler: Send("HTTP/1.1 200 OK\r\ncONTENT-tYPE: application/json\r\n" + body), Results: succeeds()},
		{Name: "a header value that is not ASCII", Handler: Send("HTTP/1.1 200 OK\r\nX-Name: bl\xe5b\xe6r\r\n" + body), Results: succeeds()},
		{Name: "a hundred cookies", Handler: Send("HTTP/1.1 200 OK\r\n" + strings.Repeat("Set-Cookie: a=b; Path=/\r\n", 100) + body), Results: succeeds()},
	}
	for name, raw := range sorted(map[string]string{
		"an empty response":                     "",
		"one byte":                              "H",
		"half of a status line":                 "HTTP/1.1 20",
		"half of a header":                      "HTTP/1.1 200 OK\r\nContent-Le",
		"headers without the empty line":        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
		"a body without headers":                GoodBody,
		"empty lines before the status line":    "\r\n\r\nHTTP/1.1 200 OK\r\n" + body,
		"the version of another protocol":       "ICY 200 OK\r\n" + body,
		"a version that is not a number":        "HTTP/one 200 OK\r\n" + body,
		"a version in lower case":               "http/1.1 200 OK\r\n" + body,
		"a banner of SSH":                       "SSH-2.0-OpenSSH_9.9\r\n",
		"a greeting of SMTP":                    "220 mail.example.com ESMTP\r\n",
		"an alert of TLS":                       "\x15\x03\x01\x00\x02\x02\x46",
		"settings of HTTP/2":                    "\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"zeros":                                 strings.Repeat("\x00", 512),
		"a status of two digits":                "HTTP/1.1 20 OK\r\n" + body,
		"a status of four digits":               "HTTP/1.1 2000 OK\r\n" + body,
		"a negative status":                     "HTTP/1.1 -20 OK\r\n" + body,
		"a status that is not a number":         "HTTP/1.1 OK\r\n" + body,
		"a header without a colon":              "HTTP/1.1 200 OK\r\nnonsense\r\n" + body,
		"a header without a name":               "HTTP/1.1 200 OK\r\n: x\r\n" + body,
		"a control character in a header name":  "HTTP/1.1 200 OK\r\nX-\x1b[2J: x\r\n" + body,
		"terminal escapes in an invalid header": "HTTP/1.1 200 OK\r\n\x1b[2J\x1b]0;owned\x07 forged log record\r\n" + body,
		"a carriage return inside a header":     "HTTP/1.1 200 OK\r\nlevel=ERROR msg=forged\rlevel\r\n" + body,
		"a body instead of headers":             "HTTP/1.1 200 OK\r\n" + GoodBody + "\r\n\r\n",
	}) {
		cases = append(cases, Case{Name: name, Handler: SendAndClose(raw), Results: connectionError()})
	}
	return cases
}

// interimCases returns 1xx responses, with or without a final response.
func interimCases() []Case {
	ok := Response(200, GoodBody, asJSON)
	hint := "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
	return []Case{
		{Name: "100 without Expect", Handler: Send("HTTP/1.1 100 Continue\r\n\r\n" + ok), Results: succeeds()},
		{Name: "102 before the response", Handler: Send("HTTP/1.1 102 Processing\r\n\r\n" + ok), Results: succeeds()},
		{Name: "early hints", Handler: Send(strings.Repeat(hint, 3) + ok), Results: succeeds()},
		{Name: "early hints before an error", Handler: Send(hint + Response(403, "{}", asJSON)), Results: refused(403)},
		{Name: "early hints, then the connection closes", Handler: SendAndClose(hint), Results: connectionError()},
		{Name: "102, then the connection closes", Handler: SendAndClose("HTTP/1.1 102 Processing\r\n\r\n"), Results: connectionError()},
		{Name: "199, then the connection closes", Handler: SendAndClose("HTTP/1.1 199 ?\r\n\r\n"), Results: connectionError()},
		{Name: "endless early hints", Handler: SendEndlessly("", hint), Results: connectionError(), MeasureMemory: true},
		{Name: "endless 100", Handler: SendEndlessly("", "HTTP/1.1 100 Continue\r\n\r\n"), Results: connectionError(), MeasureMemory: true},
		{Name: "101 Switching Protocols without a request for it", Handler: SendAndClose("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"), Results: serverError(101)},
		{Name: "200 with an Upgrade header", Handler: Send(Response(200, GoodBody, asJSON, "Connection: Upgrade", "Upgrade: h2c")), Results: succeeds()},
		{Name: "426 with an Upgrade header", Handler: Send(Response(426, "", "Connection: Upgrade", "Upgrade: h2c")), Results: refused(426)},
	}
}
