package program

import (
	"strings"
	"unicode"
)

// OneLine returns text without control characters. What somebody typed as a
// name must reach neither the columns of a table nor the terminal's controls.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// A List is a flag that can be given several times.
type List []string

// String returns what was given.
func (l *List) String() string { return strings.Join(*l, ", ") }

// Set adds a value.
func (l *List) Set(value string) error {
	*l = append(*l, value)
	return nil
}
