// Package redact removes secrets from texts that come from servers and
// transports, before they enter an error, a log record or a response header.
package redact

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mask replaces a secret.
const Mask = "REDACTED"

// Lengths in bytes.
const (
	maxLength     = 8 << 10 // of a redacted text; the search for escaped secrets takes time
	messageLength = 300
	excerptLength = 200
	maxCopied     = 1 << 20 // of a body, which may be much larger
)

// Scrub returns the first 8 KiB of text without secrets:
//
//   - A secret that text contains literally is replaced by Mask. So is anything
//     that looks like a token: a JWT, or what follows Bearer.
//   - If text contains a secret in escaped form, such as %2D or \u0026, all of it
//     is replaced by Mask.
func Scrub(text string, secrets []string) string {
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(secret string) bool { return secret == "" })
	end, length := cut(text, maxLength), maxLength
	for _, secret := range secrets {
		// A secret may begin before the end and continue after it.
		length = max(length, maxLength+maxGrowth*len(secret))
	}
	window := text[:min(len(text), length)]
	if containsEscaped(window, secrets) {
		return Mask
	}
	clean := tokenShape.ReplaceAllStringFunc(maskLiteral(window, end, secrets), maskToken)
	if end < len(text) {
		clean += "…"
	}
	return clean
}

// maskLiteral masks secrets in text[:end]. It reads the rest of text to recognize
// a secret that continues there.
func maskLiteral(text string, end int, secrets []string) string {
	var clean strings.Builder
	maskedUntil := 0
	for i := range end {
		for _, secret := range secrets {
			if !strings.HasPrefix(text[i:], secret) {
				continue
			}
			if maskedUntil <= i {
				clean.WriteString(Mask)
			}
			maskedUntil = max(maskedUntil, i+len(secret))
		}
		if maskedUntil <= i {
			clean.WriteByte(text[i])
		}
	}
	return clean.String()
}

// tokenShape matches what looks like a token: what follows Bearer, and a JWT.
var tokenShape = regexp.MustCompile(`(?i:\bbearer(?:\s|%20|[+:=])+([^\s"'<>,;&]+))|eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*`)

// maskToken returns Mask, or match if the word after Bearer is a plain word, as
// in "Bearer token expected".
func maskToken(match string) string {
	token := tokenShape.FindStringSubmatch(match)[1]
	word := strings.TrimRight(token, ".!?)")
	if word != "" && len(word) < 16 && strings.TrimFunc(word, unicode.IsLetter) == "" {
		return match
	}
	return Mask
}

// Message returns text for an error or a log record: redacted, on one line, and at
// most 300 bytes long.
func Message(text string, secrets []string) string { return oneLine(text, secrets, messageLength) }

// Excerpt returns the beginning of a response that is not JSON: redacted, on one
// line, and at most 200 bytes long. If the response looks like JSON, the excerpt
// is empty, because JSON may contain a token that the SDK does not know yet.
func Excerpt(body []byte, secrets []string) string {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	text := string(body[:min(len(body), maxCopied)]) // Scrub needs no more
	if strings.HasPrefix(text, "[") {
		return ""
	}
	if !strings.HasPrefix(text, "<") && strings.ContainsAny(text[:min(len(text), maxLength)], `{"`) {
		return ""
	}
	return oneLine(text, secrets, excerptLength)
}

// oneLine scrubs text twice, because a secret with a line break in it looks
// different on one line.
func oneLine(text string, secrets []string, length int) string {
	return Shorten(Scrub(Line(Scrub(text, secrets)), secrets), length)
}

// Line replaces unprintable characters and runs of spaces by single spaces, so
// that a text from a server cannot forge a log record.
func Line(text string) string {
	isBlank := func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\ufffd"), isBlank), " ")
}

// Shorten returns at most length bytes of text, followed by an ellipsis if that
// is not all of it. It does not split characters.
func Shorten(text string, length int) string {
	if end := cut(text, length); end < len(text) {
		return text[:end] + "…"
	}
	return text
}

// cut returns the length of the longest prefix of text that has at most length
// bytes and does not split a character.
func cut(text string, length int) int {
	if len(text) <= length {
		return len(text)
	}
	for length > 0 && !utf8.RuneStart(text[length]) {
		length--
	}
	return length
}
