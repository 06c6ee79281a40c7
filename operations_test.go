package flowretail_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/jsonwire"
	"github.com/flowretail/flowretail-go/internal/operations"
)

func (o operationCase) fill(text string, id uids) string {
	return strings.NewReplacer("{tenant}", id.tenant, "{user}", id.user, "{token}", id.token, "{store}", id.store,
		"{subscriber}", id.subscriber, "{invite}", id.invite, "{userCode}", id.userCode, "{password}", id.password).Replace(text)
}

// check checks the request that was sent.
func (o operationCase) check(t *testing.T, w *wire, id uids) {
	t.Helper()
	base := must[*url.URL](t)(url.Parse(flowretail.ProductionURL))
	if got, want := w.request.Method+" "+w.request.URL.Path, o.httpMethod+" "+base.Path+o.fill(o.path, id); got != want {
		t.Errorf("request %s, want %s", got, want)
	}
	want := url.Values{}
	for name, values := range o.query {
		for _, value := range values {
			want.Add(name, o.fill(value, id))
		}
	}
	if got := w.request.URL.Query(); !reflect.DeepEqual(got, want) {
		t.Errorf("query %v, want %v", got, want)
	}
	if o.body == "" && w.sent != nil {
		t.Errorf("body %s, want none", w.sent)
	} else if o.body != "" {
		sameJSON(t, "body", w.sent, []byte(o.fill(o.body, id)))
	}
	o.checkHeader(t, w.request.Header, id)
}

func (o operationCase) checkHeader(t *testing.T, header http.Header, id uids) {
	t.Helper()
	isInvite := o.method == "Account.GetInvite"
	if authorized := strings.HasPrefix(header.Get("Authorization"), "Bearer "); authorized == isInvite {
		t.Errorf("Authorization is sent: %v", authorized)
	}
	wantInvite := ""
	if isInvite {
		wantInvite = id.invite
	}
	if header.Get("X-Invite-Token") != wantInvite {
		t.Error("wrong x-invite-token")
	}
	wantType := ""
	if o.body != "" {
		wantType = "application/json"
	}
	for name, want := range map[string]string{
		"Content-Type": wantType, "Accept": "application/json", "Accept-Language": "nb", "User-Agent": "suite/1 flowretail-go/" + flowretail.Version,
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// resource returns the JSON of a result, with its secrets.
func resource(t *testing.T, value any) []byte {
	t.Helper()
	data, _, err := jsonwire.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOperations_httpmock(t *testing.T) {
	id := uids{tenant: "t-1", user: "7", token: "tok-1", store: "s_1", subscriber: "sub-1", invite: "marked-secret-invite", userCode: "1001", password: "marked-secret-password"}
	for _, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			mock := httpmock.NewMockTransport()
			w := &wire{RoundTripper: mock}
			status := max(operation.status, 200)
			mock.RegisterResponder(operation.httpMethod, flowretail.ProductionURL+operation.fill(operation.path, id),
				httpmock.NewStringResponder(status, operation.response).HeaderSet(http.Header{"Content-Type": {"application/json"}}))
			client := newClient(t, w, flowretail.WithLanguage("nb"), flowretail.WithUserAgent("suite/1"))
			got, err := operation.call(t.Context(), client, id)
			if err != nil {
				t.Fatal(err)
			}
			operation.check(t, w, id)
			if operation.response == "" {
				return
			}
			want := []byte(operation.response)
			if strings.HasSuffix(operation.method, ".All") {
				want = items(t, want)
			}
			sameJSON(t, "the result", resource(t, got), want)
		})
	}
}

func TestOperations_fake(t *testing.T) {
	for _, operation := range operationCases {
		t.Run(operation.method, func(t *testing.T) {
			fake := flowretailtest.New()
			id, token := prepare(t, fake, operation.method)
			w := &wire{RoundTripper: fake}
			client := must[*flowretail.Client](t)(flowretail.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: w}),
				flowretail.WithToken(token), flowretail.WithLanguage("nb"), flowretail.WithUserAgent("suite/1")))
			got, err := operation.call(t.Context(), client, id)
			if err != nil {
				t.Fatal(err)
			}
			operation.check(t, w, id)
			if got == nil {
				return
			}
			want := w.received
			if strings.HasSuffix(operation.method, ".All") {
				want = items(t, want)
			}
			if operation.method != "Account.CreateAccessToken" { // its JSON differs from the response
				sameJSON(t, "the result", resource(t, got), want)
			}
		})
	}
}

func items(t *testing.T, page []byte) []byte {
	t.Helper()
	var parts struct{ Items json.RawMessage }
	if err := json.Unmarshal(page, &parts); err != nil {
		t.Fatal(err)
	}
	return parts.Items
}

// Each method in the operations table exists, each method of a service is in the
// table, and each has an operationCase.
func TestOperations_matchMethods(t *testing.T) {
	tested := map[string]bool{}
	for _, operation := range operationCases {
		tested[operation.method] = true
	}
	named := map[string]bool{}
	for _, operation := range operations.All {
		if len(operation.SDKMethods) == 0 {
			t.Errorf("%s has no method", operation.ID)
		}
		for _, method := range operation.SDKMethods {
			named[method] = true
			if !tested[method] {
				t.Errorf("%s of %s has no operationCase", method, operation.ID)
			}
		}
	}
	if len(operations.All) != 23 {
		t.Errorf("%d operations, want 23", len(operations.All))
	}
	client := reflect.TypeFor[flowretail.Client]()
	for i := range client.NumField() {
		service := client.Field(i)
		if !service.IsExported() {
			continue
		}
		for j := range service.Type.NumMethod() {
			method := service.Name + "." + service.Type.Method(j).Name
			if !named[method] {
				t.Errorf("%s is not in the operations table", method)
			}
			delete(named, method)
		}
	}
	for method := range named {
		t.Errorf("%s is in the operations table, and does not exist", method)
	}
}
