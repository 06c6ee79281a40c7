package flowretail_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// Types and values of HTTP/2 frames (RFC 9113).
const (
	frameHeaders   = 1
	frameRSTStream = 3
	frameSettings  = 4
	flagACK        = 1
)

// resetStreams serves HTTP/2 on a connection: it resets every stream with a code and
// counts them.
func resetStreams(connection net.Conn, code uint32, streams *atomic.Int32) {
	defer connection.Close()
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(connection, preface); err != nil {
		return
	}
	writeFrame(connection, frameSettings, 0, 0, nil)
	for {
		header := make([]byte, 9)
		if _, err := io.ReadFull(connection, header); err != nil {
			return
		}
		length := int64(header[0])<<16 | int64(header[1])<<8 | int64(header[2])
		if _, err := io.CopyN(io.Discard, connection, length); err != nil {
			return
		}
		switch kind, flags := header[3], header[4]; {
		case kind == frameSettings && flags&flagACK == 0:
			writeFrame(connection, frameSettings, flagACK, 0, nil)
		case kind == frameHeaders:
			streams.Add(1)
			writeFrame(connection, frameRSTStream, 0, binary.BigEndian.Uint32(header[5:]), binary.BigEndian.AppendUint32(nil, code))
		}
	}
}

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload []byte) {
	frame := append([]byte{0, 0, byte(len(payload)), kind, flags}, binary.BigEndian.AppendUint32(nil, stream)...)
	_, _ = w.Write(append(frame, payload...))
}

// A read that timed out is sent again on another connection. Here the first connection
// never responds, as if a balancer had forgotten it.
func TestHTTP2_silentConnection(t *testing.T) {
	var connections atomic.Int32
	type connectionKey struct{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 && r.Context().Value(connectionKey{}) == int32(1) {
			<-r.Context().Done()
			return
		}
		respondOK(w, r)
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, connections.Add(1))
	}
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	policy := fastRetries()
	policy.AttemptTimeout = 500 * time.Millisecond
	client := newClient(t, server.Client().Transport, flowretail.WithBaseURL(server.URL), flowretail.WithRetryPolicy(policy))
	must[*flowretail.User](t)(client.Users.Get(t.Context(), "t-1", "u-1"))
	if connections.Load() < 2 {
		t.Errorf("%d connections", connections.Load())
	}
}

// A server that resets a stream with REFUSED_STREAM has not processed the request.
// After another code the outcome is unknown.
func TestHTTP2_refusedStream(t *testing.T) {
	const refused, internalError = 7, 2
	for code, want := range map[uint32]flowretail.Outcome{refused: flowretail.ErrRefused, internalError: flowretail.ErrOutcomeUnknown} {
		certificates := httptest.NewTLSServer(http.NotFoundHandler())
		defer certificates.Close()
		listener := must[net.Listener](t)(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
			Certificates: certificates.TLS.Certificates, NextProtos: []string{"h2"},
		}))
		defer listener.Close()
		var streams atomic.Int32
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				go resetStreams(connection, code, &streams)
			}
		}()
		transport := certificates.Client().Transport.(*http.Transport).Clone()
		transport.ForceAttemptHTTP2 = true
		defer transport.CloseIdleConnections()
		client := newClient(t, transport, flowretail.WithBaseURL("https://"+listener.Addr().String()))
		// With NoRetry, because net/http itself waits and tries again after REFUSED_STREAM.
		_, create := client.Tokens.Create(t.Context(), "t-1", "u-1", flowretail.NoRetry())
		remove := client.Users.Delete(t.Context(), "t-1", "u-1", flowretail.NoRetry())
		for _, err := range []error{create, remove} {
			if !errors.Is(err, want) {
				t.Errorf("code %d: %v", code, err)
			}
		}
		if streams.Load() != 2 {
			t.Errorf("code %d: %d requests were sent", code, streams.Load())
		}
	}
}
