package contract

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

const userAnswer = `{
	"tenantUserUid": "u-1", "tenantUid": "7", "accountType": "REGULAR", "status": "ACTIVE", "tenantRole": "ACCESS",
	"userCode": "1001", "externalId": "", "displayName": "Kari", "firstname": "Kari", "lastname": "Nordmann",
	"email": "kari@example.com", "mobile": "+4790000000", "languageCode": "nb", "storeAccess": [],
	"lastAccessed": null, "createdAt": "2025-10-28T16:54:56.636Z", "lastModifiedAt": "2025-10-28T16:54:56.636Z"}`

// newExchange is one without fault, answered with 200 and JSON.
func newExchange(method, target, body, answer string) Exchange {
	request := httptest.NewRequest(method, "https://api.flowretail.com/v2"+target, nil)
	request.Header = http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer marked-secret"}, "User-Agent": {"test"}}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return Exchange{
		Request: request, RequestBody: []byte(body), Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, ResponseBody: []byte(answer),
	}
}

func getUser() Exchange {
	return newExchange("GET", "/tenants/7/users/u-1", "", userAnswer)
}

func putUser(body string) Exchange {
	return newExchange("PUT", "/tenants/7/users/u-1", body, userAnswer)
}

func listUsers(query string) Exchange {
	return newExchange("GET", "/tenants/7/users"+query, "",
		`{"items": [`+userAnswer+`], "paging": {"pageNumber": 1, "pageSize": 50, "totalCount": 1}}`)
}

func listSubscribers(query string) Exchange {
	return newExchange("GET", "/tenants/7/stores/1/subscribers"+query, "",
		`{"items": [], "paging": {"pageNumber": 1, "pageSize": 50, "totalCount": 0}}`)
}

func getInvite() Exchange {
	exchange := newExchange("GET", "/account/invite", "",
		`{"tenant": {"name": "Fjell"}, "user": {"displayName": "", "firstname": "", "lastname": "", "email": "", "mobile": "", "status": "PENDING_INVITE"}}`)
	exchange.Request.Header.Del("Authorization")
	exchange.Request.Header.Set("X-Invite-Token", "marked-secret")
	return exchange
}

func refused(status int, body string) Exchange {
	exchange := getUser()
	exchange.Status, exchange.ResponseBody = status, []byte(body)
	return exchange
}

func deleted() Exchange {
	exchange := newExchange("DELETE", "/tenants/7/users/u-1", "", "")
	exchange.Status, exchange.Header = http.StatusNoContent, http.Header{}
	return exchange
}

func newChecker(t *testing.T) *Checker {
	t.Helper()
	checker, err := NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

func TestAnExchangeThatKeepsToTheDocumentIsWithoutFault(t *testing.T) {
	for name, exchange := range map[string]Exchange{
		"a read":                        getUser(),
		"a list with every parameter":   listUsers("?pageNumber=2&pageSize=50&sortBy=createdAt&sortDirection=DESC&query=kari&tenantuserOrganizationUid=1&tenantuserStoreUid=2"),
		"several values of a parameter": listSubscribers("?tenantUserUids=a&tenantUserUids=b&subscriptionType=SALES_SUMMARY_REPORT"),
		"an update with zero values":    putUser(`{"mobile": "", "storeAccess": []}`),
		"an update that resends a mail": putUserWithQuery("?resendInvite=true"),
		"an answer without a body":      deleted(),
		"an invitation":                 getInvite(),
		"an error with a body":          refused(404, `{"code": "NOT_FOUND", "message": "gone", "logId": "1"}`),
		"an error with an empty object": refused(500, `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			if err := newChecker(t).Check(exchange); err != nil {
				t.Error(err)
			}
		})
	}
}

func putUserWithQuery(query string) Exchange {
	return newExchange("PUT", "/tenants/7/users/u-1"+query, "{}", userAnswer)
}

func TestWhatTheDocumentDoesNotAllowIsFound(t *testing.T) {
	changed := func(exchange Exchange, change func(*Exchange)) Exchange {
		change(&exchange)
		return exchange
	}
	requestHeader := func(name string, values ...string) Exchange {
		return changed(getUser(), func(e *Exchange) { e.Request.Header[name] = values })
	}
	answerHeader := func(name, value string) Exchange {
		return changed(getUser(), func(e *Exchange) { e.Header.Set(name, value) })
	}
	answer := func(old, new string) Exchange {
		return changed(getUser(), func(e *Exchange) { e.ResponseBody = []byte(strings.Replace(userAnswer, old, new, 1)) })
	}
	for _, tc := range []struct {
		name     string
		exchange Exchange
		want     string
	}{
		{"another method", changed(getUser(), func(e *Exchange) { e.Request.Method = "PATCH" }), "no such operation"},
		{"another path", changed(getUser(), func(e *Exchange) { e.Request.URL.Path = "/v2/tenants/7/stores/u-1" }), "no such operation"},
		{"a longer path", changed(getUser(), func(e *Exchange) { e.Request.URL.Path += "/" }), "no such operation"},
		{"a path without version", changed(getUser(), func(e *Exchange) { e.Request.URL.Path = "/tenants/7/users/u-1" }), "base path"},
		{"an escape in the path", changed(getUser(), func(e *Exchange) { e.Request.URL.Path = "/v2/tenants/7/users/u 1" }), "escapes"},
		{"an identifier with a dot", changed(getUser(), func(e *Exchange) { e.Request.URL.Path = "/v2/tenants/7/users/u.1" }), "tenantUserUid"},

		{"an unknown query parameter", listUsers("?page=2"), `"page" is not in the document`},
		{"a query parameter in another spelling", listUsers("?tenantUserStoreUid=2"), `"tenantUserStoreUid" is not in the document`},
		{"a number that is none", listUsers("?pageNumber=two"), "pageNumber"},
		{"a page before the first", listUsers("?pageNumber=0"), "pageNumber"},
		{"an unknown direction", listUsers("?sortDirection=asc"), "sortDirection"},
		{"one parameter twice", listUsers("?pageSize=1&pageSize=2"), "2 times"},
		{"values joined by commas", listSubscribers("?tenantUserUids=a,b"), "tenantUserUids"},
		{"a filter of another operation", getUserWithQuery("?query=kari"), `"query" is not in the document`},
		{"a request without an answer", Exchange{Request: listUsers("?page=2").Request}, `"page" is not in the document`},
		{"an odd boolean", putUserWithQuery("?resendInvite=yes"), "resendInvite"},

		{"no token", changed(getUser(), func(e *Exchange) { e.Request.Header.Del("Authorization") }), "security"},
		{"another scheme", requestHeader("Authorization", "Basic marked-secret"), "security"},
		{"two tokens", requestHeader("Authorization", "Bearer marked-1", "Bearer marked-2"), "security"},
		{"a token where none belongs", changed(getInvite(), func(e *Exchange) { e.Request.Header.Set("Authorization", "Bearer marked-secret") }), "Authorization is not in the document"},
		{"no invite token", changed(getInvite(), func(e *Exchange) { e.Request.Header.Del("X-Invite-Token") }), "x-invite-token"},
		{"an invite token elsewhere", requestHeader("X-Invite-Token", "marked-secret"), "X-Invite-Token is not in the document"},
		{"no Accept", changed(getUser(), func(e *Exchange) { e.Request.Header.Del("Accept") }), "Accept"},
		{"an empty language", requestHeader("Accept-Language", ""), "Accept-Language"},
		{"a content type without content", requestHeader("Content-Type", "application/json"), "Content-Type is not in the document"},

		{"a body where none belongs", changed(getUser(), func(e *Exchange) { e.RequestBody = []byte("{}") }), "there is a body"},
		{"no body where one belongs", newExchange("PUT", "/account", "", `{"globalRoles":[],"defaultTenantUid":"7","tenants":[]}`), "value is required"},
		{"a body as a form", changed(putUser("{}"), func(e *Exchange) { e.Request.Header.Set("Content-Type", "text/plain") }), "Content-Type"},
		{"a body that is no JSON", putUser(`{"mobile"`), "decode"},
		{"two bodies in one", putUser(`{} {}`), "not JSON"},
		{"an unknown field", putUser(`{"phone": "1"}`), "phone"},
		{"an unknown field further down", putUser(`{"storeAccess": [{"storeUid": "1", "storeRole": "ADMIN", "role": "ADMIN"}]}`), "role"},
		{"a field of another type", putUser(`{"mobile": 90000000}`), "mobile"},
		{"null in a request", putUser(`{"mobile": null}`), "mobile"},
		{"an unknown enum value in a request", putUser(`{"tenantRole": "OWNER"}`), "tenantRole"},
		{"a required field that is missing", putUser(`{"storeAccess": [{"storeUid": "1"}]}`), "storeRole"},
		{"an identifier that cannot be empty", putUser(`{"defaultStoreUid": ""}`), "defaultStoreUid"},

		{"an unknown field in an answer", answer(`"mobile"`, `"phone": "", "mobile"`), "answer: phone is not in the document"},
		{"a missing field in an answer", answer(`"tenantUid": "7",`, ``), "tenantUid"},
		{"a null in an answer", answer(`"externalId": ""`, `"externalId": null`), "externalId"},
		{"a date in another form", answer(`"createdAt": "2025-10-28T16:54:56.636Z"`, `"createdAt": "28.10.2025"`), "createdAt"},
		{"an answer that is no JSON", answer(`{`, `<`), "decode"},
		{"an answer of another type", answerHeader("Content-Type", "text/html"), "Content-Type"},
		{"an unknown header in an answer", answerHeader("X-Access-Token", "marked-secret"), "X-Access-Token is not in the document"},
		{"an error that is no object", refused(404, `"gone"`), "object"},
		{"an error with another field", refused(404, `{"error": "gone"}`), "error is not in the document"},
		{"a success that is not documented", refused(202, userAnswer), "status 202"},
		{"an error that is not documented", refused(418, `{}`), "status 418"},
		{"a redirect", refused(302, `{}`), "status 302"},
		{"content where there is none", changed(deleted(), func(e *Exchange) { e.ResponseBody = []byte("{}") }), "there is a body"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			checker := newChecker(t)
			err := checker.Check(tc.exchange)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("found %v, want %q", err, tc.want)
			}
			if got := len(checker.Violations()); got != 1 {
				t.Errorf("%d violations are kept", got)
			}
			if seen, _ := checker.Coverage().count(called, ""); seen > 0 {
				t.Error("a faulty exchange counts as coverage")
			}
		})
	}
}

func getUserWithQuery(query string) Exchange {
	exchange := getUser()
	exchange.Request.URL.RawQuery = strings.TrimPrefix(query, "?")
	return exchange
}

func TestCoverageCountsWhatExchangesShow(t *testing.T) {
	for _, tc := range []struct {
		name     string
		exchange Exchange
		want     []cell
		not      []cell
	}{
		{
			"query parameters and their values", listUsers("?sortDirection=DESC&query=kari"),
			[]cell{
				{"get-tenants-users", called, ""},
				{"get-tenants-users", queryParameters, "query"},
				{"get-tenants-users", enumValues, "sortDirection=DESC"},
				{"get-tenants-users", headers, "Authorization"},
				{"get-tenants-users", statuses, "200"},
				{sharedAnswers, answerFields, "Paging.totalCount"},
				{sharedAnswers, answerFields, "User.tenantUserUid"},
				{sharedAnswers, enumValues, "AccountType=REGULAR"},
			},
			[]cell{
				{"get-tenants-users", queryParameters, "pageSize"},
				{"get-tenants-users", enumValues, "sortDirection=ASC"},
				{sharedAnswers, answerFields, "User.tenantName"},
				{sharedAnswers, enumValues, "AccountType=FULL"},
			},
		},
		{
			"body fields and zero values", putUser(`{"email": "kari@example.com", "mobile": "", "storeAccess": [{"storeUid": "1", "storeRole": "ADMIN"}]}`),
			[]cell{
				{"put-tenants-users-details", bodyFields, "email"},
				{"put-tenants-users-details", bodyFields, "mobile"},
				{"put-tenants-users-details", zeroValues, "mobile"},
				{"put-tenants-users-details", bodyFields, "storeAccess[].storeUid"},
				{"put-tenants-users-details", enumValues, "storeAccess[].storeRole=ADMIN"},
			},
			[]cell{
				{"put-tenants-users-details", zeroValues, "email"},
				{"put-tenants-users-details", zeroValues, "storeAccess"},
				{"put-tenants-users-details", bodyFields, "firstname"},
			},
		},
		{
			"of a refused request, the status alone", func() Exchange {
				exchange := refused(429, `{"code": "SLOW_DOWN"}`)
				exchange.Header.Set("Retry-After", "1")
				return exchange
			}(),
			[]cell{
				{"get-tenants-users-details", statuses, "429"},
				{"get-tenants-users-details", headers, "answer Retry-After"},
				{sharedAnswers, answerFields, "Error.code"},
			},
			[]cell{{"get-tenants-users-details", called, ""}, {"get-tenants-users-details", statuses, "200"}},
		},
		{
			"of a request without an answer, nothing", Exchange{Request: getUser().Request},
			nil,
			[]cell{{"get-tenants-users-details", called, ""}, {"get-tenants-users-details", headers, "Accept"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			checker := newChecker(t)
			if err := checker.Check(tc.exchange); err != nil {
				t.Fatal(err)
			}
			coverage := checker.Coverage()
			for _, cell := range tc.want {
				if !coverage.seen[cell] {
					t.Errorf("%s is not counted", cell)
				}
			}
			for _, cell := range tc.not {
				if seen, expected := coverage.seen[cell]; seen || !expected {
					t.Errorf("%s is counted: %t, expected at all: %t", cell, seen, expected)
				}
			}
		})
	}
}

func TestEachThingToCoverIsExpectedOnce(t *testing.T) {
	times := map[cell]int{}
	for _, cell := range newChecker(t).expected {
		times[cell]++
	}
	for cell, n := range times {
		if n > 1 {
			t.Errorf("%s is expected %d times", cell, n)
		}
	}
	// Counted by hand in the document: they change when the document does.
	count := map[kind]int{}
	for cell := range maps.Keys(times) {
		count[cell.kind]++
	}
	if count[called] != 23 {
		t.Errorf("%d operations", count[called])
	}
	if want := 4 + 7 + 1 + 6; count[queryParameters] != want {
		t.Errorf("%d query parameters, not %d", count[queryParameters], want)
	}
}

func TestTheTableSaysWhatIsMissing(t *testing.T) {
	checker := newChecker(t)
	if err := checker.Check(getUser()); err != nil {
		t.Fatal(err)
	}
	coverage := checker.Coverage()
	table := coverage.String()
	oneSpace := strings.Join(strings.Fields(table), " ")
	for _, want := range []string{"get-tenants-users-details 1/1 -", "get-tenants 0/1 0/4", "sum 1/23", "covered 4 %", "1 exchanges"} {
		if !strings.Contains(oneSpace, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	missing := coverage.Missing()
	if !slices.Contains(missing, "get-tenants: query pageSize") || slices.Contains(missing, "get-tenants-users-details: statuses 200") {
		t.Errorf("missing: %q", missing)
	}
}

func TestTheBodyOfTheRequestIsLeftAlone(t *testing.T) {
	exchange := putUser(`{"mobile": ""}`)
	exchange.Request.Body = io.NopCloser(strings.NewReader("untouched"))
	if err := newChecker(t).Check(exchange); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(exchange.Request.Body); string(rest) != "untouched" {
		t.Errorf("the body is %q after the check", rest)
	}
}
