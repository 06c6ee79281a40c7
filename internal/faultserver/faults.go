package faultserver

import "net/http"

// resets break the connection off.
func resets() []Case {
	ok := Answer(200, Good, asJSON)
	body := len(ok) - len(Good)
	return []Case{
		{Name: "a reset before the answer", Client: "does not know what was done", Serve: Broken(""), Ends: severed()},
		{Name: "a reset in the status line", Client: "does not know what was done", Serve: Broken(ok[:7]), Ends: severed()},
		{Name: "a reset in the headers", Client: "does not know what was done", Serve: Broken(ok[:body-6]), Ends: severed()},
		{Name: "a reset after the headers", Client: "counts the answer as cut", Serve: Broken(ok[:body]), Ends: severed()},
		{Name: "a reset in the body", Client: "counts the answer as cut", Serve: Broken(ok[:body+40]), Ends: severed()},
		{Name: "a reset in a body without length", Client: "counts the answer as cut", Serve: Broken(head() + Good[:40]), Ends: severed()},
		{Name: "a reset between chunks", Client: "counts the answer as cut", Serve: Broken(head("Transfer-Encoding: chunked") + chunk(Good)), Ends: severed()},
		{Name: "a reset in the body of a refusal", Client: "goes by the status", Serve: Broken("HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n{"), Ends: refused(403)},
		{Name: "a reset in the body of a failure", Client: "goes by the status", Serve: Broken("HTTP/1.1 500 Oops\r\nContent-Length: 99\r\n\r\n{"), Ends: failing(500)},
		{Name: "the end in the body of a throttling", Client: "goes by the status", Serve: Cut("HTTP/1.1 429 Enough\r\nContent-Length: 99\r\n\r\n{"), Ends: throttled(429)},
		{Name: "a reset in the body of a redirect", Client: "goes by the status", Serve: Then(Broken("HTTP/1.1 307 There\r\nLocation: /elsewhere\r\nContent-Length: 99\r\n\r\n<"), OK), Ends: redirected(307)},
		{Name: "a reset after 100", Client: "does not know what was done", Serve: Broken("HTTP/1.1 100 Continue\r\n\r\n"), Ends: severed()},
		{Name: "a reset after a redirect", Client: "begins anew", Serve: wandering, Ends: wandered()},
	}
}

// wandering redirects reads, and resets what follows.
func wandering(e *Exchange) {
	if e.URI == "/elsewhere" {
		e.Reset()
		return
	}
	e.Answer(http.StatusTemporaryRedirect, "", "Location: /elsewhere", "Connection: close")
	e.HangUp()
}

func wandered() Ends {
	ends := refused(http.StatusTemporaryRedirect)
	ends.Read = Ending{Failed, 0, Unknown, 2 * Attempts}
	ends.List = ends.Read
	return ends
}

// stalls say nothing more, at every place where one can stop.
func stalls() []Case {
	ok := Answer(200, Good, asJSON)
	body := len(ok) - len(Good)
	in := head("Transfer-Encoding: chunked")
	cases := []Case{
		{Name: "silence", Serve: Stuck(""), Ends: severed()},
		{Name: "silence in the status line", Serve: Stuck(ok[:7]), Ends: severed()},
		{Name: "silence in the headers", Serve: Stuck(ok[:body-6]), Ends: severed()},
		{Name: "silence after the headers", Serve: Stuck(ok[:body]), Ends: severed()},
		{Name: "silence in the body", Serve: Stuck(ok[:body+40]), Ends: severed()},
		{Name: "silence after a body without length", Serve: Stuck(head() + Good), Ends: severed()},
		{Name: "silence in a chunk size", Serve: Stuck(in + "1"), Ends: severed()},
		{Name: "silence in a chunk", Serve: Stuck(in + chunk(Good)[:30]), Ends: severed()},
		{Name: "silence before the last chunk", Serve: Stuck(in + chunk(Good)), Ends: severed()},
		{Name: "silence in the trailer", Serve: Stuck(in + chunk(Good) + "0\r\nX-Sum: "), Ends: severed()},
		{Name: "silence in gzip", Serve: Stuck(head("Content-Encoding: gzip") + zipped(Good)[:20]), Ends: severed()},
		{Name: "silence after 100", Serve: Stuck("HTTP/1.1 100 Continue\r\n\r\n"), Ends: severed()},
		{Name: "silence after early hints", Serve: Stuck("HTTP/1.1 103 Early Hints\r\n\r\n"), Ends: severed()},
		{Name: "silence after a change of protocol", Serve: Stuck("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), Ends: failing(101)},
		{Name: "silence in the body of a refusal", Serve: Stuck("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n{"), Ends: refused(404)},
		{Name: "silence in the body of a failure", Serve: Stuck("HTTP/1.1 503 Unavailable\r\nContent-Length: 9\r\n\r\n{"), Ends: failing(503)},
		{Name: "silence in the body of a throttling", Serve: Stuck("HTTP/1.1 429 Enough\r\nContent-Length: 9\r\n\r\n{"), Ends: throttled(429)},
		{Name: "silence in the body of a redirect", Serve: Then(Stuck("HTTP/1.1 307 There\r\nLocation: /elsewhere\r\nContent-Length: 9\r\n\r\n<"), OK), Ends: redirected(307)},
	}
	for i := range cases {
		cases[i].Client, cases[i].Stalls = "ends the attempt by itself", true
	}
	return cases
}
