package main

import (
	"context"
	"net/http"

	flowretail "github.com/flowretail/flowretail-go"
)

// A client is one way to use the API. Its functions do the same work.
type client struct {
	name  string
	title string
	// list reads all users and hands them over, one after the other.
	list func(ctx context.Context, at target, base string, each func(email string)) error
	// get returns a function that reads one user and returns the e-mail address. Nil where list has no other client than another's.
	get func(at target, base string) (func(context.Context) (string, error), error)
	// decode decodes a page and returns the number of its users.
	decode func(data []byte) (int, error)
}

// The clients, in the order in which each round measures them.
var clients = []client{
	{name: "generated", title: "oapi-codegen", list: listGenerated, get: getGenerated, decode: decodeGenerated},
	{name: "handwritten", title: "net/http + encoding/json", list: listByHand, get: getByHand, decode: decodeByHand},
	{name: "handwritten8", title: "the same, 8 pages at once", list: listByHand8},
	{name: "sdk", title: "this SDK", list: listSDK(), get: getSDK, decode: decodeSDK},
	{name: "sdk8", title: "this SDK, Prefetch(8)", list: listSDK(flowretail.Prefetch(8))},
	{name: "bytes8", title: "(the bytes alone, 8 pages at once)", list: listBytes8},
}

func clientNamed(name string) (client, bool) {
	for _, c := range clients {
		if c.name == name {
			return c, true
		}
	}
	return client{}, false
}

// roomyClient is an http.Client that keeps as many connections as it needs; the
// default keeps two, and would dial again for most pages that are read at once.
func roomyClient(connections int) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = connections
	return &http.Client{Transport: transport}
}
