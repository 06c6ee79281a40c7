package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

// The parameters of the creates.
const (
	creates       = 10_000
	createWorkers = 20
	faultRate     = 0.2
)

// A createResult counts users by what became of them.
type createResult struct {
	lost       int // reported as created, but do not exist
	twice      int // exist more than once
	unknown    int // reported with an unknown outcome
	unreported int // exist, but not reported as created
}

func externalID(number int) string { return fmt.Sprintf("employee-%05d", number) }

// A faultyTransport fails a part of the requests, before, while or after the API
// handles them.
type faultyTransport struct {
	next   http.RoundTripper
	mu     sync.Mutex
	random *rand.Rand
}

func (f *faultyTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	f.mu.Lock()
	fails, kind := f.random.Float64() < faultRate, f.random.IntN(4)
	f.mu.Unlock()
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	if fails && kind == 0 { // the request is lost
		return nil, reset
	}
	response, err := f.next.RoundTrip(request)
	if err != nil || !fails {
		return response, err
	}
	switch kind {
	case 1: // the response is lost
		response.Body.Close()
		return nil, reset
	case 2: // the response is truncated
		body, _ := io.ReadAll(response.Body)
		response.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(body[:len(body)/2])), truncated{}))
	case 3: // a proxy times out
		response.Body.Close()
		return newResponse(request, http.StatusGatewayTimeout, nil, "<html>timeout</html>"), nil
	}
	return response, nil
}

type truncated struct{}

func (truncated) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// runCreates creates all users through a faultyTransport. With chosenUIDs it
// creates a user again while the outcome is unknown.
func runCreates(t *testing.T, seed uint64, chosenUIDs bool, newCreate func(*flowretailtest.Fake, http.RoundTripper) createFunc) (result createResult) {
	virtual.Run(t, func() {
		fake := flowretailtest.New(flowretailtest.WithUsers(2), flowretailtest.WithoutRecords())
		create := newCreate(fake, &faultyTransport{next: fake, random: rand.New(rand.NewPCG(seed, 0))})
		errs := [creates]error{}
		numbers := make(chan int, creates)
		for number := range creates {
			numbers <- number
		}
		close(numbers)
		var workers sync.WaitGroup
		for range createWorkers {
			workers.Go(func() {
				for number := range numbers {
					if chosenUIDs {
						errs[number] = createUntilKnown(create, fake.TenantUID(), number)
					} else {
						errs[number] = create(context.Background(), fake.TenantUID(), "", number)
					}
				}
			})
		}
		workers.Wait()
		result = countCreated(fake, &errs)
	})
	return result
}

// createUntilKnown creates a user with a chosen UID until the outcome is known. A
// conflict then means that an earlier call has created the user.
func createUntilKnown(create createFunc, tenantUID string, number int) error {
	uid := fmt.Sprintf("user-%05d", number)
	err := create(context.Background(), tenantUID, uid, number)
	for isUnknown(err) {
		if err = create(context.Background(), tenantUID, uid, number); errors.Is(err, flowretail.ErrConflict) {
			err = nil
		}
	}
	return err
}

func isUnknown(err error) bool { return errors.Is(err, flowretail.ErrOutcomeUnknown) }

// countCreated compares the errors of the calls with the users of the fake.
func countCreated(fake *flowretailtest.Fake, errs *[creates]error) (result createResult) {
	users := map[string]int{}
	for _, user := range fake.Users(fake.TenantUID()) {
		users[user.ExternalID]++
	}
	for number, err := range errs {
		count := users[externalID(number)]
		switch {
		case err == nil && count == 0:
			result.lost++
		case isUnknown(err):
			result.unknown++
		case err != nil && count > 0:
			result.unreported++
		}
		if count > 1 {
			result.twice++
		}
	}
	return result
}
