package main

import (
	"context"
	"net/http"

	flowretail "github.com/flowretail/flowretail-go"
)

// A client is a way to use the API.
type client struct {
	name  string
	title string
	// list reads all users and calls each with their e-mail addresses.
	list func(ctx context.Context, t target, each func(email string)) error
	// get returns a function that reads one user and returns its e-mail address.
	// get and decode are nil if they are those of another client.
	get func(t target) (func(context.Context) (string, error), error)
	// decode decodes a page and returns the number of its users.
	decode func(data []byte) (int, error)
}

// clients are the clients, in the order in which each round measures them.
var clients = []client{
	{name: "generated", title: "oapi-codegen", list: listGenerated, get: getGenerated, decode: decodeGenerated},
	{name: "handwritten", title: "net/http + encoding/json", list: listHandwritten, get: getHandwritten, decode: decodeHandwritten},
	{name: "handwritten8", title: "the same, 8 pages in parallel", list: listHandwritten8},
	{name: "sdk", title: "this SDK", list: listSDK(), get: getSDK, decode: decodeSDK},
	{name: "sdk8", title: "this SDK, Prefetch(8)", list: listSDK(flowretail.Prefetch(8))},
	{name: "bytes8", title: "(the bytes only, 8 pages in parallel)", list: listBytes8},
}

func clientNamed(name string) (client, bool) {
	for _, c := range clients {
		if c.name == name {
			return c, true
		}
	}
	return client{}, false
}

// newHTTPClient returns an http.Client that keeps more idle connections than the
// default of two, and so does not open a new one for each parallel request.
func newHTTPClient(connections int) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = connections
	return &http.Client{Transport: transport}
}
