package contract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

const jsonType = "application/json"

// An Exchange is a request with its answer, as they were on the wire.
type Exchange struct {
	Request      *http.Request // its Body is not read
	RequestBody  []byte
	Status       int         // 0 when there is no answer to check
	Header       http.Header // of the answer
	ResponseBody []byte
}

// A Checker checks exchanges against the API's document and counts what they
// cover. It may be used by several goroutines at once.
type Checker struct {
	document   *openapi3.T
	operations []*operation
	basePaths  []string
	expected   []cell

	mu         sync.Mutex
	seen       map[cell]bool
	exchanges  int
	violations []error
}

// NewChecker returns a Checker that has seen nothing.
func NewChecker() (*Checker, error) {
	document, err := Document()
	if err != nil {
		return nil, err
	}
	checker := &Checker{document: document, operations: operationsOf(document), seen: map[cell]bool{}}
	for _, server := range document.Servers {
		path, err := server.BasePath()
		if err != nil {
			return nil, fmt.Errorf("base path of the server %s: %w", server.URL, err)
		}
		checker.basePaths = append(checker.basePaths, path)
	}
	if checker.expected, err = expectedCells(checker.operations); err != nil {
		return nil, err
	}
	return checker, nil
}

// Check returns what an exchange does that the document does not allow, and
// counts what it covers when it is without fault. The fields of a request are
// counted when the answer is a success.
func (c *Checker) Check(exchange Exchange) error {
	cells, err := c.examine(exchange)
	if err != nil {
		err = fmt.Errorf("%s %s (status %d): %w", exchange.Request.Method, exchange.Request.URL.Path, exchange.Status, err)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.exchanges++
	if err != nil {
		c.violations = append(c.violations, err)
		return err
	}
	for _, cell := range cells {
		c.seen[cell] = true
	}
	return nil
}

// Violations returns what Check has found so far.
func (c *Checker) Violations() []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.violations)
}

func (c *Checker) examine(exchange Exchange) ([]cell, error) {
	route, err := c.route(exchange.Request)
	if err != nil {
		return nil, err
	}
	sent, problems := route.request(exchange)
	if exchange.Status == 0 {
		return nil, errors.Join(problems...)
	}
	received, faults := route.answer(exchange)
	for _, fault := range faults {
		problems = append(problems, fmt.Errorf("answer: %w", fault))
	}
	if exchange.Status < http.StatusOK || exchange.Status >= http.StatusMultipleChoices {
		sent = nil
	}
	return append(sent, received...), errors.Join(problems...)
}

// route finds the operation that a request is for.
func (c *Checker) route(request *http.Request) (*route, error) {
	if request.URL.EscapedPath() != request.URL.Path {
		return nil, errors.New("path has escapes, which no UID needs")
	}
	for _, base := range c.basePaths {
		path, below := strings.CutPrefix(request.URL.Path, base)
		if !below {
			continue
		}
		for _, operation := range c.operations {
			if values, ok := operation.values(path); ok && operation.method == request.Method {
				return &route{document: c.document, operation: operation, values: values}, nil
			}
		}
		return nil, errors.New("the document has no such operation")
	}
	return nil, fmt.Errorf("path is not below the base path of a server: %v", c.basePaths)
}
