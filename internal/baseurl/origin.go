// Package baseurl keeps credentials at home: it says which URLs may be talked
// to, and which are the same place.
package baseurl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ParseBase reads the URL that an API is served under. It has to be https, or
// http to a loopback address, because every request carries a credential.
func ParseBase(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		// The text of err repeats the URL, in which somebody may have put a password.
		return nil, errors.New("base URL: not a URL")
	case base.User != nil:
		return nil, errors.New("base URL: has a user name or a password in it; give a token as an option instead")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, fmt.Errorf("base URL: has the scheme %q; it must be https", base.Scheme)
	case base.Hostname() == "":
		return nil, errors.New("base URL: has no host")
	case strings.Contains(base.Host, "%"):
		return nil, errors.New("base URL: has a zone or an escape in its host")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("base URL: has a query or a fragment")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("base URL: plain http would show the token to the network; only loopback may use it, not %s", base.Host)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = ""
	return base, nil
}

// Same reports whether a and b have the same scheme, host and port.
func Same(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) &&
		(a.Host == b.Host || strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b))
}

func port(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
