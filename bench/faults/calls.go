package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/bench/internal/virtual"
	"github.com/flowretail/flowretail-go/internal/faultserver"
)

// runPlainCalls makes 1,000 calls by 50 goroutines within a limit of 50 requests a
// second, with Retry-After: 1. It returns how many fail.
func runPlainCalls(t *testing.T) (failed int) {
	virtual.Run(t, func() {
		bucket := faultserver.NewTokenBucket(50)
		client := newClient(responder{syncLatency, func() (int, http.Header, string) {
			if bucket.Take() {
				return http.StatusOK, nil, userBody
			}
			return rateLimited("1")
		}})
		var failures atomic.Int64
		var running sync.WaitGroup
		for range 50 {
			running.Go(func() {
				for range 20 {
					if _, err := client.Users.Get(context.Background(), "t", "u"); err != nil {
						failures.Add(1)
					}
				}
			})
		}
		running.Wait()
		failed = int(failures.Load())
	})
	return failed
}

// runUnavailable reads a list. The API responds to as many pages as are in flight with
// 503 once. It reports whether that fails.
func runUnavailable(t *testing.T, prefetch int) (failed bool) {
	virtual.Run(t, func() {
		var mu sync.Mutex
		failed503 := map[string]bool{}
		api := roundTripper(func(request *http.Request) (*http.Response, error) {
			time.Sleep(syncLatency)
			page := request.URL.Query().Get("pageNumber")
			mu.Lock()
			defer mu.Unlock()
			if !failed503[page] && page != "1" && len(failed503) < prefetch {
				failed503[page] = true
				return newResponse(request, http.StatusServiceUnavailable, nil, ""), nil
			}
			return usersPage(request), nil
		})
		failed = syncAll(api, flowretail.Prefetch(prefetch)) != nil
	})
	return failed
}

// runAway reads a list while the API is away for ten seconds: it cannot be reached, or,
// with resets, a balancer accepts connections and resets them. It reports whether that
// fails.
func runAway(t *testing.T, prefetch int, resets bool) (failed bool) {
	virtual.Run(t, func() {
		begin := time.Now().Add(time.Second)
		end := begin.Add(10 * time.Second)
		api := roundTripper(func(request *http.Request) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(request.Context())
			trace.GetConn("api")
			if now := time.Now(); !resets && now.After(begin) && now.Before(end) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
			}
			trace.GotConn(httptrace.GotConnInfo{})
			time.Sleep(syncLatency)
			if now := time.Now(); now.After(begin) && now.Before(end) {
				return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
			}
			return usersPage(request), nil
		})
		failed = syncAll(api, flowretail.Prefetch(prefetch)) != nil
	})
	return failed
}

// A rejectionResult is what an API sees that rejects every token.
type rejectionResult struct {
	requestsPerCall float64
	logins          float64 // in a minute
}

// runRejections makes ten calls a second for five minutes with a login on a device,
// whose tokens the API issues and then rejects.
func runRejections(t *testing.T) (result rejectionResult) {
	const duration, interval = 5 * time.Minute, 100 * time.Millisecond
	virtual.Run(t, func() {
		var requests, logins atomic.Int64
		api := roundTripper(func(request *http.Request) (*http.Response, error) {
			time.Sleep(syncLatency)
			if request.Method == http.MethodPost {
				number := logins.Add(1)
				return newResponse(request, http.StatusOK, nil, fmt.Sprintf(`{"accessToken":"no-token-%d","tenantUser":%s}`, number, userBody)), nil
			}
			requests.Add(1)
			return newResponse(request, http.StatusUnauthorized, nil, `{"code":"UNAUTHORIZED"}`), nil
		})
		client := newClientWith(api, flowretail.WithDeviceLogin(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "no-device"}), "code", flowretail.NewSecret("no-password")))
		calls := 0
		var running sync.WaitGroup
		for start := time.Now(); time.Since(start) < duration; time.Sleep(interval) {
			calls++
			running.Go(func() { _, _ = client.Users.Get(context.Background(), "t", "u") })
		}
		running.Wait()
		result.requestsPerCall = float64(requests.Load()) / float64(calls)
		result.logins = float64(logins.Load()) / duration.Minutes()
	})
	return result
}
