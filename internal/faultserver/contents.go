package faultserver

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// utf16Text spells text in UTF-16, with a byte order mark.
func utf16Text(text string, bigEndian bool) string {
	var out strings.Builder
	for _, unit := range append([]uint16{0xFEFF}, utf16.Encode([]rune(text))...) {
		high, low := byte(unit>>8), byte(unit)
		if !bigEndian {
			high, low = low, high
		}
		out.WriteByte(high)
		out.WriteByte(low)
	}
	return out.String()
}

const signIn = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><h1>Sign in to the network</h1></body></html>\n"

// ContentTypes are values of that header that say something odd of JSON. They
// are seeds for whatever reads it.
func ContentTypes() []string {
	return []string{"text/plain", "text/html; charset=utf-16", "application/octet-stream", "application/json; charset=latin-1", "application/hal+json", ";;;", "application/json, text/html", strings.Repeat("x/", 3000)}
}

// Texts are bodies of other kinds than JSON, by their kind.
func Texts() map[string]string {
	return map[string]string{
		"a page of HTML":                      signIn,
		"XML":                                 `<?xml version="1.0"?><user><tenantUserUid>u-1</tenantUserUid></user>`,
		"a form":                              "tenantUserUid=u-1&items=",
		"YAML":                                "tenantUserUid: u-1\nitems: []\n",
		"UTF-16, little end first":            utf16Text(Good, false),
		"UTF-16, big end first":               utf16Text(Good, true),
		"UTF-8 with a byte order mark":        "\uFEFF" + Good,
		"latin-1":                             `{"tenantUserUid":"` + "bl\xe5" + `","items":[{"tenantUserUid":"` + "\xe5" + `","tenantUserTokenUid":"` + "\xe5" + `"}]}`,
		"overlong UTF-8":                      `{"tenantUserUid":"` + "\xc0\xaf" + `","items":[{"tenantUserUid":"` + "\xc0\xaf" + `","tenantUserTokenUid":"` + "\xc0\xaf" + `"}]}`,
		"an image":                            "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\xff", 400),
		"terminal escapes":                    "\x1b[2J\x1b]0;owned\x07\r\nlevel=ERROR msg=\"forged\"\u202e\u0085",
		"a quarter of a megabyte on one line": strings.Repeat("nonsense ", Limit/10),
	}
}

// contents are other things than JSON, and JSON under other names.
func contents() []Case {
	var cases []Case
	for _, kind := range ContentTypes() {
		cases = append(cases, Case{
			Name: "JSON as " + kind[:min(len(kind), 30)], Client: "goes by the body",
			Serve: Text(Answer(200, Good, "Content-Type: "+kind)), Ends: fine(),
		})
	}
	for name, body := range inOrder(Texts()) {
		cases = append(cases,
			Case{Name: name + " for an answer", Client: "says what came, in short", Serve: Text(Answer(200, body, "Content-Type: text/html")), Ends: misread()},
			Case{Name: name + " for JSON", Client: "does not trust the content type", Serve: Text(Answer(200, body, asJSON)), Ends: misread()},
			Case{Name: name + " with a failure", Client: "says what came, in short", Serve: Text(Answer(502, body, "Content-Type: text/html")), Ends: failing(502)},
		)
	}
	return append(cases,
		Case{Name: "JSON without a content type", Client: "goes by the body", Serve: Text(Answer(200, Good)), Ends: fine()},
		Case{Name: "two content types", Client: "goes by the body", Serve: Text(Answer(200, Good, asJSON, "Content-Type: text/html")), Ends: fine()},
		Case{Name: "problem+json", Client: "goes by the status", Serve: Text(Answer(400, `{"type":"about:blank","title":"No","status":418,"detail":"no"}`, "Content-Type: application/problem+json")), Ends: refused(400)},
	)
}

// Bodies are JSON, or nearly, that no call takes for its answer, by what is
// wrong with them. They are good seeds for whatever reads bodies.
func Bodies() map[string]string {
	all := func(value string) string {
		return fmt.Sprintf(`{"tenantUserUid":%s,"items":[{"tenantUserUid":%[1]s,"tenantUserTokenUid":%[1]s}],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`, value)
	}
	bodies := map[string]string{
		"an empty body":                     "",
		"white space":                       " \r\n\t",
		"null":                              "null",
		"a string":                          `"u-1"`,
		"an empty string":                   `""`,
		"a number":                          "0",
		"a boolean":                         "true",
		"an empty object":                   "{}",
		"an empty array":                    "[]",
		"an array of answers":               "[" + Good + "]",
		"an answer in an envelope":          `{"data":` + Good + "}",
		"an error that says 200":            `{"code":"E17","message":"no such user","logId":"l-1"}`,
		"a string of JSON":                  fmt.Sprintf("%q", Good),
		"a guard against scripts":           ")]}',\n" + Good,
		"JSONP":                             "callback(" + Good + ");",
		"two answers":                       Good + Good,
		"two lines of JSON":                 Good + "\n" + Good,
		"a word after the answer":           Good + " true",
		"a bracket too many":                Good + "}",
		"a zero byte after the answer":      Good + "\x00",
		"a page after the answer":           Good + "\n<!-- 0.01 s -->",
		"a warning before the answer":       "<br />\n<b>Warning</b>: line 3\n" + Good,
		"a comment":                         "/* hello */" + Good,
		"a comma too many":                  `{"tenantUserUid":"u-1","items":[],}`,
		"a comma too few":                   `{"tenantUserUid":"u-1" "items":[]}`,
		"single quotes":                     `{'tenantUserUid':'u-1','items':[]}`,
		"names without quotes":              `{tenantUserUid:"u-1",items:[]}`,
		"a name twice":                      `{"tenantUserUid":"u-1","tenantUserUid":"u-2","items":[],"items":[],"paging":{},"paging":{}}`,
		"names in capitals":                 `{"TENANTUSERUID":"u-1","ITEMS":[],"PAGING":{}}`,
		"null for all":                      `{"tenantUserUid":null,"items":null,"paging":null}`,
		"null items":                        `{"tenantUserUid":"","items":[null],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		"empty identities":                  all(`""`),
		"items of another kind":             `{"tenantUserUid":["u-1"],"items":["u-1"],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		"items in an object":                `{"tenantUserUid":{"0":"u"},"items":{"0":{"tenantUserUid":"u-1"}},"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		"paging of another kind":            `{"tenantUserUid":7,"items":[],"paging":[1,1000,0]}`,
		"a line break in a string":          all("\"a\nb\""),
		"an unknown escape":                 all(`"\x41"`),
		"half of an escape":                 all(`"\u00"`),
		"half of a pair":                    all(`"\ud83d"`),
		"the other half of a pair":          all(`"\udc00"`),
		"a pair in the wrong order":         all(`"\udc00\ud83d"`),
		"a string without end":              `{"tenantUserUid":"u-1`,
		"a literal without end":             `{"tenantUserUid":nul`,
		"a literal in capitals":             all("NULL"),
		"a date of another kind":            `{"tenantUserUid":"u-1","createdAt":"28.10.2025","items":[{"tenantUserUid":"u-1","tenantUserTokenUid":7,"createdAt":17}]}`,
		"a date that does not exist":        `{"tenantUserUid":"u-1","createdAt":"2025-02-30T00:00:00Z","items":[{"tenantUserUid":"u-1","tenantUserTokenUid":7,"createdAt":"2025-13-01T00:00:00Z"}]}`,
		"deep arrays":                       `{"x":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `,"tenantUserUid":"u-1","items":[],"paging":{"pageNumber":1}}`,
		"deep objects":                      strings.Repeat(`{"x":`, 20_000) + "1" + strings.Repeat("}", 20_000),
		"deep and cut":                      strings.Repeat(`[{"x":`, 20_000),
		"a cut answer":                      Good[:len(Good)/2],
		"an answer cut by one byte":         Good[:len(Good)-1],
		"every member twice, thousand fold": "{" + strings.Repeat(`"tenantUserUid":"u","items":[],`, 1000) + `"paging":{}}`,
	}
	for _, number := range []string{"NaN", "Infinity", "-", "+1", "01", "1.", ".5", "1e", "0x1", "1_000", "7", "1e999", "-1", strings.Repeat("9", 5000)} {
		bodies["the number "+number[:min(len(number), 12)]] = all(number)
	}
	return bodies
}

// documents are answers with the odd bodies.
func documents() []Case {
	var cases []Case
	for name, body := range inOrder(Bodies()) {
		cases = append(cases, Case{Name: name, Client: "does not take it for an answer", Serve: Text(Answer(200, body, asJSON)), Ends: misread()})
	}
	for name, body := range inOrder(map[string]string{
		"white space around the answer": "\r\n\t " + Good + " \r\n\r\n",
		"unknown members":               strings.Replace(Good, "{", `{"":0,"x":{"y":[1,null,1e400]},"\u0000":"\ud83d\ude00",`, 1),
		"unknown enum values":           strings.Replace(Good, "REGULAR", "FROM_THE_FUTURE", 1),
		"a string of 100 kilobytes":     strings.Replace(Good, "{", `{"tenantName":"`+strings.Repeat("x", 100<<10)+`",`, 1),
		"ten thousand unknown members":  strings.Replace(Good, "{", "{"+many(10_000), 1),
	}) {
		cases = append(cases, Case{Name: name, Client: "takes it", Serve: Text(Answer(200, body, asJSON)), Ends: fine()})
	}
	return cases
}

func many(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `"x%d":%d,`, i, i)
	}
	return text.String()
}
