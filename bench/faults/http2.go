package main

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// A silenceResult is how workers come through an HTTP/2 connection that goes silent:
// neither side hears of the other any more, and no one closes it. New connections work.
type silenceResult struct {
	seconds float64 // until every worker has had a successful call
	failed  int     // calls
}

// runSilence uses real sockets and takes real time.
func runSilence() (result silenceResult, err error) {
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			panic("the request does not use HTTP/2")
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, userBody)
	}))
	api.EnableHTTP2 = true
	api.StartTLS()
	defer api.Close()
	proxy, err := newProxy(api.Listener.Addr().String())
	if err != nil {
		return result, err
	}
	defer proxy.close()
	remove, err := trust(api)
	if err != nil {
		return result, err
	}
	defer remove()
	client, err := flowretail.NewClient(flowretail.WithToken("no-token"), flowretail.WithBaseURL("https://"+proxy.listener.Addr().String()))
	if err != nil {
		return result, err
	}
	get := func() error {
		_, err := client.Users.Get(context.Background(), "t", "u")
		return err
	}
	if err := get(); err != nil {
		return result, err
	}
	proxy.silence()
	began := time.Now()
	var failed atomic.Int64
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for get() != nil {
				failed.Add(1)
			}
		})
	}
	workers.Wait()
	return silenceResult{time.Since(began).Seconds(), int(failed.Load())}, nil
}

// trust makes the certificate of a server one that this process trusts. It must come
// before the first certificate that the process verifies.
func trust(server *httptest.Server) (remove func(), err error) {
	folder, err := os.MkdirTemp("", "faults")
	if err != nil {
		return nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) }
	name := filepath.Join(folder, "certificate.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return remove, errors.Join(os.WriteFile(name, block, 0o600), os.Setenv("SSL_CERT_FILE", name))
}

// A proxy forwards connections to an address.
type proxy struct {
	listener net.Listener
	target   string

	mu          sync.Mutex
	connections []*forwarding
}

// A forwarding is a connection through the proxy.
type forwarding struct {
	client, server net.Conn
	silent         atomic.Bool // what arrives is read and thrown away
}

func newProxy(target string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: target}
	go p.accept()
	return p, nil
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		f := &forwarding{client: client, server: server}
		p.mu.Lock()
		p.connections = append(p.connections, f)
		p.mu.Unlock()
		go f.forward(client, server)
		go f.forward(server, client)
	}
}

func (f *forwarding) forward(to, from net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			if !f.silent.Load() {
				_ = to.Close()
			}
			return
		}
		if !f.silent.Load() {
			_, _ = to.Write(buffer[:n])
		}
	}
}

// silence makes all present connections silent.
func (p *proxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.connections {
		f.silent.Store(true)
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.connections {
		_ = f.client.Close()
		_ = f.server.Close()
	}
}
