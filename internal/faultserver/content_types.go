package faultserver

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// utf16Text encodes text in UTF-16, with a byte order mark.
func utf16Text(text string, order binary.AppendByteOrder) string {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune("\uFEFF" + text)) {
		encoded = order.AppendUint16(encoded, unit)
	}
	return string(encoded)
}

const signInPage = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><h1>Sign in to the network</h1></body></html>\n"

// ContentTypes returns values of the Content-Type header that are wrong for JSON.
// They are also seeds for fuzz tests.
func ContentTypes() []string {
	return []string{"text/plain", "text/html; charset=utf-16", "application/octet-stream", "application/json; charset=latin-1", "application/hal+json", ";;;", "application/json, text/html", strings.Repeat("x/", 3000)}
}

// NonJSONBodies returns bodies that are not valid JSON in UTF-8, by name.
func NonJSONBodies() map[string]string {
	return map[string]string{
		"an HTML page":                 signInPage,
		"XML":                          `<?xml version="1.0"?><user><tenantUserUid>u-1</tenantUserUid></user>`,
		"a form":                       "tenantUserUid=u-1&items=",
		"YAML":                         "tenantUserUid: u-1\nitems: []\n",
		"UTF-16, little-endian":        utf16Text(GoodBody, binary.LittleEndian),
		"UTF-16, big-endian":           utf16Text(GoodBody, binary.BigEndian),
		"UTF-8 with a byte order mark": "\uFEFF" + GoodBody,
		"latin-1":                      `{"tenantUserUid":"` + "bl\xe5" + `","items":[{"tenantUserUid":"` + "\xe5" + `","tenantUserTokenUid":"` + "\xe5" + `"}]}`,
		"overlong UTF-8":               `{"tenantUserUid":"` + "\xc0\xaf" + `","items":[{"tenantUserUid":"` + "\xc0\xaf" + `","tenantUserTokenUid":"` + "\xc0\xaf" + `"}]}`,
		"an image":                     "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\xff", 400),
		"terminal escapes":             "\x1b[2J\x1b]0;owned\x07\r\nlevel=ERROR msg=\"forged\"\u202e\u0085",
		"a line of 230 kilobytes":      strings.Repeat("nonsense ", MaxBodyBytes/10),
	}
}

// contentTypeCases returns responses that are not JSON, and JSON with another
// Content-Type.
func contentTypeCases() []Case {
	var cases []Case
	for _, kind := range ContentTypes() {
		cases = append(cases, Case{Name: "JSON as " + kind[:min(len(kind), 30)], Handler: Send(Response(200, GoodBody, "Content-Type: "+kind)), Results: succeeds()})
	}
	for name, body := range sorted(NonJSONBodies()) {
		cases = append(cases,
			Case{Name: name + " with status 200", Handler: Send(Response(200, body, "Content-Type: text/html")), Results: notJSON()},
			Case{Name: name + " as application/json", Handler: Send(Response(200, body, asJSON)), Results: malformed()},
			Case{Name: name + " with status 502", Handler: Send(Response(502, body, "Content-Type: text/html")), Results: serverError(502)},
		)
	}
	return append(cases,
		Case{Name: "JSON without a content type", Handler: Send(Response(200, GoodBody)), Results: succeeds()},
		Case{Name: "two content types", Handler: Send(Response(200, GoodBody, asJSON, "Content-Type: text/html")), Results: succeeds()},
		Case{Name: "problem+json", Handler: Send(Response(400, `{"type":"about:blank","title":"No","status":418,"detail":"no"}`, "Content-Type: application/problem+json")), Results: refused(400)},
	)
}
