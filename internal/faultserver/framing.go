package faultserver

import (
	"fmt"
	"strings"
)

// head returns the status line and the headers of a JSON response. The header
// lines say how long the body is.
func head(lines ...string) string {
	lines = append([]string{"HTTP/1.1 200 OK", asJSON}, lines...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func length(n int) string { return fmt.Sprintf("Content-Length: %d", n) }

// framingCases returns responses with a missing, wrong or contradictory
// Content-Length.
func framingCases() []Case {
	size := len(GoodBody)
	cases := []Case{
		{Name: "no length, connection closed at the end", Handler: SendAndClose(head() + GoodBody), Results: succeeds()},
		{Name: "no length, connection closed in the body", Handler: SendAndClose(head() + GoodBody[:40]), Results: malformed()},
		{Name: "a length that is too long", Handler: SendAndClose(head(length(size+9)) + GoodBody), Results: connectionError()},
		{Name: "a length that is too short", Handler: SendAndClose(head(length(size-9), "Connection: close") + GoodBody), Results: malformed()},
		{Name: "a length of zero before a body", Handler: SendAndClose(head(length(0), "Connection: close") + GoodBody), Results: malformed()},
		{Name: "the same length twice", Handler: Send(head(length(size), length(size)) + GoodBody), Results: succeeds()},
		{Name: "two lengths", Handler: Send(head(length(size), length(size+1)) + GoodBody), Results: connectionError()},
		{Name: "a length of 9223372036854775807", Handler: SendAndClose(head("Content-Length: 9223372036854775807") + GoodBody), Results: connectionError(), MeasureMemory: true},
		{Name: "more bytes than the length, connection kept open", Handler: Send(head(length(size)) + GoodBody + "\r\n\r\nHTTP/1.1 200 OK\r\n"), Results: succeeds()},
		{Name: "more bytes than the length, connection closed", Handler: SendAndClose(head(length(size), "Connection: close") + GoodBody + "more"), Results: succeeds()},
		{Name: "length and chunks", Handler: Send(head(length(3), "Transfer-Encoding: chunked") + chunked(GoodBody)), Results: succeeds()},
		{Name: "Connection: close, but the server keeps it open", Handler: Send(head(length(size), "Connection: close") + GoodBody), Results: succeeds()},
		{Name: "Connection: keep-alive, but the server closes it", Handler: SendAndClose(head(length(size), "Connection: keep-alive", "Keep-Alive: timeout=600") + GoodBody), Results: succeeds()},
		{Name: "a body with 204", Handler: SendAndClose(Response(204, GoodBody, asJSON, "Connection: close")), Results: malformed()},
		{Name: "a body with 304", Handler: SendAndClose(Response(304, GoodBody, asJSON, "Connection: close")), Results: refused(304)},
	}
	for _, value := range []string{"-1", "+5", "0x10", "5, 5", "many", "1e3", "99999999999999999999", "5 5"} {
		cases = append(cases, Case{Name: "a length of " + value, Handler: SendAndClose(head("Content-Length: "+value) + GoodBody), Results: connectionError()})
	}
	return cases
}

func chunk(data string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(data), data) }

func chunked(data string) string { return chunk(data[:17]) + chunk(data[17:]) + "0\r\n\r\n" }

// chunkCases returns responses with a body in chunks.
func chunkCases() []Case {
	header := head("Transfer-Encoding: chunked")
	first, rest := chunk(GoodBody[:17]), chunk(GoodBody[17:])
	size := len(GoodBody)
	cases := []Case{
		{Name: "chunks", Handler: Send(header + chunked(GoodBody)), Results: succeeds()},
		{Name: "chunks of one byte", Handler: Send(header + oneByteChunks(GoodBody) + "0\r\n\r\n"), Results: succeeds()},
		{Name: "chunk sizes with zeros and capitals", Handler: Send(header + fmt.Sprintf("00%X\r\n%s\r\n", size, GoodBody) + "000\r\n\r\n"), Results: succeeds()},
		{Name: "chunk extensions", Handler: Send(header + fmt.Sprintf("%x;a=b;c=\"d\"\r\n%s\r\n", size, GoodBody) + "0;z\r\n\r\n"), Results: succeeds()},
		{Name: "trailers", Handler: Send(head("Transfer-Encoding: chunked", "Trailer: X-Sum") + first + rest + "0\r\nX-Sum: 1\r\n\r\n"), Results: succeeds()},
		{Name: "trailers that were not announced", Handler: Send(header + first + rest + "0\r\nX-Sum: 1\r\nAuthorization: Bearer x\r\n\r\n"), Results: succeeds()},
		{Name: "a trailer line without a colon", Handler: Send(header + first + rest + "0\r\nnonsense\r\n\r\n"), Results: connectionError()},
		{Name: "a trailer with a Content-Length", Handler: Send(head("Transfer-Encoding: chunked", "Trailer: Content-Length") + first + rest + "0\r\nContent-Length: 1\r\n\r\n"), Results: connectionError()},
		{Name: "no last chunk", Handler: SendAndClose(header + first + rest), Results: connectionError()},
		{Name: "a last chunk without its final line", Handler: SendAndClose(header + first + rest + "0\r\n"), Results: connectionError()},
		{Name: "half of a chunk", Handler: SendAndClose(header + first + rest[:20]), Results: connectionError()},
		{Name: "a chunk that is longer than its size", Handler: SendAndClose(header + "5\r\n" + GoodBody + "\r\n0\r\n\r\n"), Results: connectionError()},
		{Name: "a chunk size that is not a number", Handler: SendAndClose(header + "zz\r\n" + GoodBody + "\r\n0\r\n\r\n"), Results: connectionError()},
		{Name: "a negative chunk size", Handler: SendAndClose(header + "-5\r\n" + GoodBody + "\r\n0\r\n\r\n"), Results: connectionError()},
		{Name: "a chunk size beyond 64 bits", Handler: SendAndClose(header + "fffffffffffffffff\r\n" + GoodBody + "\r\n0\r\n\r\n"), Results: connectionError()},
		{Name: "a chunk size of 2^63-1", Handler: SendAndClose(header + "7fffffffffffffff\r\n" + GoodBody), Results: connectionError(), MeasureMemory: true},
		{Name: "an empty chunk size", Handler: SendAndClose(header + "\r\n" + GoodBody + "\r\n0\r\n\r\n"), Results: connectionError()},
		{Name: "Transfer-Encoding: chunked, but the body is not chunked", Handler: SendAndClose(header + GoodBody), Results: connectionError()},
		{Name: "only the last chunk", Handler: Send(header + "0\r\n\r\n"), Results: malformed()},
	}
	for _, coding := range []string{"gzip, chunked", "identity", "chunked, chunked", "chunked, identity", "gzip", "CHUNKED;q=1", "\x0bchunked"} {
		response := head("Transfer-Encoding: "+coding) + chunked(GoodBody)
		cases = append(cases, Case{Name: fmt.Sprintf("the transfer encoding %q", coding), Handler: SendAndClose(response), Results: connectionError()})
	}
	return cases
}

// oneByteChunks returns data with each byte in a chunk of its own.
func oneByteChunks(data string) string {
	text := ""
	for i := range len(data) {
		text += chunk(data[i : i+1])
	}
	return text
}
