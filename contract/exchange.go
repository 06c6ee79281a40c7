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

// The headers that belong to HTTP rather than to the API.
var (
	transportRequestHeaders = []string{"Accept", "Accept-Encoding", "Content-Length", "User-Agent"}
	transportAnswerHeaders  = []string{"Content-Length", "Date", "Www-Authenticate"}
)

// request returns what a request covers, and what is wrong with it.
func (r *route) request(exchange Exchange) (cells []cell, problems []error) {
	if err := openapi3filter.ValidateRequest(context.Background(), r.input(exchange)); err != nil {
		problems = append(problems, flatten(err)...)
	}
	problems = append(problems, r.surplusQuery(exchange.Request.URL)...)
	problems = append(problems, r.requestHeaders(exchange)...)
	body, err := r.requestBody(exchange.RequestBody)
	if err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, problems
	}

	cover := covering{operation: r.operation.OperationID}
	cover.add(called, "")
	for name := range exchange.Request.Header {
		cover.add(headers, name)
	}
	for _, parameter := range r.operation.in(openapi3.ParameterInQuery) {
		for _, value := range exchange.Request.URL.Query()[parameter.Name] {
			cover.add(queryParameters, parameter.Name)
			cover.add(enumValues, parameter.Name+"="+value)
		}
	}
	if body != nil {
		cover.sent(r.operation.body(), body, "")
	}
	return cover.cells, nil
}

// input is an exchange as openapi3filter takes it. The request is a copy, since
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
			AuthenticationFunc:      bearer,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
		},
	}
}

// bearer wants one Authorization header with a token. Which kind of token it
// is, the API alone can tell.
func bearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	values := input.RequestValidationInput.Request.Header.Values("Authorization")
	if len(values) != 1 {
		return fmt.Errorf("%d Authorization headers", len(values))
	}
	if token, found := strings.CutPrefix(values[0], "Bearer "); !found || token == "" || strings.ContainsAny(token, " \t") {
		return errors.New("the Authorization header is not Bearer with a token")
	}
	return nil
}

// surplusQuery finds query parameters that the operation does not have, and
// those that stand there twice although they take one value.
func (r *route) surplusQuery(address *url.URL) (problems []error) {
	query, err := url.ParseQuery(address.RawQuery)
	if err != nil {
		return []error{errors.New("query cannot be parsed")}
	}
	declared := map[string]*openapi3.Parameter{}
	for _, parameter := range r.operation.in(openapi3.ParameterInQuery) {
		declared[parameter.Name] = parameter
	}
	for name, values := range query {
		switch parameter, known := declared[name]; {
		case !known:
			problems = append(problems, fmt.Errorf("query parameter %q is not in the document", name))
		case len(values) > 1 && !parameter.Schema.Value.Type.Is(openapi3.TypeArray):
			problems = append(problems, fmt.Errorf("query parameter %q stands there %d times", name, len(values)))
		}
	}
	return problems
}

func (r *route) requestHeaders(exchange Exchange) (problems []error) {
	allowed := slices.Clone(transportRequestHeaders)
	for _, parameter := range r.operation.in(openapi3.ParameterInHeader) {
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
	return append(problems, surplusHeaders(header, allowed)...)
}

func surplusHeaders(header http.Header, allowed []string) (problems []error) {
	for name, values := range header {
		if !slices.Contains(allowed, name) {
			problems = append(problems, fmt.Errorf("header %s is not in the document", name))
		} else if len(values) != 1 {
			problems = append(problems, fmt.Errorf("header %s stands there %d times", name, len(values)))
		}
	}
	return problems
}

func (r *route) requestBody(data []byte) (any, error) {
	switch {
	case len(data) == 0:
		return nil, nil
	case r.operation.body() == nil:
		return nil, errors.New("there is a body, where the document has none")
	}
	return parse(data)
}

// answer returns what an answer covers, and what is wrong with it.
func (r *route) answer(exchange Exchange) (cells []cell, problems []error) {
	described, err := r.response(exchange.Status)
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
	allowed := slices.Clone(transportAnswerHeaders)
	for name := range described.Headers {
		allowed = append(allowed, http.CanonicalHeaderKey(name))
	}
	if described.Content != nil {
		allowed = append(allowed, "Content-Type")
	}
	problems = append(problems, surplusHeaders(exchange.Header, allowed)...)

	cover := covering{operation: r.operation.OperationID}
	cover.add(statuses, strconv.Itoa(exchange.Status))
	for name := range described.Headers {
		if exchange.Header.Get(name) != "" {
			cover.add(headers, "answer "+http.CanonicalHeaderKey(name))
		}
	}
	switch content := described.Content.Get(exchange.Header.Get("Content-Type")); {
	case described.Content == nil && len(exchange.ResponseBody) > 0:
		problems = append(problems, errors.New("there is a body, where the document has none"))
	case content != nil:
		body, err := parse(exchange.ResponseBody)
		if err != nil {
			return nil, append(problems, err)
		}
		cover.received(content.Schema, body, "")
	}
	return cover.cells, append(problems, cover.problems...)
}

// response returns the document's description of a status: its own for a
// success, the default one for the errors that the document lists.
func (r *route) response(status int) (*openapi3.Response, error) {
	if described := r.operation.Responses.Status(status); described != nil {
		return described.Value, nil
	}
	refused := r.operation.Responses.Default().Value
	if slices.Contains(errorStatuses(refused), status) {
		return refused, nil
	}
	return nil, fmt.Errorf("status %d is not in the document", status)
}

// errorStatuses returns the statuses that a default response stands for.
func errorStatuses(response *openapi3.Response) (list []int) {
	listed, _ := response.Extensions["x-statuses"].([]any)
	for _, status := range listed {
		if number, ok := status.(float64); ok {
			list = append(list, int(number))
		}
	}
	return list
}

func parse(data []byte) (any, error) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("body is not JSON: %w", err)
	}
	return value, nil
}

// flatten unfolds the errors of the filter, but not those within the error of
// one parameter, which alone knows the parameter's name.
func flatten(err error) []error {
	if several, ok := err.(openapi3.MultiError); ok && len(several) > 0 {
		var all []error
		for _, one := range several {
			all = append(all, flatten(one)...)
		}
		return all
	}
	return []error{err}
}
