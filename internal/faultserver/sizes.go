package faultserver

import (
	"bytes"
	"compress/gzip"
	"strings"
	"sync"
)

// zipped compresses text.
func zipped(text string) string {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, _ = writer.Write([]byte(text))
	_ = writer.Close()
	return out.String()
}

// bomb is 256 MiB of spaces in a few hundred kilobytes.
var bomb = sync.OnceValue(func() string { return strings.Repeat(zipped(strings.Repeat(" ", 1<<20)), 256) })

func bombs(status int, header ...string) Script {
	return func(e *Exchange) { e.Answer(status, bomb(), append(header, "Content-Encoding: gzip")...) }
}

// sizes are answers that are too large for somebody.
func sizes() []Case {
	const unbounded = "Transfer-Encoding: chunked"
	status := func(code string) string { return "HTTP/1.1 " + code + "\r\n" + unbounded + "\r\n\r\n" }
	kilobyte := chunk(strings.Repeat(" ", 1024))
	large := `{"tenantUserUid":"u-1","items":[],"paging":{},"x":"` + strings.Repeat("x", Limit) + `"}`
	plenty := strings.Repeat("X-Filler: "+strings.Repeat("y", 1000)+"\r\n", 200)
	cases := []Case{
		{Name: "a body over the limit", Client: "stops reading", Serve: Text(Answer(200, large, asJSON)), Ends: oversized()},
		{Name: "chunks over the limit", Client: "stops reading", Serve: Text(head(unbounded) + chunked(large)), Ends: oversized()},
		{Name: "an endless body", Client: "stops reading", Serve: Endless(head(), " "), Ends: oversized()},
		{Name: "endless chunks", Client: "stops reading", Serve: Endless(head(unbounded), kilobyte), Ends: oversized()},
		{Name: "endless small chunks", Client: "stops reading", Serve: Endless(head(unbounded), chunk("                ")), Ends: oversized()},
		{Name: "an endless array", Client: "stops reading", Serve: Endless(head()+`{"items":[`, "null,"), Ends: oversized()},
		{Name: "endless nesting", Client: "stops reading", Serve: Endless(head(), "["), Ends: oversized()},
		{Name: "an endless body of a refusal", Client: "goes by the status", Serve: Endless(status("404 Not Found"), kilobyte), Ends: refused(404)},
		{Name: "an endless body of a failure", Client: "goes by the status", Serve: Endless(status("503 Unavailable"), kilobyte), Ends: failing(503)},
		{Name: "an endless body of a throttling", Client: "goes by the status", Serve: Endless(status("429 Enough"), kilobyte), Ends: throttled(429)},
		{Name: "a gzip bomb", Client: "bounds what comes out", Serve: bombs(200, asJSON), Ends: oversized()},
		{Name: "a gzip bomb with a refusal", Client: "goes by the status", Serve: bombs(400, asJSON), Ends: refused(400)},
		{Name: "200 kilobytes of headers", Client: "takes them", Serve: Text("HTTP/1.1 200 OK\r\n" + plenty + length(len(Good)) + "\r\n\r\n" + Good), Ends: fine()},
		{Name: "endless headers", Client: "stops reading", Serve: Endless("HTTP/1.1 200 OK\r\n", plenty), Ends: severed()},
		{Name: "an endless header", Client: "stops reading", Serve: Endless("HTTP/1.1 200 OK\r\nX-Filler: ", "y"), Ends: severed()},
		{Name: "an endless status line", Client: "stops reading", Serve: Endless("HTTP/1.1 200 ", "y"), Ends: severed()},
		{Name: "an endless line that is no status", Client: "stops reading, and does not repeat it", Serve: Endless("", "nonsense"), Ends: severed()},
		{Name: "24 kilobytes that are no status", Client: "does not repeat it", Serve: Cut(strings.Repeat("nonsense", 3<<10) + "\r\n"), Ends: severed()},
		{Name: "24 kilobytes that are no header", Client: "does not repeat it", Serve: Cut("HTTP/1.1 200 OK\r\n" + strings.Repeat("nonsense", 3<<10) + "\r\n\r\n"), Ends: severed()},
		{Name: "an endless chunk extension", Client: "stops reading", Serve: Endless(head(unbounded)+"5;", "y"), Ends: severed()},
		{Name: "an endless chunk size", Client: "stops reading", Serve: Endless(head(unbounded), "0"), Ends: severed()},
		{Name: "endless trailers", Client: "stops reading", Serve: Endless(head(unbounded)+chunk(Good)+"0\r\n", "X-Filler: y\r\n"), Ends: severed()},
	}
	for i := range cases {
		cases[i].Bomb = true
	}
	return cases
}

// encodings are what the body is packed in.
func encodings() []Case {
	zip := zipped(Good)
	asGzip := "Content-Encoding: gzip"
	damaged := zip[:len(zip)-6] + "\x00\x00" + zip[len(zip)-4:]
	cases := []Case{
		{Name: "gzip", Client: "unpacks it", Serve: Text(Answer(200, zip, asJSON, asGzip)), Ends: fine()},
		{Name: "GZIP", Client: "unpacks it", Serve: Text(Answer(200, zip, asJSON, "Content-Encoding: GZIP")), Ends: fine()},
		{Name: "gzip in two members", Client: "joins them", Serve: Text(Answer(200, zipped(Good[:20])+zipped(Good[20:]), asJSON, asGzip)), Ends: fine()},
		{Name: "gzip in chunks", Client: "unpacks it", Serve: Text(head("Transfer-Encoding: chunked", asGzip) + chunked(zip)), Ends: fine()},
		{Name: "an error in gzip", Client: "unpacks it", Serve: Text(Answer(409, zipped(`{"code":"E1"}`), asJSON, asGzip)), Ends: refused(409)},
		{Name: "an error in broken gzip", Client: "goes by the status", Serve: Text(Answer(409, "no gzip", asJSON, asGzip)), Ends: refused(409)},
		{Name: "an error in an encoding that nobody asked for", Client: "goes by the status", Serve: Text(Answer(503, "\x8b\x02", asJSON, "Content-Encoding: br")), Ends: failing(503)},
		{Name: "identity", Client: "takes it as it is", Serve: Text(Answer(200, Good, asJSON, "Content-Encoding: identity")), Ends: fine()},
		{Name: "204 with an encoding of nothing", Client: "has nothing to unpack", Serve: Text("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"), Ends: misread()},
		{Name: "an empty body in gzip", Client: "has nothing to unpack", Serve: Text(Answer(200, "", asGzip)), Ends: misread()},
	}
	for name, packed := range inOrder(map[string]string{
		"gzip that is none":        Good,
		"gzip that is cut":         zip[:len(zip)/2],
		"gzip without its end":     zip[:len(zip)-8],
		"gzip with a wrong sum":    damaged,
		"gzip with bytes after it": zip + "more",
	}) {
		cases = append(cases, Case{Name: name, Client: "cannot trust it", Serve: Text(Answer(200, packed, asJSON, asGzip)), Ends: severed()})
	}
	for _, coding := range []string{"br", "deflate", "zstd", "gzip, gzip", "x-gzip", "utf-8", "aws-chunked", strings.Repeat("x", 5000)} {
		unasked := Case{
			Name: "an unasked-for encoding, " + coding[:min(len(coding), 12)], Client: "does not take it for an answer",
			Serve: Text(Answer(200, "\x0b\x02\x80{}\x03", asJSON, "Content-Encoding: "+coding)), Ends: misread(),
		}
		cases = append(cases, unasked)
	}
	return cases
}
