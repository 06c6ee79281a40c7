// Package faultserver is an HTTP server for tests. It sends malformed, truncated
// and unusual responses. Each test case has the result that a client should
// return for it. The server speaks raw TCP, because net/http does not send
// malformed responses.
package faultserver

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
)

// A Handler responds to one request, or breaks the connection.
type Handler func(*Exchange)

// A Request is one request that the server received.
type Request struct {
	Method, URI string
	Header      http.Header
	Body        []byte
	raw         []byte
}

// A Server calls a handler for each request and records the requests.
type Server struct {
	URL string // without a path

	listener net.Listener
	handler  Handler
	running  sync.WaitGroup

	mu       sync.Mutex
	closed   *sync.Cond // signaled when a connection has closed
	requests []Request
	accepted int
	open     map[net.Conn]struct{}
}

// New starts a server on a loopback address. Call Close when it is not needed
// any more.
func New(handler Handler) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return serve(listener, handler), nil
}

func serve(listener net.Listener, handler Handler) *Server {
	s := &Server{
		URL: "http://" + listener.Addr().String(), listener: listener, handler: handler,
		open: make(map[net.Conn]struct{}),
	}
	s.closed = sync.NewCond(&s.mu)
	s.running.Go(s.accept)
	return s
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.accepted++
		s.open[conn] = struct{}{}
		s.mu.Unlock()
		s.running.Go(func() { s.serveConn(conn) })
	}
}

// serveConn handles the requests of one connection, one after the other.
func (s *Server) serveConn(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, conn)
		s.closed.Broadcast()
	}()
	var raw bytes.Buffer
	reader := bufio.NewReader(io.TeeReader(conn, &raw))
	for {
		parsed, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(parsed.Body)
		if err != nil {
			return
		}
		request := Request{
			Method: parsed.Method, URI: parsed.RequestURI, Header: parsed.Header, Body: body,
			raw: bytes.Clone(raw.Bytes()),
		}
		raw.Reset()
		s.mu.Lock()
		s.requests = append(s.requests, request)
		count := len(s.requests)
		s.mu.Unlock()
		exchange := &Exchange{Request: request, Number: count, conn: conn}
		s.handler(exchange)
		if exchange.done {
			return
		}
	}
}

// Requests returns the requests received so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Connections returns how many connections the server has accepted.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// WaitUntilClosed waits until no connection is open. It returns the error of ctx
// when the client leaves a connection open.
func (s *Server) WaitUntilClosed(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed.Broadcast()
	})()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.closed.Wait()
	}
	return nil
}

// CloseConnections closes all open connections. The server goes on accepting
// new ones.
func (s *Server) CloseConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close()
	}
}

// Close stops the server and waits until its goroutines have ended.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.CloseConnections()
	s.running.Wait()
}
