package flowretail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/plainuser"
)

// The sub-benchmarks do the same work with this SDK and with net/http and
// encoding/json. Compare them within one run.

const (
	benchUsers    = 1900
	benchPageSize = 1000
)

func BenchmarkGet(b *testing.B) {
	fake := flowretailtest.New(flowretailtest.WithoutRecords())
	tenant := fake.TenantUID()
	uid := fake.Users(tenant)[2].TenantUserUID
	path := "/tenants/" + tenant + "/users/" + uid
	transport := recordResponses(b, fake, path)

	b.Run("flowretail", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			user, err := client.Users.Get(b.Context(), tenant, uid)
			if err != nil || user.TenantUserUID != uid {
				b.Fatal(err)
			}
		}
	})
	b.Run("net-http", func(b *testing.B) {
		client := &http.Client{Transport: transport}
		b.ReportAllocs()
		for b.Loop() {
			var user plainuser.User
			if err := getWithNetHTTP(b, client, path, &user); err != nil || user.TenantUserUID == "" {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAll(b *testing.B) {
	fake := flowretailtest.New(flowretailtest.WithUsers(benchUsers), flowretailtest.WithoutRecords())
	tenant := fake.TenantUID()
	list := "/tenants/" + tenant + "/users?pageNumber="
	size := "&pageSize=" + strconv.Itoa(benchPageSize)
	transport := recordResponses(b, fake, list+"1"+size, list+"2"+size)
	perUser := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchUsers, "ns/user")
	}

	b.Run("flowretail", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			count := 0
			for _, err := range client.Users.All(b.Context(), tenant, nil) {
				if err != nil {
					b.Fatal(err)
				}
				count++
			}
			if count != benchUsers {
				b.Fatalf("%d users of %d", count, benchUsers)
			}
		}
		perUser(b)
	})
	b.Run("net-http", func(b *testing.B) {
		client := &http.Client{Transport: transport}
		b.ReportAllocs()
		for b.Loop() {
			count := 0
			for number := 1; count < benchUsers; number++ {
				var page plainuser.Page
				if err := getWithNetHTTP(b, client, list+strconv.Itoa(number)+size, &page); err != nil || len(page.Items) == 0 {
					b.Fatal(err)
				}
				count += len(page.Items)
			}
		}
		perUser(b)
	})
}

// recordedResponses are responses of the fake by path, so that the benchmark does not
// measure the fake.
type recordedResponses map[string][]byte

func recordResponses(b *testing.B, fake *flowretailtest.Fake, paths ...string) recordedResponses {
	b.Helper()
	responses := recordedResponses{}
	for _, path := range paths {
		request := httptest.NewRequest(http.MethodGet, flowretailtest.BaseURL+path, nil)
		request.Header.Set("Authorization", "Bearer "+fake.AdminToken())
		response, err := fake.RoundTrip(request)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			b.Fatalf("status %d, %v", response.StatusCode, err)
		}
		responses[request.URL.RequestURI()] = body
	}
	return responses
}

func (r recordedResponses) RoundTrip(request *http.Request) (*http.Response, error) {
	body, ok := r[request.URL.RequestURI()]
	if !ok {
		return nil, errors.New("no recorded response: " + request.URL.RequestURI())
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: request,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

func benchClient(b *testing.B, transport http.RoundTripper) *flowretail.Client {
	b.Helper()
	client, err := flowretail.NewClient(flowretail.WithBaseURL(flowretailtest.BaseURL), flowretail.WithToken("marked-secret-token"),
		flowretail.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		b.Fatal(err)
	}
	return client
}

func getWithNetHTTP(b *testing.B, client *http.Client, path string, out any) error {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, flowretailtest.BaseURL+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer marked-secret-token")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(out)
}

// Types without methods. Those of the SDK have UnmarshalJSON methods, so that
// encoding/json would use the codec of the SDK.
