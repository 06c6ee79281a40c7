// Package contract holds the Flow Retail API as an OpenAPI document of the
// SDK's own, checks exchanges of requests and answers against it, and counts
// how much of it they cover.
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

// Document returns the API's document, after it has been found valid. It is
// shared by all who ask: leave it as it is.
func Document() (*openapi3.T, error) { return load() }

var load = sync.OnceValues(func() (*openapi3.T, error) {
	document, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		return nil, fmt.Errorf("load the document: %w", err)
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate the document: %w", err)
	}
	return document, nil
})

// An operation is one endpoint of the document, with what its path lends it.
type operation struct {
	*openapi3.Operation

	method     string
	path       string
	item       *openapi3.PathItem
	parameters []*openapi3.Parameter
	security   openapi3.SecurityRequirements
}

// operationsOf lists the operations of a document by path and method.
func operationsOf(document *openapi3.T) []*operation {
	var all []*operation
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			found := &operation{Operation: described, method: method, path: path, item: item, security: document.Security}
			if described.Security != nil {
				found.security = *described.Security
			}
			for _, parameter := range slices.Concat(item.Parameters, described.Parameters) {
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

// in lists the parameters of an operation that stand in a place such as
// openapi3.ParameterInQuery.
func (o *operation) in(place string) []*openapi3.Parameter {
	return slices.DeleteFunc(slices.Clone(o.parameters), func(parameter *openapi3.Parameter) bool { return parameter.In != place })
}

// body returns the schema of the request's body, or nil when it has none.
func (o *operation) body() *openapi3.SchemaRef {
	if o.RequestBody == nil {
		return nil
	}
	return o.RequestBody.Value.Content[jsonType].Schema
}

// isUpdate says whether the operation changes what its body names and leaves
// the rest alone, so that a zero value is something to send.
func (o *operation) isUpdate() bool { return o.method == http.MethodPut && o.RequestBody != nil }

// values returns the path parameters of path, by name, if it is one of the operation.
func (o *operation) values(path string) (map[string]string, bool) {
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

// nameOf returns the name of the schema that ref points to, "" for one that
// stands in its place.
func nameOf(ref *openapi3.SchemaRef) string {
	return strings.TrimPrefix(ref.Ref, "#/components/schemas/")
}
