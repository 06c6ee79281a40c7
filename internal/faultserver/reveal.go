package faultserver

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Reveals reports whether somebody who reads text learns one of the marks, also
// when it is escaped, or has white space or unprintable characters in it. Marks
// are at both ends of a secret, so that half a secret is found too.
func Reveals(text string, marks ...string) bool {
	for range 4 {
		plain := squeezed(text)
		for _, mark := range marks {
			if strings.Contains(plain, mark) {
				return true
			}
		}
		if !strings.ContainsAny(text, `%\&`) {
			break
		}
		text = unescaped(text)
	}
	return false
}

var (
	percentEscapes = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	unicodeEscapes = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}`)
)

// unescaped undoes one layer of the usual ways of escaping.
func unescaped(text string) string {
	text = percentEscapes.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.ParseUint(s[1:], 16, 8)
		return string([]byte{byte(n)})
	})
	text = unicodeEscapes.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.ParseUint(s[2:], 16, 16)
		return string(rune(n))
	})
	return strings.ReplaceAll(html.UnescapeString(text), `\\`, `\`)
}

// squeezed drops what a reader does not need to read a secret.
func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
