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

func TestEveryOperationOfTheTableIsServed(t *testing.T) {
	fake := flowretailtest.New()
	c := call(t, fake)
	for _, operation := range operations.All {
		fake.ResetRequests()
		answer := c.send(operation.Method, parameter.ReplaceAllString(operation.Path, "x"), "", "")
		if answer.status == http.StatusNotFound && answer.text("code") == "UNKNOWN_ROUTE" {
			t.Errorf("%s is not served", operation.ID)
		}
		if seen := fake.Requests(); len(seen) != 1 || seen[0].Operation != operation.ID || seen[0].Status != answer.status {
			t.Errorf("%s is recorded as %+v", operation.ID, seen)
		}
	}
}

func TestEveryOperationTakesOnlyItsKindOfToken(t *testing.T) {
	fake := flowretailtest.New()
	c := call(t, fake)
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
			answer := c.send(operation.Method, path, token, "")
			wrong := answer.status == http.StatusForbidden && answer.text("code") == "WRONG_TOKEN"
			if taken := strings.Contains(takes[operation.Token], kind); taken == wrong {
				t.Errorf("%s with %s token: %d %s", operation.ID, kind, answer.status, answer.body)
			}
		}
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer unknown", "Basic " + tokens["access"], tokens["access"]} {
			answer := c.send(operation.Method, path, "", "", "Authorization", authorization).want(http.StatusUnauthorized)
			if answer.header.Get("Www-Authenticate") != "Bearer" {
				t.Errorf("%s does not ask for a bearer token", operation.ID)
			}
		}
	}
}

func TestAMistakeInARequestIsRefusedAndNamed(t *testing.T) {
	fake := flowretailtest.New()
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[3].TenantUserUID
	store := fake.Stores(tenant)[0].StoreUID
	list, own := "/tenants/"+tenant+"/users", "/tenants/"+tenant+"/users/"+user
	subscribers := "/tenants/" + tenant + "/stores/" + store + "/subscribers"
	with := func(old, new string) string { return strings.Replace(newUser, old, new, 1) }
	const required = "FIELD_REQUIRED"
	for _, mistake := range []struct {
		method, path, body string
		status             int
		code, names        string
		headers            []string
	}{
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
		{"PUT", "/tenants/" + tenant, `{"autoLogout":1.5}`, 400, "WRONG_TYPE", "autoLogout", nil},
		{"PUT", "/tenants/" + tenant, `{"autoPrintReceipt":0}`, 400, "WRONG_TYPE", "autoPrintReceipt", nil},
		{"PUT", "/account", `{}`, 400, required, "defaultTenantUid", nil},
		{"POST", subscribers, `{"tenantUserUid":"` + user + `","subscriptionType":"NEWS"}`, 400, "UNKNOWN_VALUE", "subscriptionType", nil},
		{"POST", subscribers, `{"tenantUserUid":"none","subscriptionType":"SALES_SUMMARY_REPORT"}`, 400, "UNKNOWN_REFERENCE", "tenantUserUid", nil},
		{"GET", "/tenants/" + tenant + "/stores/none/subscribers", "", 404, "STORE_NOT_FOUND", "", nil},
		{"GET", subscribers + "/none", "", 404, "SUBSCRIBER_NOT_FOUND", "", nil},
	} {
		t.Run(fmt.Sprintf("%s %s %.40s", mistake.method, mistake.code, mistake.names), func(t *testing.T) {
			answer := call(t, fake).send(mistake.method, mistake.path, fake.AdminToken(), mistake.body, mistake.headers...).want(mistake.status)
			if answer.text("code") != mistake.code || !strings.Contains(answer.text("message"), mistake.names) || answer.text("logId") == "" {
				t.Errorf("answered %s", answer.body)
			}
		})
	}
	call(t, fake).send("GET", "/account/invite", "", "").want(400)
}

func TestAnErrorIsWordedInTheLanguageThatWasAskedFor(t *testing.T) {
	fake := flowretailtest.New()
	c := call(t, fake)
	const english, norwegian = "The user does not exist.", "Brukeren finnes ikke."
	path := "/tenants/" + fake.TenantUID() + "/users/none"
	owner := fake.Users(fake.TenantUID())[1].TenantUserUID
	seen := map[string]bool{}
	for header, want := range map[string]string{
		"en": english, "en-GB": english, "nb": norwegian, "nb-NO,en;q=0.5": norwegian, "no": norwegian, "nn;q=0.2, en;q=0.9": english,
		"fr, en;q=0.1": english, "": norwegian, "fr": norwegian, ";;q=,": norwegian, // the user's language
	} {
		answer := c.send("GET", path, fake.AccessToken(fake.TenantUID(), owner), "", "Accept-Language", header)
		if got := answer.text("message"); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
		if id := answer.text("logId"); seen[id] {
			t.Errorf("the log id %s came twice", id)
		} else {
			seen[id] = true
		}
	}
	if got := c.admin("GET", path, "").text("message"); got != english {
		t.Errorf("to the integration, whose language is English: %q", got)
	}
}

// No answer may hold what somebody sent by mistake in the wrong place.
func TestARefusalNeverRepeatsAValue(t *testing.T) {
	fake := flowretailtest.New()
	c := call(t, fake)
	const secret = "marked-secret-4"
	for _, answer := range []response{
		c.send("GET", "/account", secret, ""),
		c.send("GET", "/account/invite", "", "", "x-invite-token", secret),
		c.send("PUT", "/account/invite", fake.AuthToken(), `{"inviteToken":"`+secret+`"}`),
		c.send("POST", "/account", fake.DeviceToken(fake.TenantUID()), credentials("1", secret)),
		c.admin("POST", "/tenants/"+fake.TenantUID()+"/users", `{"accountType":"`+secret+`"}`),
		c.admin("GET", "/tenants?sortBy="+secret, ""),
	} {
		if strings.Contains(string(answer.body), secret) {
			t.Errorf("the secret is in %s", answer.body)
		}
	}
}

// Whatever is sent, the answer is one that the API could give.
func FuzzARequestIsAnswered(f *testing.F) {
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
		answer, err := fake.RoundTrip(request.WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(answer.Body)
		if err != nil || answer.ContentLength != int64(len(read)) {
			t.Fatalf("read %d bytes of %d: %v", len(read), answer.ContentLength, err)
		}
		if answer.StatusCode >= 500 || answer.StatusCode != http.StatusNoContent && !json.Valid(read) {
			t.Errorf("status %d: %s", answer.StatusCode, read)
		}
	})
}
