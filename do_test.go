package flowretail_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

func TestDo_sendsAndDecodes(t *testing.T) {
	type sale struct {
		SaleUID string `json:"saleUid"`
		Total   int    `json:"total"`
	}
	w := &wire{RoundTripper: respond(200, "application/json", `{"saleUid":"s-1","total":12,"more":[]}`)}
	client := newClient(t, w)
	var out sale
	err := client.Do(t.Context(), &flowretail.Request{
		Operation: "put-sale", Method: "put", Path: "/tenants/{tenantUid}/sales/{saleUid}", PathValues: []string{"t", "s-1"},
		Query: url.Values{"dryRun": {"true"}}, Body: map[string]any{"pin": flowretail.NewSecret("marked-secret-pin")},
	}, &out, flowretail.Header("X-Trace", "1"))
	if err != nil || out != (sale{"s-1", 12}) {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := w.request.Method + " " + w.request.URL.RequestURI(); got != "PUT /v2/tenants/t/sales/s-1?dryRun=true" {
		t.Error(got)
	}
	sameJSON(t, "body", w.sent, []byte(`{"pin":"marked-secret-pin"}`))
	if w.request.Header.Get("X-Trace") != "1" || w.request.Header.Get("Authorization") == "" {
		t.Error("a header is missing")
	}
}

// uppercase is a type with its own UnmarshalJSON.
type uppercase string

func (u *uppercase) UnmarshalJSON(data []byte) error {
	*u = uppercase(strings.ToUpper(string(data)))
	return nil
}

func TestDo_customUnmarshalJSON(t *testing.T) {
	var whole uppercase
	if err := newClient(t, respond(200, "", `{"a":1}`)).Do(t.Context(), &flowretail.Request{Path: "/x"}, &whole); err != nil || whole != `{"A":1}` {
		t.Errorf("%q, %v", whole, err)
	}
	var part struct {
		A uppercase `json:"a"`
	}
	if err := newClient(t, respond(200, "", `{"a":"b"}`)).Do(t.Context(), &flowretail.Request{Path: "/x"}, &part); err != nil || part.A != `"B"` {
		t.Errorf("%q, %v", part.A, err)
	}
}

func TestDo_refusesOtherOrigins(t *testing.T) {
	for _, path := range []string{"", "x", "https://example.com/x", "//example.com/x", "/a/../b", "/a?b=c", "/a#b", "/a%2e%2e/b", "/..", "/a\\b", "/{x", "/./a"} {
		checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
			return c.Do(ctx, &flowretail.Request{Path: path}, nil)
		})
	}
	checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a/{b}"}, nil)
	})
	checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a", PathValues: []string{"b"}}, nil)
	})
	checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a", Method: "POST", Body: []byte("{}")}, nil)
	})
	checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error { return c.Do(ctx, nil, nil) })
	checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
		return c.Do(ctx, &flowretail.Request{Path: "/a", Method: "FE TCH"}, nil)
	})
}

func TestDo_emptyBody(t *testing.T) {
	var response flowretail.Response
	if err := newClient(t, respond(200, "", "")).Do(t.Context(), &flowretail.Request{Method: "HEAD", Path: "/x"}, nil, flowretail.CaptureResponse(&response)); err != nil || response.StatusCode != 200 {
		t.Errorf("%v, %+v", err, response)
	}
	var out flowretail.User
	err := newClient(t, respond(204, "", "")).Do(t.Context(), &flowretail.Request{Path: "/x"}, &out, flowretail.NoRetry())
	if !errors.Is(err, flowretail.ErrMalformedResponse) {
		t.Errorf("204 with a value to decode into: %v", err)
	}
}
