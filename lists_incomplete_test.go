package flowretail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// listOf serves a list of users on pages of the requested size. respondTo may return another
// response to a request for a page.
func listOf(length int, respondTo func(page int) http.RoundTripper) roundTripFunc {
	return func(request *http.Request) (*http.Response, error) {
		query := request.URL.Query()
		page, _ := strconv.Atoi(query.Get("pageNumber"))
		size, _ := strconv.Atoi(query.Get("pageSize"))
		if respondTo != nil {
			if other := respondTo(page); other != nil {
				return other.RoundTrip(request)
			}
		}
		var items []string
		for n := (page - 1) * size; n < min(length, page*size); n++ {
			items = append(items, fmt.Sprintf(`{"tenantUserUid":"u-%d"}`, n))
		}
		body := fmt.Sprintf(`{"items":[%s],"paging":{"pageNumber":%d,"pageSize":%d,"totalCount":%d}}`, strings.Join(items, ","), page, size, length)
		return respond(200, "application/json", body)(request)
	}
}

var notFoundByAPI = respond(404, "application/json", `{"code":"NOT_FOUND","message":"no such page"}`)

// refuse refuses some requests for page 2, as many as times.
func refuse(times int, with http.RoundTripper) func(page int) http.RoundTripper {
	return func(page int) http.RoundTripper {
		if page != 2 || times == 0 {
			return nil
		}
		times--
		return with
	}
}

// A 404 is not the end of a list whose totals say that items are missing.
func TestUsersAll_notFoundInTheMiddle(t *testing.T) {
	gateway := respond(404, "text/html", "<html>no upstream</html>")
	for _, options := range [][]flowretail.IterOption{{flowretail.Prefetch(1)}, {flowretail.Prefetch(1), flowretail.Complete()}} {
		for times, test := range []struct {
			with  http.RoundTripper
			users int
			err   string
		}{
			0: {notFoundByAPI, 1500, ""},
			1: {notFoundByAPI, 1500, ""},
			2: {notFoundByAPI, 1500, ""},
			3: {notFoundByAPI, 1500, ""},
			4: {notFoundByAPI, 1000, "page 2: it is refused as past the end, although the list should have 1500 items: 404 Not Found: no such page"},
			5: {gateway, 1000, "404 Not Found, body: <html>no upstream</html>"},
		} {
			if test.users == 1500 {
				test.err = ""
			}
			client := newClient(t, listOf(1500, refuse(times, test.with)))
			users, err := flowretail.Collect(client.Users.All(t.Context(), "t", nil, options...))
			if test.err == "" {
				if err != nil || len(users) != test.users {
					t.Errorf("%d times: %d users, %v", times, len(users), err)
				}
				continue
			}
			if !errors.Is(err, flowretail.ErrNotFound) || !strings.Contains(err.Error(), test.err) || len(users) != test.users {
				t.Errorf("%d times: %d users, %v", times, len(users), err)
			}
		}
	}
}

// The items come, and then an error that says how many are missing.
func TestUsersAll_incomplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		withTotal := func(body string) roundTripFunc {
			return func(request *http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				page := request.URL.Query().Get("pageNumber")
				if page != "1" {
					body = `{"items":[],"paging":{"pageNumber":` + page + `,"pageSize":1000,"totalCount":95}}`
				}
				return respond(200, "application/json", body)(request)
			}
		}
		for _, options := range [][]flowretail.IterOption{{flowretail.Prefetch(1)}, {flowretail.Prefetch(1), flowretail.Complete()}} {
			empty := withTotal(`{"items":[],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":95}}`)
			users, err := flowretail.Collect(newClient(t, empty).Users.All(t.Context(), "t", nil, options...))
			failed := callError(t, err)
			if !errors.Is(err, flowretail.ErrListIncomplete) || errors.Is(err, flowretail.ErrMalformedResponse) || len(users) != 0 {
				t.Errorf("%d users, %v", len(users), err)
			}
			want := "flowretail: Users.All (get-tenants-users): list incomplete: 0 items were read, and the list should have 95, 3 requests in 3s"
			if err.Error() != want || failed.Attempts != 3 || failed.Elapsed != 3*time.Second {
				t.Errorf("%d attempts in %s: %v", failed.Attempts, failed.Elapsed, err)
			}
		}
	})
}

// The error of a page that contradicts the request counts the requests of the iterator.
func TestUsersAll_errorCountsRequests(t *testing.T) {
	other := respond(200, "application/json", `{"items":[],"paging":{"pageNumber":9,"pageSize":10,"totalCount":30}}`)
	client := newClient(t, listOf(30, func(page int) http.RoundTripper {
		if page == 3 {
			return other
		}
		return nil
	}))
	opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 10}}
	_, err := flowretail.Collect(client.Users.All(t.Context(), "t", opts, flowretail.Prefetch(1)))
	failed := callError(t, err)
	if !errors.Is(err, flowretail.ErrMalformedResponse) || failed.Attempts != 3 || failed.Elapsed <= 0 {
		t.Errorf("%d attempts in %s: %v", failed.Attempts, failed.Elapsed, err)
	}
}

// An iterator that is refused forgets the response of an earlier call.
func TestAll_refusedForgetsResponse(t *testing.T) {
	client := newClient(t, listOf(3, nil))
	var response flowretail.Response
	capture := flowretail.CaptureResponse(&response)
	for name, refused := range map[string]func() error{
		"option": func() error {
			_, err := flowretail.Collect(client.Users.All(t.Context(), "t", nil, capture, flowretail.Prefetch(-1)))
			return err
		},
		"All": func() error {
			_, err := flowretail.Collect(flowretail.All(t.Context(), client, nil, func(*int) string { return "" }, capture))
			return err
		},
		"Complete": func() error {
			_, err := flowretail.Collect(client.Tokens.All(t.Context(), "t", "u", capture, flowretail.Complete()))
			return err
		},
	} {
		if _, err := flowretail.Collect(client.Users.All(t.Context(), "t", nil, capture)); err != nil || response.StatusCode != 200 {
			t.Fatal(response.StatusCode, err)
		}
		if err := refused(); !errors.Is(err, flowretail.ErrInvalidRequest) || response.StatusCode != 0 {
			t.Errorf("%s: status %d, %v", name, response.StatusCode, err)
		}
	}
}

// A panicking is an item that panics when it is decoded.
type panicking struct{}

func (*panicking) UnmarshalJSON([]byte) error { panic("broken UnmarshalJSON") }

// Requests run on other goroutines. The consumer can recover their panics.
func TestAll_panics(t *testing.T) {
	recovered := func(iterate func()) (value any) {
		defer func() { value = recover() }()
		iterate()
		return nil
	}
	ok := newClient(t, listOf(3, nil))
	broken := newClient(t, roundTripFunc(func(*http.Request) (*http.Response, error) { panic("broken round tripper") }))
	request := &flowretail.Request{Path: "/x"}
	for want, iterate := range map[string]func(){
		"broken UnmarshalJSON": func() {
			_, _ = flowretail.Collect(flowretail.All(t.Context(), ok, request, func(*panicking) string { return "" }))
		},
		"broken round tripper": func() {
			_, _ = flowretail.Collect(flowretail.All(t.Context(), broken, request, func(*json.RawMessage) string { return "" }))
		},
	} {
		if value := recovered(iterate); value != want {
			t.Errorf("recovered %v instead of %q", value, want)
		}
	}
	if users, err := flowretail.Collect(ok.Users.All(t.Context(), "t", nil)); err != nil || len(users) != 3 {
		t.Errorf("after a panic: %d users, %v", len(users), err)
	}
}

// A response without items or without paging is no page, in any method that returns one.
func TestList_noPage(t *testing.T) {
	calls := map[string]func(context.Context, *flowretail.Client) error{
		"Tenants.List": func(ctx context.Context, c *flowretail.Client) error { _, err := c.Tenants.List(ctx, nil); return err },
		"Tenants.All": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Tenants.All(ctx, nil))
			return err
		},
		"Users.List": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Users.List(ctx, "t", nil)
			return err
		},
		"Users.All": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Users.All(ctx, "t", nil, flowretail.Complete()))
			return err
		},
		"Tokens.List": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Tokens.List(ctx, "t", "u")
			return err
		},
		"Tokens.All": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Tokens.All(ctx, "t", "u"))
			return err
		},
		"Tokens.Create": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Tokens.Create(ctx, "t", "u")
			return err
		},
		"Subscribers.List": func(ctx context.Context, c *flowretail.Client) error {
			_, err := c.Subscribers.List(ctx, "t", "s", nil)
			return err
		},
		"Subscribers.All": func(ctx context.Context, c *flowretail.Client) error {
			_, err := flowretail.Collect(c.Subscribers.All(ctx, "t", "s", nil))
			return err
		},
	}
	const paging = `"paging":{"pageNumber":1,"pageSize":1000,"totalCount":0}`
	synctest.Test(t, func(t *testing.T) {
		for name, call := range calls {
			for body, member := range map[string]string{
				`{` + paging + `}`:                "items",
				`{"items":null,` + paging + `}`:   "items",
				`{"items":[]}`:                    "paging",
				`{"items":[],"paging":null}`:      "paging",
				`{"items":[{}],` + paging + `}`:   "items[0]",
				`{"items":[null],` + paging + `}`: "items[0]",
			} {
				w := &wire{RoundTripper: respond(200, "application/json", body)}
				err := call(t.Context(), newClient(t, w))
				if !errors.Is(err, flowretail.ErrMalformedResponse) || !strings.Contains(err.Error(), "at "+member) {
					t.Errorf("%s, %s: %v", name, body, err)
				}
			}
		}
	})
}
