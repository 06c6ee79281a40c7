package flowretailtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// A Request is a request that the fake received. Tokens are in clear text.
type Request struct {
	Operation string // the operationId, such as "get-tenants-users"; "" for an unknown path or method
	Method    string
	Path      string // as it was sent, with /v2
	RawQuery  string // as it was sent, without the ?
	Query     url.Values
	Header    http.Header
	Body      []byte
	Status    int // of the response; 0 before the response, or when the connection broke
	Time      time.Time
}

// An Exchange is a request with its response.
type Exchange struct {
	Request  Request
	Status   int // 0 when there was no response: the connection broke, or the client canceled the request
	Header   http.Header
	Body     []byte
	Injected bool // whether a fault made the response, or broke the connection
}

// ExchangesFile is the environment variable with the name of a file to which the
// fakes of all processes append their exchanges: an [Exchange] as JSON on each
// line, with tokens in clear text. By default nothing is written.
const ExchangesFile = "FLOWRETAILTEST_EXCHANGES_FILE"

// Requests returns the requests that were received so far, in order. Requests
// whose connection was refused are not among them.
func (f *Fake) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return views(f.requests, func(r *Request) Request { return *r })
}

// ResetRequests empties the list that [Fake.Requests] returns.
func (f *Fake) ResetRequests() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = nil
}

// recordRequest records a request when it is received. The result is nil when
// neither records nor observers need it.
func (f *Fake) recordRequest(c *call) *Request {
	if f.config.unrecorded && len(f.config.observers) == 0 {
		return nil
	}
	recorded := &Request{
		Operation: c.operationID(),
		Method:    c.request.Method,
		Path:      c.request.URL.EscapedPath(),
		RawQuery:  c.request.URL.RawQuery,
		Query:     c.request.URL.Query(),
		Header:    c.header,
		Body:      c.body,
		Time:      time.Now(),
	}
	if !f.config.unrecorded {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.requests = append(f.requests, recorded)
	}
	return recorded
}

// recordResult adds the result to a recorded request and calls the observers.
func (f *Fake) recordResult(recorded *Request, res wireResponse) {
	if recorded == nil {
		return
	}
	if res.reset {
		res = wireResponse{injected: res.injected} // the client gets no response
	}
	f.mu.Lock()
	recorded.Status = res.status
	request := *recorded
	f.mu.Unlock()
	for _, observe := range f.config.observers {
		observe(Exchange{
			Request: request, Status: res.status, Header: res.header.Clone(), Body: bytes.Clone(res.body), Injected: res.injected,
		})
	}
}

// writeExchange returns the function that appends to the file of ExchangesFile;
// nil when the variable is not set.
var writeExchange = sync.OnceValue(func() func(Exchange) {
	name := os.Getenv(ExchangesFile)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(fmt.Sprintf("flowretailtest: %s: %v", ExchangesFile, err))
	}
	return func(exchange Exchange) {
		line, err := json.Marshal(exchange)
		if err == nil {
			// A single write keeps the lines of several processes apart.
			_, err = file.Write(append(line, '\n'))
		}
		if err != nil {
			panic(fmt.Sprintf("flowretailtest: %s: %v", ExchangesFile, err))
		}
	}
})
