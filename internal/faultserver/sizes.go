package faultserver

import (
	"strings"
	"sync"
)

// largeBody is 256 MiB of spaces, compressed to a few hundred kilobytes.
var largeBody = sync.OnceValue(func() string { return strings.Repeat(gzipped(strings.Repeat(" ", 1<<20)), 256) })

func sendLargeBody(status int, header ...string) Handler {
	return func(e *Exchange) { e.Respond(status, largeBody(), append(header, "Content-Encoding: gzip")...) }
}

// sizeCases returns responses with a very large body, header or status line.
func sizeCases() []Case {
	const unbounded = "Transfer-Encoding: chunked"
	status := func(code string) string { return "HTTP/1.1 " + code + "\r\n" + unbounded + "\r\n\r\n" }
	kilobyte := chunk(strings.Repeat(" ", 1024))
	large := `{"tenantUserUid":"u-1","items":[],"paging":{},"x":"` + strings.Repeat("x", MaxBodyBytes) + `"}`
	headers := strings.Repeat("X-Filler: "+strings.Repeat("y", 1000)+"\r\n", 200)
	cases := []Case{
		{Name: "a body over the limit", Handler: Send(Response(200, large, asJSON)), Results: tooLarge()},
		{Name: "chunks over the limit", Handler: Send(head(unbounded) + chunked(large)), Results: tooLarge()},
		{Name: "an endless body", Handler: SendEndlessly(head(), " "), Results: tooLarge()},
		{Name: "endless chunks", Handler: SendEndlessly(head(unbounded), kilobyte), Results: tooLarge()},
		{Name: "endless small chunks", Handler: SendEndlessly(head(unbounded), chunk("                ")), Results: tooLarge()},
		{Name: "an endless array", Handler: SendEndlessly(head()+`{"items":[`, "null,"), Results: tooLarge()},
		{Name: "endless nesting", Handler: SendEndlessly(head(), "["), Results: tooLarge()},
		{Name: "an endless body of a 404", Handler: SendEndlessly(status("404 Not Found"), kilobyte), Results: refused(404)},
		{Name: "an endless body of a 503", Handler: SendEndlessly(status("503 Unavailable"), kilobyte), Results: serverError(503)},
		{Name: "an endless body of a 429", Handler: SendEndlessly(status("429 Too Many"), kilobyte), Results: rateLimited(429)},
		{Name: "a body of 256 MiB in gzip", Handler: sendLargeBody(200, asJSON), Results: tooLarge()},
		{Name: "a 400 whose body is 256 MiB in gzip", Handler: sendLargeBody(400, asJSON), Results: refused(400)},
		{Name: "200 kilobytes of headers", Handler: Send("HTTP/1.1 200 OK\r\n" + headers + length(len(GoodBody)) + "\r\n\r\n" + GoodBody), Results: succeeds()},
		{Name: "endless headers", Handler: SendEndlessly("HTTP/1.1 200 OK\r\n", headers), Results: connectionError()},
		{Name: "an endless header", Handler: SendEndlessly("HTTP/1.1 200 OK\r\nX-Filler: ", "y"), Results: connectionError()},
		{Name: "an endless status line", Handler: SendEndlessly("HTTP/1.1 200 ", "y"), Results: connectionError()},
		{Name: "an endless line that is not a status line", Handler: SendEndlessly("", "nonsense"), Results: connectionError()},
		{Name: "24 kilobytes that are not a status line", Handler: SendAndClose(strings.Repeat("nonsense", 3<<10) + "\r\n"), Results: connectionError()},
		{Name: "24 kilobytes that are not a header", Handler: SendAndClose("HTTP/1.1 200 OK\r\n" + strings.Repeat("nonsense", 3<<10) + "\r\n\r\n"), Results: connectionError()},
		{Name: "an endless chunk extension", Handler: SendEndlessly(head(unbounded)+"5;", "y"), Results: connectionError()},
		{Name: "an endless chunk size", Handler: SendEndlessly(head(unbounded), "0"), Results: connectionError()},
		{Name: "endless trailers", Handler: SendEndlessly(head(unbounded)+chunk(GoodBody)+"0\r\n", "X-Filler: y\r\n"), Results: connectionError()},
	}
	for i := range cases {
		cases[i].MeasureMemory = true
	}
	return cases
}
