package flowretailtest

import (
	"bytes"
	"net/http"
	"net/url"
	"time"
)

// A Request is one that the fake was sent. It has the tokens in clear.
type Request struct {
	Operation string // the operationId, such as "get-tenants-users"; "" for a path or method that the API does not have
	Method    string
	Path      string // as it was sent, with /v2
	Query     url.Values
	Header    http.Header
	Body      []byte
	Status    int // of the answer; 0 while there is none, and for good when the connection broke
	Time      time.Time
}

// An Exchange is a request with its answer.
type Exchange struct {
	Request  Request
	Status   int
	Header   http.Header
	Body     []byte
	Injected bool // the answer is that of a fault, and not the API's
}

// Requests returns the requests that were sent so far, in the order of their
// arrival. Those whose dial was refused are not among them.
func (f *Fake) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Request, len(f.records))
	for i, record := range f.records {
		all[i] = *record
	}
	return all
}

// ResetRequests forgets the requests that were sent so far.
func (f *Fake) ResetRequests() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records = nil
}

// record notes a request on its arrival; nil when nobody would look at it.
func (f *Fake) record(r *http.Request, header http.Header, to route, body []byte) *Request {
	if f.config.unrecorded && f.config.observer == nil {
		return nil
	}
	noted := &Request{
		Operation: to.id(),
		Method:    r.Method,
		Path:      r.URL.EscapedPath(),
		Query:     r.URL.Query(),
		Header:    header,
		Body:      body,
		Time:      time.Now(),
	}
	if !f.config.unrecorded {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.records = append(f.records, noted)
	}
	return noted
}

// answered completes the record of a request, and shows the exchange to the observer.
func (f *Fake) answered(noted *Request, with reply, injected bool) {
	if noted == nil {
		return
	}
	f.mu.Lock()
	noted.Status = with.status
	shown := *noted
	f.mu.Unlock()
	if f.config.observer != nil {
		f.config.observer(Exchange{Request: shown, Status: with.status, Header: with.header.Clone(), Body: bytes.Clone(with.body), Injected: injected})
	}
}
