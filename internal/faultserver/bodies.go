package faultserver

import (
	"fmt"
	"maps"
	"strings"
)

// MalformedBodies returns bodies that are not valid JSON, or not the documented
// JSON, by name. They are also seeds for fuzz tests.
func MalformedBodies() map[string]string {
	bodies := make(map[string]string)
	for _, group := range []map[string]string{otherDocuments(), extraText(), invalidSyntax(), numbers()} {
		maps.Copy(bodies, group)
	}
	return bodies
}

// everyUID returns a body in which every UID has the value, which is JSON.
func everyUID(value string) string {
	return fmt.Sprintf(`{"tenantUserUid":%s,"items":[{"tenantUserUid":%[1]s,"tenantUserTokenUid":%[1]s,"token":"value-of-k-1"}],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`, value)
}

// otherDocuments returns bodies that are whole JSON documents, but not the documented one.
func otherDocuments() map[string]string {
	return map[string]string{
		"an empty body":                 "",
		"white space":                   " \r\n\t",
		"null":                          "null",
		"a string":                      `"u-1"`,
		"an empty string":               `""`,
		"a number":                      "0",
		"a boolean":                     "true",
		"an empty object":               "{}",
		"an empty array":                "[]",
		"an array of responses":         "[" + GoodBody + "]",
		"a response in an envelope":     `{"data":` + GoodBody + "}",
		"an error with status 200":      `{"code":"E17","message":"no such user","logId":"l-1"}`,
		"a string of JSON":              fmt.Sprintf("%q", GoodBody),
		"null for every member":         `{"tenantUserUid":null,"items":null,"paging":null}`,
		"null items":                    `{"tenantUserUid":"","items":[null],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		"empty UIDs":                    everyUID(`""`),
		"items of another type":         `{"tenantUserUid":["u-1"],"items":["u-1"],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		"items in an object":            `{"tenantUserUid":{"0":"u"},"items":{"0":{"tenantUserUid":"u-1"}},"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		"paging of another type":        `{"tenantUserUid":7,"items":[],"paging":[1,1000,0]}`,
		"duplicate names":               `{"tenantUserUid":"u-1","tenantUserUid":"u-2","items":[],"items":[],"paging":{},"paging":{}}`,
		"names in capitals":             `{"TENANTUSERUID":"u-1","ITEMS":[],"PAGING":{}}`,
		"dates in another format":       `{"tenantUserUid":"u-1","createdAt":"28.10.2025","items":[{"tenantUserUid":"u-1","tenantUserTokenUid":7,"createdAt":17}]}`,
		"dates that do not exist":       `{"tenantUserUid":"u-1","createdAt":"2025-02-30T00:00:00Z","items":[{"tenantUserUid":"u-1","tenantUserTokenUid":7,"createdAt":"2025-13-01T00:00:00Z"}]}`,
		"every member a thousand times": "{" + strings.Repeat(`"tenantUserUid":"u","items":[],`, 1000) + `"paging":{}}`,
	}
}

// extraText returns bodies that have text before or after the JSON value, or in it.
func extraText() map[string]string {
	return map[string]string{
		"a prefix against script inclusion": ")]}',\n" + GoodBody,
		"JSONP":                             "callback(" + GoodBody + ");",
		"two JSON values":                   GoodBody + GoodBody,
		"two lines of JSON":                 GoodBody + "\n" + GoodBody,
		"a word after the value":            GoodBody + " true",
		"a bracket too many":                GoodBody + "}",
		"a zero byte after the value":       GoodBody + "\x00",
		"an HTML comment after the value":   GoodBody + "\n<!-- 0.01 s -->",
		"an HTML warning before the value":  "<br />\n<b>Warning</b>: line 3\n" + GoodBody,
		"a comment":                         "/* hello */" + GoodBody,
	}
}

// invalidSyntax returns bodies that are not valid JSON.
func invalidSyntax() map[string]string {
	return map[string]string{
		"a trailing comma":                 `{"tenantUserUid":"u-1","items":[],}`,
		"a missing comma":                  `{"tenantUserUid":"u-1" "items":[]}`,
		"single quotes":                    `{'tenantUserUid':'u-1','items':[]}`,
		"names without quotes":             `{tenantUserUid:"u-1",items:[]}`,
		"a line break in a string":         everyUID("\"a\nb\""),
		"an unknown escape":                everyUID(`"\x41"`),
		"an incomplete escape":             everyUID(`"\u00"`),
		"a high surrogate alone":           everyUID(`"\ud83d"`),
		"a low surrogate alone":            everyUID(`"\udc00"`),
		"surrogates in the wrong order":    everyUID(`"\udc00\ud83d"`),
		"an unterminated string":           `{"tenantUserUid":"u-1`,
		"a truncated literal":              `{"tenantUserUid":nul`,
		"a literal in capitals":            everyUID("NULL"),
		"deep arrays":                      `{"x":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `,"tenantUserUid":"u-1","items":[],"paging":{"pageNumber":1}}`,
		"deep objects":                     strings.Repeat(`{"x":`, 20_000) + "1" + strings.Repeat("}", 20_000),
		"deep and truncated":               strings.Repeat(`[{"x":`, 20_000),
		"a truncated response":             GoodBody[:len(GoodBody)/2],
		"a response without its last byte": GoodBody[:len(GoodBody)-1],
	}
}

// numbers returns bodies with invalid numbers, or numbers where strings are documented.
func numbers() map[string]string {
	bodies := make(map[string]string)
	for _, number := range []string{"NaN", "Infinity", "-", "+1", "01", "1.", ".5", "1e", "0x1", "1_000", "7", "1e999", "-1", strings.Repeat("9", 5000)} {
		bodies["the number "+number[:min(len(number), 12)]] = everyUID(number)
	}
	return bodies
}

// bodyCases returns responses with malformed bodies, and with unusual bodies that are
// valid.
func bodyCases() []Case {
	var cases []Case
	for name, body := range sorted(MalformedBodies()) {
		cases = append(cases, Case{Name: name, Handler: Send(Response(200, body, asJSON)), Results: malformed()})
	}
	for name, body := range sorted(map[string]string{
		"white space around the value": "\r\n\t " + GoodBody + " \r\n\r\n",
		"unknown members":              strings.Replace(GoodBody, "{", `{"":0,"x":{"y":[1,null,1e400]},"\u0000":"\ud83d\ude00",`, 1),
		"unknown enum values":          strings.Replace(GoodBody, "REGULAR", "FROM_THE_FUTURE", 1),
		"a string of 100 kilobytes":    strings.Replace(GoodBody, "{", `{"tenantName":"`+strings.Repeat("x", 100<<10)+`",`, 1),
		"ten thousand unknown members": strings.Replace(GoodBody, "{", "{"+unknownMembers(10_000), 1),
	}) {
		cases = append(cases, Case{Name: name, Handler: Send(Response(200, body, asJSON)), Results: succeeds()})
	}
	return cases
}

func unknownMembers(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `"x%d":%d,`, i, i)
	}
	return text.String()
}
