package faultserver

import "net/http"

// resetCases returns cases in which the server resets the connection.
func resetCases() []Case {
	ok := Response(200, GoodBody, asJSON)
	body := len(ok) - len(GoodBody)
	redirectThenResetResults := redirected(307)
	redirectThenResetResults.Read = Result{ConnectionError, 0, Unknown, 2 * MaxAttempts}
	redirectThenResetResults.List = redirectThenResetResults.Read
	return []Case{
		{Name: "a reset before the response", Handler: SendAndReset(""), Results: connectionError()},
		{Name: "a reset in the status line", Handler: SendAndReset(ok[:7]), Results: connectionError()},
		{Name: "a reset in the headers", Handler: SendAndReset(ok[:body-6]), Results: connectionError()},
		{Name: "a reset after the headers", Handler: SendAndReset(ok[:body]), Results: connectionError()},
		{Name: "a reset in the body", Handler: SendAndReset(ok[:body+40]), Results: connectionError()},
		{Name: "a reset in a body without length", Handler: SendAndReset(head() + GoodBody[:40]), Results: connectionError()},
		{Name: "a reset between chunks", Handler: SendAndReset(head("Transfer-Encoding: chunked") + chunk(GoodBody)), Results: connectionError()},
		{Name: "a reset in the body of a 403", Handler: SendAndReset("HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n{"), Results: refused(403)},
		{Name: "a reset in the body of a 500", Handler: SendAndReset("HTTP/1.1 500 Oops\r\nContent-Length: 99\r\n\r\n{"), Results: serverError(500)},
		{Name: "the connection closes in the body of a 429", Handler: SendAndClose("HTTP/1.1 429 Too Many\r\nContent-Length: 99\r\n\r\n{"), Results: rateLimited(429)},
		{Name: "a reset in the body of a redirect", Handler: Sequence(SendAndReset("HTTP/1.1 307 There\r\nLocation: /elsewhere\r\nContent-Length: 99\r\n\r\n<"), OK), Results: redirected(307)},
		{Name: "a reset after 100", Handler: SendAndReset("HTTP/1.1 100 Continue\r\n\r\n"), Results: connectionError()},
		{Name: "a reset after a redirect", Handler: redirectThenReset, Results: redirectThenResetResults},
	}
}

// redirectThenReset redirects each call and resets the request that follows.
func redirectThenReset(e *Exchange) {
	if e.URI == "/elsewhere" {
		e.Reset()
		return
	}
	e.Respond(http.StatusTemporaryRedirect, "", "Location: /elsewhere", "Connection: close")
	e.Close()
}

// stallCases returns cases in which the server stops sending.
func stallCases() []Case {
	ok := Response(200, GoodBody, asJSON)
	body := len(ok) - len(GoodBody)
	header := head("Transfer-Encoding: chunked")
	cases := []Case{
		{Name: "a stall before the response", Handler: SendAndStall(""), Results: connectionError()},
		{Name: "a stall in the status line", Handler: SendAndStall(ok[:7]), Results: connectionError()},
		{Name: "a stall in the headers", Handler: SendAndStall(ok[:body-6]), Results: connectionError()},
		{Name: "a stall after the headers", Handler: SendAndStall(ok[:body]), Results: connectionError()},
		{Name: "a stall in the body", Handler: SendAndStall(ok[:body+40]), Results: connectionError()},
		{Name: "a stall after a body without length", Handler: SendAndStall(head() + GoodBody), Results: connectionError()},
		{Name: "a stall in a chunk size", Handler: SendAndStall(header + "1"), Results: connectionError()},
		{Name: "a stall in a chunk", Handler: SendAndStall(header + chunk(GoodBody)[:30]), Results: connectionError()},
		{Name: "a stall before the last chunk", Handler: SendAndStall(header + chunk(GoodBody)), Results: connectionError()},
		{Name: "a stall in the trailer", Handler: SendAndStall(header + chunk(GoodBody) + "0\r\nX-Sum: "), Results: connectionError()},
		{Name: "a stall in gzip", Handler: SendAndStall(head("Content-Encoding: gzip") + gzipped(GoodBody)[:20]), Results: connectionError()},
		{Name: "a stall after 100", Handler: SendAndStall("HTTP/1.1 100 Continue\r\n\r\n"), Results: connectionError()},
		{Name: "a stall after early hints", Handler: SendAndStall("HTTP/1.1 103 Early Hints\r\n\r\n"), Results: connectionError()},
		{Name: "a stall after 101 Switching Protocols", Handler: SendAndStall("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), Results: serverError(101)},
		{Name: "a stall in the body of a 404", Handler: SendAndStall("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n{"), Results: refused(404)},
		{Name: "a stall in the body of a 503", Handler: SendAndStall("HTTP/1.1 503 Unavailable\r\nContent-Length: 9\r\n\r\n{"), Results: serverError(503)},
		{Name: "a stall in the body of a 429", Handler: SendAndStall("HTTP/1.1 429 Too Many\r\nContent-Length: 9\r\n\r\n{"), Results: rateLimitedSlowly(429)},
		{Name: "a stall in the body of a redirect", Handler: Sequence(SendAndStall("HTTP/1.1 307 There\r\nLocation: /elsewhere\r\nContent-Length: 9\r\n\r\n<"), OK), Results: redirected(307)},
	}
	for i := range cases {
		cases[i].Stalls = true
	}
	return cases
}
