package faultserver

import (
	"fmt"
	"io"
	"net"
	"strings"
)

// An Exchange is one request and the connection on which to respond.
type Exchange struct {
	Request
	Number int // counts the requests of all connections, from 1

	conn net.Conn
	done bool // the connection cannot be used any more
}

// Send writes raw unchanged. It reports whether the connection still works.
func (e *Exchange) Send(raw string) bool {
	if e.done {
		return false
	}
	if _, err := io.WriteString(e.conn, raw); err != nil {
		e.done = true
	}
	return !e.done
}

// Respond sends a well-formed response. Each header is one line without its line
// break.
func (e *Exchange) Respond(status int, body string, header ...string) {
	e.Send(Response(status, body, header...))
}

// Response returns the text of a well-formed response.
func Response(status int, body string, header ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "HTTP/1.1 %03d Status\r\nContent-Length: %d\r\n", status, len(body))
	for _, line := range header {
		text.WriteString(line + "\r\n")
	}
	return text.String() + "\r\n" + body
}

// Close closes the connection after the data that was sent.
func (e *Exchange) Close() { e.done = true }

// Reset closes the connection so that the client gets a connection reset.
func (e *Exchange) Reset() {
	e.done = true
	if tcp, ok := e.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = e.conn.Close()
}

// Stall sends nothing more and waits until the client closes the connection.
func (e *Exchange) Stall() {
	e.done = true
	_, _ = io.Copy(io.Discard, e.conn)
}

// Raw returns the request as it was received.
func (e *Exchange) Raw() string { return string(e.raw) }

// Send returns a handler that sends raw and keeps the connection open.
func Send(raw string) Handler { return func(e *Exchange) { e.Send(raw) } }

// SendAndClose returns a handler that sends raw and closes the connection.
func SendAndClose(raw string) Handler { return sendAnd(raw, (*Exchange).Close) }

// SendAndReset returns a handler that sends raw and resets the connection. The
// client may lose the data that was sent.
func SendAndReset(raw string) Handler { return sendAnd(raw, (*Exchange).Reset) }

// SendAndStall returns a handler that sends raw, and then nothing more.
func SendAndStall(raw string) Handler { return sendAnd(raw, (*Exchange).Stall) }

func sendAnd(raw string, end func(*Exchange)) Handler {
	return func(e *Exchange) {
		e.Send(raw)
		end(e)
	}
}

// SendEndlessly returns a handler that sends raw once, and then more until the
// client closes the connection.
func SendEndlessly(raw, more string) Handler {
	more = strings.Repeat(more, max(1, 16<<10/len(more)))
	return func(e *Exchange) {
		for ok := e.Send(raw); ok; ok = e.Send(more) {
		}
	}
}

// Sequence returns a handler that uses the handlers in turn, one for each
// request. The last one is used for all later requests.
func Sequence(handlers ...Handler) Handler {
	return func(e *Exchange) { handlers[min(e.Number, len(handlers))-1](e) }
}
