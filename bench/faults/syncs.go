package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/bench/internal/virtual"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// The parameters of the syncs, each of which has a token bucket of its own.
const (
	syncs       = 60
	syncPages   = 300
	syncSize    = 10 // users of a page
	syncLatency = 50 * time.Millisecond
)

// A syncCase is a way to read a list within a limit.
type syncCase struct {
	complete   bool
	prefetch   int
	limit      float64 // requests a second; the bucket has as many tokens
	retryAfter string  // of 429 responses; empty: none
}

func (c syncCase) String() string {
	name := "forward"
	if c.complete {
		name = "complete"
	}
	name += fmt.Sprintf("_prefetch%d_limit%.0f", c.prefetch, c.limit)
	if c.retryAfter != "" {
		name += "_retryafter"
	}
	return name
}

func (c syncCase) options() []flowretail.IterOption {
	options := []flowretail.IterOption{flowretail.Prefetch(c.prefetch)}
	if c.complete {
		options = append(options, flowretail.Complete())
	}
	return options
}

func syncCases() (all []syncCase) {
	for _, complete := range []bool{false, true} {
		for _, prefetch := range []int{1, 2, 8, 32, 256} {
			for _, limit := range []float64{10, 50} {
				for _, retryAfter := range []string{"", "1"} {
					all = append(all, syncCase{complete, prefetch, limit, retryAfter})
				}
			}
		}
	}
	return all
}

// A syncResult is how the syncs of a case ended.
type syncResult struct {
	failed int
	slow   float64 // the mean time against the time that the limit alone needs
}

func runSyncs(t *testing.T, c syncCase) (result syncResult) {
	var total time.Duration
	for range syncs {
		virtual.Run(t, func() {
			list := limitedList(c)
			time.Sleep(rand.N(time.Second))
			began := time.Now()
			if err := syncAll(list, c.options()...); err != nil {
				result.failed++
			}
			total += time.Since(began)
		})
	}
	// The limit permits so many pages a second, and the latency does with few requests in flight.
	alone := max(seconds(syncPages/c.limit), syncPages*syncLatency/time.Duration(c.prefetch))
	result.slow = total.Seconds() / syncs / alone.Seconds()
	return result
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// A roundTripper is a transport that is one function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// limitedList serves the list within the limit of a case.
func limitedList(c syncCase) roundTripper {
	bucket := faultserver.NewTokenBucket(c.limit)
	return func(request *http.Request) (*http.Response, error) {
		time.Sleep(syncLatency)
		if !bucket.Take() {
			status, header, body := rateLimited(c.retryAfter)
			return newResponse(request, status, header, body), nil
		}
		return usersPage(request), nil
	}
}

// usersPage responds with the requested page of the list.
func usersPage(request *http.Request) *http.Response {
	page, err := strconv.Atoi(request.URL.Query().Get("pageNumber"))
	if err != nil {
		panic(err)
	}
	var items []string
	for n := (page - 1) * syncSize; n < min(page*syncSize, syncPages*syncSize-1); n++ {
		items = append(items, fmt.Sprintf(`{"tenantUserUid":"user-%d","tenantUid":"t","createdAt":"2026-01-01T%02d:%02d:%02dZ"}`, n, n/3600, n/60%60, n%60))
	}
	body := fmt.Sprintf(`{"items":[%s],"paging":{"pageNumber":%d,"pageSize":%d,"totalCount":%d}}`, strings.Join(items, ","), page, syncSize, syncPages*syncSize-1)
	return newResponse(request, http.StatusOK, nil, body)
}

// syncAll reads the whole list through a transport.
func syncAll(transport http.RoundTripper, options ...flowretail.IterOption) error {
	client := newClient(transport)
	count := 0
	for _, err := range client.Users.All(context.Background(), "t", &flowretail.UserListOptions{ListOptions: flowretail.ListOptions{PageSize: syncSize}}, options...) {
		if err != nil {
			return err
		}
		count++
	}
	if want := syncPages*syncSize - 1; count != want {
		return fmt.Errorf("%d of %d users", count, want)
	}
	return nil
}
