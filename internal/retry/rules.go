// Package retry holds the rules of repetition: what may be sent again, when,
// and how often, so that nothing is done twice and an outage is not made worse.
package retry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// A Fate is what became of an attempt.
type Fate uint8

const (
	// NotSent attempts never reached the API; there is proof of it.
	NotSent Fate = iota
	// Refused attempts were answered with a no: the API did not act on them.
	Refused
	// Unknown attempts may or may not have been carried out.
	Unknown
)

// A Repetition says which operations may be sent again after an attempt.
type Repetition uint8

const (
	// Never means that another attempt would end the same way.
	Never Repetition = iota
	// IfRepeatable means that only operations that may be carried out twice are sent again.
	IfRepeatable
	// Always means that the API did not act, so that any operation may be sent again.
	Always
)

// A Verdict is what follows from an attempt that did not succeed.
type Verdict struct {
	Fate   Fate
	Repeat Repetition
}

// JudgeStatus judges an answer outside 2xx.
func JudgeStatus(status int) Verdict {
	switch status {
	case http.StatusTooManyRequests:
		// Turned away at the door, whatever the method.
		return Verdict{Refused, Always}
	case http.StatusMisdirectedRequest, http.StatusTooEarly:
		// RFC 9110 15.5.20 and RFC 8470 5.2: the server declined to process
		// the request, and a client may send it again.
		return Verdict{Refused, Always}
	case http.StatusRequestTimeout:
		// By RFC 9110 15.5.9 the request did not arrive whole, but proxies also
		// say so about a request that they have passed on.
		return Verdict{Unknown, IfRepeatable}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		// RFC 9110 15.4.4, and common use of the other two: the answer to a write
		// that was carried out. 307 and 308 ask for the write to be sent elsewhere.
		return Verdict{Unknown, Never}
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		// The server cannot do this at all; it will not learn it in a second.
		return Verdict{Refused, Never}
	}
	if status >= 500 || status < 200 {
		// The API may have failed before, during or after the work. That holds
		// with Retry-After too: it says when to come back, not what was done.
		// By RFC 9110 15 what is no status at all counts as one of these.
		return Verdict{Unknown, IfRepeatable}
	}
	// 3xx are redirects that are not followed, 4xx are mistakes of the caller:
	// the same request would meet the same answer.
	return Verdict{Refused, Never}
}

// JudgeError judges an attempt that ended without a whole answer. A failure is
// notSent only with proof; a custom round tripper may not give it.
func JudgeError(err error, notSent bool) Verdict {
	verdict := Verdict{Unknown, IfRepeatable}
	if notSent {
		verdict = Verdict{NotSent, Always}
	}
	if isCertificateError(err) {
		// No certificate becomes valid by asking again.
		verdict.Repeat = Never
	}
	return verdict
}

// JudgeAnswer judges a 2xx answer that cannot be read: the API has probably
// acted, and its word for it is lost. A final one is whole, and would come again.
func JudgeAnswer(final bool) Verdict {
	if final {
		return Verdict{Unknown, Never}
	}
	return Verdict{Unknown, IfRepeatable}
}

func isCertificateError(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &invalid)
}
