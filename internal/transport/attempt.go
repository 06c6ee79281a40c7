package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/flowretail/flowretail-go/internal/redact"
)

// attempt sends one request and reads the whole response, so that an incomplete
// body is a failed attempt. It records the response and the error in progress.latest;
// retry adds the errors of decoding and waiting.
type attempt struct {
	next       http.RoundTripper
	timeout    time.Duration // 0: none
	timeoutErr error
	maxBytes   int64
}

func (a attempt) RoundTrip(request *http.Request) (*http.Response, error) {
	p := progressOf(request.Context())
	p.retryReserved = false      // the retry, if this is one, is being sent
	if request.Response == nil { // else it follows a redirect and belongs to the same attempt
		p.requests++
	}
	ctx := p.withInfo(request.Context())
	if a.timeout > 0 {
		limited, cancel := context.WithTimeoutCause(ctx, a.timeout, a.timeoutErr)
		defer cancel()
		ctx = limited
	}
	if p.latest.timedOut {
		a.closeIdleConnections()
	}
	began := time.Now()
	response, err := a.send(request.WithContext(ctx), p)
	p.latest.timedOut = err != nil && errors.Is(err, a.timeoutErr)
	p.latest.Err, p.latest.decodeFailed = err, false
	p.log(ctx, time.Since(began))
	return response, err
}

// closeIdleConnections closes connections that are not in use, as a connection of
// HTTP/2 is after its request has timed out. It may lead nowhere, so the next attempt
// must not use it. (One of HTTP/1.1 is closed with its request.)
func (a attempt) closeIdleConnections() {
	if base, ok := a.next.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (a attempt) send(request *http.Request, p *progress) (*http.Response, error) {
	ctx := request.Context()
	var trace connectionTrace
	response, err := a.next.RoundTrip(request.WithContext(trace.watch(ctx)))
	p.latest.failedBeforeSend, p.latest.noResponse = trace.failedBeforeSend(), err != nil
	switch {
	case err != nil:
		return nil, causeOf(ctx, err)
	case response == nil:
		return nil, errors.New("the round tripper returned neither a response nor an error")
	case response.Body == nil:
		response.Body = http.NoBody // as net/http takes it
	case response.StatusCode == http.StatusSwitchingProtocols:
		// The body is the connection itself, which no context ends.
		_ = response.Body.Close()
		response.Body = http.NoBody
	}
	success := response.StatusCode >= 200 && response.StatusCode < 300
	limit := a.maxBytes
	if !success {
		limit = min(limit, maxErrorBytes)
	}
	p.buffer.release()
	p.buffer, err = readBody(response, limit)
	p.latest.Response = &Response{Status: response.StatusCode, Header: response.Header, Body: p.buffer.bytes}
	response.Body = http.NoBody // the body is in p.latest from here on
	if success && err != nil {
		return nil, causeOf(ctx, err)
	}
	return response, nil // the status of an error is enough, its body may be incomplete
}

// causeOf returns the reason why ctx has ended, which transports report in several
// ways, and err while it has not.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// log writes a record about an attempt: no header, no body, no query.
func (p *progress) log(ctx context.Context, duration time.Duration) {
	if p.Logger == nil || !p.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	info, _ := InfoFrom(ctx)
	attributes := []slog.Attr{
		slog.String("operation", info.ID),
		slog.Int("attempt", info.Attempt),
		slog.Duration("duration", duration),
	}
	if p.latest.Err != nil {
		attributes = append(attributes, slog.String("error", redact.Message(p.latest.Err.Error(), p.secrets)))
	} else {
		attributes = append(attributes, slog.Int("status", p.latest.Response.Status))
	}
	p.Logger.LogAttrs(ctx, slog.LevelDebug, "flowretail attempt", attributes...)
}

// A connectionTrace is what a transport reports about connections while it sends.
type connectionTrace struct{ wanted, got atomic.Bool }

func (c *connectionTrace) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.got.Store(true) },
	})
}

// failedBeforeSend reports whether the transport wanted a connection and got none:
// then nothing was sent. It reports false if the transport calls no trace hooks.
func (c *connectionTrace) failedBeforeSend() bool { return c.wanted.Load() && !c.got.Load() }
