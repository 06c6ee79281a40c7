package flowretail_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// BenchmarkPeakHeap reports the peak of the heap during a call whose response takes many times its
// size if nothing limits that: as a multiple of the bytes received, and in MiB. Garbage counts.
// Each response comes with its length and, as compressed ones do, without.
func BenchmarkPeakHeap(b *testing.B) {
	do := func(c *flowretail.Client, b *testing.B) error {
		var out any
		return c.Do(b.Context(), &flowretail.Request{Path: "/x"}, &out, flowretail.NoRetry())
	}
	for _, shape := range []struct {
		name, begin, repeat, last string
		call                      func(*flowretail.Client, *testing.B) error
	}{
		{"empty_users", `{"items":[`, `{},`, `{}],"paging":{}}`, func(c *flowretail.Client, b *testing.B) error {
			_, err := flowretail.Collect(c.Users.All(b.Context(), "t", nil, flowretail.NoRetry()))
			return err
		}},
		{"users_with_UIDs", `{"items":[`, `{"tenantUserUid":"7"},`, `{}],"paging":{}}`, func(c *flowretail.Client, b *testing.B) error {
			_, err := flowretail.Collect(c.Users.All(b.Context(), "t", nil, flowretail.NoRetry()))
			return err
		}},
		{"one_user", `{"tenantUserUid":"7","storeAccess":[`, `{},`, `{}]}`, func(c *flowretail.Client, b *testing.B) error {
			_, err := c.Users.Get(b.Context(), "t", "7", flowretail.NoRetry())
			return err
		}},
		{"Do_arrays", `[`, `[],`, `[]]`, do},
		{"Do_objects", `[`, `{},`, `{}]`, do},
		{"Do_nested_arrays", `[`, strings.Repeat(`[`, 90) + strings.Repeat(`]`, 90) + `,`, `[]]`, do},
	} {
		for _, size := range []int{1, 4, 64} {
			for _, announced := range []bool{true, false} {
				b.Run(fmt.Sprintf("%s/%dMiB/announced=%t", shape.name, size, announced), func(b *testing.B) {
					body := shape.begin + strings.Repeat(shape.repeat, (size<<20)/len(shape.repeat)) + shape.last
					client := newClient(b, roundTripFunc(func(request *http.Request) (*http.Response, error) {
						response, err := respond(200, "application/json", "")(request)
						response.Body, response.ContentLength = io.NopCloser(strings.NewReader(body)), -1
						if announced {
							response.ContentLength = int64(len(body))
						}
						return response, err
					}), flowretail.WithMaxResponseBytes(128<<20))
					var peak uint64
					for b.Loop() {
						peak = max(peak, faultserver.PeakHeap(func() {
							if err := shape.call(client, b); err == nil {
								b.Error("no error")
							}
						}))
					}
					b.ReportMetric(float64(peak)/float64(len(body)), "times")
					b.ReportMetric(float64(peak)/(1<<20), "MiB")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}
