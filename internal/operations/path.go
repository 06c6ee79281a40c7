package operations

import (
	"fmt"
	"strings"
)

// Expand fills the parameters of a path template with values, in their order.
// A value must be an identifier: that keeps "", "..", "/", "?" and "%" from
// turning a request into one for another endpoint. The error names the
// parameter and never repeats the value, which may be a misplaced secret.
func Expand(template string, values []string) (string, error) {
	var path strings.Builder
	path.Grow(len(template) + 24*len(values))
	rest := template
	for filled := 0; ; filled++ {
		before, after, found := strings.Cut(rest, "{")
		path.WriteString(before)
		if !found {
			if filled != len(values) {
				return "", fmt.Errorf("%d path values for the %d parameters of %s", len(values), filled, template)
			}
			return path.String(), nil
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("path template %s: brace is not closed", template)
		}
		if filled == len(values) {
			return "", fmt.Errorf("no path value for %s of %s", name, template)
		}
		if problem := UIDProblem(values[filled]); problem != "" {
			return "", fmt.Errorf("%s %s", name, problem)
		}
		path.WriteString(values[filled])
		rest = after
	}
}

// UIDProblem says what keeps value from being a UID; it is empty when nothing
// does. The vendor's pattern [A-Za-z0-9-_]+ is taken for the whole string.
func UIDProblem(value string) string {
	if value == "" {
		return "is empty"
	}
	for i := range len(value) {
		switch c := value[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return fmt.Sprintf("has something else than letters, digits, - and _ at position %d, so it is no UID", i+1)
		}
	}
	return ""
}
