package faultserver

import (
	"context"
	"net"
	"sync"
)

// A DialFunc is the DialContext function of an http.Transport.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// NewInMemory starts a server that is reached through the returned function. It
// opens no sockets, so that it works with testing/synctest. Reset closes a
// connection, because connections in memory cannot be reset.
func NewInMemory(handler Handler) (*Server, DialFunc) {
	l := &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	return serve(l, handler), l.dial
}

type memoryListener struct {
	conns     chan net.Conn
	closed    chan struct{}
	closeOnce sync.Once
}

func (l *memoryListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
}
