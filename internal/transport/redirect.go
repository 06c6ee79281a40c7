package transport

import (
	"net/http"

	"github.com/flowretail/flowretail-go/internal/baseurl"
)

// maxRedirects bounds the redirects that one attempt follows.
const maxRedirects = 5

// checkRedirect follows redirects for reads within the origin of the call. Any
// other redirect is the response.
func checkRedirect(next *http.Request, via []*http.Request) error {
	p := progressOf(next.Context())
	read := p.Operation.Method == http.MethodGet || p.Operation.Method == http.MethodHead
	if !read || p.NoRetry || len(via) > maxRedirects || !baseurl.SameOrigin(next.URL, p.URL) {
		return http.ErrUseLastResponse
	}
	next.URL.User = nil // net/http would send it as a credential
	return nil
}
