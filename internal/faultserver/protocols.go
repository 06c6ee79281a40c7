package faultserver

import (
	"fmt"
	"strings"
)

// protocols are other versions, other protocols, and HTTP that is none.
func protocols() []Case {
	body := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(Good), Good)
	cases := []Case{
		{Name: "HTTP/1.0 until the end of the connection", Client: "reads to the end", Serve: Cut("HTTP/1.0 200 OK\r\n\r\n" + Good), Ends: fine()},
		{Name: "HTTP/1.0 with a length", Client: "takes it", Serve: Text("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + body), Ends: fine()},
		{Name: "HTTP/1.0 with chunks, which it does not have", Client: "finds no JSON", Serve: Cut("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(Good)), Ends: misread()},
		{Name: "no reason phrase", Client: "needs none", Serve: Text("HTTP/1.1 200\r\n" + body), Ends: fine()},
		{Name: "lines that end in LF only", Client: "reads them", Serve: Text("HTTP/1.1 200 OK\n" + strings.ReplaceAll(body, "\r\n", "\n")), Ends: fine()},
		{Name: "a folded header", Client: "reads it", Serve: Text("HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\n" + body), Ends: fine()},
		{Name: "a space before a colon", Client: "does not mind", Serve: Text("HTTP/1.1 200 OK\r\nX-Name : x\r\n" + body), Ends: fine()},
		{Name: "header names in odd cases", Client: "does not mind", Serve: Text("HTTP/1.1 200 OK\r\ncONTENT-tYPE: application/json\r\n" + body), Ends: fine()},
		{Name: "a header value that is not ASCII", Client: "does not mind", Serve: Text("HTTP/1.1 200 OK\r\nX-Name: bl\xe5b\xe6r\r\n" + body), Ends: fine()},
		{Name: "a hundred cookies", Client: "keeps none", Serve: Text("HTTP/1.1 200 OK\r\n" + strings.Repeat("Set-Cookie: a=b; Path=/\r\n", 100) + body), Ends: fine()},
	}
	for name, raw := range inOrder(map[string]string{
		"nothing at all":                         "",
		"one byte":                               "H",
		"half of a status line":                  "HTTP/1.1 20",
		"half of a header":                       "HTTP/1.1 200 OK\r\nContent-Le",
		"headers without their end":              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
		"a body without headers":                 Good,
		"empty lines before the status line":     "\r\n\r\nHTTP/1.1 200 OK\r\n" + body,
		"another protocol's version":             "ICY 200 OK\r\n" + body,
		"a version that is no number":            "HTTP/one 200 OK\r\n" + body,
		"a version in small letters":             "http/1.1 200 OK\r\n" + body,
		"a banner of SSH":                        "SSH-2.0-OpenSSH_9.9\r\n",
		"a greeting of SMTP":                     "220 mail.example.com ESMTP\r\n",
		"an alert of TLS":                        "\x15\x03\x01\x00\x02\x02\x46",
		"settings of HTTP/2":                     "\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"zeros":                                  strings.Repeat("\x00", 512),
		"a status of two digits":                 "HTTP/1.1 20 OK\r\n" + body,
		"a status of four digits":                "HTTP/1.1 2000 OK\r\n" + body,
		"a negative status":                      "HTTP/1.1 -20 OK\r\n" + body,
		"a status that is no number":             "HTTP/1.1 OK\r\n" + body,
		"a header without a colon":               "HTTP/1.1 200 OK\r\nnonsense\r\n" + body,
		"a header without a name":                "HTTP/1.1 200 OK\r\n: x\r\n" + body,
		"a control character in a header's name": "HTTP/1.1 200 OK\r\nX-\x1b[2J: x\r\n" + body,
		"terminal escapes in a broken header":    "HTTP/1.1 200 OK\r\n\x1b[2J\x1b]0;owned\x07 forged log record\r\n" + body,
		"a carriage return inside a header":      "HTTP/1.1 200 OK\r\nlevel=ERROR msg=forged\rlevel\r\n" + body,
		"a body in place of headers":             "HTTP/1.1 200 OK\r\n" + Good + "\r\n\r\n",
	}) {
		cases = append(cases, Case{Name: name, Client: "sees that this is no answer", Serve: Cut(raw), Ends: severed()})
	}
	return cases
}

// interim cases say something before the answer.
func interim() []Case {
	ok := Answer(200, Good, asJSON)
	hint := "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
	return []Case{
		{Name: "100 without being asked", Client: "goes on reading", Serve: Text("HTTP/1.1 100 Continue\r\n\r\n" + ok), Ends: fine()},
		{Name: "102 before the answer", Client: "goes on reading", Serve: Text("HTTP/1.1 102 Processing\r\n\r\n" + ok), Ends: fine()},
		{Name: "early hints", Client: "goes on reading", Serve: Text(strings.Repeat(hint, 3) + ok), Ends: fine()},
		{Name: "early hints before an error", Client: "goes on reading", Serve: Text(hint + Answer(403, "{}", asJSON)), Ends: refused(403)},
		{Name: "early hints, and the end", Client: "has no answer", Serve: Cut(hint), Ends: severed()},
		{Name: "102, and the end", Client: "has no answer", Serve: Cut("HTTP/1.1 102 Processing\r\n\r\n"), Ends: severed()},
		{Name: "199, and the end", Client: "has no answer", Serve: Cut("HTTP/1.1 199 ?\r\n\r\n"), Ends: severed()},
		{Name: "early hints without end", Client: "gives up", Serve: Endless("", hint), Ends: severed(), Bomb: true},
		{Name: "100 without end", Client: "gives up", Serve: Endless("", "HTTP/1.1 100 Continue\r\n\r\n"), Ends: severed(), Bomb: true},
		{Name: "another protocol that nobody asked for", Client: "does not know what was done", Serve: Cut("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"), Ends: failing(101)},
		{Name: "an offer of another protocol", Client: "declines", Serve: Text(Answer(200, Good, asJSON, "Connection: Upgrade", "Upgrade: h2c")), Ends: fine()},
		{Name: "a demand for another protocol", Client: "was refused", Serve: Text(Answer(426, "", "Connection: Upgrade", "Upgrade: h2c")), Ends: refused(426)},
	}
}
