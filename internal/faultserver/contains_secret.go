package faultserver

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// ContainsSecret reports whether a reader of text can see one of the marks. It
// also finds marks that are escaped, or that have white space or unprintable
// characters in them. Tests put a mark at each end of a secret, so that half of a
// secret is found, too.
func ContainsSecret(text string, marks ...string) bool {
	for range 4 {
		plain := printable(text)
		for _, mark := range marks {
			if strings.Contains(plain, mark) {
				return true
			}
		}
		if !strings.ContainsAny(text, `%\&`) {
			break
		}
		text = unescape(text)
	}
	return false
}

var (
	percentEscapes = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	unicodeEscapes = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}`)
)

// unescape removes one layer of percent, backslash and HTML escapes.
func unescape(text string) string {
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

// printable removes white space and unprintable characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
