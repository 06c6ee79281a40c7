package flowretailtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"syscall"
)

var address4 = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443}

// RoundTrip answers a request in-process, whatever host it is for. It starts
// no goroutine, heeds the context of the request, and tells a client trace
// what a transport over TCP tells it.
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
	fault := f.draw(to)
	if fault.Refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: address4, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
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
	end, err := f.serve(ctx, req, canonical(req.Header), to, sent, fault)
	if err != nil {
		return nil, err
	}
	if end.reset {
		return nil, errReset
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return end.response(req), nil
}

var errReset = &net.OpError{Op: "read", Net: "tcp", Addr: address4, Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// canonical copies a header as a server would read it.
func canonical(header http.Header) http.Header {
	read := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			read.Add(name, value)
		}
	}
	return read
}

// response makes what a transport over HTTP/1.1 would return.
func (e ending) response(req *http.Request) *http.Response {
	out := &http.Response{
		Status:        fmt.Sprintf("%d %s", e.status, http.StatusText(e.status)),
		StatusCode:    e.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        e.header,
		ContentLength: int64(len(e.body)),
		Body:          http.NoBody,
		Request:       req,
	}
	if e.status != http.StatusNoContent {
		out.Header.Set("Content-Length", strconv.Itoa(len(e.body)))
	}
	if len(e.body) > 0 {
		received := &receivedBody{ctx: req.Context(), end: io.EOF}
		if e.cut {
			e.body, received.end = e.body[:len(e.body)/2], io.ErrUnexpectedEOF
		}
		received.rest.Reset(e.body)
		out.Body = received
	}
	return out
}

// A receivedBody is read like one that comes over a connection.
type receivedBody struct {
	ctx    context.Context
	rest   bytes.Reader
	end    error
	closed bool
}

func (b *receivedBody) Read(into []byte) (int, error) {
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.ctx.Err() != nil:
		return 0, context.Cause(b.ctx)
	}
	read, err := b.rest.Read(into)
	if errors.Is(err, io.EOF) {
		err = b.end
	}
	return read, err
}

func (b *receivedBody) Close() error {
	b.closed = true
	return nil
}
