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
// Each link has one job and one file. To follow a call, read call.go, progress.go
// and chain.go, then retry.go, limits.go, redirect.go, lookup.go, authorization.go,
// ratelimit.go, attempt.go, context.go and body.go.
package transport
