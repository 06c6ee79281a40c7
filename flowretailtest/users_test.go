package flowretailtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

type jsonRaw = json.RawMessage

const newUser = `{"accountType":"REGULAR","tenantRole":"ACCESS","userCode":"77","password":"marked-secret-1","firstname":"Åse","externalId":"x-77"}`

func TestUsers_createGetListDelete(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	users := "/tenants/" + fake.TenantUID() + "/users"
	created := c.admin("POST", users, newUser).want(http.StatusOK)
	uid := created.text("tenantUserUid")
	if created.at("status") != "ACTIVE" || created.at("firstname") != "Åse" || created.at("storeAccess") == nil {
		t.Errorf("created %s", created.body)
	}
	if got := c.admin("GET", users+"/"+uid, "").want(200); string(got.body) != string(created.body) {
		t.Errorf("got %s, created %s", got.body, created.body)
	}
	all := c.admin("GET", users, "").items("tenantUserUid")
	if len(all) != 26 || all[25] != uid {
		t.Errorf("the new user is not the last of %d", len(all))
	}
	c.admin("DELETE", users+"/"+uid, "").want(http.StatusNoContent)
	c.admin("DELETE", users+"/"+uid, "").want(http.StatusNotFound)
	c.admin("GET", users+"/"+uid, "").want(http.StatusNotFound)
	if all := c.admin("GET", users, "").items("tenantUserUid"); slices.Contains(all, uid) || len(all) != 25 {
		t.Errorf("the user is still one of %d", len(all))
	}
}

func TestCreateUser_chosenUID(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	users := "/tenants/" + fake.TenantUID() + "/users"
	chosen := strings.Replace(newUser, "{", `{"tenantUserUid":"mine-1",`, 1)
	if uid := c.admin("POST", users, chosen).want(200).text("tenantUserUid"); uid != "mine-1" {
		t.Errorf("got UID %q", uid)
	}
	rejected := c.admin("POST", users, chosen).want(http.StatusConflict)
	if rejected.text("code") != "UID_EXISTS" {
		t.Errorf("code %q", rejected.text("code"))
	}
	sample := fake.Users(fake.TenantUID())[3].TenantUserUID
	c.admin("POST", users, strings.Replace(newUser, "{", `{"tenantUserUid":"`+sample+`",`, 1)).want(http.StatusConflict)
	c.admin("DELETE", users+"/mine-1", "").want(204)
	c.admin("POST", users, chosen).want(200)
}

func TestUpdateUser(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	before := fake.Users(fake.TenantUID())[3]
	path := "/tenants/" + fake.TenantUID() + "/users/" + before.TenantUserUID
	stores := fake.Stores(fake.TenantUID())

	changed := c.admin("PUT", path, fmt.Sprintf(`{"tenantRole":"ADMIN","externalId":"","storeAccess":[{"storeUid":%q,"storeRole":"BACKOFFICE"}]}`, stores[2].StoreUID)).want(200)
	permissions := changed.at("permissions").(map[string]any)
	if changed.at("externalId") != "" || changed.at("displayName") != before.DisplayName {
		t.Errorf("changed %s", changed.body)
	}
	if !slices.Contains(permissions["tenant"].([]any), any("TENANT.ADMIN")) {
		t.Errorf("an administrator has only %v", permissions["tenant"])
	}
	inStore := permissions["stores"].([]any)
	if len(inStore) != 1 || inStore[0].(map[string]any)["store"].(map[string]any)["storeUid"] != stores[2].StoreUID {
		t.Errorf("permissions in stores: %v", inStore)
	}

	cleared := c.admin("PUT", path, `{"storeAccess":[]}`).want(200)
	if len(cleared.at("storeAccess").([]any)) != 0 || len(cleared.at("permissions", "stores").([]any)) != 0 {
		t.Errorf("not cleared: %s", cleared.body)
	}
	kept := c.admin("PUT", path, `{"mobile":"+4790000000"}`).want(200)
	if kept.at("tenantRole") != "ADMIN" || kept.at("mobile") != "+4790000000" {
		t.Errorf("a field that was not sent was changed: %s", kept.body)
	}
}

func TestUpdateUser_resendInvite(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	users := "/tenants/" + fake.TenantUID() + "/users"
	created := c.admin("POST", users, `{"accountType":"FULL","tenantRole":"ACCESS","userCode":"9","password":"marked-secret-2","email":"ny@example.com"}`).want(200)
	if created.at("status") != "PENDING_INVITE" {
		t.Errorf("status %v", created.at("status"))
	}
	path := users + "/" + created.text("tenantUserUid")
	c.admin("PUT", path+"?resendInvite=true", `{}`).want(200)
	c.admin("PUT", path+"?resendInvite=false", `{}`).want(200)
	mails := fake.Mails()
	if len(mails) != 2 || mails[0] != mails[1] || mails[0].Email != "ny@example.com" {
		t.Errorf("mails: %v", mails)
	}
}

func TestTokens_createListDelete(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	all := fake.Users(fake.TenantUID())
	tokens := "/tenants/" + fake.TenantUID() + "/users/" + all[0].TenantUserUID + "/tokens"
	c.admin("POST", tokens, "").want(200)
	made := c.admin("POST", tokens, "")
	values := made.items("token")
	if len(values) != 2 || values[0] != "" || !strings.HasPrefix(values[1], "fake-integration-") {
		t.Fatalf("the response has the tokens %q", values)
	}
	if shown := c.admin("GET", tokens, "").items("token"); !slices.Equal(shown, []string{"", ""}) {
		t.Errorf("listed with the values %q", shown)
	}
	c.send("GET", "/tenants/"+fake.TenantUID(), values[1], "").want(200)
	uid := made.items("tenantUserTokenUid")[1]
	c.admin("DELETE", tokens+"/"+uid, "").want(204)
	c.admin("DELETE", tokens+"/"+uid, "").want(404)
	c.send("GET", "/tenants/"+fake.TenantUID(), values[1], "").want(401)

	person := "/tenants/" + fake.TenantUID() + "/users/" + all[1].TenantUserUID + "/tokens"
	c.admin("POST", person, "").want(http.StatusConflict)
}

func TestDeleteUser_tokensAndSubscriptions(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithSubscribers(25))
	c := newCaller(t, fake)
	tenant := fake.TenantUID()
	gone := fake.Users(tenant)[3].TenantUserUID
	token := fake.AccessToken(tenant, gone)
	subscribed, other := fake.Stores(tenant)[0].StoreUID, fake.Stores(tenant)[1].StoreUID
	list := "/tenants/" + tenant + "/stores/" + subscribed + "/subscribers"
	c.admin("POST", list, `{"tenantUserUid":"`+gone+`","subscriptionType":"SALES_SUMMARY_REPORT"}`).want(201)
	c.send("GET", "/tenants/"+tenant+"/account", token, "").want(200)

	c.admin("DELETE", "/tenants/"+tenant+"/users/"+gone, "").want(204)
	c.send("GET", "/tenants/"+tenant+"/account", token, "").want(401)
	for _, store := range []string{subscribed, other} {
		left := c.admin("GET", "/tenants/"+tenant+"/stores/"+store+"/subscribers", "").items("tenantUser", "tenantUserUid")
		if len(left) != 24 || slices.Contains(left, gone) {
			t.Errorf("%d subscribers are left, or the deleted one among them", len(left))
		}
	}
}

func TestFake_AddUser_RemoveUser(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	uid := fake.AddUser(fake.TenantUID(), flowretail.User{Firstname: "Liv", Extra: map[string]jsonRaw{"shoeSize": jsonRaw("38")}})
	got := c.admin("GET", "/tenants/"+fake.TenantUID()+"/users/"+uid, "").want(200)
	if got.at("firstname") != "Liv" || got.at("shoeSize") != 38.0 || got.at("lastAccessed") != nil {
		t.Errorf("got %s", got.body)
	}
	if !fake.RemoveUser(fake.TenantUID(), uid) || fake.RemoveUser(fake.TenantUID(), uid) {
		t.Error("the user is not removed exactly once")
	}
	c.admin("GET", "/tenants/"+fake.TenantUID()+"/users/"+uid, "").want(404)
}

func TestFake_EditUser_completesStoreAccess(t *testing.T) {
	fake := flowretailtest.New()
	tenant := fake.TenantUID()
	var access []flowretail.UserStoreAccess
	for _, store := range fake.Stores(tenant)[:2] {
		access = append(access, flowretail.UserStoreAccess{StoreUID: store.StoreUID})
	}
	uid := fake.AddUser(tenant, flowretail.User{StoreAccess: access[:1]})
	fake.EditUser(tenant, uid, func(u *flowretail.User) { u.StoreAccess = append(u.StoreAccess, access[1]) })
	if access[0].StoreAccessUID != "" {
		t.Error("the fake changed the caller's slice")
	}
	var listed []string
	for _, user := range fake.Users(tenant) {
		for _, a := range user.StoreAccess {
			if user.TenantUserUID == uid && a.StoreRole == flowretail.StoreRoleRegular && !a.CreatedAt.IsZero() && !a.LastModifiedAt.IsZero() {
				listed = append(listed, a.StoreAccessUID)
			}
		}
	}
	if len(listed) != 2 || listed[0] == "" || listed[1] == "" || listed[0] == listed[1] {
		t.Errorf("the accesses with all fields: %q", listed)
	}
}
