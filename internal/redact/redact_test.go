package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/flowretail/flowretail-go/internal/redact"
)

// secrets of the kinds that people have: tokens, and passwords with anything in them.
var secrets = []string{
	"marked-secret-plain",
	"marked/secret+with=base64==",
	`marked "secret" & <quotes> 'n' more`,
	`marked\secret\\with\nbackslashes`,
	"marked-sécret-blåbærsyltetøy-🔑",
	"marked-secret 100% %41 &amp; literal",
	"marked\tsecret\nwith breaks",
	"marked;secret{with}[brackets]~`^|#?@!$*(),:",
}

// spellings are the ways in which servers and proxies send a text back.
var spellings = map[string]func(string) string{
	"raw":                     func(s string) string { return s },
	"query":                   url.QueryEscape,
	"path":                    url.PathEscape,
	"percent, lower case":     func(s string) string { return strings.ToLower(everyByte("%%%02X", s)) },
	"percent, every byte":     func(s string) string { return everyByte("%%%02X", s) },
	"json":                    encodeJSON,
	"json for scripts":        template.JSEscapeString,
	"json with escaped slash": func(s string) string { return strings.ReplaceAll(encodeJSON(s), "/", `\/`) },
	"json in ASCII":           func(s string) string { quoted := strconv.QuoteToASCII(s); return quoted[1 : len(quoted)-1] },
	"json, every unit":        everyUnit,
	"go":                      func(s string) string { quoted := strconv.Quote(s); return quoted[1 : len(quoted)-1] },
	"html":                    html.EscapeString,
	"html by template":        template.HTMLEscapeString,
	"html, named":             strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace,
	"html, hexadecimal":       func(s string) string { return everyRune("&#x%x;", s) },
	"html, decimal":           func(s string) string { return everyRune("&#%d;", s) },
	"query in html":           func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"html in json":            func(s string) string { return encodeJSON(html.EscapeString(s)) },
	"json in json":            func(s string) string { return encodeJSON(encodeJSON(s)) },
	"query, twice":            func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"json in html, quoted":    func(s string) string { return encodeJSON(html.EscapeString(encodeJSON(s))) },
	"json in html":            func(s string) string { return html.EscapeString(encodeJSON(s)) },
}

func encodeJSON(text string) string {
	data, _ := json.Marshal(text)
	return string(data[1 : len(data)-1])
}

func everyByte(format, text string) string {
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, format, text[i])
	}
	return out.String()
}

func everyRune(format, text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, format, r)
	}
	return out.String()
}

// everyUnit escapes as UTF-16, the way that JSON escapes.
func everyUnit(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r >= 0x10000 {
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			continue
		}
		fmt.Fprintf(&out, `\u%04X`, r)
	}
	return out.String()
}

func TestScrubKnowsASecretInEverySpelling(t *testing.T) {
	for name, spell := range spellings {
		for _, secret := range secrets {
			t.Run(name, func(t *testing.T) {
				text := "before " + spell(secret) + " between " + spell(secret) + " after"
				if got, want := redact.Scrub(text, []string{"marked-other", "", secret}), "before REDACTED between REDACTED after"; got != want {
					t.Errorf("%s\n is %s\nwant %s", text, got, want)
				}
			})
		}
	}
}

func TestScrubTakesWholeSecrets(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		secrets []string
		want    string
	}{
		"no secret":                    {"a plain message", nil, "a plain message"},
		"an empty secret":              {"a plain message", []string{""}, "a plain message"},
		"one secret is part of other":  {"a marked-secret-long b", []string{"marked-secret", "marked-secret-long"}, "a REDACTED b"},
		"secrets that overlap":         {"a one-two-three b", []string{"one-two", "two-three"}, "a REDACTED b"},
		"somebody else's bearer token": {"got Authorization: Bearer abc-123, sorry", nil, "got Authorization: REDACTED, sorry"},
		"a bearer token in a URL":      {"?authorization=Bearer%20abc123&x=1", nil, "?authorization=REDACTED&x=1"},
		"somebody else's JWT":          {"token=eyJhbGciOi.eyJleHAiOjF9.c2ln!", nil, "token=REDACTED!"},
		"a JWT in a URL":               {"next%3Fjwt%3DeyJhbGciOi.eyJleHAiOjF9.c2ln end", nil, "next%3Fjwt%3DREDACTED end"},
		"words about bearer tokens":    {"The Bearer token has expired. Bearer authentication is required", nil, "The Bearer token has expired. Bearer authentication is required"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Scrub(test.text, test.secrets); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
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
		"a page":                        {"\n<html>\n  <h1>502 Bad Gateway</h1>\n</html>", "<html> <h1>502 Bad Gateway</h1> </html>"},
		"a line":                        {"upstream connect error", "upstream connect error"},
		"a page after a byte order":     {"\ufeff<html>", "<html>"},
		"an object":                     {`{"accessToken":"marked-unseen"}`, ""},
		"a list":                        {`["marked-unseen"]`, ""},
		"a string":                      {`"marked-unseen"`, ""},
		"an object after a byte order":  {"\ufeff{\"accessToken\":\"marked-unseen\"}", ""},
		"an object after a guard":       {")]}',\n{\"accessToken\":\"marked-unseen\"}", ""},
		"an object in a call":           {`callback({"accessToken":"marked-unseen"})`, ""},
		"half an object":                {`"marked-unseen","user":{}}`, ""},
		"a secret":                      {"no " + secret + " here", "no REDACTED here"},
		"a secret on two lines":         {"no marked pass \n  word here", "no REDACTED here"},
		"line breaks and terminal code": {"a\r\nlevel=INFO\x1b[31m b\x00c\u2028d", "a level=INFO [31m b c d"},
		"bytes that are no text":        {"a\xff\xfeb", "a\ufffd\ufffdb"},
		"a secret behind many blanks":   {strings.Repeat(" ", 3190) + secret, "REDACTED"},
		"blanks before a secret":        {"a" + strings.Repeat(" ", 3190) + secret + " b", "a REDACTED"},
		"long secrets up to the cut":    {strings.Repeat(long+" ", 4) + long + " b", "REDACTED REDACTED REDACTED REDACTED"},
		"a cut in a letter":             {"a" + strings.Repeat("å", 200), "a" + strings.Repeat("å", 99) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Excerpt([]byte(test.body), []string{secret, long, "marked pass word"}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// Wherever a secret stands, and however it is spelled, no part of it is shown.
func TestExcerptShowsNoPartOfASecret(t *testing.T) {
	secret := strings.Repeat("MARK", 100)
	for name, spell := range spellings {
		for before := 2700; before < 3300; before += 61 {
			for _, filler := range []string{" ", "\n", "."} {
				excerpt := redact.Excerpt([]byte("x"+strings.Repeat(filler, before)+spell(secret)+" after"), []string{secret})
				if strings.ContainsAny(strings.ReplaceAll(excerpt, redact.Mask, ""), "MARK&\\%u") {
					t.Fatalf("%s after %d of %q: %q", name, before, filler, excerpt)
				}
			}
		}
	}
}

// A server may send an answer as large as the client takes.
func TestScrubFindsASecretAnywhereInALargeText(t *testing.T) {
	secret := strings.Repeat("marked & secret ", 100)
	for _, before := range []int{0, 60_000, 65_000, 65_535, 65_536, 65_537, 100_000, 131_000} {
		text := strings.Repeat(".", before) + url.QueryEscape(secret) + strings.Repeat(".", 1000)
		want := strings.Repeat(".", before) + redact.Mask + strings.Repeat(".", 1000)
		if got := redact.Scrub(text, []string{secret}); got != want {
			t.Errorf("after %d bytes it is not found whole", before)
		}
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{"": "", "abc": "abc", "abcd": "abc…", "abå": "ab…", "ååå": "å…", "🔑": "…"} {
		if got := redact.Shorten(text, 3); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzScrub(f *testing.F) {
	for _, secret := range secrets {
		f.Add("before "+url.QueryEscape(secret), "\n", secret)
		f.Add(everyUnit(secret), html.EscapeString(secret), secret)
	}
	f.Add(`\u00`, `%&#x;`, "%")
	f.Add("&#xFFFFFFFFFF;&nosuch;&", `\ud800\u0041\x4`, "A")
	f.Add("0", "\x00GGGGG;", "\x01\x00")
	f.Fuzz(func(t *testing.T, before, after, secret string) {
		if secret == "" || !utf8.ValidString(secret) {
			return
		}
		for name, spell := range map[string]func(string) string{"raw": spellings["raw"], "query": url.QueryEscape, "json": encodeJSON, "html": html.EscapeString} {
			text := before + spell(secret) + after
			scrubbed := redact.Scrub(text, []string{secret})
			wantHidden(t, name+" scrubbed", scrubbed, secret)
			if utf8.ValidString(text) && !utf8.ValidString(scrubbed) {
				t.Errorf("%q becomes %q", text, scrubbed)
			}
			excerpt := redact.Excerpt([]byte(text), []string{secret})
			wantHidden(t, name+" excerpt", strings.TrimSuffix(excerpt, "…"), secret)
			if !utf8.ValidString(excerpt) || len(excerpt) > 300 || strings.ContainsAny(excerpt, "\r\n\x1b\x00") {
				t.Errorf("%s: the excerpt is %q", name, excerpt)
			}
		}
	})
}

// wantHidden looks for a secret between the masks: one that is like a part of a
// mask has not been shown by it.
func wantHidden(t *testing.T, what, text, secret string) {
	t.Helper()
	for _, between := range strings.Split(text, redact.Mask) {
		if strings.Contains(between, secret) {
			t.Errorf("%s: %q shows %q", what, text, secret)
		}
	}
}
