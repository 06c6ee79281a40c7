// Package faultserver is a server that answers in every odd way that its authors
// could think of, with what a good client does beside each. It is used by tests
// only. It speaks raw TCP where net/http is too polite to misbehave.
package faultserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
)

// A Script answers one request, or breaks it off.
type Script func(*Exchange)

// A Request is what the server saw of one.
type Request struct {
	Method, URI string
	Header      http.Header
	Body        []byte
	Connection  int // from 1, in the order of accepting
	raw         []byte
}

// A Server plays a script to everybody who connects, and keeps count.
type Server struct {
	URL string // without a path

	listener net.Listener
	script   Script
	running  sync.WaitGroup

	mu       sync.Mutex
	changed  *sync.Cond // open
	requests []Request
	accepted int
	open     map[net.Conn]struct{}
}

// Serve starts a server on loopback. Close it.
func Serve(script Script) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return ServeOn(listener, "http", script), nil
}

// ServeTLS is Serve behind TLS.
func ServeTLS(config *tls.Config, script Script) (*Server, error) {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		return nil, err
	}
	return ServeOn(listener, "https", script), nil
}

// ServeOn is Serve on a listener of one's own, which Close closes.
func ServeOn(listener net.Listener, scheme string, script Script) *Server {
	s := &Server{
		URL: scheme + "://" + listener.Addr().String(), listener: listener, script: script,
		open: make(map[net.Conn]struct{}),
	}
	s.changed = sync.NewCond(&s.mu)
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
		number := s.accepted
		s.open[conn] = struct{}{}
		s.mu.Unlock()
		s.running.Go(func() { s.converse(conn, number) })
	}
}

// converse answers the requests of one connection.
func (s *Server) converse(conn net.Conn, number int) {
	defer func() {
		_ = conn.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, conn)
		s.changed.Broadcast()
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
			Method: parsed.Method, URI: parsed.RequestURI, Header: parsed.Header, Body: body, Connection: number,
			raw: bytes.Clone(raw.Bytes()),
		}
		raw.Reset()
		s.mu.Lock()
		s.requests = append(s.requests, request)
		count := len(s.requests)
		s.mu.Unlock()
		exchange := &Exchange{Request: request, Number: count, conn: conn}
		s.script(exchange)
		if exchange.over {
			return
		}
	}
}

// Requests returns what came so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Connections returns how many connections were accepted.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// AwaitQuiet waits until no connection is open. The error of ctx means that the
// client has forgotten one.
func (s *Server) AwaitQuiet(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.changed.Wait()
	}
	return nil
}

// Hangup closes the connections that are open, and goes on listening.
func (s *Server) Hangup() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close()
	}
}

// Close ends everything and waits for it.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.Hangup()
	s.running.Wait()
}
