package program

import (
	"strings"
	"unicode"
)

// OneLine replaces control characters by spaces. A name that somebody typed in
// must not change the columns of a table or control the terminal.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
