package faultserver

import (
	"bytes"
	"compress/gzip"
	"strings"
)

// gzipped compresses text.
func gzipped(text string) string {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, _ = writer.Write([]byte(text))
	_ = writer.Close()
	return out.String()
}

// encodingCases returns responses with a Content-Encoding.
func encodingCases() []Case {
	zip := gzipped(GoodBody)
	asGzip := "Content-Encoding: gzip"
	damaged := zip[:len(zip)-6] + "\x00\x00" + zip[len(zip)-4:]
	cases := []Case{
		{Name: "gzip", Handler: Send(Response(200, zip, asJSON, asGzip)), Results: succeeds()},
		{Name: "GZIP", Handler: Send(Response(200, zip, asJSON, "Content-Encoding: GZIP")), Results: succeeds()},
		{Name: "gzip in two members", Handler: Send(Response(200, gzipped(GoodBody[:20])+gzipped(GoodBody[20:]), asJSON, asGzip)), Results: succeeds()},
		{Name: "gzip in chunks", Handler: Send(head("Transfer-Encoding: chunked", asGzip) + chunked(zip)), Results: succeeds()},
		{Name: "an error in gzip", Handler: Send(Response(409, gzipped(`{"code":"E1"}`), asJSON, asGzip)), Results: refused(409)},
		{Name: "an error in broken gzip", Handler: Send(Response(409, "no gzip", asJSON, asGzip)), Results: refused(409)},
		{Name: "an error in an encoding that was not requested", Handler: Send(Response(503, "\x8b\x02", asJSON, "Content-Encoding: br")), Results: serverError(503)},
		{Name: "identity", Handler: Send(Response(200, GoodBody, asJSON, "Content-Encoding: identity")), Results: succeeds()},
		{Name: "204 with Content-Encoding: gzip", Handler: Send("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"), Results: malformed()},
		{Name: "an empty body in gzip", Handler: Send(Response(200, "", asGzip)), Results: malformed()},
	}
	for name, compressed := range sorted(map[string]string{
		"gzip that is not gzip":      GoodBody,
		"truncated gzip":             zip[:len(zip)/2],
		"gzip without the checksum":  zip[:len(zip)-8],
		"gzip with a wrong checksum": damaged,
		"gzip with bytes after it":   zip + "more",
	}) {
		cases = append(cases, Case{Name: name, Handler: Send(Response(200, compressed, asJSON, asGzip)), Results: connectionError()})
	}
	for _, coding := range []string{"br", "deflate", "zstd", "gzip, gzip", "x-gzip", "utf-8", "aws-chunked", strings.Repeat("x", 5000)} {
		response := Response(200, "\x0b\x02\x80{}\x03", asJSON, "Content-Encoding: "+coding)
		cases = append(cases, Case{Name: "the unrequested encoding " + coding[:min(len(coding), 12)], Handler: Send(response), Results: malformed()})
	}
	return cases
}
