package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	flowretail "github.com/flowretail/flowretail-go"
)

// A caller makes one call, a read, and reports whether it succeeded.
type caller func(ctx context.Context) bool

// contenders are the ways to make a call that are compared.
var contenders = []struct {
	name string
	make func(http.RoundTripper) caller
}{
	{"go-retryablehttp", plainCaller},
	{"this SDK", sdkCaller},
}

const userBody = `{"tenantUserUid":"u","tenantUid":"t"}`

func sdkCaller(transport http.RoundTripper) caller {
	client := newClient(transport)
	return func(ctx context.Context) bool {
		_, err := client.Users.Get(ctx, "t", "u")
		return err == nil
	}
}

func newClient(transport http.RoundTripper) *flowretail.Client {
	client, err := flowretail.NewClient(flowretail.WithToken("no-token"), flowretail.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		panic(err)
	}
	return client
}

// plainCaller uses go-retryablehttp with its defaults.
func plainCaller(transport http.RoundTripper) caller {
	client := newRetrying(transport)
	return func(ctx context.Context) bool {
		request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, flowretail.ProductionURL+"/tenants/t/users/u", nil)
		if err != nil {
			panic(err)
		}
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		return err == nil && response.StatusCode == http.StatusOK
	}
}

func newRetrying(transport http.RoundTripper) *retryablehttp.Client {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: transport}
	client.Logger = nil
	return client
}

// serve makes a round tripper of a function, with a latency in front of it.
type serve struct {
	latency time.Duration
	answer  func(*http.Request) (int, http.Header, string)
}

func (s serve) RoundTrip(request *http.Request) (*http.Response, error) {
	timer := time.NewTimer(s.latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-request.Context().Done():
		return nil, errors.New("the request was given up")
	}
	status, header, body := s.answer(request)
	return respond(request, status, header, body), nil
}

func respond(request *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: request,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}
