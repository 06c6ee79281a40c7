package contract

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/getkin/kin-openapi/openapi3"
)

// The fake has to refuse each request that the document does not allow. The SDK
// does not send such requests.
func TestFake_refusesInvalidRequests(t *testing.T) {
	checker := newChecker(t)
	for _, operation := range checker.operations {
		t.Run(operation.OperationID+" valid", func(t *testing.T) { send(t, checker, operation, validBody(operation), "", true) })
		for name, body := range invalidBodies(operation) {
			t.Run(operation.OperationID+" body "+name, func(t *testing.T) { send(t, checker, operation, body, "", false) })
		}
		for _, query := range invalidQueries(operation) {
			t.Run(operation.OperationID+" query "+query, func(t *testing.T) { send(t, checker, operation, validBody(operation), query, false) })
		}
	}
}

// validBodies has a valid body for each operation. send replaces the names in
// braces by UIDs of the fake.
var validBodies = map[string]map[string]any{
	"put-tenants-details": {"name": "Fjell"},
	"post-tenants-users": {
		"accountType": "FULL", "tenantRole": "ADMIN", "userCode": "4711", "password": "marked-secret", "email": "kari@example.com",
	},
	"put-tenants-users-details": {"mobile": "+4790000000"},
	"post-account":              {"userCode": "4711", "password": "marked-secret"},
	"put-account":               {"defaultTenantUid": "{tenantUid}"},
	"put-tenants-account":       {"mobile": "+4790000000"},
	"put-account-invite":        {"inviteToken": "marked-secret"},
	"post-subscribers":          {"tenantUserUid": "{tenantUserUid}", "subscriptionType": "SALES_SUMMARY_REPORT"},
}

func validBody(operation *operation) []byte {
	if operation.body() == nil {
		return nil
	}
	return encode(validBodies[operation.OperationID])
}

func encode(body map[string]any) []byte {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return data
}

func invalidBodies(operation *operation) map[string][]byte {
	body := operation.body()
	if body == nil {
		return map[string][]byte{"unexpected": []byte("{}")}
	}
	invalid := map[string][]byte{"missing": nil, "cut": []byte(`{"a":`), "array": []byte("[]"), "null": []byte("null"), "two": []byte("{} {}")}
	add := func(name string, change func(map[string]any)) {
		changed := maps.Clone(validBodies[operation.OperationID])
		change(changed)
		invalid[name] = encode(changed)
	}
	add("unknown field", func(body map[string]any) { body["unknown"] = 1 })
	for _, name := range body.Value.Required {
		add(name+" missing", func(body map[string]any) { delete(body, name) })
	}
	for name, property := range body.Value.Properties {
		for label, value := range map[string]any{
			"null": nil, "number": 1.5, "text": "not a/uid", "empty": "", "bool": true, "object": map[string]any{}, "array": []any{1},
		} {
			if property.Value.VisitJSON(value) != nil {
				add(name+" "+label, func(body map[string]any) { body[name] = value })
			}
		}
	}
	if operation.OperationID == "put-tenants-users-details" {
		for label, grant := range map[string]any{
			"empty": map[string]any{}, "without role": map[string]any{"storeUid": "{storeUid}"}, "with an unknown role": map[string]any{"storeUid": "{storeUid}", "storeRole": "OWNER"},
			"with an unknown field": map[string]any{"storeUid": "{storeUid}", "storeRole": "ADMIN", "a": 1},
		} {
			add("grant "+label, func(body map[string]any) { body["storeAccess"] = []any{grant} })
		}
	}
	if operation.OperationID == "post-tenants-users" {
		add("FULL without email", func(body map[string]any) { delete(body, "email") })
	}
	return invalid
}

func invalidQueries(operation *operation) []string {
	queries := []string{"unknown=1", "%zz=1"}
	for _, parameter := range operation.parametersIn(openapi3.ParameterInQuery) {
		for _, value := range []string{"", "not a/uid", "1.5"} {
			if isString := parameter.Schema.Value.Type.Is(openapi3.TypeString); !isString || parameter.Schema.Value.VisitJSON(value) != nil {
				queries = append(queries, parameter.Name+"="+url.QueryEscape(value))
			}
		}
		if !parameter.Schema.Value.Type.Is(openapi3.TypeArray) {
			queries = append(queries, parameter.Name+"=1&"+parameter.Name+"=1")
		}
	}
	return queries
}

// send sends a request to the fake, with a token of the right kind and UIDs that
// exist. The checker has to accept a valid request and to refuse an invalid one.
// The fake has to respond with 400 to an invalid request only.
func send(t *testing.T, checker *Checker, operation *operation, body []byte, query string, valid bool) {
	fake := flowretailtest.New()
	tenant := fake.TenantUID()
	store, user := fake.Stores(tenant)[0].StoreUID, fake.Users(tenant)[2].TenantUserUID
	fill := strings.NewReplacer(
		"{tenantUid}", tenant, "{tenantUserUid}", user, "{storeUid}", store,
		"{subscriberUid}", fake.Subscribers(tenant, store)[0].SubscriberUID, "{tenantUserTokenUid}", "1",
	)
	body = []byte(fill.Replace(string(body)))
	request, err := http.NewRequest(operation.method, flowretailtest.BaseURL+fill.Replace(operation.path), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.RawQuery = query
	request.Header.Set("Accept", jsonType)
	if token := tokenFor(fake, operation); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	} else {
		request.Header.Set("X-Invite-Token", fake.Invite(tenant, user))
	}
	if len(body) > 0 {
		request.Header.Set("Content-Type", jsonType)
	}
	route, err := checker.route(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := route.checkRequest(Exchange{Request: request, RequestBody: body}); (len(problems) == 0) != valid {
		t.Errorf("%s?%s has the problems %v, want valid: %t", body, query, problems, valid)
	}
	response, err := fake.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if (response.StatusCode != http.StatusBadRequest) != valid {
		text, _ := io.ReadAll(response.Body)
		t.Errorf("the fake responds to %s?%s with %d: %.120s", body, query, response.StatusCode, text)
	}
}

func tokenFor(fake *flowretailtest.Fake, operation *operation) string {
	for _, entry := range operations.All {
		if entry.ID != operation.OperationID {
			continue
		}
		switch entry.Token {
		case operations.AuthToken:
			return fake.AuthToken()
		case operations.DeviceToken:
			return fake.DeviceToken(fake.TenantUID())
		case operations.AnyToken:
			return fake.AdminToken()
		}
	}
	return ""
}
