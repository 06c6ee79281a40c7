package redact_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/flowretail/flowretail-go/internal/redact"
)

func TestScrub(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		secrets []string
		want    string
	}{
		"no secret":                      {"a plain message", nil, "a plain message"},
		"an empty secret":                {"a plain message", []string{""}, "a plain message"},
		"one secret is part of another":  {"a marked-secret-long b", []string{"marked-secret", "marked-secret-long"}, "a REDACTED b"},
		"the longer secret comes first":  {"a marked-secret-long b", []string{"marked-secret-long", "marked-secret"}, "a REDACTED b"},
		"one secret ends another":        {"a marked-secret b", []string{"marked-secret", "secret"}, "a REDACTED b"},
		"secrets that overlap":           {"a one-two-three b", []string{"one-two", "two-three"}, "a REDACTED b"},
		"a secret that overlaps itself":  {"a xyxyx b", []string{"xyx"}, "a REDACTED b"},
		"secrets side by side":           {"a one-two b", []string{"one-", "two"}, "a REDACTEDREDACTED b"},
		"another client's bearer token":  {"got Authorization: Bearer abc-123, sorry", nil, "got Authorization: REDACTED, sorry"},
		"a bearer token in a URL":        {"?authorization=Bearer%20abc123&x=1", nil, "?authorization=REDACTED&x=1"},
		"a bearer token of letters only": {"Bearer abcdefghijklmnop", nil, "REDACTED"},
		"another client's JWT":           {"token=eyJhbGciOi.eyJleHAiOjF9.c2ln!", nil, "token=REDACTED!"},
		"a JWT in a URL":                 {"next%3Fjwt%3DeyJhbGciOi.eyJleHAiOjF9.c2ln end", nil, "next%3Fjwt%3DREDACTED end"},
		"words about bearer tokens":      {"The Bearer token has expired. Bearer authentication is required", nil, "The Bearer token has expired. Bearer authentication is required"},
		"a question about bearer tokens": {"(no Bearer token?)", nil, "(no Bearer token?)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Scrub(test.text, test.secrets); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// Scrub keeps the first 8 KiB. A secret that begins there may continue after them.
func TestScrub_longText(t *testing.T) {
	const kept = 8 << 10
	secret := strings.Repeat("marked & secret ", 100)
	short := "marked & secret!"
	dots := func(n int) string { return strings.Repeat(".", n) }
	for name, test := range map[string]struct{ text, want string }{
		"8 KiB":                   {dots(kept), dots(kept)},
		"more":                    {dots(kept + 1), dots(kept) + "…"},
		"a split character":       {dots(kept-1) + "å.", dots(kept-1) + "…"},
		"a secret at the start":   {secret + dots(100), "REDACTED" + dots(100)},
		"across the end":          {dots(kept-3) + secret + dots(100), dots(kept-3) + "REDACTED…"},
		"at the last byte":        {dots(kept-1) + secret, dots(kept-1) + "REDACTED…"},
		"after the end":           {dots(kept) + secret, dots(kept) + "…"},
		"escaped, at the start":   {url.QueryEscape(secret) + dots(100), "REDACTED"},
		"escaped, across the end": {dots(kept-3) + url.QueryEscape(secret) + dots(100), "REDACTED"},
		"escaped three times":     {dots(kept-3) + escapeJSON(escapeJSON(eachByte("&#%d;", short))), "REDACTED"},
		"escaped, far after":      {dots(kept+100*len(secret)) + url.QueryEscape(secret), dots(kept) + "…"},
		"many secrets, then more": {strings.Repeat(secret+".", 30), strings.Repeat("REDACTED.", 5) + "REDACTED…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Scrub(test.text, []string{short, secret, ""}); got != test.want {
				t.Errorf("%d bytes: …%q, want %d: …%q", len(got), got[max(0, len(got)-50):], len(test.want), test.want[max(0, len(test.want)-50):])
			}
		})
	}
}

func TestMessage(t *testing.T) {
	const secret = "marked-secret-0123456789"
	for name, test := range map[string]struct{ text, want string }{
		"nothing":          {"", ""},
		"a line":           {"no user 7", "no user 7"},
		"several lines":    {"no\nuser\r\n\t7 ", "no user 7"},
		"a secret":         {"no\n" + secret + "\nhere", "no REDACTED here"},
		"an escaped one":   {"no\nmarked%2Dsecret%2D0123456789\nhere", "REDACTED"},
		"a short one":      {"no a\nb here", "no REDACTED here"},
		"300 bytes":        {strings.Repeat("a", 300), strings.Repeat("a", 300)},
		"more":             {strings.Repeat("a", 301), strings.Repeat("a", 300) + "…"},
		"a cut in a mask":  {strings.Repeat("a", 297) + secret, strings.Repeat("a", 297) + "RED…"},
		"a distant secret": {strings.Repeat("a ", 4000) + secret, strings.Repeat("a ", 150) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Message(test.text, []string{secret, "a b"}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	const secret = "marked-secret-0123456789-0123456789"
	long := strings.Repeat("marked-secret-", 60)
	for name, test := range map[string]struct {
		body, want string
	}{
		"nothing":                       {"", ""},
		"blanks":                        {" \r\n\t ", ""},
		"a page":                        {"\n<html>\n  <h1 class=\"a\">502 Bad Gateway</h1>\n</html>", `<html> <h1 class="a">502 Bad Gateway</h1> </html>`},
		"a line":                        {"upstream connect error", "upstream connect error"},
		"a page after a byte order":     {"\ufeff<html>", "<html>"},
		"an object":                     {`{"accessToken":"marked-unseen"}`, ""},
		"a list":                        {"[1]", ""},
		"a string":                      {`"marked-unseen"`, ""},
		"an object after a byte order":  {"\ufeff{\"accessToken\":\"marked-unseen\"}", ""},
		"an object after a guard":       {")]}',\n{\"accessToken\":\"marked-unseen\"}", ""},
		"an object in a call":           {`callback({"accessToken":"marked-unseen"})`, ""},
		"half an object":                {`"marked-unseen","user":{}}`, ""},
		"a secret":                      {"no " + secret + " here", "no REDACTED here"},
		"a secret on two lines":         {"no marked pass \n  word here", "REDACTED"},
		"line breaks and terminal code": {"a\r\nlevel=INFO\x1b[31m b\x00c\u2028d", "a level=INFO [31m b c d"},
		"bytes that are no text":        {"a\xff\xfeb", "a\ufffdb"},
		"blanks before a secret":        {"a" + strings.Repeat(" ", 8180) + secret + " b", "a REDACTED…"},
		"long secrets up to the cut":    {strings.Repeat(long+" ", 10) + long + " b", strings.Repeat("REDACTED ", 9) + "REDACTED…"},
		"a cut in a letter":             {"a" + strings.Repeat("å", 200), "a" + strings.Repeat("å", 99) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Excerpt([]byte(test.body), []string{secret, long, "marked pass word"}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// An excerpt contains no part of a secret, wherever it stands and however it is escaped.
func TestExcerpt_noPartOfSecret(t *testing.T) {
	secret := strings.Repeat("MARK", 100)
	for name, escape := range escapers {
		for before := 7800; before < 8300; before += 61 {
			for _, filler := range []string{" ", "\n", "."} {
				excerpt := redact.Excerpt([]byte("x"+strings.Repeat(filler, before)+escape(secret)+" after"), []string{secret})
				if strings.ContainsAny(strings.ReplaceAll(excerpt, redact.Mask, ""), "MARK&\\%u") {
					t.Fatalf("%s after %d of %q: %q", name, before, filler, excerpt)
				}
			}
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{"": "", " \t": "", " a\n\n b ": "a b", "å\u00a0🔑": "å 🔑", "a\x00b": "a b", "a\xff": "a\ufffd"} {
		if got := redact.Line(text); got != want || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{"": "", "abc": "abc", "abcd": "abc…", "abå": "ab…", "ååå": "å…", "🔑": "…"} {
		if got := redact.Shorten(text, 3); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := redact.Shorten("\x80\x80", 1); got != "…" {
		t.Errorf("%q", got)
	}
}
