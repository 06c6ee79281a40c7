// Package baseurl checks base URLs and compares the origins of URLs, so that
// credentials go only to the API.
package baseurl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// Parse parses the URL of an API. The scheme must be https, or http if the host
// is a loopback address, because every request carries a credential.
func Parse(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		// The text of err contains the URL, which may contain a password.
		return nil, errors.New("base URL: not a valid URL")
	case base.User != nil:
		return nil, errors.New("base URL: must not contain a user name or password; use a credential option instead")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, fmt.Errorf("base URL: the scheme must be https, not %q", base.Scheme)
	case base.Hostname() == "":
		return nil, errors.New("base URL: the host is missing")
	case strings.Contains(base.Host, "%"):
		return nil, errors.New("base URL: the host must not contain a zone or an escape")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("base URL: must not contain a query or a fragment")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("base URL: http would send the token unencrypted to %s; use https (http is allowed for loopback addresses)", base.Host)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = ""
	return base, nil
}

// SameOrigin reports whether a and b have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// port returns the port of u, or the default port of its scheme.
func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	default:
		return "80"
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
