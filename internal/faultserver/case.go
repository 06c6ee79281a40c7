package faultserver

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"
)

// A Case is one malformed or unusual response.
type Case struct {
	Name    string
	Handler Handler
	Results Results

	RetryAfter    time.Duration // upper bound of the RetryAfter that the client reports; 0: it reports none
	MeasureMemory bool          // a careless client uses much memory
	Stalls        bool          // only a timeout of the client ends the attempt
}

// RateLimits reports whether the response makes the client reduce its rate.
func (c Case) RateLimits() bool { return c.Results.Read.Status == http.StatusTooManyRequests }

// The results assume a client with these settings.
const (
	MaxAttempts    = 3
	MaxBodyBytes   = 256 << 10
	MaxHeaderBytes = 256 << 10
)

// GoodBody is a body that is valid for each of the five calls. Each call ignores
// the members that it does not know.
const GoodBody = `{"tenantUserUid":"u-1","tenantUid":"t-1","accountType":"REGULAR","tenantRole":"ACCESS","userCode":"1001",` +
	`"items":[{"tenantUserUid":"u-1","tenantUserTokenUid":"k-1","token":"value-of-k-1"}],"paging":{"pageNumber":1,"pageSize":1000,"totalCount":1}}`

const asJSON = "Content-Type: application/json"

// OK is a handler that sends GoodBody.
func OK(e *Exchange) { e.Respond(200, GoodBody, asJSON) }

// Cases returns all cases. Handlers keep no state, so a case can be used many
// times.
func Cases() []Case {
	return slices.Concat(
		framingCases(), chunkCases(), protocolCases(), interimCases(), sizeCases(), encodingCases(), contentTypeCases(), bodyCases(),
		statusCases(), redirectCases(), retryAfterCases(), resetCases(), stallCases(), reflectionCases(),
	)
}

// sorted iterates over a map in the order of its keys.
func sorted[V any](values map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if !yield(key, values[key]) {
				return
			}
		}
	}
}
