package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// expectedItems returns all items that exchanges can cover.
func expectedItems(all []*operation) ([]item, error) {
	responses := schemaCollector{itemCollector: itemCollector{operation: allResponses}, visited: map[string]bool{}}
	var items []item
	for _, operation := range all {
		collector := schemaCollector{itemCollector: itemCollector{operation: operation.OperationID}}
		collector.request(operation)
		if err := collector.statuses(operation); err != nil {
			return nil, fmt.Errorf("%s: %w", operation.OperationID, err)
		}
		items = append(items, collector.items...)
		for _, status := range sorted(operation.Responses.Map()) {
			for _, content := range operation.Responses.Value(status).Value.Content {
				responses.response(content.Schema, "")
			}
		}
	}
	return append(items, responses.items...), nil
}

// A schemaCollector collects items from schemas, where an itemCollector collects
// them from values.
type schemaCollector struct {
	itemCollector
	visited map[string]bool // names of response schemas
}

func (c *schemaCollector) request(operation *operation) {
	c.add(operationCalls, "")
	for _, parameter := range operation.parametersIn(openapi3.ParameterInQuery) {
		c.add(queryParameters, parameter.Name)
		c.enum(parameter.Schema, parameter.Name)
	}
	for _, parameter := range operation.parametersIn(openapi3.ParameterInHeader) {
		c.add(headers, http.CanonicalHeaderKey(parameter.Name))
	}
	c.add(headers, "Accept")
	if len(operation.security) > 0 {
		c.add(headers, "Authorization")
	}
	if body := operation.body(); body != nil {
		c.add(headers, "Content-Type")
		c.body(body, "", operation.isUpdate())
	}
}

// body adds the fields of a request body. It adds zero values for the optional
// fields of updates that may be zero.
func (c *schemaCollector) body(ref *openapi3.SchemaRef, path string, update bool) {
	schema := ref.Value
	for _, name := range sorted(schema.Properties) {
		property, field := schema.Properties[name], joinPath(path, name)
		c.add(bodyFields, field)
		if update && !slices.Contains(schema.Required, name) && allowsZero(property.Value) {
			c.add(zeroValues, field)
		}
		c.enum(property, field)
		c.body(property, field, update)
		if items := property.Value.Items; items != nil {
			c.add(bodyFields, field+"[]")
			c.body(items, field+"[]", update)
		}
	}
}

func allowsZero(schema *openapi3.Schema) bool {
	for _, zero := range []any{"", false, 0.0, []any{}} {
		if schema.VisitJSON(zero) == nil {
			return true
		}
	}
	return false
}

func (c *schemaCollector) enum(ref *openapi3.SchemaRef, path string) {
	for _, value := range ref.Value.Enum {
		c.add(enumValues, path+"="+fmt.Sprint(value))
	}
}

func (c *schemaCollector) statuses(operation *operation) error {
	for _, status := range sorted(operation.Responses.Map()) {
		response := operation.Responses.Value(status).Value
		if status != "default" {
			c.add(statuses, status)
		} else if len(errorStatuses(response)) == 0 {
			return errors.New("the default response lists no x-statuses")
		}
		for _, code := range errorStatuses(response) {
			c.add(statuses, strconv.Itoa(code))
		}
		for _, name := range sorted(response.Headers) {
			c.add(headers, "response "+http.CanonicalHeaderKey(name))
		}
	}
	return nil
}

// response adds the fields and the enum values of a response schema and of the
// schemas that it refers to, each schema once.
func (c *schemaCollector) response(ref *openapi3.SchemaRef, owner string) {
	schema := ref.Value
	if name := nameOf(ref); name != "" {
		if c.visited[name] {
			return
		}
		c.visited[name] = true
		owner = name
	}
	for _, name := range sorted(schema.Properties) {
		c.add(responseFields, owner+"."+name)
		c.response(schema.Properties[name], owner+"."+name)
	}
	if schema.Items != nil {
		c.response(schema.Items, owner)
	}
	for _, part := range slices.Concat(schema.AnyOf, schema.AllOf) {
		c.response(part, owner)
	}
	for _, value := range schema.Enum {
		if value != "" {
			c.add(enumValues, owner+"="+fmt.Sprint(value))
		}
	}
}

func sorted[V any](all map[string]V) []string { return slices.Sorted(maps.Keys(all)) }
