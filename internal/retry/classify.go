// Package retry has the rules of retries: which failed requests may be sent
// again, after which wait, and how many retries all calls of a client may make.
package retry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// An Outcome says what became of a request. A larger value is a worse outcome.
type Outcome uint8

const (
	// NotSent requests never reached the API; there is proof.
	NotSent Outcome = iota
	// Refused requests reached the API, and it did not act on them.
	Refused
	// Unknown requests may have been carried out.
	Unknown
)

// A Permission says which requests may be sent again after a failure.
type Permission uint8

const (
	// Never means that a second request would fail in the same way.
	Never Permission = iota
	// IfIdempotent permits a retry of idempotent requests only.
	IfIdempotent
	// Always permits a retry of every request: the API did not act on the first.
	Always
)

// Allows reports whether a request may be sent again.
func (p Permission) Allows(idempotent bool) bool {
	return p == Always || p == IfIdempotent && idempotent
}

// A Failure is the class of a failed request.
type Failure struct {
	Outcome Outcome
	Retry   Permission
}

// ClassifyStatus classifies a response outside 2xx by its status code.
func ClassifyStatus(status int) Failure {
	switch status {
	case http.StatusTooManyRequests:
		// Rejected before processing, whatever the method.
		return Failure{Refused, Always}
	case http.StatusMisdirectedRequest, http.StatusTooEarly:
		// RFC 9110 15.5.20 and RFC 8470 5.2: the server did not process the
		// request, and a client may send it again.
		return Failure{Refused, Always}
	case http.StatusRequestTimeout:
		// RFC 9110 15.5.9: the request did not arrive completely. But proxies also
		// send 408 for a request that they have passed on.
		return Failure{Unknown, IfIdempotent}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		// RFC 9110 15.4.4, and common use of 301 and 302: the response to a write
		// that was carried out. 307 and 308 mean that it was not.
		return Failure{Unknown, Never}
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		// The server does not support the request; a retry changes nothing.
		return Failure{Refused, Never}
	}
	if status >= 500 || status < 200 {
		// The API may have failed before, during or after the work, with or
		// without Retry-After. RFC 9110 15: an invalid status counts as 5xx.
		return Failure{Unknown, IfIdempotent}
	}
	// A redirect that is not followed, or a 4xx: a retry gets the same response.
	return Failure{Refused, Never}
}

// ClassifyError classifies an attempt that ended without a complete response.
// failedBeforeSend means that there is proof that nothing was sent; a custom
// round tripper may not provide it.
func ClassifyError(err error, failedBeforeSend bool) Failure {
	failure := Failure{Unknown, IfIdempotent}
	switch {
	case failedBeforeSend:
		failure = Failure{NotSent, Always}
	case isRefusedStream(err):
		// RFC 9113 8.7: the server did not process the request.
		failure = Failure{Refused, Always}
	}
	if isCertificateError(err) {
		// A retry does not make a certificate valid.
		failure.Retry = Never
	}
	return failure
}

// ClassifyMalformed classifies a 2xx response that cannot be decoded: the API
// has probably acted. complete means that nothing is missing from the response,
// so that a retry would get it again.
func ClassifyMalformed(complete bool) Failure {
	if complete {
		return Failure{Unknown, Never}
	}
	return Failure{Unknown, IfIdempotent}
}

// A streamError is the error of an HTTP/2 stream. The type in net/http is not
// exported, but its As method fills a struct with the same fields.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (streamError) Error() string { return "HTTP/2 stream error" }

// IsDialError reports whether no connection was made to a host that exists.
func IsDialError(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	name, isName := errors.AsType[*net.DNSError](err)
	return ok && operation.Op == "dial" && !(isName && name.IsNotFound)
}

// IsReset reports whether the other side ended the connection.
func IsReset(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		ok && (operation.Op == "read" || operation.Op == "write") && !operation.Timeout()
}

// isRefusedStream reports whether the server reset an HTTP/2 stream with REFUSED_STREAM.
func isRefusedStream(err error) bool {
	if stream, ok := errors.AsType[streamError](err); ok {
		return stream.Code == refusedStream
	}
	// net/http does not wrap the error of a request that it cannot send again. The server
	// has no influence on the beginning of this text.
	text := err.Error()
	return strings.HasPrefix(text, "http2: Transport: cannot retry err [stream error: ") && strings.Contains(text, "; REFUSED_STREAM; ")
}

const refusedStream = 7 // the code REFUSED_STREAM

func isCertificateError(err error) bool {
	return has[*tls.CertificateVerificationError](err) || has[x509.UnknownAuthorityError](err) ||
		has[x509.HostnameError](err) || has[x509.CertificateInvalidError](err)
}

// has reports whether err is, or wraps, an error of type E.
func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
