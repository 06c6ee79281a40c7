package faultserver

import (
	"fmt"
	"strings"
)

// head begins an answer with a body of JSON, whose framing is up to the header lines.
func head(lines ...string) string {
	text := "HTTP/1.1 200 OK\r\n" + asJSON + "\r\n"
	for _, line := range lines {
		text += line + "\r\n"
	}
	return text + "\r\n"
}

func length(n int) string { return fmt.Sprintf("Content-Length: %d", n) }

// framing cases say in odd ways how long the body is.
func framing() []Case {
	size := len(Good)
	cases := []Case{
		{Name: "no length, and the end of the connection", Client: "reads to the end", Serve: Cut(head() + Good), Ends: fine()},
		{Name: "no length, and the end in the middle", Client: "sees that the JSON is cut", Serve: Cut(head() + Good[:40]), Ends: misread()},
		{Name: "a length that is too long", Client: "counts the answer as cut", Serve: Cut(head(length(size+9)) + Good), Ends: severed()},
		{Name: "a length that is too short", Client: "sees that the JSON is cut", Serve: Cut(head(length(size-9), "Connection: close") + Good), Ends: misread()},
		{Name: "a length of zero before a body", Client: "takes the answer for empty", Serve: Cut(head(length(0), "Connection: close") + Good), Ends: misread()},
		{Name: "the same length twice", Client: "takes it", Serve: Text(head(length(size), length(size)) + Good), Ends: fine()},
		{Name: "two lengths", Client: "trusts neither", Serve: Text(head(length(size), length(size+1)) + Good), Ends: severed()},
		{Name: "the largest length that there is", Client: "reserves no memory for it", Serve: Cut(head("Content-Length: 9223372036854775807") + Good), Ends: severed(), Bomb: true},
		{Name: "more bytes than the length, on a connection that stays open", Client: "takes the body and drops the connection", Serve: Text(head(length(size)) + Good + "\r\n\r\nHTTP/1.1 200 OK\r\n"), Ends: fine()},
		{Name: "more bytes than the length, on a connection that ends", Client: "takes the body", Serve: Cut(head(length(size), "Connection: close") + Good + "more"), Ends: fine()},
		{Name: "length and chunks", Client: "goes by the chunks", Serve: Text(head(length(3), "Transfer-Encoding: chunked") + chunked(Good)), Ends: fine()},
		{Name: "an announced end of the connection that does not come", Client: "closes it", Serve: Text(head(length(size), "Connection: close") + Good), Ends: fine()},
		{Name: "an end of the connection that was not announced", Client: "takes the body", Serve: Cut(head(length(size), "Connection: keep-alive", "Keep-Alive: timeout=600") + Good), Ends: fine()},
		{Name: "a body with 204", Client: "takes 204 by its word: there is no body", Serve: Cut(Answer(204, Good, asJSON, "Connection: close")), Ends: misread()},
		{Name: "a body with 304", Client: "takes 304 by its word", Serve: Cut(Answer(304, Good, asJSON, "Connection: close")), Ends: refused(304)},
	}
	for _, value := range []string{"-1", "+5", "0x10", "5, 5", "many", "1e3", "99999999999999999999", "5 5"} {
		cases = append(cases, Case{
			Name: "a length of " + value, Client: "trusts nothing of it",
			Serve: Cut(head("Content-Length: "+value) + Good), Ends: severed(),
		})
	}
	return cases
}

func chunk(data string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(data), data) }

func chunked(data string) string { return chunk(data[:17]) + chunk(data[17:]) + "0\r\n\r\n" }

// chunking cases send the body in pieces.
func chunking() []Case {
	in := head("Transfer-Encoding: chunked")
	first, rest := chunk(Good[:17]), chunk(Good[17:])
	size := len(Good)
	cases := []Case{
		{Name: "chunks", Client: "joins them", Serve: Text(in + chunked(Good)), Ends: fine()},
		{Name: "chunks of one byte", Client: "joins them", Serve: Text(in + single(Good) + "0\r\n\r\n"), Ends: fine()},
		{Name: "chunk sizes with zeros and capitals", Client: "reads them", Serve: Text(in + fmt.Sprintf("00%X\r\n%s\r\n", size, Good) + "000\r\n\r\n"), Ends: fine()},
		{Name: "chunk extensions", Client: "ignores them", Serve: Text(in + fmt.Sprintf("%x;a=b;c=\"d\"\r\n%s\r\n", size, Good) + "0;z\r\n\r\n"), Ends: fine()},
		{Name: "trailers", Client: "ignores them", Serve: Text(head("Transfer-Encoding: chunked", "Trailer: X-Sum") + first + rest + "0\r\nX-Sum: 1\r\n\r\n"), Ends: fine()},
		{Name: "trailers that were not announced", Client: "ignores them", Serve: Text(in + first + rest + "0\r\nX-Sum: 1\r\nAuthorization: Bearer x\r\n\r\n"), Ends: fine()},
		{Name: "a trailer that is none", Client: "counts the answer as cut", Serve: Text(in + first + rest + "0\r\nnonsense\r\n\r\n"), Ends: severed()},
		{Name: "a trailer that frames", Client: "refuses the answer", Serve: Text(head("Transfer-Encoding: chunked", "Trailer: Content-Length") + first + rest + "0\r\nContent-Length: 1\r\n\r\n"), Ends: severed()},
		{Name: "no last chunk", Client: "counts the answer as cut", Serve: Cut(in + first + rest), Ends: severed()},
		{Name: "a last chunk without its end", Client: "counts the answer as cut", Serve: Cut(in + first + rest + "0\r\n"), Ends: severed()},
		{Name: "half of a chunk", Client: "counts the answer as cut", Serve: Cut(in + first + rest[:20]), Ends: severed()},
		{Name: "a chunk that is longer than it says", Client: "counts the answer as cut", Serve: Cut(in + "5\r\n" + Good + "\r\n0\r\n\r\n"), Ends: severed()},
		{Name: "a chunk size that is no number", Client: "counts the answer as cut", Serve: Cut(in + "zz\r\n" + Good + "\r\n0\r\n\r\n"), Ends: severed()},
		{Name: "a negative chunk size", Client: "counts the answer as cut", Serve: Cut(in + "-5\r\n" + Good + "\r\n0\r\n\r\n"), Ends: severed()},
		{Name: "a chunk size beyond 64 bits", Client: "counts the answer as cut", Serve: Cut(in + "fffffffffffffffff\r\n" + Good + "\r\n0\r\n\r\n"), Ends: severed()},
		{Name: "an enormous chunk size", Client: "reserves no memory for it", Serve: Cut(in + "7fffffffffffffff\r\n" + Good), Ends: severed(), Bomb: true},
		{Name: "an empty chunk size", Client: "counts the answer as cut", Serve: Cut(in + "\r\n" + Good + "\r\n0\r\n\r\n"), Ends: severed()},
		{Name: "an announced encoding in chunks, and none in fact", Client: "counts the answer as cut", Serve: Cut(in + Good), Ends: severed()},
		{Name: "nothing but the last chunk", Client: "takes the answer for empty", Serve: Text(in + "0\r\n\r\n"), Ends: misread()},
	}
	for _, coding := range []string{"gzip, chunked", "identity", "chunked, chunked", "chunked, identity", "gzip", "CHUNKED;q=1", "\x0bchunked"} {
		cases = append(cases, Case{
			Name: fmt.Sprintf("the transfer encoding %q", coding), Client: "refuses what it does not know",
			Serve: Cut(head("Transfer-Encoding: "+coding) + chunked(Good)), Ends: severed(),
		})
	}
	return cases
}

func single(data string) string {
	var text strings.Builder
	for i := range len(data) {
		text.WriteString(chunk(data[i : i+1]))
	}
	return text.String()
}
