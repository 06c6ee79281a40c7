package flowretailtest

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// ServeHTTP makes a Fake an [http.Handler]. A request that waits for a latency
// ends when the client disconnects.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One byte more than is allowed shows that a body is too large.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client has disconnected; net/http logs nothing
	}
	to := findRoute(r.Method, r.URL)
	c := &call{route: to, request: r, header: r.Header.Clone(), body: body}
	res, err := f.serve(r.Context(), c, f.nextFault(to))
	switch {
	case err != nil:
		panic(http.ErrAbortHandler)
	case res.reset:
		reset(w)
		return
	}
	for name, values := range res.header {
		w.Header()[name] = values
	}
	if res.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(res.body)))
	}
	w.WriteHeader(res.status)
	if !res.cut {
		_, _ = w.Write(res.body)
		return
	}
	_, _ = w.Write(res.body[:len(res.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// reset closes a connection so that the client sees a reset and not an end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// A Server serves a fake on loopback. Start one with [Fake.Start] or [Fake.Serve].
type Server struct {
	URL string // the base URL for WithBaseURL, such as http://127.0.0.1:41234/v2

	server  *http.Server
	serving sync.WaitGroup
}

// Serve starts a server for the fake on a free port of 127.0.0.1. It runs until
// Close is called.
func (f *Fake) Serve() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:    "http://" + listener.Addr().String() + basePath,
		server: &http.Server{Handler: f, ReadHeaderTimeout: time.Minute},
	}
	s.serving.Go(func() { _ = s.server.Serve(listener) }) // returns ErrServerClosed
	return s, nil
}

// Close stops the server and closes all its connections.
func (s *Server) Close() {
	_ = s.server.Close()
	s.serving.Wait()
}

// TB has the methods of [testing.TB] that Start uses.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start starts a server for the fake, like [Fake.Serve], and closes it when the
// test ends. It ends the test when the server cannot be started.
func (f *Fake) Start(t TB) *Server {
	t.Helper()
	server, err := f.Serve()
	if err != nil {
		t.Fatalf("flowretailtest: %v", err)
	}
	t.Cleanup(server.Close)
	return server
}
