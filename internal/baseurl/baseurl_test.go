package baseurl_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/internal/baseurl"
)

func TestParse(t *testing.T) {
	// An empty value means that the URL is refused.
	for text, want := range map[string]string{
		"https://api.example.com/v2":         "https://api.example.com/v2",
		"https://api.example.com/v2/":        "https://api.example.com/v2",
		"https://api.example.com":            "https://api.example.com",
		"HTTPS://api.example.com:8443/v2":    "https://api.example.com:8443/v2",
		"https://[2001:db8::1]:8443/v2":      "https://[2001:db8::1]:8443/v2",
		"http://localhost:8080/v2":           "http://localhost:8080/v2",
		"http://LOCALHOST/v2":                "http://LOCALHOST/v2",
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080",
		"http://127.8.9.10":                  "http://127.8.9.10",
		"http://[::1]:8080/v2":               "http://[::1]:8080/v2",
		"http://[::ffff:127.0.0.1]/v2":       "http://[::ffff:127.0.0.1]/v2",
		"":                                   "",
		"api.example.com/v2":                 "",
		"/v2":                                "",
		"//api.example.com/v2":               "",
		"https:api.example.com":              "",
		"https://":                           "",
		"https://:443/v2":                    "",
		"ftp://api.example.com":              "",
		"file:///etc/passwd":                 "",
		"http://api.example.com/v2":          "",
		"http://localhost.example.com":       "",
		"http://localhost./v2":               "",
		"http://127.0.0.1.example.com":       "",
		"http://127.1":                       "",
		"http://2130706433":                  "",
		"http://0.0.0.0":                     "",
		"http://10.0.0.1":                    "",
		"http://[::]":                        "",
		"http://[2001:db8::1]":               "",
		"https://marked-secret@example.com":  "",
		"https://a:marked-secret@x.example":  "",
		"http://127.0.0.1@example.com":       "",
		"https://example.com:marked-secret":  "",
		"https://example.com/?marked-secret": "",
		"https://example.com/?":              "",
		"https://example.com/#marked-secret": "",
		"https://example.com/%zz":            "",
		"https://exa mple.com":               "",
		"https://example.com/\n":             "",
	} {
		base, err := baseurl.Parse(text)
		if (err == nil) != (want != "") {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if err != nil {
			if strings.Contains(err.Error(), "marked-secret") {
				t.Errorf("the error for %q contains what may be a secret: %v", text, err)
			}
			continue
		}
		if base.String() != want {
			t.Errorf("%q is parsed as %s", text, base)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"https://api.example.com/v2", "https://api.example.com/v2/account", true},
		{"https://api.example.com/v2", "https://api.example.com:443/", true},
		{"https://api.example.com/v2", "https://API.Example.COM", true},
		{"https://api.example.com/v2", "HTTPS://api.example.com", true},
		{"https://api.example.com/v2", "http://api.example.com", false},
		{"https://api.example.com/v2", "http://api.example.com:443", false},
		{"https://api.example.com/v2", "https://api.example.com:8443", false},
		{"https://api.example.com/v2", "https://api.example.com:80", false},
		{"https://api.example.com/v2", "https://api.example.com.", false},
		{"https://api.example.com/v2", "https://www.api.example.com", false},
		{"https://api.example.com/v2", "https://example.com", false},
		{"https://api.example.com/v2", "https://api.example.com.evil.example", false},
		{"https://api.example.com/v2", "https://api.example.com@evil.example", false},
		{"https://api.example.com/v2", "https://api.example.com:0443", false},
		{"https://api.example.com/v2", "https://аpi.example.com", false}, // a Cyrillic letter
		{"https://api.example.com/v2", "/v2", false},
		{"http://api.example.com", "http://api.example.com:80", true},
		{"http://api.example.com", "http://api.example.com:443", false},
		{"http://[::1]", "http://[::1]:80/", true},
		{"http://[::1]", "http://[::2]", false},
	} {
		if got := baseurl.SameOrigin(parse(t, test.a), parse(t, test.b)); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
		if got := baseurl.SameOrigin(parse(t, test.b), parse(t, test.a)); got != test.want {
			t.Errorf("%s and %s: %v", test.b, test.a, got)
		}
	}
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"https://api.example.com/v2", "http://localhost", "http://127.0.0.1:1/", "http://[::1%25lo]/", "http://[fe80::1%25localhost]", "https://a@b", "http://LOCALHOST\x00",
		"https://h/%2e%2e/", "http:/\\example.com", "http://127.0.0.1\\@example.com", "https://h:/", "http://[::ffff:7f00:1]", "//h", "http://①②⑦.0.0.1",
	} {
		f.Add(seed)
	}
	for _, seed := range []string{"http://[::1%25lo\x98]/", "https://h%41/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		base, err := baseurl.Parse(text)
		if err != nil {
			return
		}
		if base.User != nil || base.RawQuery != "" || base.Fragment != "" || base.Opaque != "" || base.Hostname() == "" || strings.HasSuffix(base.Path, "/") {
			t.Errorf("%q is parsed as %#v", text, base)
		}
		switch base.Scheme {
		case "https":
		case "http":
			address := net.ParseIP(strings.SplitN(base.Hostname(), "%", 2)[0])
			if !strings.EqualFold(base.Hostname(), "localhost") && (address == nil || !address.IsLoopback()) {
				t.Errorf("%q is plain http to %s", text, base.Host)
			}
		default:
			t.Errorf("%q has the scheme %s", text, base.Scheme)
		}
		again, err := baseurl.Parse(base.String())
		if err != nil || !baseurl.SameOrigin(base, again) {
			t.Errorf("%q is parsed as %s, and that as %v, %v", text, base, again, err)
		}
	})
}
