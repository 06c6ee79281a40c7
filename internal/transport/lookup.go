package transport

import (
	"maps"
	"net/http"

	"github.com/flowretail/flowretail-go/internal/retry"
)

// lookup sends the lookup in place of a create whose outcome is unknown. Its
// response goes up like any other: 2xx means that the resource is there, and
// after a 404 the create is sent again.
type lookup struct{ next http.RoundTripper }

func (l lookup) RoundTrip(request *http.Request) (*http.Response, error) {
	p := progressOf(request.Context())
	if !p.lookingUp {
		return l.next.RoundTrip(request)
	}
	header := maps.Clone(request.Header)
	header.Del("Content-Type")
	find := (&http.Request{
		Method: p.Lookup.Operation.Method, URL: p.Lookup.URL, Host: p.Lookup.URL.Host, Header: header,
		Proto: request.Proto, ProtoMajor: request.ProtoMajor, ProtoMinor: request.ProtoMinor,
	}).WithContext(request.Context())
	return l.next.RoundTrip(find)
}

// needsLookup reports whether only a lookup can say if the create was carried out:
// its outcome is unknown, or it got a 409 after an attempt of unknown outcome, which
// may itself have created the resource. That lookup is sent even when no attempt is
// left.
func (p *progress) needsLookup(failure retry.Failure, earlier retry.Outcome) bool {
	if p.Lookup == nil || p.lookingUp {
		return false
	}
	return failure.Outcome == retry.Unknown || earlier == retry.Unknown && p.latest.status() == http.StatusConflict
}

// startLookup makes the next request the lookup, unless the latest one was it.
func (p *progress) startLookup() {
	if !p.lookingUp {
		p.latest.keepBody()
		p.lookingUp, p.beforeLookup = true, p.latest
	}
}

// lookupFoundNothing decides after a lookup that got a 404: the create is sent again,
// at once. The lookup does not count as an attempt. A create that got a 409 is not
// sent again, because it would get the same 409.
func (p *progress) lookupFoundNothing(maxAttempts int) decision {
	p.latest, p.lookingUp = p.beforeLookup, false
	p.freeRequests++
	if p.latest.status() == http.StatusConflict {
		return decision{}
	}
	if p.countedAttempts() >= maxAttempts {
		return decision{retryable: true, notRetried: attemptsExhausted(maxAttempts)}
	}
	return decision{retryable: true, again: true}
}
