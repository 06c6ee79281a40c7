package contract

import (
	"slices"
	"testing"
)

// A coverageTest says which items an exchange covers, and some that it does not.
type coverageTest struct {
	exchange Exchange
	want     []item
	not      []item
}

func (c coverageTest) run(t *testing.T) {
	checker := newChecker(t)
	if err := checker.Check(c.exchange); err != nil {
		t.Fatal(err)
	}
	for _, item := range c.want {
		if !checker.seen[item] {
			t.Errorf("%s is not counted", item)
		}
	}
	for _, item := range c.not {
		if seen, expected := checker.seen[item], slices.Contains(checker.expected, item); seen || !expected {
			t.Errorf("%s is counted: %t, is expected at all: %t", item, seen, expected)
		}
	}
}

func TestCoverage_query(t *testing.T) {
	coverageTest{
		listUsers("?sortDirection=DESC&query=kari"),
		[]item{
			{"get-tenants-users", operationCalls, ""},
			{"get-tenants-users", queryParameters, "query"},
			{"get-tenants-users", enumValues, "sortDirection=DESC"},
			{"get-tenants-users", headers, "Authorization"},
			{"get-tenants-users", statuses, "200"},
			{allResponses, responseFields, "Paging.totalCount"},
			{allResponses, responseFields, "User.tenantUserUid"},
			{allResponses, enumValues, "AccountType=REGULAR"},
		},
		[]item{
			{"get-tenants-users", queryParameters, "pageSize"},
			{"get-tenants-users", enumValues, "sortDirection=ASC"},
			{allResponses, responseFields, "User.tenantName"},
			{allResponses, enumValues, "AccountType=FULL"},
		},
	}.run(t)
}

func TestCoverage_body(t *testing.T) {
	coverageTest{
		putUser("", `{"email": "kari@example.com", "mobile": "", "storeAccess": [{"storeUid": "1", "storeRole": "ADMIN"}]}`),
		[]item{
			{"put-tenants-users-details", bodyFields, "email"},
			{"put-tenants-users-details", bodyFields, "mobile"},
			{"put-tenants-users-details", zeroValues, "mobile"},
			{"put-tenants-users-details", bodyFields, "storeAccess[].storeUid"},
			{"put-tenants-users-details", enumValues, "storeAccess[].storeRole=ADMIN"},
		},
		[]item{
			{"put-tenants-users-details", zeroValues, "email"},
			{"put-tenants-users-details", zeroValues, "storeAccess"},
			{"put-tenants-users-details", bodyFields, "firstname"},
		},
	}.run(t)
}

// A refused request covers nothing, but its response does.
func TestCoverage_refusedRequest(t *testing.T) {
	coverageTest{
		changed(refused(429, `{"code": "SLOW_DOWN"}`), func(e *Exchange) { e.Header.Set("Retry-After", "1") }),
		[]item{
			{"get-tenants-users-details", statuses, "429"},
			{"get-tenants-users-details", headers, "response Retry-After"},
			{allResponses, responseFields, "Error.code"},
		},
		[]item{{"get-tenants-users-details", operationCalls, ""}, {"get-tenants-users-details", statuses, "200"}},
	}.run(t)
}

func TestCoverage_noResponse(t *testing.T) {
	coverageTest{
		exchange: Exchange{Request: getUser("").Request},
		not:      []item{{"get-tenants-users-details", operationCalls, ""}, {"get-tenants-users-details", headers, "Accept"}},
	}.run(t)
}

func TestCoverage_expectsEachItemOnce(t *testing.T) {
	times := map[item]int{}
	for _, item := range newChecker(t).expected {
		times[item]++
	}
	count := map[itemKind]int{}
	for item, n := range times {
		if n > 1 {
			t.Errorf("%s is expected %d times", item, n)
		}
		count[item.kind]++
	}
	// These numbers were counted in the document by hand.
	if count[operationCalls] != 23 {
		t.Errorf("%d operations, want 23", count[operationCalls])
	}
	if want := 4 + 7 + 1 + 6; count[queryParameters] != want {
		t.Errorf("%d query parameters, want %d", count[queryParameters], want)
	}
}

func TestChecker_missing(t *testing.T) {
	checker := newChecker(t)
	if err := checker.Check(getUser("")); err != nil {
		t.Fatal(err)
	}
	missing := checker.Missing()
	if !slices.Contains(missing, "get-tenants: query pageSize") || slices.Contains(missing, "get-tenants-users-details: statuses 200") {
		t.Errorf("missing: %q", missing)
	}
}
