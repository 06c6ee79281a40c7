package faultserver

import "fmt"

// statusCases returns responses with a status code and a valid body.
func statusCases() []Case {
	var cases []Case
	add := func(results func(int) Results, statuses ...int) {
		for _, status := range statuses {
			response := Response(status, `{"code":"E1","message":"no","logId":"l-1"}`, asJSON)
			cases = append(cases, Case{Name: fmt.Sprintf("status %03d", status), Handler: Send(response), Results: results(status)})
		}
	}
	add(refused, 300, 305, 306, 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 423, 424, 426, 428, 431, 451, 499, 501, 505)
	add(serverError, 408, 500, 502, 503, 504, 506, 507, 508, 510, 511, 520, 522, 524, 529, 530, 599)
	add(rateLimited, 421, 425, 429)
	// RFC 9110 15: a client treats a status outside 100 to 599 as a 5xx.
	add(serverError, 0, 99, 600, 700, 999)
	for _, status := range []int{200, 201, 202, 203, 205, 206, 207, 208, 226, 250, 299} {
		cases = append(cases, Case{Name: fmt.Sprintf("status %d with a body", status), Handler: Send(Response(status, GoodBody, asJSON)), Results: succeeds()})
	}
	for _, status := range []int{202, 204, 205, 299} {
		text := Response(status, "")
		if status == 204 { // has no Content-Length
			text = "HTTP/1.1 204 No Content\r\n\r\n"
		}
		cases = append(cases, Case{Name: fmt.Sprintf("status %d without a body", status), Handler: Send(text), Results: malformed()})
	}
	return cases
}
