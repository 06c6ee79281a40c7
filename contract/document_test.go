package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/getkin/kin-openapi/openapi3"
)

func document(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// securitySchemes has the security schemes for each kind of token.
var securitySchemes = map[operations.TokenKind][]string{
	operations.AnyToken:    {"accessToken", "authToken", "integrationToken"},
	operations.AuthToken:   {"authToken"},
	operations.DeviceToken: {"deviceToken"},
	operations.NoToken:     nil,
}

func TestDocument_matchesOperationsTable(t *testing.T) {
	documented := map[string]*operation{}
	for _, operation := range operationsOf(document(t)) {
		if documented[operation.OperationID] != nil {
			t.Errorf("%s is in the document twice", operation.OperationID)
		}
		documented[operation.OperationID] = operation
	}
	for _, entry := range operations.All {
		operation := documented[entry.ID]
		if operation == nil {
			t.Errorf("%s is in the table and not in the document", entry.ID)
			continue
		}
		delete(documented, entry.ID)
		if operation.method != entry.Method || operation.path != entry.Path {
			t.Errorf("%s is %s %s in the document, %s %s in the table", entry.ID, operation.method, operation.path, entry.Method, entry.Path)
		}
		if got, want := schemes(operation), securitySchemes[entry.Token]; !slices.Equal(got, want) {
			t.Errorf("%s accepts %q in the document, %q in the table", entry.ID, got, want)
		}
	}
	for id := range documented {
		t.Errorf("%s is in the document and not in the table", id)
	}
}

// schemes returns the names of the security schemes that an operation accepts.
func schemes(operation *operation) (names []string) {
	for _, requirement := range operation.security {
		names = append(names, sorted(requirement)...)
	}
	slices.Sort(names)
	return names
}

func TestDocument_languageAndErrors(t *testing.T) {
	for _, operation := range operationsOf(document(t)) {
		if !slices.ContainsFunc(operation.parametersIn(openapi3.ParameterInHeader), func(header *openapi3.Parameter) bool {
			return header.Name == "Accept-Language" && !header.Required
		}) {
			t.Errorf("%s does not accept Accept-Language", operation.OperationID)
		}
		errorResponse := operation.Responses.Default()
		if errorResponse == nil {
			t.Errorf("%s has no default response", operation.OperationID)
		} else if name := nameOf(errorResponse.Value.Content[jsonType].Schema); name != "Error" {
			t.Errorf("%s has errors of type %q, want Error", operation.OperationID, name)
		}
	}
}

func TestDocument_pathParametersAreUIDs(t *testing.T) {
	for _, operation := range operationsOf(document(t)) {
		var names []string
		for _, parameter := range operation.parametersIn(openapi3.ParameterInPath) {
			names = append(names, parameter.Name)
			for value, want := range map[string]bool{"7": true, "a-B_9": true, "": false, "a/b": false, "a\n": false, "..": false} {
				if got := parameter.Schema.Value.VisitJSON(value) == nil; got != want {
					t.Errorf("%s accepts %s=%q: %t", operation.OperationID, parameter.Name, value, got)
				}
			}
		}
		if values, ok := operation.pathValues(operation.path); !ok || !slices.Equal(sorted(values), slices.Sorted(slices.Values(names))) {
			t.Errorf("%s: path %s has the parameters %q", operation.OperationID, operation.path, names)
		}
	}
}

func TestDocument_closedRequestsAndOpenResponses(t *testing.T) {
	sent, received := schemasInUse(t)
	for name, schema := range sent {
		if schema.Type.Is(openapi3.TypeObject) && (schema.AdditionalProperties.Has == nil || *schema.AdditionalProperties.Has) {
			t.Errorf("%s is sent and allows unknown fields", name)
		}
	}
	for name, schema := range received {
		if schema.AdditionalProperties.Has != nil && !*schema.AdditionalProperties.Has {
			t.Errorf("%s is received and does not allow unknown fields", name)
		}
	}
}

func TestDocument_enums(t *testing.T) {
	sent, received := schemasInUse(t)
	for name, schema := range sent {
		if strings.HasPrefix(name, "Any") {
			t.Errorf("%s is sent and allows unknown values", name)
		}
		if schema.Enum != nil && schema.VisitJSON("UNKNOWN_VALUE") == nil {
			t.Errorf("%s is sent and allows an unknown value", name)
		}
	}
	for name, schema := range received {
		for _, property := range schema.Properties {
			if property.Value.Enum != nil {
				t.Errorf("%s is received and has the closed enum %s", name, nameOf(property))
			}
		}
		enum, open := strings.CutPrefix(name, "Any")
		if !open {
			continue
		}
		if nameOf(schema.AnyOf[0]) != enum || schema.Extensions["x-go-type"] != enum {
			t.Errorf("%s does not refer to %s", name, enum)
		}
		if schema.VisitJSON("UNKNOWN_VALUE") != nil || schema.VisitJSON(7.0) == nil {
			t.Errorf("%s has to allow every string and nothing else", name)
		}
	}
}

func TestDocument_timestamps(t *testing.T) {
	timestamp := document(t).Components.Schemas["Timestamp"].Value
	for _, test := range []struct {
		value any
		valid bool
	}{
		{"2025-10-28T16:54:56.636Z", true},
		{"2025-10-28T16:54:56+02:00", true},
		{"2025-10-28T16:54:56.123456789-03:30", true},
		{"", true},
		{nil, true},
		{"28.10.2025", false},
		{"2025-10-28", false},
		{1761670496.0, false},
	} {
		if err := timestamp.VisitJSON(test.value); (err == nil) != test.valid {
			t.Errorf("%v: %v", test.value, err)
		}
	}
}

func TestDocument_fullUserNeedsEmail(t *testing.T) {
	schema := document(t).Components.Schemas["UserCreateRequest"].Value
	user := map[string]any{"accountType": "FULL", "tenantRole": "ADMIN", "userCode": "1", "password": "marked-secret"}
	if schema.VisitJSON(user) == nil {
		t.Error("FULL without an address is accepted")
	}
	user["email"] = "kari@example.com"
	if err := schema.VisitJSON(user); err != nil {
		t.Errorf("FULL with an address: %v", err)
	}
	delete(user, "email")
	user["accountType"] = "REGULAR"
	if err := schema.VisitJSON(user); err != nil {
		t.Errorf("REGULAR without an address: %v", err)
	}
}

// schemasInUse returns the named schemas of requests and of responses.
func schemasInUse(t *testing.T) (sent, received map[string]*openapi3.Schema) {
	sent, received = map[string]*openapi3.Schema{}, map[string]*openapi3.Schema{}
	for _, operation := range operationsOf(document(t)) {
		if body := operation.body(); body != nil {
			collect(body, sent)
		}
		for _, parameter := range operation.parameters {
			collect(parameter.Schema, sent)
		}
		for _, response := range operation.Responses.Map() {
			for _, content := range response.Value.Content {
				collect(content.Schema, received)
			}
		}
	}
	return sent, received
}

func collect(ref *openapi3.SchemaRef, into map[string]*openapi3.Schema) {
	if name := nameOf(ref); name != "" {
		if into[name] != nil {
			return
		}
		into[name] = ref.Value
	}
	for _, property := range ref.Value.Properties {
		collect(property, into)
	}
	if ref.Value.Items != nil {
		collect(ref.Value.Items, into)
	}
	for _, part := range slices.Concat(ref.Value.AnyOf, ref.Value.AllOf) {
		collect(part, into)
	}
}
