package contract

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

const jsonType = "application/json"

// An Exchange is a request and its response, as they were sent.
type Exchange struct {
	Request      *http.Request // its Body is not read
	RequestBody  []byte
	Status       int         // 0 if there is no response to check
	Header       http.Header // of the response
	ResponseBody []byte
}

// A Checker checks exchanges against the API's document and keeps what they
// cover. It is safe for concurrent use.
type Checker struct {
	document   *openapi3.T
	operations []*operation
	basePaths  []string
	expected   []item

	mu   sync.Mutex
	seen map[item]bool
}

// NewChecker returns a Checker that has not seen an exchange.
func NewChecker() (*Checker, error) {
	document, err := Document()
	if err != nil {
		return nil, err
	}
	checker := &Checker{document: document, operations: operationsOf(document), seen: map[item]bool{}}
	for _, server := range document.Servers {
		path, err := server.BasePath()
		if err != nil {
			return nil, fmt.Errorf("base path of the server %s: %w", server.URL, err)
		}
		checker.basePaths = append(checker.basePaths, path)
	}
	if checker.expected, err = expectedItems(checker.operations); err != nil {
		return nil, err
	}
	return checker, nil
}

// Check returns an error if the document does not allow the exchange. Otherwise
// it marks the items of the response as covered, and those of the request if the
// status is 2xx.
func (c *Checker) Check(exchange Exchange) error {
	items, err := c.check(exchange)
	if err != nil {
		return fmt.Errorf("%s %s (status %d): %w", exchange.Request.Method, exchange.Request.URL.Path, exchange.Status, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, item := range items {
		c.seen[item] = true
	}
	return nil
}

// Missing lists what the exchanges that were checked so far do not cover.
func (c *Checker) Missing() (missing []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, item := range c.expected {
		if !c.seen[item] {
			missing = append(missing, item.String())
		}
	}
	return missing
}

func (c *Checker) check(exchange Exchange) ([]item, error) {
	route, err := c.route(exchange.Request)
	if err != nil {
		return nil, err
	}
	sent, problems := route.checkRequest(exchange)
	if exchange.Status == 0 {
		return nil, errors.Join(problems...)
	}
	received, responseProblems := route.checkResponse(exchange)
	for _, problem := range responseProblems {
		problems = append(problems, fmt.Errorf("response: %w", problem))
	}
	if exchange.Status < http.StatusOK || exchange.Status >= http.StatusMultipleChoices {
		sent = nil
	}
	return append(sent, received...), errors.Join(problems...)
}

// route finds the operation of a request.
func (c *Checker) route(request *http.Request) (*route, error) {
	if request.URL.EscapedPath() != request.URL.Path {
		return nil, errors.New("path has escapes, which no UID needs")
	}
	for _, base := range c.basePaths {
		path, found := strings.CutPrefix(request.URL.Path, base)
		if !found {
			continue
		}
		for _, operation := range c.operations {
			if values, ok := operation.pathValues(path); ok && operation.method == request.Method {
				return &route{document: c.document, operation: operation, values: values}, nil
			}
		}
		return nil, errors.New("the document has no such operation")
	}
	return nil, fmt.Errorf("path does not begin with the base path of a server: %v", c.basePaths)
}
