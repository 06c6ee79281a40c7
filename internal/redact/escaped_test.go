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

// secrets are tokens, and passwords with all kinds of characters.
var secrets = []string{
	"marked-secret-plain",
	"marked/secret+with=base64==",
	`marked "secret" & <quotes> 'n' more`,
	`marked\secret\\with\nbackslashes`,
	`marked-secret with a backslash at the end\`,
	"marked-sécret-blåbærsyltetøy-🔑",
	"marked-secret 100% %41 &amp; literal",
	"marked\tsecret\nwith breaks",
	"marked-secret\x01with\a\v\x7fcontrols",
	"marked;secret{with}[brackets]~`^|#?@!$*(),:",
	"p&ss 1",
}

// escapers are the ways in which servers and proxies escape a text.
var escapers = map[string]func(string) string{
	"none":                    func(s string) string { return s },
	"query":                   url.QueryEscape,
	"path":                    url.PathEscape,
	"percent, lower case":     func(s string) string { return strings.ToLower(eachByte("%%%02X", s)) },
	"percent, every byte":     func(s string) string { return eachByte("%%%02X", s) },
	"json":                    escapeJSON,
	"json for scripts":        template.JSEscapeString,
	"json with escaped slash": func(s string) string { return strings.ReplaceAll(escapeJSON(s), "/", `\/`) },
	"json in ASCII":           func(s string) string { quoted := strconv.QuoteToASCII(s); return quoted[1 : len(quoted)-1] },
	"json, every unit":        escapeUTF16,
	"go":                      func(s string) string { quoted := strconv.Quote(s); return quoted[1 : len(quoted)-1] },
	"html":                    html.EscapeString,
	"html by template":        template.HTMLEscapeString,
	"html, named":             strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace,
	"html, hexadecimal":       func(s string) string { return eachRune("&#x%x;", s) },
	"html, decimal":           func(s string) string { return eachRune("&#%d;", s) },
	"query in html":           func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"html in json":            func(s string) string { return escapeJSON(html.EscapeString(s)) },
	"json in json":            func(s string) string { return escapeJSON(escapeJSON(s)) },
	"query, twice":            func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"json in html, quoted":    func(s string) string { return escapeJSON(html.EscapeString(escapeJSON(s))) },
	"json in html":            func(s string) string { return html.EscapeString(escapeJSON(s)) },
}

func escapeJSON(text string) string {
	data, _ := json.Marshal(text)
	return string(data[1 : len(data)-1])
}

func eachByte(format, text string) string {
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, format, text[i])
	}
	return out.String()
}

func eachRune(format, text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, format, r)
	}
	return out.String()
}

// escapeUTF16 escapes every character as JSON does, as one or two UTF-16 units.
func escapeUTF16(text string) string {
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

func TestScrub_escapedSecret(t *testing.T) {
	for name, escape := range escapers {
		for _, secret := range secrets {
			t.Run(name, func(t *testing.T) {
				escaped := escape(secret)
				text, want := "before "+escaped+" between "+escaped+" after", redact.Mask
				if strings.Contains(escaped, secret) {
					want = strings.ReplaceAll(text, secret, redact.Mask)
				}
				if got := redact.Scrub(text, []string{"marked-other", "", secret}); got != want {
					t.Errorf("%s\n is %s\nwant %s", text, got, want)
				}
			})
		}
	}
}

func TestScrub_literalAndEscapedSecret(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		secrets []string
	}{
		"both":                         {"marked&secret and marked&amp;secret", []string{"marked&secret"}},
		"the secret has escapes in it": {"marked%41secret and marked%2541secret", []string{"marked%41secret"}},
		"another secret is a part":     {"marked&amp;secret", []string{"secret", "marked&secret"}},
		"the last of several":          {"marked&amp;secret", []string{"marked-first", "marked-second", "marked&secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Scrub(test.text, test.secrets); got != redact.Mask {
				t.Errorf("%s becomes %s", test.text, got)
			}
		})
	}
}

// Blanks are ignored in secrets of at least 8 bytes. Shorter ones are likely to be
// digits that another number contains.
func TestScrub_blanksInSecret(t *testing.T) {
	for name, test := range map[string]struct{ text, secret, want string }{
		"UTF-16":                  {"no \x00m\x00a\x00r\x00k\x00e\x00d\x00-\x001", "marked-1", "REDACTED"},
		"a wrapped line":          {"no marked-\r\n  secret", "marked-secret", "REDACTED"},
		"spaces":                  {"m a r k e d - s e c r e t", "marked-secret", "REDACTED"},
		"other blanks":            {"marked pass \n word", "marked pass word", "REDACTED"},
		"in a query":              {"?p=marked+pass+word", "marked pass word", "REDACTED"},
		"in a query, escaped":     {"?p=marked+pass%21", "marked pass!", "REDACTED"},
		"a short one in a query":  {"?p=a+b", "a b", "REDACTED"},
		"8 digits":                {"no 12 34 56 78", "12345678", "REDACTED"},
		"a PIN in a phone number": {"no +47 90 12 34 56", "1234", "no +47 90 12 34 56"},
		"7 digits":                {"no 12 34 56 7", "1234567", "no 12 34 56 7"},
		"a secret of blanks":      {"a b", "\n\t \n", "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Scrub(test.text, []string{test.secret}); got != test.want {
				t.Errorf("%q becomes %q, want %q", test.text, got, test.want)
			}
		})
	}
}

// A text that is not an escape is left alone.
func TestScrub_incompleteEscapes(t *testing.T) {
	for _, text := range []string{"%", "%4", "%zz", `\`, `\x4`, `\u004`, `\U0000004`, `\q`, "&", "&#", "&#x;", "&nosuch;", "100% & more + \\"} {
		if got := redact.Scrub(text, []string{"marked-secret"}); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
		if got := redact.Scrub("marked%2Dsecret"+text, []string{"marked-secret"}); got != redact.Mask {
			t.Errorf("before %q the secret is not found: %q", text, got)
		}
	}
}

// Three levels of escapes are removed. Removing all of them, in every order, would
// never end for this text.
func TestScrub_manyLevels(t *testing.T) {
	text := "%" + strings.Repeat("25", 100) + strings.Repeat(`\`, 1024) + "&" + strings.Repeat("amp;", 100)
	if got := redact.Scrub(text, []string{"marked-secret"}); got != text {
		t.Errorf("%q", got)
	}
}

func FuzzScrub(f *testing.F) {
	for _, secret := range secrets {
		f.Add("before "+url.QueryEscape(secret), "\n", secret)
		f.Add(escapeUTF16(secret), html.EscapeString(secret), secret)
	}
	f.Add(`\u00`, `%&#x;`, "%")
	f.Add("&#xFFFFFFFFFF;&nosuch;&", `\ud800\u0041\x4`, "A")
	f.Add("0", "\x00GGGGG;", "\x01\x00")
	f.Fuzz(func(t *testing.T, before, after, secret string) {
		if secret == "" || !utf8.ValidString(secret) {
			return
		}
		for name, escape := range map[string]func(string) string{"raw": escapers["none"], "query": url.QueryEscape, "json": escapeJSON, "html": html.EscapeString} {
			text := before + escape(secret) + after
			redacted := redact.Scrub(text, []string{secret})
			wantHidden(t, name+" redacted", redacted, secret)
			if utf8.ValidString(text) && !utf8.ValidString(redacted) {
				t.Errorf("%q becomes %q", text, redacted)
			}
			excerpt := redact.Excerpt([]byte(text), []string{secret})
			wantHidden(t, name+" excerpt", strings.TrimSuffix(excerpt, "…"), secret)
			if !utf8.ValidString(excerpt) || len(excerpt) > 200+len("…") || strings.ContainsAny(excerpt, "\r\n\x1b\x00") {
				t.Errorf("%s: the excerpt is %q", name, excerpt)
			}
		}
	})
}

// wantHidden looks for a secret between the masks, because the mask itself may
// contain a short secret.
func wantHidden(t *testing.T, what, text, secret string) {
	t.Helper()
	for _, between := range strings.Split(text, redact.Mask) {
		if strings.Contains(between, secret) {
			t.Errorf("%s: %q contains %q", what, text, secret)
		}
	}
}
