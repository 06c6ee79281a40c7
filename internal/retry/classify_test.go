package retry

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
)

// One row for each rule, with its reason.
func TestClassify(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for _, rule := range []struct {
		name    string
		got     Failure
		outcome Outcome
		retry   Permission
		why     string
	}{
		{"301 Moved", ClassifyStatus(301), Unknown, Never, "it may follow a write that was carried out"},
		{"302 Found", ClassifyStatus(302), Unknown, Never, "it may follow a write that was carried out"},
		{"307 Temporary Redirect", ClassifyStatus(307), Refused, Never, "the write is to be sent elsewhere, so it was not carried out here"},
		{"303 See Other", ClassifyStatus(303), Unknown, Never, "RFC 9110: it follows a write that was carried out"},
		{"304 Not Modified", ClassifyStatus(304), Refused, Never, "no request is conditional"},
		{"400 Bad Request", ClassifyStatus(400), Refused, Never, "the request stays invalid"},
		{"401 Unauthorized", ClassifyStatus(401), Refused, Never, "the token is refreshed by the authorization, not by a retry"},
		{"403 Forbidden", ClassifyStatus(403), Refused, Never, "the permission stays missing"},
		{"404 Not Found", ClassifyStatus(404), Refused, Never, "it stays missing"},
		{"408 Request Timeout", ClassifyStatus(408), Unknown, IfIdempotent, "a proxy may have passed the request on"},
		{"409 Conflict", ClassifyStatus(409), Refused, Never, "the conflict stays"},
		{"421 Misdirected Request", ClassifyStatus(421), Refused, Always, "RFC 9110: not processed, and another connection may do"},
		{"425 Too Early", ClassifyStatus(425), Refused, Always, "RFC 8470: not processed"},
		{"429 Too Many Requests", ClassifyStatus(429), Refused, Always, "rejected before processing"},
		{"499 of a proxy", ClassifyStatus(499), Refused, Never, "a 4xx like any other"},
		{"500 Internal Server Error", ClassifyStatus(500), Unknown, IfIdempotent, "it may have failed after the work"},
		{"501 Not Implemented", ClassifyStatus(501), Refused, Never, "a retry changes nothing"},
		{"502 Bad Gateway", ClassifyStatus(502), Unknown, IfIdempotent, "the API may have acted behind the gateway"},
		{"503 Service Unavailable", ClassifyStatus(503), Unknown, IfIdempotent, "with or without Retry-After it may have acted"},
		{"504 Gateway Timeout", ClassifyStatus(504), Unknown, IfIdempotent, "the API may still be working on it"},
		{"505 Version Not Supported", ClassifyStatus(505), Refused, Never, "a retry changes nothing"},
		{"520 of a proxy", ClassifyStatus(520), Unknown, IfIdempotent, "a 5xx like any other"},
		{"99, which is no status", ClassifyStatus(99), Unknown, IfIdempotent, "an invalid status counts as 5xx"},
		{"600, which is no status", ClassifyStatus(600), Unknown, IfIdempotent, "an invalid status counts as 5xx"},
		{"a refused connection, with proof", ClassifyError(dial, true), NotSent, Always, "nothing was sent"},
		{"a refused connection, without proof", ClassifyError(dial, false), Unknown, IfIdempotent, "a custom round tripper may have sent it before"},
		{"a name that is not found", ClassifyError(&net.DNSError{IsNotFound: true}, true), NotSent, Always, "name servers fail for a moment"},
		{"a certificate that is not trusted", ClassifyError(fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}), true), NotSent, Never, "a retry does not make it valid"},
		{"a reset", ClassifyError(reset, false), Unknown, IfIdempotent, "before or after the work"},
		{"a refused stream", ClassifyError(fmt.Errorf("send: %w", streamError{Code: refusedStream}), false), Refused, Always, "RFC 9113: not processed"},
		{"another reset of a stream", ClassifyError(streamError{Code: refusedStream + 1}, false), Unknown, IfIdempotent, "before or after the work"},
		{"a refused stream in net/http's text", ClassifyError(errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] after …"), false), Refused, Always, "not processed"},
		{"another reset in net/http's text", ClassifyError(errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; PROTOCOL_ERROR; received from peer] after …"), false), Unknown, IfIdempotent, "before or after the work"},
		{"the text in a response", ClassifyError(errors.New(`malformed HTTP response "http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; "`), false), Unknown, IfIdempotent, "the server wrote it"},
		{"a cut body", ClassifyError(io.ErrUnexpectedEOF, false), Unknown, IfIdempotent, "the API has acted, the response is lost"},
		{"a timeout of the attempt", ClassifyError(errors.New("timeout"), false), Unknown, IfIdempotent, "the API may still be working on it"},
		{"a 2xx response that cannot be decoded", ClassifyMalformed(false), Unknown, IfIdempotent, "the API has acted, the response is lost"},
		{"a complete 2xx response that lacks something", ClassifyMalformed(true), Unknown, Never, "the next response would lack it, too"},
	} {
		if rule.got != (Failure{rule.outcome, rule.retry}) {
			t.Errorf("%s: %+v, want outcome %d and retry %d, because %s", rule.name, rule.got, rule.outcome, rule.retry, rule.why)
		}
	}
}

func TestPermission_Allows(t *testing.T) {
	for permission, want := range map[Permission][2]bool{Never: {false, false}, IfIdempotent: {false, true}, Always: {true, true}} {
		if got := [2]bool{permission.Allows(false), permission.Allows(true)}; got != want {
			t.Errorf("permission %d: %v for a call that is not idempotent and one that is, want %v", permission, got, want)
		}
	}
}

func TestIsDialError(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want bool
	}{
		"refused":                    {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"wrapped":                    {fmt.Errorf("call: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), true},
		"the name server fails":      {&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}, true},
		"the name does not exist":    {&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, false},
		"an error of a connection":   {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, false},
		"an error of something else": {io.EOF, false},
	} {
		if IsDialError(row.err) != row.want {
			t.Errorf("%s: not %v", name, row.want)
		}
	}
}

func TestIsReset(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want bool
	}{
		"reset while reading":  {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		"reset while writing":  {&net.OpError{Op: "write", Err: syscall.EPIPE}, true},
		"closed":               {fmt.Errorf("call: %w", io.EOF), true},
		"closed in a response": {io.ErrUnexpectedEOF, true},
		"timeout":              {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, false},
		"refused":              {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
		"TLS alert":            {&net.OpError{Op: "remote error", Err: errors.New("handshake failure")}, false},
		"something else":       {errors.New("something else"), false},
	} {
		if IsReset(row.err) != row.want {
			t.Errorf("%s: not %v", name, row.want)
		}
	}
}
