package transport

import (
	"maps"
	"net/http"
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
