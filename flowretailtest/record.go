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
	RawQuery  string // as it was sent, without the ?
	Query     url.Values
	Header    http.Header
	Body      []byte
	Status    int // of the answer; 0 while there is none, and for good when the connection broke
	Time      time.Time
}

// An Exchange is a request with its answer.
type Exchange struct {
	Request  Request
	Status   int // 0 when the connection broke, or the client left, before an answer
	Header   http.Header
	Body     []byte
	Injected bool // a fault answered in the API's place, or broke the connection
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
	if f.config.unrecorded && len(f.config.observers) == 0 {
		return nil
	}
	noted := &Request{
		Operation: to.id(),
		Method:    r.Method,
		Path:      r.URL.EscapedPath(),
		RawQuery:  r.URL.RawQuery,
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

// ended completes the record of a request, and shows the exchange to the observers.
func (f *Fake) ended(noted *Request, end ending) {
	if noted == nil {
		return
	}
	with := end.reply
	if end.reset {
		with = reply{}
	}
	f.mu.Lock()
	noted.Status = with.status
	shown := *noted
	f.mu.Unlock()
	for _, observe := range f.config.observers {
		observe(Exchange{Request: shown, Status: with.status, Header: with.header.Clone(), Body: bytes.Clone(with.body), Injected: end.injected})
	}
}
