// Package transport sends one call to the API and returns its result.
//
// A request goes down a chain of round trippers, and its response comes up:
//
//	retry          sends the call again while that is safe (go-retryablehttp)
//	(http.Client)  follows redirects for reads within the base URL's origin
//	lookup         checks whether a create of unknown outcome has created its resource
//	authorization  adds the token; refreshes one that the API rejects
//	rate limit     delays requests after a 429, or with WithMaxRate
//	attempt        one request: timeout, connection trace, reading the body
//
// Each link has one job and one file. To follow a call, read call.go, chain.go, retry.go
// and limits.go, then the links: redirect.go, lookup.go, authorization.go, ratelimit.go,
// attempt.go, context.go and body.go. progress.go has the state of a call. The latest
// response and error go from attempt to retry in progress.latest, beside the chain.
package transport
