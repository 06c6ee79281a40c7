package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// A route is an operation with the values of its path parameters.
type route struct {
	document  *openapi3.T
	operation *operation
	values    map[string]string
}

// The headers that belong to HTTP and are not in the document.
var (
	transportRequestHeaders  = []string{"Accept", "Accept-Encoding", "Content-Length", "User-Agent"}
	transportResponseHeaders = []string{"Content-Length", "Date", "Www-Authenticate"}
)

// checkRequest returns the items that a request covers, or its problems.
func (r *route) checkRequest(exchange Exchange) (items []item, problems []error) {
	if err := openapi3filter.ValidateRequest(context.Background(), r.input(exchange)); err != nil {
		problems = append(problems, flatten(err)...)
	}
	problems = append(problems, r.queryProblems(exchange.Request.URL)...)
	problems = append(problems, r.requestHeaderProblems(exchange)...)
	body, err := r.requestBody(exchange.RequestBody)
	if err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, problems
	}

	collector := itemCollector{operation: r.operation.OperationID}
	collector.add(operationCalls, "")
	for name := range exchange.Request.Header {
		collector.add(headers, name)
	}
	for _, parameter := range r.operation.parametersIn(openapi3.ParameterInQuery) {
		for _, value := range exchange.Request.URL.Query()[parameter.Name] {
			collector.add(queryParameters, parameter.Name)
			collector.add(enumValues, parameter.Name+"="+value)
		}
	}
	if body != nil {
		collector.requestBody(r.operation.body(), body, "")
	}
	return collector.items, nil
}

// input converts an exchange for openapi3filter. The request is a copy, because
// the filter reads its body.
func (r *route) input(exchange Exchange) *openapi3filter.RequestValidationInput {
	request := exchange.Request.Clone(context.Background())
	request.Body = io.NopCloser(bytes.NewReader(exchange.RequestBody))
	return &openapi3filter.RequestValidationInput{
		Request:    request,
		PathParams: r.values,
		Route: &routers.Route{
			Spec:      r.document,
			Path:      r.operation.path,
			PathItem:  r.operation.item,
			Method:    r.operation.method,
			Operation: r.operation.Operation,
		},
		Options: &openapi3filter.Options{
			MultiError:              true,
			SkipSettingDefaults:     true,
			IncludeResponseStatus:   true,
			AuthenticationFunc:      checkBearer,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
		},
	}
}

// checkBearer requires one Authorization header with a token of any kind.
func checkBearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	values := input.RequestValidationInput.Request.Header.Values("Authorization")
	if len(values) != 1 {
		return fmt.Errorf("%d Authorization headers", len(values))
	}
	if token, found := strings.CutPrefix(values[0], "Bearer "); !found || token == "" || strings.ContainsAny(token, " \t") {
		return errors.New("the Authorization header is not Bearer with a token")
	}
	return nil
}

// queryProblems returns a problem for each query parameter that the operation
// does not have, or that occurs twice although it has one value.
func (r *route) queryProblems(address *url.URL) (problems []error) {
	query, err := url.ParseQuery(address.RawQuery)
	if err != nil {
		return []error{errors.New("query cannot be parsed")}
	}
	documented := map[string]*openapi3.Parameter{}
	for _, parameter := range r.operation.parametersIn(openapi3.ParameterInQuery) {
		documented[parameter.Name] = parameter
	}
	for name, values := range query {
		switch parameter, known := documented[name]; {
		case !known:
			problems = append(problems, fmt.Errorf("query parameter %q is not in the document", name))
		case len(values) > 1 && !parameter.Schema.Value.Type.Is(openapi3.TypeArray):
			problems = append(problems, fmt.Errorf("query parameter %q occurs %d times", name, len(values)))
		}
	}
	return problems
}

func (r *route) requestHeaderProblems(exchange Exchange) (problems []error) {
	allowed := slices.Clone(transportRequestHeaders)
	for _, parameter := range r.operation.parametersIn(openapi3.ParameterInHeader) {
		allowed = append(allowed, http.CanonicalHeaderKey(parameter.Name))
	}
	if len(r.operation.security) > 0 {
		allowed = append(allowed, "Authorization")
	}
	header := exchange.Request.Header
	if len(exchange.RequestBody) > 0 {
		allowed = append(allowed, "Content-Type")
	}
	if accept := header.Get("Accept"); accept != jsonType {
		problems = append(problems, fmt.Errorf("header Accept is %q, not %s", accept, jsonType))
	}
	return append(problems, headerProblems(header, allowed)...)
}

func headerProblems(header http.Header, allowed []string) (problems []error) {
	for name, values := range header {
		if !slices.Contains(allowed, name) {
			problems = append(problems, fmt.Errorf("header %s is not in the document", name))
		} else if len(values) != 1 {
			problems = append(problems, fmt.Errorf("header %s occurs %d times", name, len(values)))
		}
	}
	return problems
}

func (r *route) requestBody(data []byte) (any, error) {
	switch {
	case len(data) == 0:
		return nil, nil
	case r.operation.body() == nil:
		return nil, errors.New("there is a body, and the document has none")
	}
	return parseJSON(data)
}

// checkResponse returns the items that a response covers, and its problems.
func (r *route) checkResponse(exchange Exchange) (items []item, problems []error) {
	documented, err := r.response(exchange.Status)
	if err != nil {
		return nil, []error{err}
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: r.input(exchange),
		Status:                 exchange.Status,
		Header:                 exchange.Header,
		Body:                   io.NopCloser(bytes.NewReader(exchange.ResponseBody)),
		Options:                r.input(exchange).Options,
	})
	if err != nil {
		problems = append(problems, flatten(err)...)
	}
	allowed := slices.Clone(transportResponseHeaders)
	for name := range documented.Headers {
		allowed = append(allowed, http.CanonicalHeaderKey(name))
	}
	if documented.Content != nil {
		allowed = append(allowed, "Content-Type")
	}
	problems = append(problems, headerProblems(exchange.Header, allowed)...)

	collector := itemCollector{operation: r.operation.OperationID}
	collector.add(statuses, strconv.Itoa(exchange.Status))
	for name := range documented.Headers {
		if exchange.Header.Get(name) != "" {
			collector.add(headers, "response "+http.CanonicalHeaderKey(name))
		}
	}
	switch content := documented.Content.Get(exchange.Header.Get("Content-Type")); {
	case documented.Content == nil && len(exchange.ResponseBody) > 0:
		problems = append(problems, errors.New("there is a body, and the document has none"))
	case content != nil:
		body, err := parseJSON(exchange.ResponseBody)
		if err != nil {
			return nil, append(problems, err)
		}
		collector.responseBody(content.Schema, body, "")
	}
	return collector.items, append(problems, collector.problems...)
}

// response returns the document's response for a status. The errors that the
// document lists share the default response.
func (r *route) response(status int) (*openapi3.Response, error) {
	if documented := r.operation.Responses.Status(status); documented != nil {
		return documented.Value, nil
	}
	errorResponse := r.operation.Responses.Default().Value
	if slices.Contains(errorStatuses(errorResponse), status) {
		return errorResponse, nil
	}
	return nil, fmt.Errorf("status %d is not in the document", status)
}

// errorStatuses returns the x-statuses of a default response.
func errorStatuses(response *openapi3.Response) (list []int) {
	listed, _ := response.Extensions["x-statuses"].([]any)
	for _, status := range listed {
		if number, ok := status.(float64); ok {
			list = append(list, int(number))
		}
	}
	return list
}

func parseJSON(data []byte) (any, error) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("body is not JSON: %w", err)
	}
	return value, nil
}

// flatten returns the single errors of a MultiError. It does not split the error
// of a parameter, which has the parameter's name.
func flatten(err error) []error {
	if several, ok := err.(openapi3.MultiError); ok && len(several) > 0 { //nolint:errorlint // only the outermost error is split
		var all []error
		for _, one := range several {
			all = append(all, flatten(one)...)
		}
		return all
	}
	return []error{err}
}
