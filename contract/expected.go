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

// expectedCells lists everything that exchanges can cover.
func expectedCells(all []*operation) ([]cell, error) {
	answers := expecting{covering: covering{operation: sharedAnswers}, visited: map[string]bool{}}
	var cells []cell
	for _, operation := range all {
		expect := expecting{covering: covering{operation: operation.OperationID}}
		expect.request(operation)
		if err := expect.statuses(operation); err != nil {
			return nil, fmt.Errorf("%s: %w", operation.OperationID, err)
		}
		cells = append(cells, expect.cells...)
		for _, status := range sorted(operation.Responses.Map()) {
			for _, content := range operation.Responses.Value(status).Value.Content {
				answers.answer(content.Schema, "")
			}
		}
	}
	return append(cells, answers.cells...), nil
}

// expecting lists cells from schemas, as covering does from values.
type expecting struct {
	covering
	visited map[string]bool
}

func (e *expecting) request(operation *operation) {
	e.add(called, "")
	for _, parameter := range operation.in(openapi3.ParameterInQuery) {
		e.add(queryParameters, parameter.Name)
		e.enum(parameter.Schema, parameter.Name)
	}
	for _, parameter := range operation.in(openapi3.ParameterInHeader) {
		e.add(headers, http.CanonicalHeaderKey(parameter.Name))
	}
	e.add(headers, "Accept")
	if len(operation.security) > 0 {
		e.add(headers, "Authorization")
	}
	if body := operation.body(); body != nil {
		e.add(headers, "Content-Type")
		e.body(body, "", operation.isUpdate())
	}
}

// body lists the fields of a request's body. Zero values are listed for the
// fields that can be left out and may be zero; elsewhere they say nothing.
func (e *expecting) body(ref *openapi3.SchemaRef, path string, update bool) {
	schema := ref.Value
	for _, name := range sorted(schema.Properties) {
		property, inner := schema.Properties[name], join(path, name)
		e.add(bodyFields, inner)
		if update && !slices.Contains(schema.Required, name) && allowsZero(property.Value) {
			e.add(zeroValues, inner)
		}
		e.enum(property, inner)
		e.body(property, inner, update)
		if items := property.Value.Items; items != nil {
			e.add(bodyFields, inner+"[]")
			e.body(items, inner+"[]", update)
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

func (e *expecting) enum(ref *openapi3.SchemaRef, path string) {
	for _, value := range ref.Value.Enum {
		e.add(enumValues, path+"="+fmt.Sprint(value))
	}
}

func (e *expecting) statuses(operation *operation) error {
	for _, status := range sorted(operation.Responses.Map()) {
		response := operation.Responses.Value(status).Value
		if status != "default" {
			e.add(statuses, status)
		} else if len(errorStatuses(response)) == 0 {
			return errors.New("the default response lists no x-statuses")
		}
		for _, code := range errorStatuses(response) {
			e.add(statuses, strconv.Itoa(code))
		}
		for _, name := range sorted(response.Headers) {
			e.add(headers, "answer "+http.CanonicalHeaderKey(name))
		}
	}
	return nil
}

// answer lists the fields and the known enum values of an answer's schemas,
// each schema once.
func (e *expecting) answer(ref *openapi3.SchemaRef, owner string) {
	schema := ref.Value
	if name := nameOf(ref); name != "" {
		if e.visited[name] {
			return
		}
		e.visited[name] = true
		owner = name
	}
	for _, name := range sorted(schema.Properties) {
		e.add(answerFields, owner+"."+name)
		e.answer(schema.Properties[name], owner+"."+name)
	}
	if schema.Items != nil {
		e.answer(schema.Items, owner)
	}
	for _, part := range slices.Concat(schema.AnyOf, schema.AllOf) {
		e.answer(part, owner)
	}
	for _, value := range schema.Enum {
		if value != "" {
			e.add(enumValues, owner+"="+fmt.Sprint(value))
		}
	}
}

func sorted[V any](all map[string]V) []string { return slices.Sorted(maps.Keys(all)) }
