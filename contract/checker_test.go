package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const userResponse = `{
	"tenantUserUid": "u-1", "tenantUid": "7", "accountType": "REGULAR", "status": "ACTIVE", "tenantRole": "ACCESS",
	"userCode": "1001", "externalId": "", "displayName": "Kari", "firstname": "Kari", "lastname": "Nordmann",
	"email": "kari@example.com", "mobile": "+4790000000", "languageCode": "nb", "storeAccess": [],
	"lastAccessed": null, "createdAt": "2025-10-28T16:54:56.636Z", "lastModifiedAt": "2025-10-28T16:54:56.636Z"}`

// newExchange returns a valid exchange whose response has status 200.
func newExchange(method, target, body, responseBody string) Exchange {
	request := httptest.NewRequest(method, "https://api.flowretail.com/v2"+target, nil)
	request.Header = http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer marked-secret"}, "User-Agent": {"test"}}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return Exchange{
		Request: request, RequestBody: []byte(body), Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, ResponseBody: []byte(responseBody),
	}
}

func getUser(query string) Exchange {
	return newExchange("GET", "/tenants/7/users/u-1"+query, "", userResponse)
}

func putUser(query, body string) Exchange {
	return newExchange("PUT", "/tenants/7/users/u-1"+query, body, userResponse)
}

func listUsers(query string) Exchange {
	return newExchange("GET", "/tenants/7/users"+query, "",
		`{"items": [`+userResponse+`], "paging": {"pageNumber": 1, "pageSize": 50, "totalCount": 1}}`)
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
	exchange := getUser("")
	exchange.Status, exchange.ResponseBody = status, []byte(body)
	return exchange
}

func deleted() Exchange {
	exchange := newExchange("DELETE", "/tenants/7/users/u-1", "", "")
	exchange.Status, exchange.Header = http.StatusNoContent, http.Header{}
	return exchange
}

func changed(exchange Exchange, change func(*Exchange)) Exchange {
	change(&exchange)
	return exchange
}

func withPath(path string) Exchange {
	return changed(getUser(""), func(e *Exchange) { e.Request.URL.Path = path })
}

// withHeader sets a request header, or deletes it if there are no values.
func withHeader(exchange Exchange, name string, values ...string) Exchange {
	if values == nil {
		exchange.Request.Header.Del(name)
	} else {
		exchange.Request.Header[name] = values
	}
	return exchange
}

func withResponseHeader(name, value string) Exchange {
	return changed(getUser(""), func(e *Exchange) { e.Header.Set(name, value) })
}

func withResponseBody(before, after string) Exchange {
	return changed(getUser(""), func(e *Exchange) { e.ResponseBody = []byte(strings.Replace(userResponse, before, after, 1)) })
}

func newChecker(t *testing.T) *Checker {
	t.Helper()
	checker, err := NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

func TestChecker_validExchanges(t *testing.T) {
	for name, exchange := range map[string]Exchange{
		"get":                          getUser(""),
		"list with every parameter":    listUsers("?pageNumber=2&pageSize=50&sortBy=createdAt&sortDirection=DESC&query=kari&tenantuserOrganizationUid=1&tenantuserStoreUid=2"),
		"parameter with two values":    listSubscribers("?tenantUserUids=a&tenantUserUids=b&subscriptionType=SALES_SUMMARY_REPORT"),
		"update with zero values":      putUser("", `{"mobile": "", "storeAccess": []}`),
		"update that resends a mail":   putUser("?resendInvite=true", "{}"),
		"response without a body":      deleted(),
		"invitation":                   getInvite(),
		"error with a body":            refused(404, `{"code": "NOT_FOUND", "message": "gone", "logId": "1"}`),
		"error with an empty object":   refused(500, `{}`),
		"request without its response": {Request: getUser("").Request},
	} {
		t.Run(name, func(t *testing.T) {
			if err := newChecker(t).Check(exchange); err != nil {
				t.Error(err)
			}
		})
	}
}

// An invalidExchange is an exchange that a Checker has to refuse.
type invalidExchange struct {
	name     string
	exchange Exchange
	want     string // in the error
}

func checkInvalid(t *testing.T, exchanges []invalidExchange) {
	t.Helper()
	for _, test := range exchanges {
		t.Run(test.name, func(t *testing.T) {
			checker := newChecker(t)
			err := checker.Check(test.exchange)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if len(checker.seen) > 0 {
				t.Error("an invalid exchange counts as coverage")
			}
		})
	}
}

func TestChecker_invalidURL(t *testing.T) {
	checkInvalid(t, []invalidExchange{
		{"unknown method", changed(getUser(""), func(e *Exchange) { e.Request.Method = "PATCH" }), "no such operation"},
		{"unknown path", withPath("/v2/tenants/7/stores/u-1"), "no such operation"},
		{"longer path", withPath("/v2/tenants/7/users/u-1/"), "no such operation"},
		{"path without version", withPath("/tenants/7/users/u-1"), "base path"},
		{"escape in the path", withPath("/v2/tenants/7/users/u 1"), "escapes"},
		{"UID with a dot", withPath("/v2/tenants/7/users/u.1"), "tenantUserUid"},

		{"unknown parameter", listUsers("?page=2"), `"page" is not in the document`},
		{"parameter in another spelling", listUsers("?tenantUserStoreUid=2"), `"tenantUserStoreUid" is not in the document`},
		{"parameter of another operation", getUser("?query=kari"), `"query" is not in the document`},
		{"unparsable number", listUsers("?pageNumber=two"), "pageNumber"},
		{"page number 0", listUsers("?pageNumber=0"), "pageNumber"},
		{"unknown sort direction", listUsers("?sortDirection=asc"), "sortDirection"},
		{"unparsable boolean", putUser("?resendInvite=yes", "{}"), "resendInvite"},
		{"parameter twice", listUsers("?pageSize=1&pageSize=2"), "2 times"},
		{"values joined by commas", listSubscribers("?tenantUserUids=a,b"), "tenantUserUids"},
		{"request without its response", Exchange{Request: listUsers("?page=2").Request}, `"page" is not in the document`},
	})
}

func TestChecker_invalidRequestHeaders(t *testing.T) {
	checkInvalid(t, []invalidExchange{
		{"no token", withHeader(getUser(""), "Authorization"), "security"},
		{"another scheme", withHeader(getUser(""), "Authorization", "Basic marked-secret"), "security"},
		{"two tokens", withHeader(getUser(""), "Authorization", "Bearer marked-1", "Bearer marked-2"), "security"},
		{"token for an operation without", withHeader(getInvite(), "Authorization", "Bearer marked-secret"), "Authorization is not in the document"},
		{"no invite token", withHeader(getInvite(), "X-Invite-Token"), "x-invite-token"},
		{"invite token for another operation", withHeader(getUser(""), "X-Invite-Token", "marked-secret"), "X-Invite-Token is not in the document"},
		{"no Accept", withHeader(getUser(""), "Accept"), "Accept"},
		{"empty language", withHeader(getUser(""), "Accept-Language", ""), "Accept-Language"},
		{"content type without a body", withHeader(getUser(""), "Content-Type", "application/json"), "Content-Type is not in the document"},
	})
}

func TestChecker_invalidRequestBody(t *testing.T) {
	checkInvalid(t, []invalidExchange{
		{"body for an operation without", changed(getUser(""), func(e *Exchange) { e.RequestBody = []byte("{}") }), "there is a body"},
		{"no body", newExchange("PUT", "/account", "", `{"globalRoles":[],"defaultTenantUid":"7","tenants":[]}`), "value is required"},
		{"another content type", withHeader(putUser("", "{}"), "Content-Type", "text/plain"), "Content-Type"},
		{"invalid JSON", putUser("", `{"mobile"`), "decode"},
		{"two bodies", putUser("", `{} {}`), "not JSON"},
		{"unknown field", putUser("", `{"phone": "1"}`), "phone"},
		{"unknown field of a nested object", putUser("", `{"storeAccess": [{"storeUid": "1", "storeRole": "ADMIN", "role": "ADMIN"}]}`), "role"},
		{"field of another type", putUser("", `{"mobile": 90000000}`), "mobile"},
		{"null", putUser("", `{"mobile": null}`), "mobile"},
		{"unknown enum value", putUser("", `{"tenantRole": "OWNER"}`), "tenantRole"},
		{"missing required field", putUser("", `{"storeAccess": [{"storeUid": "1"}]}`), "storeRole"},
		{"empty UID", putUser("", `{"defaultStoreUid": ""}`), "defaultStoreUid"},
	})
}

func TestChecker_invalidResponse(t *testing.T) {
	checkInvalid(t, []invalidExchange{
		{"unknown field", withResponseBody(`"mobile"`, `"phone": "", "mobile"`), "response: phone is not in the document"},
		{"missing field", withResponseBody(`"tenantUid": "7",`, ``), "tenantUid"},
		{"null", withResponseBody(`"externalId": ""`, `"externalId": null`), "externalId"},
		{"date in another format", withResponseBody(`"createdAt": "2025-10-28T16:54:56.636Z"`, `"createdAt": "28.10.2025"`), "createdAt"},
		{"invalid JSON", withResponseBody(`{`, `<`), "decode"},
		{"another content type", withResponseHeader("Content-Type", "text/html"), "Content-Type"},
		{"unknown header", withResponseHeader("X-Access-Token", "marked-secret"), "X-Access-Token is not in the document"},
		{"error that is not an object", refused(404, `"gone"`), "object"},
		{"error with an unknown field", refused(404, `{"error": "gone"}`), "error is not in the document"},
		{"unknown success status", refused(202, userResponse), "status 202"},
		{"unknown error status", refused(418, `{}`), "status 418"},
		{"redirect", refused(302, `{}`), "status 302"},
		{"body of an empty response", changed(deleted(), func(e *Exchange) { e.ResponseBody = []byte("{}") }), "there is a body"},
	})
}

func TestChecker_keepsRequestBody(t *testing.T) {
	exchange := putUser("", `{"mobile": ""}`)
	exchange.Request.Body = io.NopCloser(strings.NewReader("untouched"))
	if err := newChecker(t).Check(exchange); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(exchange.Request.Body); string(rest) != "untouched" {
		t.Errorf("the body is %q after the check", rest)
	}
}
