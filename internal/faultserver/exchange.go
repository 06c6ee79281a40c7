package faultserver

import (
	"fmt"
	"io"
	"net"
	"strings"
)

// An Exchange is one request, and the connection to answer it on.
type Exchange struct {
	Request
	Number int // of the request, from 1, over all connections

	conn net.Conn
	over bool // the connection is of no more use
}

// Send writes what it is given as it is. It reports whether the client still takes it.
func (e *Exchange) Send(raw string) bool {
	if e.over {
		return false
	}
	if _, err := io.WriteString(e.conn, raw); err != nil {
		e.over = true
	}
	return !e.over
}

// Answer sends a well-formed answer. Each header is one line without its end.
func (e *Exchange) Answer(status int, body string, header ...string) {
	e.Send(Answer(status, body, header...))
}

// Answer writes a well-formed answer.
func Answer(status int, body string, header ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "HTTP/1.1 %03d Status\r\nContent-Length: %d\r\n", status, len(body))
	for _, line := range header {
		text.WriteString(line + "\r\n")
	}
	return text.String() + "\r\n" + body
}

// HangUp closes the connection after what was sent.
func (e *Exchange) HangUp() { e.over = true }

// Reset breaks the connection off, so that the client sees a reset.
func (e *Exchange) Reset() {
	e.over = true
	conn := e.conn
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = wrapped.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// Stall says nothing more, until the client gives up.
func (e *Exchange) Stall() {
	e.over = true
	_, _ = io.Copy(io.Discard, e.conn)
}

// Raw returns the request as it came over the wire.
func (e *Exchange) Raw() string { return string(e.raw) }

// Local returns the address that the client reached.
func (e *Exchange) Local() string { return e.conn.LocalAddr().String() }

// Text returns a script that sends raw text and goes on with the connection.
func Text(raw string) Script { return func(e *Exchange) { e.Send(raw) } }

// Cut returns a script that sends raw text and closes the connection.
func Cut(raw string) Script {
	return func(e *Exchange) {
		e.Send(raw)
		e.HangUp()
	}
}

// Broken returns a script that sends raw text and resets the connection. What
// was sent may or may not arrive.
func Broken(raw string) Script {
	return func(e *Exchange) {
		e.Send(raw)
		e.Reset()
	}
}

// Stuck returns a script that sends raw text and then says nothing more.
func Stuck(raw string) Script {
	return func(e *Exchange) {
		e.Send(raw)
		e.Stall()
	}
}

// Endless returns a script that sends raw text, and then more until the client has had enough.
func Endless(raw, more string) Script {
	more = strings.Repeat(more, max(1, 16<<10/len(more)))
	return func(e *Exchange) {
		for ok := e.Send(raw); ok; ok = e.Send(more) {
		}
	}
}

// Then returns a script that plays the scripts in turn, one a request, and the last one for ever.
func Then(scripts ...Script) Script {
	return func(e *Exchange) { scripts[min(e.Number, len(scripts))-1](e) }
}
