// Package redact takes secrets out of texts that come from outside, before
// they enter an error or a log record.
package redact

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mask stands where a secret was.
const Mask = "REDACTED"

// shaped like a credential, whoever's it is: a JWT, or what follows Bearer.
var shaped = regexp.MustCompile(`(?i)\bbearer\s+[^\s"'<>,;]+|\beyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*)*`)

// Scrub replaces secrets, in the spellings that servers send back, and
// anything that is shaped like a token.
func Scrub(text string, secrets []string) string {
	// The longest first: one secret may be a part of another.
	secrets = slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, spelling := range spellings(secret) {
			text = strings.ReplaceAll(text, spelling, Mask)
		}
	}
	return shaped.ReplaceAllString(text, Mask)
}

func spellings(secret string) []string {
	quoted := strconv.Quote(secret)
	spellings := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), quoted[1 : len(quoted)-1], htmlEscaper.Replace(secret)}
	slices.Sort(spellings)
	return slices.Compact(spellings)
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// excerptLength is how much of an answer that is no JSON an error shows, in bytes.
const excerptLength = 200

// Excerpt returns the beginning of an answer that should have been JSON, on one
// line. Of JSON it returns nothing: that may hold a token that nobody has seen yet.
func Excerpt(body []byte, secrets []string) string {
	text := strings.TrimSpace(string(body[:min(len(body), 16*excerptLength)]))
	if text == "" || strings.ContainsRune(`{["`, rune(text[0])) {
		return ""
	}
	// Scrubbed before it is cut: a cut secret is not recognized, but is still half a secret.
	return Shorten(Line(Scrub(text, secrets)), excerptLength)
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
