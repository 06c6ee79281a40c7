package flowretailtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/flowretailtest"
	"github.com/flowretail/flowretail-go/internal/operations"
)

var parameter = regexp.MustCompile(`{[^}]+}`)

func TestOperations_areServed(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	for _, operation := range operations.All {
		fake.ResetRequests()
		res := c.send(operation.Method, parameter.ReplaceAllString(operation.Path, "x"), "", "")
		if res.status == http.StatusNotFound && res.text("code") == "UNKNOWN_ROUTE" {
			t.Errorf("%s is not served", operation.ID)
		}
		if seen := fake.Requests(); len(seen) != 1 || seen[0].Operation != operation.ID || seen[0].Status != res.status {
			t.Errorf("%s is recorded as %+v", operation.ID, seen)
		}
	}
}

func TestOperations_tokenKinds(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[0].TenantUserUID
	tokens := map[string]string{
		"access":      fake.AccessToken(tenant, user),
		"auth":        fake.AuthToken(),
		"integration": fake.IntegrationToken(tenant, user),
		"device":      fake.DeviceToken(tenant),
	}
	takes := map[operations.TokenKind]string{
		operations.AnyToken: "access auth integration", operations.AuthToken: "auth", operations.DeviceToken: "device",
	}
	for _, operation := range operations.All {
		if operation.Token == operations.NoToken {
			continue
		}
		path := parameter.ReplaceAllString(strings.Replace(operation.Path, "{tenantUid}", tenant, 1), "absent")
		for kind, token := range tokens {
			res := c.send(operation.Method, path, token, "")
			wrong := res.status == http.StatusForbidden && res.text("code") == "WRONG_TOKEN"
			if taken := strings.Contains(takes[operation.Token], kind); taken == wrong {
				t.Errorf("%s with %s token: %d %s", operation.ID, kind, res.status, res.body)
			}
		}
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer unknown", "Basic " + tokens["access"], tokens["access"]} {
			res := c.send(operation.Method, path, "", "", "Authorization", authorization).want(http.StatusUnauthorized)
			if res.header.Get("Www-Authenticate") != "Bearer" {
				t.Errorf("%s has no Www-Authenticate header", operation.ID)
			}
		}
	}
}

// An invalidRequest is a request with a mistake, and the response to it.
type invalidRequest struct {
	method, path, body string
	status             int
	code, names        string // names is in the message
	headers            []string
}

func checkInvalidRequests(t *testing.T, fake *flowretailtest.Fake, requests []invalidRequest) {
	t.Helper()
	for _, invalid := range requests {
		t.Run(fmt.Sprintf("%s %s %.40s", invalid.method, invalid.code, invalid.names), func(t *testing.T) {
			res := newCaller(t, fake).send(invalid.method, invalid.path, fake.AdminToken(), invalid.body, invalid.headers...).want(invalid.status)
			if res.text("code") != invalid.code || !strings.Contains(res.text("message"), invalid.names) || res.text("logId") == "" {
				t.Errorf("the response is %s", res.body)
			}
		})
	}
}

// paths returns the paths of a tenant, its users, one of them, and the subscribers of a store.
func paths(fake *flowretailtest.Fake) (tenant, users, user, subscribers string) {
	uid := fake.TenantUID()
	tenant = "/tenants/" + uid
	users = tenant + "/users"
	return tenant, users, users + "/" + fake.Users(uid)[3].TenantUserUID, tenant + "/stores/" + fake.Stores(uid)[0].StoreUID + "/subscribers"
}

func TestRequests_invalidPathQueryOrHeader(t *testing.T) {
	fake := flowretailtest.New()
	tenant, list, own, subscribers := paths(fake)
	checkInvalidRequests(t, fake, []invalidRequest{
		{"GET", "/stores", "", 404, "UNKNOWN_ROUTE", "", nil},
		{"GET", "/tenants/", "", 404, "UNKNOWN_ROUTE", "", nil},
		{"PATCH", own, "{}", 405, "METHOD_NOT_ALLOWED", "", nil},
		{"POST", "/tenants", "{}", 405, "METHOD_NOT_ALLOWED", "", nil},
		{"GET", "/tenants/a%2Fb", "", 400, "INVALID_UID", "tenantUid", nil},
		{"GET", list + "/a.b", "", 400, "INVALID_UID", "tenantUserUid", nil},
		{"GET", "/tenants", "", 400, "NOT_ACCEPTABLE", "", []string{"Accept", "text/html"}},
		{"GET", "/tenants", "", 400, "INVALID_HEADER", "x-invite-token", []string{"X-Invite-Token", "t"}},
		{"GET", "/account/invite", "", 400, "TOKEN_NOT_EXPECTED", "", []string{"X-Invite-Token", "t"}},
		{"GET", list + "?colour=red", "", 400, "UNKNOWN_PARAMETER", "colour", nil},
		{"GET", own + "?pageSize=1", "", 400, "UNKNOWN_PARAMETER", "pageSize", nil},
		{"GET", list + "?pageSize=1&pageSize=2", "", 400, "REPEATED_PARAMETER", "pageSize", nil},
		{"GET", list + "?pageSize=ten", "", 400, "INVALID_PARAMETER", "pageSize", nil},
		{"GET", list + "?pageSize=0", "", 400, "INVALID_PARAMETER", "pageSize", nil},
		{"GET", list + "?pageNumber=0", "", 400, "INVALID_PARAMETER", "pageNumber", nil},
		{"GET", list + "?pageNumber=99999999999999999999", "", 400, "INVALID_PARAMETER", "pageNumber", nil},
		{"GET", list + "?sortBy=shoeSize", "", 400, "INVALID_PARAMETER", "sortBy", nil},
		{"GET", list + "?sortDirection=asc", "", 400, "INVALID_PARAMETER", "sortDirection", nil},
		{"GET", list + "?tenantuserStoreUid=a%20b", "", 400, "INVALID_PARAMETER", "tenantuserStoreUid", nil},
		{"GET", list + "?a=%zz", "", 400, "INVALID_PARAMETER", "", nil},
		{"GET", subscribers + "?subscriptionType=NEWS", "", 400, "INVALID_PARAMETER", "subscriptionType", nil},
		{"GET", subscribers + "?tenantUserUids=a,b", "", 400, "INVALID_PARAMETER", "tenantUserUids", nil},
		{"PUT", own + "?resendInvite=yes", "{}", 400, "INVALID_PARAMETER", "resendInvite", nil},
		{"GET", list, "{}", 400, "BODY_NOT_EXPECTED", "", nil},
		{"GET", tenant + "/stores/none/subscribers", "", 404, "STORE_NOT_FOUND", "", nil},
		{"GET", subscribers + "/none", "", 404, "SUBSCRIBER_NOT_FOUND", "", nil},
	})
	newCaller(t, fake).send("GET", "/account/invite", "", "").want(400)
}

func TestRequests_invalidBody(t *testing.T) {
	fake := flowretailtest.New()
	tenant, list, own, subscribers := paths(fake)
	user := fake.Users(fake.TenantUID())[3].TenantUserUID
	with := func(old, replacement string) string { return strings.Replace(newUser, old, replacement, 1) }
	const required = "FIELD_REQUIRED"
	checkInvalidRequests(t, fake, []invalidRequest{
		{"POST", list, newUser, 400, "INVALID_CONTENT_TYPE", "", []string{"Content-Type", "text/plain"}},
		{"POST", list, newUser, 400, "INVALID_CONTENT_TYPE", "", []string{"Content-Type", "application/json; charset=latin1"}},
		{"POST", list, strings.Repeat(" ", 1<<20) + newUser, 400, "BODY_TOO_LARGE", "", nil},
		{"POST", list, "[]", 400, "MALFORMED_JSON", "", nil},
		{"POST", list, newUser + "{}", 400, "MALFORMED_JSON", "", nil},
		{"POST", list, newUser[:40], 400, "MALFORMED_JSON", "", nil},
		{"POST", list, "{\"userCode\":\"\xff\"}", 400, "MALFORMED_JSON", "", nil},
		{"POST", list, with("{", `{"age":3,`), 400, "UNKNOWN_FIELD", "age", nil},
		{"POST", list, with("{", `{"UserCode":"1",`), 400, "UNKNOWN_FIELD", "UserCode", nil},
		{"POST", list, with("{", `{"userCode":"1",`), 400, "REPEATED_FIELD", "userCode", nil},
		{"POST", list, with(`"userCode":"77",`, ""), 400, required, "userCode", nil},
		{"POST", list, with(`"77"`, `""`), 400, required, "userCode", nil},
		{"POST", list, with(`"77"`, `77`), 400, "WRONG_TYPE", "userCode", nil},
		{"POST", list, with(`"77"`, `null`), 400, "WRONG_TYPE", "userCode", nil},
		{"POST", list, with("marked-secret-1", ""), 400, required, "password", nil},
		{"POST", list, with("REGULAR", "FULL"), 400, required, "email", nil},
		{"POST", list, with("REGULAR", "ROBOT"), 400, "UNKNOWN_VALUE", "accountType", nil},
		{"POST", list, with("{", `{"tenantUserUid":"a/b",`), 400, "INVALID_UID", "tenantUserUid", nil},
		{"POST", list, with("{", `{"tenantUserUid":"",`), 400, "INVALID_UID", "tenantUserUid", nil},
		{"PUT", own, `{"storeAccess":{}}`, 400, "WRONG_TYPE", "storeAccess", nil},
		{"PUT", own, `{"storeAccess":["x"]}`, 400, "WRONG_TYPE", "storeAccess[0]", nil},
		{"PUT", own, `{"storeAccess":[{"storeUid":"x"}]}`, 400, required, "storeAccess[0].storeRole", nil},
		{"PUT", own, `{"storeAccess":[{"storeUid":"x","storeRole":"ADMIN"}]}`, 400, "UNKNOWN_REFERENCE", "storeUid", nil},
		{"PUT", own, `{"defaultStoreUid":""}`, 400, "INVALID_UID", "defaultStoreUid", nil},
		{"PUT", own, `{"defaultStoreUid":"x"}`, 400, "UNKNOWN_REFERENCE", "defaultStoreUid", nil},
		{"PUT", tenant, `{"autoLogout":1.5}`, 400, "WRONG_TYPE", "autoLogout", nil},
		{"PUT", tenant, `{"autoPrintReceipt":0}`, 400, "WRONG_TYPE", "autoPrintReceipt", nil},
		{"PUT", "/account", `{}`, 400, required, "defaultTenantUid", nil},
		{"POST", subscribers, `{"tenantUserUid":"` + user + `","subscriptionType":"NEWS"}`, 400, "UNKNOWN_VALUE", "subscriptionType", nil},
		{"POST", subscribers, `{"tenantUserUid":"none","subscriptionType":"SALES_SUMMARY_REPORT"}`, 400, "UNKNOWN_REFERENCE", "tenantUserUid", nil},
	})
}

func TestErrors_language(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	const english, norwegian = "The user does not exist.", "Brukeren finnes ikke."
	path := "/tenants/" + fake.TenantUID() + "/users/none"
	owner := fake.Users(fake.TenantUID())[1].TenantUserUID
	seen := map[string]bool{}
	for header, want := range map[string]string{
		"en": english, "en-GB": english, "nb": norwegian, "nb-NO,en;q=0.5": norwegian, "no": norwegian, "nn;q=0.2, en;q=0.9": english,
		"fr, en;q=0.1": english, "": norwegian, "fr": norwegian, ";;q=,": norwegian, // the user's language
	} {
		res := c.send("GET", path, fake.AccessToken(fake.TenantUID(), owner), "", "Accept-Language", header)
		if got := res.text("message"); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
		if id := res.text("logId"); seen[id] {
			t.Errorf("the log id %s is repeated", id)
		} else {
			seen[id] = true
		}
	}
	if got := c.admin("GET", path, "").text("message"); got != english {
		t.Errorf("to the integration, whose language is English: %q", got)
	}
}

// A secret that was sent in the wrong place is not in the response.
func TestErrors_containNoValue(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	const secret = "marked-secret-4"
	for _, res := range []response{
		c.send("GET", "/account", secret, ""),
		c.send("GET", "/account/invite", "", "", "x-invite-token", secret),
		c.send("PUT", "/account/invite", fake.AuthToken(), `{"inviteToken":"`+secret+`"}`),
		c.send("POST", "/account", fake.DeviceToken(fake.TenantUID()), credentials("1", secret)),
		c.admin("POST", "/tenants/"+fake.TenantUID()+"/users", `{"accountType":"`+secret+`"}`),
		c.admin("GET", "/tenants?sortBy="+secret, ""),
	} {
		if strings.Contains(string(res.body), secret) {
			t.Errorf("the secret is in %s", res.body)
		}
	}
}

// Every request gets a response that the API could send.
func FuzzRoundTrip(f *testing.F) {
	fake := flowretailtest.New(flowretailtest.WithoutRecords())
	own := "/tenants/" + fake.TenantUID() + "/users/" + fake.Users(fake.TenantUID())[3].TenantUserUID
	f.Add("POST", "/tenants/"+fake.TenantUID()+"/users", "", newUser)
	f.Add("PUT", own, "resendInvite=true", `{"storeAccess":[null],"email":"\ud800"}`)
	f.Add("GET", "/tenants/"+fake.TenantUID()+"/users", "pageNumber=1099511627776&pageSize=1099511627776", "")
	f.Add("GET", "/tenants/%2e%2e/users", "a=%zz", "")
	f.Add("PUT", "/tenants/"+fake.TenantUID(), "", `{"autoLogout":-9223372036854775808,"name":null}`)
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		target, err := url.Parse(flowretailtest.BaseURL + path)
		if err != nil {
			t.Skip()
		}
		target.RawQuery = query
		request := &http.Request{
			Method: method, URL: target, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Authorization": {"Bearer " + fake.AdminToken()}, "Content-Type": {"application/json"}},
		}
		res, err := fake.RoundTrip(request.WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(res.Body)
		if err != nil || res.ContentLength != int64(len(read)) {
			t.Fatalf("read %d bytes of %d: %v", len(read), res.ContentLength, err)
		}
		if res.StatusCode >= 500 || res.StatusCode != http.StatusNoContent && !json.Valid(read) {
			t.Errorf("status %d: %s", res.StatusCode, read)
		}
	})
}
