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

// A user's test is only worth something when the fake refuses what the API
// would. Requests with one fault each are sent as the SDK would never do.
func TestTheFakeRefusesWhatTheDocumentDoesNotAllow(t *testing.T) {
	checker := newChecker(t)
	for _, operation := range checker.operations {
		t.Run(operation.OperationID+" without fault", func(t *testing.T) { try(t, checker, operation, sample(operation), "", false) })
		for name, body := range faultyBodies(operation) {
			t.Run(operation.OperationID+" body "+name, func(t *testing.T) { try(t, checker, operation, body, "", true) })
		}
		for _, query := range faultyQueries(operation) {
			t.Run(operation.OperationID+" query "+query, func(t *testing.T) { try(t, checker, operation, sample(operation), query, true) })
		}
	}
}

// samples are the bodies that the faulty ones depart from. Names in braces
// stand for what the fake has.
var samples = map[string]map[string]any{
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

func sample(operation *operation) []byte {
	if operation.body() == nil {
		return nil
	}
	return encode(samples[operation.OperationID])
}

func encode(body map[string]any) []byte {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return data
}

func faultyBodies(operation *operation) map[string][]byte {
	body := operation.body()
	if body == nil {
		return map[string][]byte{"unwanted": []byte("{}")}
	}
	faulty := map[string][]byte{"missing": nil, "cut": []byte(`{"a":`), "array": []byte("[]"), "null": []byte("null"), "two": []byte("{} {}")}
	add := func(name string, change func(map[string]any)) {
		changed := maps.Clone(samples[operation.OperationID])
		change(changed)
		faulty[name] = encode(changed)
	}
	add("unknown field", func(body map[string]any) { body["madeUp"] = 1 })
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
			"empty": map[string]any{}, "without a role": map[string]any{"storeUid": "{storeUid}"}, "of an unknown role": map[string]any{"storeUid": "{storeUid}", "storeRole": "OWNER"},
			"with another field": map[string]any{"storeUid": "{storeUid}", "storeRole": "ADMIN", "a": 1},
		} {
			add("grant "+label, func(body map[string]any) { body["storeAccess"] = []any{grant} })
		}
	}
	if operation.OperationID == "post-tenants-users" {
		add("FULL without email", func(body map[string]any) { delete(body, "email") })
	}
	return faulty
}

func faultyQueries(operation *operation) []string {
	queries := []string{"madeUp=1", "%zz=1"}
	for _, parameter := range operation.in(openapi3.ParameterInQuery) {
		for _, value := range []string{"", "not a/uid", "1.5"} {
			if text := parameter.Schema.Value.Type.Is(openapi3.TypeString); !text || parameter.Schema.Value.VisitJSON(value) != nil {
				queries = append(queries, parameter.Name+"="+url.QueryEscape(value))
			}
		}
		if !parameter.Schema.Value.Type.Is(openapi3.TypeArray) {
			queries = append(queries, parameter.Name+"=1&"+parameter.Name+"=1")
		}
	}
	return queries
}

// try sends a request with the right token to things that exist. A faulty one
// has to be found so here, and to be answered with 400 by the fake; one without
// fault may be refused for other reasons.
func try(t *testing.T, checker *Checker, operation *operation, body []byte, query string, faulty bool) {
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
	if _, problems := route.request(Exchange{Request: request, RequestBody: body}); len(problems) > 0 != faulty {
		t.Errorf("the document has these problems with %s?%s: %v", body, query, problems)
	}
	response, err := fake.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if (response.StatusCode == http.StatusBadRequest) != faulty {
		answer, _ := io.ReadAll(response.Body)
		t.Errorf("the fake answers %s?%s with %d: %.120s", body, query, response.StatusCode, answer)
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
