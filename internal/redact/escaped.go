package redact

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

const (
	// maxLevels is how often a text may have been escaped, for example as JSON,
	// then as HTML, then as a part of a URL.
	maxLevels = 3
	// maxGrowth is how many bytes one byte of a secret becomes in maxLevels.
	maxGrowth = 20
	// minFolded is the length in bytes from which a secret is found with any
	// blanks between its characters. Shorter secrets, such as PINs, would be found
	// in phone numbers.
	minFolded = 8
)

// containsEscaped reports whether text contains a secret in escaped form. It
// ignores secrets that text contains literally.
func containsEscaped(text string, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(secret string) bool {
		fold, folded := foldBlanks, foldBlanks(secret)
		if len(folded) < minFolded {
			fold, folded = foldPlus, foldPlus(secret)
		}
		// \xff is in no UTF-8 text, so it is in no secret.
		rest := strings.ReplaceAll(text, secret, "\xff")
		return unescapesTo(rest, maxLevels, func(plain string) bool { return strings.Contains(fold(plain), folded) })
	})
}

var unescapers = []func(string) string{unescapePercent, unescapeBackslash, html.UnescapeString}

// unescapesTo reports whether matches is true for text, or for text after up to
// levels levels of escapes have been removed.
func unescapesTo(text string, levels int, matches func(string) bool) bool {
	if matches(text) {
		return true
	}
	if levels == 0 {
		return false
	}
	return slices.ContainsFunc(unescapers, func(unescape func(string) string) bool {
		plain := unescape(text)
		return plain != text && unescapesTo(plain, levels-1, matches)
	})
}

// foldPlus replaces plus signs by spaces, as in a query.
func foldPlus(text string) string { return strings.ReplaceAll(text, "+", " ") }

// foldBlanks removes spaces, plus signs and unprintable characters. It undoes
// line breaks and the zero bytes of UTF-16.
func foldBlanks(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r == ' ' || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

var percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

func unescapePercent(text string) string {
	return percentEscape.ReplaceAllStringFunc(text, func(escape string) string {
		return string([]byte{byte(hexadecimal(escape[1:]))})
	})
}

// backslashEscape matches the escapes of JSON, Go and JavaScript. A pair of \u
// escapes may be one character in UTF-16.
var backslashEscape = regexp.MustCompile(`\\(?:[abfnrtv"'/\\]|x[0-9A-Fa-f]{2}|u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})`)

func unescapeBackslash(text string) string {
	return backslashEscape.ReplaceAllStringFunc(text, func(escape string) string {
		if letter := strings.IndexByte("abfnrtv", escape[1]); letter >= 0 {
			return "\a\b\f\n\r\t\v"[letter : letter+1]
		}
		switch len(escape) {
		case 2: // \"
			return escape[1:]
		case 4: // \x22
			return string([]byte{byte(hexadecimal(escape[2:]))})
		case 12: // \ud83d\udd11
			return string(utf16.DecodeRune(hexadecimal(escape[2:6]), hexadecimal(escape[8:])))
		default: // \u0022 or \U00000022
			return string(hexadecimal(escape[2:]))
		}
	})
}

func hexadecimal(digits string) rune {
	value, _ := strconv.ParseUint(digits, 16, 32) // the digits are valid
	return rune(value)
}
