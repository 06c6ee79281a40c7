package flowretail_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestUsersAll_optionsApplyToEveryPage(t *testing.T) {
	withFake(t, func(t *testing.T, env fakeEnv) {
		opts := &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: 5}}
		_, err := flowretail.Collect(env.client.Users.All(t.Context(), env.tenant, opts, flowretail.Language("nb"), flowretail.Header("X-Request-Id", "sync-1")))
		if err != nil {
			t.Fatal(err)
		}
		pages := env.Requests()
		if len(pages) < 3 {
			t.Fatalf("%d pages", len(pages))
		}
		for _, request := range pages {
			if request.Header.Get("Accept-Language") != "nb" || request.Header.Get("X-Request-Id") != "sync-1" {
				t.Errorf("page %s has other headers", request.Query.Get("pageNumber"))
			}
		}
		env.Inject(flowretailtest.Fault{Status: 503, After: 1, Times: 1})
		if _, err := flowretail.Collect(env.client.Users.All(t.Context(), env.tenant, opts, flowretail.NoRetry(), flowretail.Prefetch(1))); !errors.Is(err, flowretail.ErrServer) {
			t.Errorf("the second page was retried: %v", err)
		}
	})
}

func TestAll_otherEndpoint(t *testing.T) {
	type store struct {
		UID string `json:"storeUid"`
	}
	w := &wire{RoundTripper: roundTripFunc(func(request *http.Request) (*http.Response, error) {
		items := map[string]string{"1": `{"storeUid":"a"},{"storeUid":"b"}`, "2": `{"storeUid":"c"}`}[request.URL.Query().Get("pageNumber")]
		return respond(200, "", `{"items":[`+items+`],"paging":{"pageNumber":`+request.URL.Query().Get("pageNumber")+`,"pageSize":2,"totalCount":3}}`)(request)
	})}
	stores, err := flowretail.Collect(flowretail.All(t.Context(), newClient(t, w),
		&flowretail.Request{Path: "/tenants/{tenantUid}/stores", PathValues: []string{"t"}, Query: url.Values{"pageSize": {"2"}, "open": {"true"}}},
		func(s *store) string { return s.UID }, flowretail.Prefetch(1)))
	if err != nil || len(stores) != 3 || stores[2].UID != "c" {
		t.Fatalf("%v, %v", stores, err)
	}
	if got := w.request.URL.RawQuery; got != "open=true&pageNumber=2&pageSize=2" {
		t.Error(got)
	}
}

func TestAll_copiesRequest(t *testing.T) {
	w := &wire{RoundTripper: respond(200, "", page(userJSON))}
	client := newClient(t, w)
	request := &flowretail.Request{Path: "/x/{uid}", PathValues: []string{"a"}}
	users := flowretail.All(t.Context(), client, request, func(u *flowretail.User) string { return u.TenantUserUID })
	request.PathValues[0] = "b"
	if _, err := flowretail.Collect(users); err != nil || w.request.URL.Path != "/v2/x/a" {
		t.Errorf("%v, %s", err, w.request.URL.Path)
	}
}

func TestTokensAll_duplicatesAndTotal(t *testing.T) {
	twice := `{"items":[` + tokenJSON + `,` + tokenJSON + `],"paging":{"pageNumber":1,"pageSize":2,"totalCount":2}}`
	tokens, err := flowretail.Collect(newClient(t, respond(200, "", twice)).Tokens.All(t.Context(), "t", "u"))
	if err != nil || len(tokens) != 1 {
		t.Errorf("%d tokens, %v", len(tokens), err)
	}
	more := strings.Replace(twice, `"totalCount":2`, `"totalCount":3`, 1)
	var progress flowretail.Progress
	w := &wire{RoundTripper: respond(200, "", more)}
	tokens, err = flowretail.Collect(newClient(t, w).Tokens.All(t.Context(), "t", "u", flowretail.Prefetch(8),
		flowretail.OnPage(func(p flowretail.Progress) { progress = p })))
	if !errors.Is(err, flowretail.ErrListIncomplete) || len(tokens) != 1 || progress.Items != 1 {
		t.Errorf("an incomplete list: %d tokens, %+v, %v", len(tokens), progress, err)
	}
	if failed := callError(t, err); failed.Attempts != 2 {
		t.Errorf("%d requests: %v", failed.Attempts, err)
	}
	if got := w.request.URL.RawQuery; got != "" {
		t.Errorf("query %q", got)
	}
}

// A nested is an item that reads a list while it is decoded.
type nested struct{ UID string }

var nestedClient *flowretail.Client

func (n *nested) UnmarshalJSON([]byte) error {
	n.UID = "n"
	_, err := flowretail.Collect(nestedClient.Users.All(context.Background(), "t", nil))
	return err
}

func TestAll_nestedList(t *testing.T) {
	client := newClient(t, roundTripFunc(func(request *http.Request) (*http.Response, error) {
		return respond(200, "application/json", page(userJSON))(request)
	}))
	nestedClient = client
	var running sync.WaitGroup
	for range 4 * runtime.GOMAXPROCS(0) {
		running.Go(func() {
			items, err := flowretail.Collect(flowretail.All(t.Context(), client, &flowretail.Request{Path: "/x"}, func(n *nested) string { return n.UID }))
			if err != nil || len(items) != 1 {
				t.Errorf("%d items and %v", len(items), err)
			}
		})
	}
	running.Wait()
}
