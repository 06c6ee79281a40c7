package contract

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

type itemKind string

const (
	operationCalls  itemKind = "operation"
	queryParameters itemKind = "query"
	bodyFields      itemKind = "body fields"
	zeroValues      itemKind = "zero values"
	headers         itemKind = "headers"
	statuses        itemKind = "statuses"
	responseFields  itemKind = "response fields"
	enumValues      itemKind = "enum values"
)

// allResponses stands for the operation in the items of response schemas, which
// many operations share.
const allResponses = "(all responses)"

// An item is one thing that an exchange can cover, such as a query parameter, a
// field or a status.
type item struct {
	operation string
	kind      itemKind
	name      string
}

func (i item) String() string { return fmt.Sprintf("%s: %s %s", i.operation, i.kind, i.name) }

// An itemCollector collects the items that an exchange of one operation covers,
// and a problem for each response field that is not in the document.
type itemCollector struct {
	operation string
	items     []item
	problems  []error
}

func (c *itemCollector) add(kind itemKind, name string) {
	c.items = append(c.items, item{c.operation, kind, name})
}

func (c *itemCollector) addShared(kind itemKind, name string) {
	c.items = append(c.items, item{allResponses, kind, name})
}

// requestBody adds the items of a value in a request body.
func (c *itemCollector) requestBody(ref *openapi3.SchemaRef, value any, path string) {
	if path != "" {
		c.add(bodyFields, path)
		if isZero(value) {
			c.add(zeroValues, path)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			c.requestBody(ref.Value.Properties[name], member, joinPath(path, name))
		}
	case []any:
		for _, element := range value {
			c.requestBody(ref.Value.Items, element, path+"[]")
		}
	case string:
		if ref.Value.Enum != nil {
			c.add(enumValues, path+"="+value)
		}
	}
}

// responseBody adds the items of a value in a response body.
func (c *itemCollector) responseBody(ref *openapi3.SchemaRef, value any, path string) {
	schema, name := matchingSchema(ref, value)
	switch value := value.(type) {
	case map[string]any:
		for member, memberValue := range value {
			owner, property := findProperty(schema, name, member)
			if property == nil {
				c.problems = append(c.problems, fmt.Errorf("%s is not in the document", joinPath(path, member)))
				continue
			}
			c.addShared(responseFields, owner+"."+member)
			c.responseBody(property, memberValue, joinPath(path, member))
		}
	case []any:
		for _, element := range value {
			if schema.Items != nil {
				c.responseBody(schema.Items, element, path+"[]")
			}
		}
	case string:
		if schema.Enum != nil {
			c.addShared(enumValues, name+"="+value)
		}
	}
}

// matchingSchema returns the first alternative of an anyOf that matches value,
// or the schema itself if it has no alternatives.
func matchingSchema(ref *openapi3.SchemaRef, value any) (schema *openapi3.Schema, name string) {
	for _, alternative := range ref.Value.AnyOf {
		if alternative.Value.VisitJSON(value) == nil {
			return alternative.Value, nameOf(alternative)
		}
	}
	return ref.Value, nameOf(ref)
}

// findProperty looks for a property in a schema and in the parts of its allOf.
// It returns the name of the schema that has the property.
func findProperty(schema *openapi3.Schema, name, property string) (string, *openapi3.SchemaRef) {
	if found := schema.Properties[property]; found != nil {
		return name, found
	}
	for _, part := range schema.AllOf {
		owner := name
		if part.Ref != "" {
			owner = nameOf(part)
		}
		if owner, found := findProperty(part.Value, owner, property); found != nil {
			return owner, found
		}
	}
	return "", nil
}

func isZero(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	default:
		return value == "" || value == false || value == 0.0
	}
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
