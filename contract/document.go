// Package contract describes the Flow Retail API in an OpenAPI document, checks
// requests and responses against it, and lists what they do not cover.
package contract

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var source []byte

// Document returns the API's document. All callers share it and must not
// change it.
func Document() (*openapi3.T, error) { return loadDocument() }

var loadDocument = sync.OnceValues(func() (*openapi3.T, error) {
	document, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		return nil, fmt.Errorf("load the document: %w", err)
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate the document: %w", err)
	}
	return document, nil
})

// An operation is an operation of the document, with the parameters of its path.
type operation struct {
	*openapi3.Operation

	method     string
	path       string
	item       *openapi3.PathItem
	parameters []*openapi3.Parameter
	security   openapi3.SecurityRequirements
}

// operationsOf returns the operations of a document, sorted by path and method.
func operationsOf(document *openapi3.T) []*operation {
	var all []*operation
	for path, item := range document.Paths.Map() {
		for method, documented := range item.Operations() {
			found := &operation{Operation: documented, method: method, path: path, item: item, security: document.Security}
			if documented.Security != nil {
				found.security = *documented.Security
			}
			for _, parameter := range slices.Concat(item.Parameters, documented.Parameters) {
				found.parameters = append(found.parameters, parameter.Value)
			}
			all = append(all, found)
		}
	}
	slices.SortFunc(all, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
	})
	return all
}

// parametersIn returns the parameters in one location, such as
// openapi3.ParameterInQuery.
func (o *operation) parametersIn(location string) []*openapi3.Parameter {
	return slices.DeleteFunc(slices.Clone(o.parameters), func(parameter *openapi3.Parameter) bool { return parameter.In != location })
}

// body returns the schema of the request body, or nil if there is none.
func (o *operation) body() *openapi3.SchemaRef {
	if o.RequestBody == nil {
		return nil
	}
	return o.RequestBody.Value.Content[jsonType].Schema
}

// isUpdate reports whether the operation changes only the fields in its body, so
// that sending a zero value differs from sending nothing.
func (o *operation) isUpdate() bool { return o.method == http.MethodPut && o.RequestBody != nil }

// pathValues returns the path parameters in path by name. It returns false if
// the operation does not have this path.
func (o *operation) pathValues(path string) (map[string]string, bool) {
	template, segments := strings.Split(o.path, "/"), strings.Split(path, "/")
	if len(template) != len(segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, segment := range template {
		name, variable := strings.CutPrefix(segment, "{")
		switch {
		case variable:
			values[strings.TrimSuffix(name, "}")] = segments[i]
		case segment != segments[i]:
			return nil, false
		}
	}
	return values, true
}

// nameOf returns the name of the schema that ref refers to, or "" for an inline
// schema.
func nameOf(ref *openapi3.SchemaRef) string {
	return strings.TrimPrefix(ref.Ref, "#/components/schemas/")
}
