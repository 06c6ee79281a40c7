package faultserver

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// statuses are answers whose meaning is in the number.
func statuses() []Case {
	var cases []Case
	add := func(ends func(int) Ends, client string, statuses ...int) {
		for _, status := range statuses {
			cases = append(cases, Case{
				Name: fmt.Sprintf("status %03d", status), Client: client,
				Serve: Text(Answer(status, `{"code":"E1","message":"no","logId":"l-1"}`, asJSON)), Ends: ends(status),
			})
		}
	}
	add(refused, "was told no", 300, 305, 306, 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 423, 424, 426, 428, 431, 451, 499)
	add(refused, "does not expect a server to learn it in a second", 501, 505)
	add(failing, "does not know what was done", 408, 500, 502, 503, 504, 506, 507, 508, 510, 511, 520, 522, 524, 529, 530, 599)
	add(throttled, "was not heard, and asks again", 421, 425, 429)
	// RFC 9110 15: a client treats what is outside 100 to 599 like a 5xx.
	add(failing, "takes an invalid status for a failure of the server", 0, 99, 600, 700, 999)
	for _, status := range []int{200, 201, 202, 203, 205, 206, 207, 208, 226, 250, 299} {
		cases = append(cases, Case{
			Name: fmt.Sprintf("status %d with a body", status), Client: "takes any 2xx for success",
			Serve: Text(Answer(status, Good, asJSON)), Ends: fine(),
		})
	}
	for _, status := range []int{202, 204, 205, 299} {
		cases = append(cases, Case{
			Name: fmt.Sprintf("status %d without a body", status), Client: "misses what is documented",
			Serve: Text(strings.Replace(Answer(status, ""), "Content-Length: 0\r\n", map[bool]string{true: "", false: "Content-Length: 0\r\n"}[status == 204], 1)), Ends: misread(),
		})
	}
	return cases
}

// redirects lead somewhere else.
func redirects() []Case {
	to := func(status int, location string) string {
		return Answer(status, signIn, "Location: "+location, "Content-Type: text/html")
	}
	here := func(status int, location string) Script { return Then(Text(to(status, location)), OK) }
	var cases []Case
	for _, status := range []int{301, 302, 303, 307, 308} {
		same := redirected(status)
		if status <= http.StatusSeeOther {
			same = seeOther(status)
		}
		cases = append(cases,
			Case{Name: fmt.Sprintf("%d to the same origin", status), Client: "follows with a read, and with nothing else", Serve: here(status, "/elsewhere"), Ends: same},
			Case{Name: fmt.Sprintf("%d without a location", status), Client: "has nowhere to go", Serve: Text(Answer(status, "")), Ends: nowhere(status)},
		)
	}
	for _, location := range []string{"elsewhere", "../../../elsewhere", "?page=2", "#here", "/%2e%2e/x?y=%00#z", "/bl\xc3\xa5b\xc3\xa6r", "/a b"} {
		cases = append(cases, Case{Name: "a location of " + location, Client: "stays inside the origin", Serve: here(307, location), Ends: redirected(307)})
	}
	for _, location := range []string{
		"http://127.0.0.2:1/", "http://127.0.0.1:1/", "https://127.0.0.1:1/", "http://localhost:1/", "//127.0.0.2:1/", `/\127.0.0.2:1/`, "http://[::1]:1/",
		"http://127.0.0.1:1@127.0.0.2:1/", "http:///nowhere", "file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)", "mailto:a@example.com", "data:,x",
	} {
		ends := refused(307)
		if strings.HasPrefix(location, `/\`) {
			ends = redirected(307) // a path, whatever browsers make of it
		}
		cases = append(cases, Case{Name: "a location of " + location, Client: "does not leave the origin", Serve: here(307, location), Ends: ends})
	}
	for _, location := range []string{"http://[::1", "http://%zz/", "://", "%", "http://a b/", "http://127.0.0.1:port/", "http://127.0.0.1:99999/"} {
		cases = append(cases, Case{Name: fmt.Sprintf("a location of %q", location), Client: "cannot go there", Serve: here(307, location), Ends: refused(307)})
	}
	loop := redirected(307)
	loop.Read = Ending{Answered, 307, Refused, 6}
	loop.List = loop.Read
	return append(cases,
		Case{Name: "a redirect to itself, for ever", Client: "stops", Serve: Text(to(307, "")), Ends: nowhere(307)},
		Case{Name: "a circle of redirects", Client: "stops", Serve: Text(to(307, "/round")), Ends: loop},
		Case{Name: "an ever longer redirect", Client: "stops", Serve: func(e *Exchange) { e.Send(to(307, e.URI+"/x")) }, Ends: loop},
		Case{Name: "two locations", Client: "takes the first", Serve: Then(Text(Answer(307, "", "Location: /a", "Location: http://127.0.0.2:1/")), OK), Ends: redirected(307)},
		Case{Name: "a redirect with a body without end", Client: "does not read it all", Serve: Then(Endless("HTTP/1.1 307 There\r\nLocation: /elsewhere\r\n\r\n", "x"), OK), Ends: redirected(307), Bomb: true},
		Case{Name: "a redirect that sets cookies", Client: "keeps none", Serve: Then(Text(Answer(307, "", "Location: /elsewhere", "Set-Cookie: a=b")), OK), Ends: redirected(307)},
	)
}

// seeOther is redirected with 303, and with 301 and 302 by common use: the answer
// to a write that was carried out, as a rule, and stands elsewhere. So nobody knows.
func seeOther(status int) Ends {
	ends := redirected(status)
	doubt := Ending{Answered, status, Unknown, 1}
	ends.Write, ends.Delete = doubt, doubt
	ends.Create = Ending{Kind: Success, Requests: 2} // it looks, and finds it
	return ends
}

// nowhere is a redirect that leads nowhere.
func nowhere(status int) Ends {
	ends := refused(status)
	if status <= http.StatusSeeOther {
		doubt := Ending{Answered, status, Unknown, 1}
		ends = Ends{doubt, doubt, doubt, doubt, doubt}
		ends.Create.Requests = 2 // and the look
	}
	return ends
}

// RetryAfters are values of that header, with the longest wait that they can be
// read as (0: they say nothing).
func RetryAfters(now time.Time) map[string]time.Duration {
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

// throttling cases turn requests away.
func throttling() []Case {
	var cases []Case
	for value, wish := range inOrder(RetryAfters(time.Now())) {
		short := value[:min(len(value), 30)]
		header := "Retry-After: " + value
		cases = append(cases,
			Case{Name: "429 with Retry-After " + short, Client: "waits, within bounds", Serve: Text(Answer(429, "{}", asJSON, header)), Ends: throttled(429), RetryAfter: wish},
			Case{Name: "503 with Retry-After " + short, Client: "waits, within bounds, and still does not know what was done", Serve: Text(Answer(503, "", header)), Ends: failing(503), RetryAfter: wish},
		)
	}
	return append(cases,
		Case{Name: "429 with two wishes", Client: "takes the first", Serve: Text(Answer(429, "", "Retry-After: 1", "Retry-After: 3")), Ends: throttled(429), RetryAfter: time.Second},
		Case{Name: "429 with a page of HTML", Client: "goes by the status", Serve: Text(Answer(429, signIn, "Content-Type: text/html")), Ends: throttled(429)},
		Case{Name: "429 and the end of the connection", Client: "goes by the status", Serve: Cut(Answer(429, "", "Connection: close")), Ends: throttled(429)},
	)
}
