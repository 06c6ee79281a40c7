package contract

import (
	"fmt"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// A kind of thing that exchanges can cover.
type kind int

const (
	called kind = iota
	queryParameters
	bodyFields
	zeroValues
	headers
	statuses
	answerFields
	enumValues
	kinds int = iota
)

// String names a kind as the head of a column.
func (k kind) String() string {
	return [...]string{"operation", "query", "body fields", "zero values", "headers", "statuses", "answer fields", "enum values"}[k]
}

// sharedAnswers stands for the operation in cells of answers: their schemas are
// shared by many operations.
const sharedAnswers = "(all answers)"

// A cell is one thing to cover.
type cell struct {
	operation string
	kind      kind
	name      string
}

func (c cell) String() string { return fmt.Sprintf("%s: %s %s", c.operation, c.kind, c.name) }

// covering collects the cells of one operation, and the members of answers that
// have no cell because the document does not know them.
type covering struct {
	operation string
	cells     []cell
	problems  []error
}

func (c *covering) add(kind kind, name string) {
	c.cells = append(c.cells, cell{c.operation, kind, name})
}

func (c *covering) addShared(kind kind, name string) {
	c.cells = append(c.cells, cell{sharedAnswers, kind, name})
}

// sent walks the value of a request's body.
func (c *covering) sent(ref *openapi3.SchemaRef, value any, path string) {
	if path != "" {
		c.add(bodyFields, path)
		if isZero(value) {
			c.add(zeroValues, path)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			c.sent(ref.Value.Properties[name], member, join(path, name))
		}
	case []any:
		for _, item := range value {
			c.sent(ref.Value.Items, item, path+"[]")
		}
	case string:
		if ref.Value.Enum != nil {
			c.add(enumValues, path+"="+value)
		}
	}
}

// received walks the value of an answer.
func (c *covering) received(ref *openapi3.SchemaRef, value any, path string) {
	schema, name := branch(ref, value)
	switch value := value.(type) {
	case map[string]any:
		for member, inner := range value {
			owner, property := find(schema, name, member)
			if property == nil {
				c.problems = append(c.problems, fmt.Errorf("%s is not in the document", join(path, member)))
				continue
			}
			c.addShared(answerFields, owner+"."+member)
			c.received(property, inner, join(path, member))
		}
	case []any:
		for _, item := range value {
			if schema.Items != nil {
				c.received(schema.Items, item, path+"[]")
			}
		}
	case string:
		if schema.Enum != nil {
			c.addShared(enumValues, name+"="+value)
		}
	}
}

// branch chooses the first of several alternatives that value fits.
func branch(ref *openapi3.SchemaRef, value any) (schema *openapi3.Schema, name string) {
	for _, alternative := range ref.Value.AnyOf {
		if alternative.Value.VisitJSON(value) == nil {
			return alternative.Value, nameOf(alternative)
		}
	}
	return ref.Value, nameOf(ref)
}

// find looks for a property of a schema and of those that it consists of. It
// returns the name of the schema that has it.
func find(schema *openapi3.Schema, name, property string) (string, *openapi3.SchemaRef) {
	if found := schema.Properties[property]; found != nil {
		return name, found
	}
	for _, part := range schema.AllOf {
		owner := name
		if part.Ref != "" {
			owner = nameOf(part)
		}
		if owner, found := find(part.Value, owner, property); found != nil {
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

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Coverage is how much of the document a Checker has seen.
type Coverage struct {
	exchanges int
	expected  []cell
	seen      map[cell]bool
}

// Coverage returns what has been covered so far.
func (c *Checker) Coverage() Coverage {
	c.mu.Lock()
	defer c.mu.Unlock()
	coverage := Coverage{exchanges: c.exchanges, expected: c.expected, seen: map[cell]bool{}}
	for _, cell := range c.expected {
		coverage.seen[cell] = c.seen[cell]
	}
	return coverage
}

// Missing lists what is not covered.
func (c Coverage) Missing() (missing []string) {
	for _, cell := range c.expected {
		if !c.seen[cell] {
			missing = append(missing, cell.String())
		}
	}
	return missing
}

// count returns how many cells of a kind there are, and how many were seen;
// with an operation, of that operation only.
func (c Coverage) count(kind kind, operation string) (seen, total int) {
	for _, cell := range c.expected {
		if cell.kind == kind && (operation == "" || cell.operation == operation) {
			total++
			if c.seen[cell] {
				seen++
			}
		}
	}
	return seen, total
}

func fraction(seen, total int) string {
	if total == 0 {
		return "-"
	}
	return strconv.Itoa(seen) + "/" + strconv.Itoa(total)
}
