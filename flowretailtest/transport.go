package flowretailtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"syscall"
	"testing/iotest"
)

var serverAddress = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443}

// RoundTrip makes a Fake an [http.RoundTripper], which processes requests
// in-process, whatever host they are for. It starts no goroutine, observes the
// context of the request, and calls the hooks of a client trace like a transport
// over TCP.
func (f *Fake) RoundTrip(req *http.Request) (*http.Response, error) {
	body := req.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close()
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if trace.GetConn != nil {
		trace.GetConn(req.URL.Host)
	}
	to := findRoute(req.Method, req.URL)
	fault := f.nextFault(to)
	if fault.Refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: serverAddress, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: f.conn})
	}
	sent, err := io.ReadAll(body)
	if err == nil && req.ContentLength > 0 && req.ContentLength != int64(len(sent)) {
		err = fmt.Errorf("http: ContentLength=%d with Body length %d", req.ContentLength, len(sent))
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
	if err != nil {
		return nil, err
	}
	res, err := f.serve(ctx, &call{route: to, request: req, header: canonical(req.Header), body: sent}, fault)
	if err != nil {
		return nil, err
	}
	if res.reset {
		return nil, errReset
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return res.httpResponse(req), nil
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Addr: serverAddress, Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// canonical returns a copy of a header with canonical names, as a server has it.
func canonical(header http.Header) http.Header {
	copied := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			copied.Add(name, value)
		}
	}
	return copied
}

// httpResponse returns the response like a transport over HTTP/1.1.
func (r wireResponse) httpResponse(req *http.Request) *http.Response {
	out := &http.Response{
		Status:        fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header,
		ContentLength: int64(len(r.body)),
		Body:          http.NoBody,
		Request:       req,
	}
	if r.status != http.StatusNoContent {
		out.Header.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	if len(r.body) > 0 {
		var content io.Reader = bytes.NewReader(r.body)
		if r.cut {
			content = io.MultiReader(bytes.NewReader(r.body[:len(r.body)/2]), iotest.ErrReader(io.ErrUnexpectedEOF))
		}
		out.Body = &receivedBody{ctx: req.Context(), content: content}
	}
	return out
}

// A receivedBody behaves like a body that is received over a connection.
type receivedBody struct {
	ctx     context.Context
	content io.Reader
	closed  bool
}

func (b *receivedBody) Read(into []byte) (int, error) {
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.ctx.Err() != nil:
		return 0, context.Cause(b.ctx)
	}
	return b.content.Read(into)
}

func (b *receivedBody) Close() error {
	b.closed = true
	return nil
}
