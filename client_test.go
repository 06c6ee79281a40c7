package flowretail_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

// A wire is a round tripper that keeps what went over it, both ways.
type wire struct {
	http.RoundTripper
	request  *http.Request
	sent     []byte
	received []byte
	calls    int
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	w.calls++
	w.request, w.sent = request, nil
	if request.Body != nil {
		w.sent, _ = io.ReadAll(request.Body)
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(w.sent))
	}
	response, err := w.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	w.received, err = io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(w.received))
	return response, err
}

// answering is a round tripper with one answer for everything.
type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(request *http.Request) (*http.Response, error) { return a(request) }

func answer(status int, contentType, body string) answering {
	return func(request *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Request: request,
			Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
		}, nil
	}
}

// newClient makes a client over a transport, with a token that everybody can see is none.
func newClient(t *testing.T, transport http.RoundTripper, opts ...flowretail.Option) *flowretail.Client {
	t.Helper()
	opts = append([]flowretail.Option{
		flowretail.WithToken("marked-secret-token"), flowretail.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)
	client, err := flowretail.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// trailing zeros of a timestamp's fraction, which say nothing
var trailingZeros = regexp.MustCompile(`(T\d\d:\d\d:\d\d(?:\.\d*[1-9])?)\.?0+Z`)

func sameJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var values [2]any
	for i, data := range [][]byte{got, want} {
		if err := json.Unmarshal(trailingZeros.ReplaceAll(data, []byte("${1}Z")), &values[i]); err != nil {
			t.Fatalf("%s: %v in %.300s", what, err, data)
		}
	}
	if !reflect.DeepEqual(values[0], values[1]) {
		t.Errorf("%s:\n got %.2000s\nwant %.2000s", what, got, want)
	}
}
