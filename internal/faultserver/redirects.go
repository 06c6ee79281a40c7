package faultserver

import (
	"fmt"
	"net/http"
	"strings"
)

// redirectCases returns redirects to valid, foreign and invalid locations.
func redirectCases() []Case {
	to := func(status int, location string) string {
		return Response(status, signInPage, "Location: "+location, "Content-Type: text/html")
	}
	once := func(status int, location string) Handler { return Sequence(Send(to(status, location)), OK) }
	var cases []Case
	for _, status := range []int{301, 302, 303, 307, 308} {
		results := redirected(status)
		if status <= http.StatusSeeOther {
			results = seeOther(status)
		}
		cases = append(cases,
			Case{Name: fmt.Sprintf("%d to the same origin", status), Handler: once(status, "/elsewhere"), Results: results},
			Case{Name: fmt.Sprintf("%d without a location", status), Handler: Send(Response(status, "")), Results: notFollowed(status)},
		)
	}
	for _, location := range []string{"elsewhere", "../../../elsewhere", "?page=2", "#here", "/%2e%2e/x?y=%00#z", "/bl\xc3\xa5b\xc3\xa6r", "/a b"} {
		cases = append(cases, Case{Name: "a location of " + location, Handler: once(307, location), Results: redirected(307)})
	}
	for _, location := range []string{
		"http://127.0.0.2:1/", "http://127.0.0.1:1/", "https://127.0.0.1:1/", "http://localhost:1/", "//127.0.0.2:1/", `/\127.0.0.2:1/`, "http://[::1]:1/",
		"http://127.0.0.1:1@127.0.0.2:1/", "http:///nowhere", "file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)", "mailto:a@example.com", "data:,x",
	} {
		results := refused(307)
		if strings.HasPrefix(location, `/\`) {
			results = redirected(307) // browsers read it as another host; Go reads it as a path
		}
		cases = append(cases, Case{Name: "a location of " + location, Handler: once(307, location), Results: results})
	}
	for _, location := range []string{"http://[::1", "http://%zz/", "://", "%", "http://a b/", "http://127.0.0.1:port/", "http://127.0.0.1:99999/"} {
		cases = append(cases, Case{Name: fmt.Sprintf("a location of %q", location), Handler: once(307, location), Results: refused(307)})
	}
	loop := redirected(307)
	loop.Read = Result{StatusError, 307, Refused, 6}
	loop.List = loop.Read
	return append(cases,
		Case{Name: "an endless redirect to itself", Handler: Send(to(307, "")), Results: notFollowed(307)},
		Case{Name: "a redirect loop", Handler: Send(to(307, "/loop")), Results: loop},
		Case{Name: "a redirect to a longer path, again and again", Handler: func(e *Exchange) { e.Send(to(307, e.URI+"/x")) }, Results: loop},
		Case{Name: "two locations", Handler: Sequence(Send(Response(307, "", "Location: /a", "Location: http://127.0.0.2:1/")), OK), Results: redirected(307)},
		Case{Name: "a redirect with an endless body", Handler: Sequence(SendEndlessly("HTTP/1.1 307 There\r\nLocation: /elsewhere\r\n\r\n", "x"), OK), Results: redirected(307), MeasureMemory: true},
		Case{Name: "a redirect that sets cookies", Handler: Sequence(Send(Response(307, "", "Location: /elsewhere", "Set-Cookie: a=b")), OK), Results: redirected(307)},
	)
}

// seeOther returns the results for 301, 302 and 303. After a write these statuses often
// mean that it was carried out, so the outcome is unknown.
func seeOther(status int) Results {
	results := redirected(status)
	unknown := Result{StatusError, status, Unknown, 1}
	results.Write, results.Delete = unknown, unknown
	results.Create = Result{Kind: Success, Requests: 2} // the lookup finds the user
	return results
}

// notFollowed returns the results for a redirect without a usable target.
func notFollowed(status int) Results {
	if status > http.StatusSeeOther {
		return refused(status)
	}
	return notRetried(Result{Kind: StatusError, Status: status})
}
