package flowretailtest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func credentials(code, password string) string {
	return fmt.Sprintf(`{"userCode":%q,"password":%q}`, code, password)
}

func TestLogin(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[3]
	device := fake.DeviceToken(tenant)
	password := fake.Password(tenant, user.TenantUserUID)

	session := c.send("POST", "/account", device, credentials(user.UserCode, password)).want(200)
	if session.text("tenantUser", "tenantUserUid") != user.TenantUserUID {
		t.Errorf("the session is for another user: %s", session.body)
	}
	token := session.text("accessToken")
	if own := c.send("GET", "/tenants/"+tenant+"/account", token, "").want(200).text("tenantUserUid"); own != user.TenantUserUID {
		t.Errorf("the token is for user %s", own)
	}
	c.send("POST", "/account", device, credentials(user.UserCode, "wrong")).want(http.StatusUnauthorized)
	c.send("POST", "/account", device, credentials("none", password)).want(http.StatusUnauthorized)
	blocked := fake.Users(tenant)[6]
	c.send("POST", "/account", device, credentials(blocked.UserCode, fake.Password(tenant, blocked.TenantUserUID))).want(http.StatusForbidden)

	c.send("PUT", "/tenants/"+tenant+"/account", token, `{"password":"marked-secret-3","displayName":"Meg","defaultStoreUid":""}`).want(200)
	c.send("POST", "/account", device, credentials(user.UserCode, password)).want(http.StatusUnauthorized)
	again := c.send("POST", "/account", device, credentials(user.UserCode, "marked-secret-3")).want(200)
	if again.text("tenantUser", "displayName") != "Meg" || again.at("tenantUser", "defaultStoreUid") != nil {
		t.Errorf("the user was not updated: %s", again.body)
	}
	c.admin("POST", "/tenants/"+tenant+"/users", newUser).want(200)
	c.send("POST", "/account", device, credentials("77", "marked-secret-1")).want(200)
}

func TestLogin_sameCodeAndPassword(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	users, device := "/tenants/"+fake.TenantUID()+"/users", fake.DeviceToken(fake.TenantUID())
	first := c.admin("POST", users, newUser).want(200).text("tenantUserUid")
	second := c.admin("POST", users, newUser).want(200).text("tenantUserUid")
	login := func() string {
		return c.send("POST", "/account", device, credentials("77", "marked-secret-1")).want(200).text("tenantUser", "tenantUserUid")
	}
	for range 20 {
		if got := login(); got != first {
			t.Fatalf("logged in as %s, want %s, which was created first", got, first)
		}
	}
	c.admin("DELETE", users+"/"+first, "").want(204)
	if got := login(); got != second {
		t.Errorf("logged in as %s, want %s, which is the only one left", got, second)
	}
}

func TestAccessToken_expires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := flowretailtest.New(flowretailtest.WithTokenLifetime(time.Minute))
		c := newCaller(t, fake)
		token := fake.AccessToken(fake.TenantUID(), fake.Users(fake.TenantUID())[0].TenantUserUID)
		parts := strings.Split(token, ".")
		claims, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		var read struct{ Exp int64 }
		if err := json.Unmarshal(claims, &read); err != nil || read.Exp != time.Now().Add(time.Minute).Unix() {
			t.Errorf("exp is %d, %v", read.Exp, err)
		}
		time.Sleep(time.Minute - time.Nanosecond)
		c.send("GET", "/account", token, "").want(200)
		time.Sleep(time.Nanosecond)
		if rejected := c.send("GET", "/account", token, "").want(401); rejected.text("code") != "TOKEN_EXPIRED" {
			t.Errorf("code %q", rejected.text("code"))
		}
	})
}

func TestTokens_expireAndRevoke(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithOpaqueTokens())
	c := newCaller(t, fake)
	token := fake.AccessToken(fake.TenantUID(), fake.Users(fake.TenantUID())[0].TenantUserUID)
	if strings.Contains(token, ".") {
		t.Errorf("the opaque token is %q", token)
	}
	c.send("GET", "/account", token, "").want(200)
	fake.ExpireTokens()
	c.send("GET", "/account", token, "").want(401)
	c.admin("GET", "/account", "").want(200)
	fake.RevokeToken(fake.AdminToken())
	c.admin("GET", "/account", "").want(401)
}

func TestWithExchangeToken(t *testing.T) {
	bearer := func(r response) string { return strings.TrimPrefix(r.header.Get("Authorization"), "Bearer ") }
	for name, place := range map[string]struct {
		option flowretailtest.ExchangeToken
		find   func(response) string
		user   func(response) string
	}{
		"beside the user":   {flowretailtest.BesideUser, func(r response) string { return r.text("accessToken") }, plainUser},
		"like a login":      {flowretailtest.LikeLogin, func(r response) string { return r.text("accessToken") }, func(r response) string { return r.text("tenantUser", "tenantUserUid") }},
		"as Authorization":  {flowretailtest.AuthorizationHeader, bearer, plainUser},
		"as X-Access-Token": {flowretailtest.AccessTokenHeader, func(r response) string { return r.header.Get("X-Access-Token") }, plainUser},
		"nowhere":           {flowretailtest.Nowhere, nil, plainUser},
	} {
		t.Run(name, func(t *testing.T) {
			fake := flowretailtest.New(flowretailtest.WithExchangeToken(place.option))
			c := newCaller(t, fake)
			path := "/tenants/" + fake.TenantUID() + "/account"
			opened := c.send("POST", path, fake.AuthToken(), "").want(200)
			if place.user(opened) != fake.Users(fake.TenantUID())[1].TenantUserUID {
				t.Errorf("the user is not the owner: %s", opened.body)
			}
			if place.find == nil {
				if opened.object()["accessToken"] != nil {
					t.Error("there is a token")
				}
				return
			}
			c.send("GET", path, place.find(opened), "").want(200)
			c.send("POST", path, place.find(opened), "").want(http.StatusForbidden)
		})
	}
}

func plainUser(r response) string { return r.text("tenantUserUid") }

func TestInvite_acceptedOnce(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[8]
	invited := fake.Invite(tenant, user.TenantUserUID)
	person := fake.StrangerToken()
	c.send("GET", "/tenants/"+tenant+"/account", person, "").want(http.StatusForbidden)

	shown := c.send("GET", "/account/invite", "", "", "x-invite-token", invited).want(200)
	if shown.text("tenant", "name") != fake.Tenants()[0].Name || shown.text("user", "email") != user.Email || shown.text("user", "status") != "PENDING_INVITE" {
		t.Errorf("the invitation is %s", shown.body)
	}
	body := `{"inviteToken":"` + invited + `"}`
	if joined := c.send("PUT", "/account/invite", person, body).want(200); joined.text("status") != "ACTIVE" || joined.text("tenantUserUid") != user.TenantUserUID {
		t.Errorf("accepted as %s", joined.body)
	}
	c.send("GET", "/tenants/"+tenant+"/account", person, "").want(200)
	c.send("PUT", "/account/invite", person, body).want(http.StatusConflict)
	c.send("GET", "/account/invite", "", "", "x-invite-token", invited).want(404)
	c.send("PUT", "/account/invite", person, `{"inviteToken":"none"}`).want(404)
	c.send("PUT", "/account/invite", fake.AdminToken(), body).want(http.StatusForbidden)
}

func TestInvite_acceptedByAdministratorOfTheTenant(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[8].TenantUserUID
	person := fake.AuthToken()
	c.send("PUT", "/account/invite", person, `{"inviteToken":"`+fake.Invite(tenant, user)+`"}`).want(200)
	if users := c.send("GET", "/account", person, "").at("tenants").([]any); len(users) != 2 {
		t.Errorf("the account has %d users", len(users))
	}
	// Both users are in the tenant; the one with the most permissions is used.
	c.send("GET", "/tenants/"+tenant+"/users", person, "").want(200)
	c.admin("DELETE", "/tenants/"+tenant+"/users/"+fake.Users(tenant)[1].TenantUserUID, "").want(204)
	c.send("GET", "/tenants/"+tenant+"/users", person, "").want(http.StatusForbidden)
	if own := c.send("GET", "/tenants/"+tenant+"/account", person, "").text("tenantUserUid"); own != user {
		t.Errorf("the token is for user %s", own)
	}
}

func TestAccount_tenantsAndDefault(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	c := newCaller(t, fake)
	second := fake.Tenants()[1].TenantUID
	person := fake.AuthToken()
	before := c.send("GET", "/account", person, "").want(200)
	if before.text("defaultTenantUid") != fake.TenantUID() || len(before.at("tenants").([]any)) != 2 || before.at("globalRoles") == nil {
		t.Errorf("account %s", before.body)
	}
	after := c.send("PUT", "/account", person, `{"defaultTenantUid":"`+second+`"}`).want(200)
	if after.text("defaultTenantUid") != second {
		t.Errorf("account %s", after.body)
	}
	c.send("PUT", "/account", person, `{"defaultTenantUid":"none"}`).want(400)
}

func TestAccess_blockedOrInactiveUser(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[2].TenantUserUID
	token := fake.AccessToken(tenant, user)
	c.send("GET", "/tenants/"+tenant, token, "").want(200)
	c.admin("PUT", "/tenants/"+tenant+"/users/"+user, `{"tenantRole":"BLOCKED"}`).want(200)
	for _, path := range []string{"/tenants/" + tenant, "/tenants/" + tenant + "/account", "/account"} {
		c.send("GET", path, token, "").want(http.StatusForbidden)
	}
	fake.EditUser(tenant, user, func(u *flowretail.User) {
		u.TenantRole, u.Status = flowretail.TenantRoleAdmin, flowretail.UserStatusInactive
	})
	c.send("GET", "/tenants/"+tenant, token, "").want(http.StatusForbidden)
	fake.EditUser(tenant, user, func(u *flowretail.User) { u.Status = flowretail.UserStatusActive })
	c.send("GET", "/tenants/"+tenant+"/users", token, "").want(200)
}
