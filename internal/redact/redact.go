// Package redact takes secrets out of texts that come from outside, before
// they enter an error or a log record.
package redact

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mask stands where a secret was.
const Mask = "REDACTED"

// shaped like a credential, whoever's it is: what follows Bearer, or a JWT.
var shaped = regexp.MustCompile(`(?i:\bbearer(?:\s|%20|[+:=])+([^\s"'<>,;&]+))|eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*`)

// Scrub replaces secrets, however servers may have escaped them, and anything
// that is shaped like a token.
func Scrub(text string, secrets []string) string { return scrub(text, len(text), secrets) }

// scrub scrubs a text and cuts it: what stands from limit on is only read, so
// that a secret across the limit is recognized.
func scrub(text string, limit int, secrets []string) string {
	var clean strings.Builder
	rest := 0
	for _, secret := range find(text, withoutEmpty(secrets)) {
		if secret.start >= limit {
			break
		}
		clean.WriteString(text[rest:secret.start])
		clean.WriteString(Mask)
		rest = secret.end
	}
	if rest < limit {
		clean.WriteString(text[rest:limit])
	}
	return shaped.ReplaceAllStringFunc(clean.String(), maskShaped)
}

func withoutEmpty(secrets []string) []string {
	var kept []string
	for _, secret := range secrets {
		if secret != "" {
			kept = append(kept, secret)
		}
	}
	return kept
}

// maskShaped spares the words of messages such as "Bearer token expected".
func maskShaped(text string) string {
	token := shaped.FindStringSubmatch(text)[1]
	letters := strings.TrimRight(token, ".!?)")
	isWord := letters != "" && len(letters) < 16 && !strings.ContainsFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) })
	if isWord {
		return text
	}
	return Mask
}

// excerptLength is how much of an answer that is no JSON an error shows, in bytes.
const excerptLength = 200

// Excerpt returns the beginning of an answer that should have been JSON, on one
// line. Of JSON it returns nothing, not even when something stands before it:
// that may hold a token that nobody has seen yet.
func Excerpt(body []byte, secrets []string) string {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 || body[0] == '[' {
		return ""
	}
	text := string(body[:min(len(body), 1<<16)])
	if text[0] != '<' && strings.ContainsAny(text[:min(len(text), 16*excerptLength)], `{"`) {
		return ""
	}
	line := Scrub(Line(beginning(text, 16*excerptLength, secrets)), onOneLine(secrets))
	if scattered(line, secrets) {
		return ""
	}
	return Shorten(line, excerptLength)
}

// scattered reports whether a secret is in a text with blanks between its
// letters, as UTF-16 and wrapped lines leave them.
func scattered(line string, secrets []string) bool {
	squeezed := squeeze(line)
	return slices.ContainsFunc(secrets, func(secret string) bool {
		// The beginning is enough to tell, and the end may have been cut off.
		secret = squeeze(Line(secret))
		return secret != "" && strings.Contains(squeezed, secret[:min(len(secret), 12)])
	})
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

// textLength bounds what an error repeats of a text from outside, in bytes.
const textLength = 300

// Text makes a text from outside fit for an error or a log record: without
// secrets, on one line, and not endless.
func Text(text string, secrets []string) string {
	return Shorten(Line(beginning(text, 16*textLength, secrets)), textLength)
}

// messageLength bounds what an error keeps of a text from outside, in bytes.
const messageLength = 8 << 10

// Message makes a text from outside fit for a field of an error: without secrets.
func Message(text string, secrets []string) string {
	if len(text) <= messageLength {
		return Scrub(text, secrets)
	}
	return Shorten(beginning(text, messageLength+1, secrets), messageLength)
}

// beginning scrubs the beginning of a text. Texts from outside can have any
// length, and looking for secrets in every spelling costs time.
func beginning(text string, limit int, secrets []string) string {
	// Scrubbed before it is cut: half a secret is not recognized, but is still half a secret.
	window := limit
	for _, secret := range secrets {
		window = max(window, limit+longestSpelling*len(secret))
	}
	text = text[:min(len(text), window)]
	return scrub(text, min(len(text), limit), secrets)
}

// onOneLine returns the secrets as they may look after Line.
func onOneLine(secrets []string) []string {
	lines := withoutEmpty(secrets)
	for _, secret := range secrets {
		// What is left of a secret that is mostly blanks would be found everywhere.
		if line := Line(secret); line != secret && len(line) >= 4 {
			lines = append(lines, line)
		}
	}
	return lines
}

// Line puts text on one line of printable characters, so that what a server
// sends cannot forge a log record.
func Line(text string) string {
	var line strings.Builder
	space := false
	for _, r := range text {
		if !unicode.IsPrint(r) || r == ' ' {
			space = line.Len() > 0
			continue
		}
		if space {
			line.WriteByte(' ')
			space = false
		}
		line.WriteRune(r)
	}
	return line.String()
}

// Shorten cuts text to length bytes, at a character, and says so with an ellipsis.
func Shorten(text string, length int) string {
	if len(text) <= length {
		return text
	}
	for length > 0 && !utf8.RuneStart(text[length]) {
		length--
	}
	return text[:length] + "…"
}
