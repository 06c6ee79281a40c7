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

	"github.com/hashicorp/go-retryablehttp"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"

	"github.com/flowretail/flowretail-go/bench/internal/virtual"
)

// The creates: users that are made over a line on which a fifth of the
// exchanges fail before, while or after the API acts.
const (
	creates       = 10_000
	createWorkers = 20
	failing       = 0.2
)

// A created outcome is what became of the users.
type created struct {
	lost       int // said to be made and not there
	twice      int // there more than once
	unknown    int // said to be of unknown fate
	unreported int // made, and said not to be; or made twice
}

// A maker makes the user with the given number, under a UID of the caller's
// choice or (uid empty) of the API's.
type maker func(ctx context.Context, tenantUID, uid string, number int) error

var makers = []struct {
	name string
	make func(*flowretailtest.Fake, http.RoundTripper) maker
}{
	{"go-retryablehttp", plainMaker},
	{"this SDK", sdkMaker},
}

func sdkMaker(fake *flowretailtest.Fake, transport http.RoundTripper) maker {
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		panic(err)
	}
	return func(ctx context.Context, tenantUID, uid string, number int) error {
		_, err := client.Users.Create(ctx, tenantUID, &flowretail.UserCreateRequest{
			TenantUserUID: uid, ExternalID: externalID(number), AccountType: flowretail.AccountTypeRegular,
			TenantRole: flowretail.TenantRoleAccess, UserCode: fmt.Sprint(number), Password: flowretail.NewSecret("no-password"),
		})
		return err
	}
}

// plainMaker takes every error for "not made", as there is nothing to tell them apart by.
func plainMaker(fake *flowretailtest.Fake, transport http.RoundTripper) maker {
	client := newRetrying(transport)
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return func(ctx context.Context, tenantUID, uid string, number int) error {
		body := fmt.Sprintf(`{"externalId":%q,"accountType":"REGULAR","tenantRole":"ACCESS","userCode":"%d","password":"no-password"`, externalID(number), number)
		if uid != "" {
			body += fmt.Sprintf(`,"tenantUserUid":%q`, uid)
		}
		request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, flowretailtest.BaseURL+"/tenants/"+tenantUID+"/users", []byte(body+"}"))
		if err != nil {
			panic(err)
		}
		request.Header.Set("Authorization", "Bearer "+fake.AdminToken())
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return nil
	}
}

func externalID(number int) string { return fmt.Sprintf("employee-%05d", number) }

// flaky loses a part of the exchanges, at a random point of each.
type flaky struct {
	http.RoundTripper
	mu     sync.Mutex
	random *rand.Rand
}

func (f *flaky) RoundTrip(request *http.Request) (*http.Response, error) {
	f.mu.Lock()
	fails, point := f.random.Float64() < failing, f.random.IntN(4)
	f.mu.Unlock()
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	if fails && point == 0 { // before the API acts
		return nil, reset
	}
	response, err := f.RoundTripper.RoundTrip(request)
	if err != nil || !fails {
		return response, err
	}
	switch point {
	case 1: // after it has acted, before the answer
		response.Body.Close()
		return nil, reset
	case 2: // within the answer
		body, _ := io.ReadAll(response.Body)
		response.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(body[:len(body)/2])), broken{}))
	case 3: // by a proxy that has lost its patience
		response.Body.Close()
		return respond(request, http.StatusGatewayTimeout, nil, "<html>timeout</html>"), nil
	}
	return response, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// create makes all users; with chosen UIDs, what failed is made again until it is said to be there.
func create(t *testing.T, seed uint64, chosen bool, make func(*flowretailtest.Fake, http.RoundTripper) maker) (outcome created) {
	virtual.Time(t, func() {
		fake := flowretailtest.New(flowretailtest.WithUsers(2), flowretailtest.WithoutRecords())
		line := &flaky{RoundTripper: fake, random: rand.New(rand.NewPCG(seed, 0))}
		makeUser := make(fake, line)
		said := [creates]error{}
		numbers := numbered(creates)
		var running sync.WaitGroup
		for range createWorkers {
			running.Go(func() {
				for number := range numbers {
					uid := ""
					if chosen {
						uid = fmt.Sprintf("user-%05d", number)
					}
					err := makeUser(context.Background(), fake.TenantUID(), uid, number)
					for chosen && isUnknown(err) {
						// Made again, it may meet what the first call has made.
						if err = makeUser(context.Background(), fake.TenantUID(), uid, number); errors.Is(err, flowretail.ErrConflict) {
							err = nil
						}
					}
					said[number] = err
				}
			})
		}
		running.Wait()
		outcome = count(fake, &said)
	})
	return outcome
}

func numbered(n int) <-chan int {
	numbers := make(chan int, n)
	for number := range n {
		numbers <- number
	}
	close(numbers)
	return numbers
}

func isUnknown(err error) bool { return errors.Is(err, flowretail.ErrOutcomeUnknown) }

func count(fake *flowretailtest.Fake, said *[creates]error) (outcome created) {
	there := map[string]int{}
	for _, user := range fake.Users(fake.TenantUID()) {
		there[user.ExternalID]++
	}
	for number, err := range said {
		times := there[externalID(number)]
		switch {
		case err == nil && times == 0:
			outcome.lost++
		case isUnknown(err):
			outcome.unknown++
		case err != nil && times > 0:
			outcome.unreported++
		}
		if times > 1 {
			outcome.twice++
		}
	}
	return outcome
}
