package faultserver

import (
	"net/http"
	"strings"
	"time"
)

// RetryAfterValues returns values of the Retry-After header, each with the longest
// wait that it can mean. 0 means that the value is invalid or out of range.
func RetryAfterValues(now time.Time) map[string]time.Duration {
	soon := now.Add(time.Hour).UTC()
	return map[string]time.Duration{
		"0": 0, "1": time.Second, " 2 ": 2 * time.Second, "0005": 5 * time.Second,
		soon.Format(http.TimeFormat): time.Hour, soon.Format(time.RFC850): time.Hour, soon.Format(time.ANSIC): time.Hour,
		now.Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
		"Fri, 31 Dec 9999 23:59:59 GMT":                   0,
		"Mon, 01 Jan 0001 00:00:00 GMT":                   0,
		"Thu, 99 Foo 2025 99:99:99 GMT":                   0,
		"":                                                0,
		"-1":                                              0, "+1": 0, "1.5": 0, "1s": 0, "1, 2": 0, "soon": 0, "0x10": 0, "NaN": 0, "1e3": 0, "١": 0,
		"3600000": 0, "4294967296": 0, "9223372036854775807": 0, "9223372037": 0, "18446744073709551616": 0, strings.Repeat("9", 4000): 0,
	}
}

// retryAfterCases returns 429 and 503 responses, most of them with Retry-After.
func retryAfterCases() []Case {
	var cases []Case
	for value, wait := range sorted(RetryAfterValues(time.Now())) {
		short := value[:min(len(value), 30)]
		header := "Retry-After: " + value
		cases = append(cases,
			Case{Name: "429 with Retry-After " + short, Handler: Send(Response(429, "{}", asJSON, header)), Results: rateLimited(429), RetryAfter: wait},
			Case{Name: "503 with Retry-After " + short, Handler: Send(Response(503, "", header)), Results: serverError(503), RetryAfter: wait},
		)
	}
	return append(cases,
		Case{Name: "429 with two Retry-After headers", Handler: Send(Response(429, "", "Retry-After: 1", "Retry-After: 3")), Results: rateLimited(429), RetryAfter: time.Second},
		Case{Name: "429 with an HTML page", Handler: Send(Response(429, signInPage, "Content-Type: text/html")), Results: rateLimited(429)},
		Case{Name: "429 and the connection closes", Handler: SendAndClose(Response(429, "", "Connection: close")), Results: rateLimited(429)},
	)
}
