package flowretailtest

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// ServeHTTP answers a request over a connection. Requests that wait for a
// latency end when the client goes away.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One byte more than is allowed shows that a body is too large.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone; net/http closes the connection silently
	}
	to := findRoute(r.Method, r.URL)
	end, err := f.serve(r.Context(), r, r.Header.Clone(), to, body, f.draw(to))
	switch {
	case err != nil:
		panic(http.ErrAbortHandler)
	case end.reset:
		reset(w)
		return
	}
	for name, values := range end.header {
		w.Header()[name] = values
	}
	if end.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(end.body)))
	}
	w.WriteHeader(end.status)
	if !end.cut {
		_, _ = w.Write(end.body)
		return
	}
	_, _ = w.Write(end.body[:len(end.body)/2])
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

// A Server is a fake that is served on loopback.
type Server struct {
	URL string // the base URL for WithBaseURL, such as http://127.0.0.1:41234/v2

	http   *http.Server
	served chan struct{}
}

// Serve serves the fake on a free port of loopback, until Close.
func (f *Fake) Serve() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &Server{
		URL:    "http://" + listener.Addr().String() + prefix,
		http:   &http.Server{Handler: f, ReadHeaderTimeout: time.Minute},
		served: make(chan struct{}),
	}
	go func() {
		defer close(server.served)
		_ = server.http.Serve(listener) // always ends with ErrServerClosed
	}()
	return server, nil
}

// Close ends all connections.
func (s *Server) Close() {
	_ = s.http.Close()
	<-s.served
}

// TB is what Start needs of a [testing.TB].
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start serves the fake on loopback until the test ends.
func (f *Fake) Start(t TB) *Server {
	t.Helper()
	server, err := f.Serve()
	if err != nil {
		t.Fatalf("flowretailtest: %v", err)
	}
	t.Cleanup(server.Close)
	return server
}
