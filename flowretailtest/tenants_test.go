package flowretailtest_test

import (
	"net/http"
	"slices"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestTenants_listAndGet(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(3))
	c := newCaller(t, fake)
	want := []string{}
	for _, tenant := range fake.Tenants() {
		want = append(want, tenant.TenantUID)
	}
	if got := c.admin("GET", "/tenants", "").items("tenantUid"); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if name := c.admin("GET", "/tenants/"+want[1], "").want(200).text("name"); name != fake.Tenants()[1].Name {
		t.Errorf("the name is %q", name)
	}

	bound := fake.AccessToken(want[2], fake.Users(want[2])[1].TenantUserUID)
	if got := c.send("GET", "/tenants", bound, "").items("tenantUid"); !slices.Equal(got, want[2:]) {
		t.Errorf("a bound token lists %v, want its own tenant", got)
	}
	c.send("GET", "/tenants/"+want[0], bound, "").want(http.StatusForbidden)
	c.admin("GET", "/tenants/none", "").want(http.StatusNotFound)
}

func TestFake_AddTenant_RemoveTenant(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	first := fake.TenantUID()
	second := fake.AddTenant()
	if got := c.admin("GET", "/tenants", "").items("tenantUid"); !slices.Equal(got, []string{first, second}) {
		t.Errorf("listed %v, want %v", got, []string{first, second})
	}
	token := fake.AccessToken(first, fake.Users(first)[0].TenantUserUID)
	fake.RemoveTenant(first)
	c.admin("GET", "/tenants/"+first, "").want(http.StatusNotFound)
	c.send("GET", "/account", token, "").want(http.StatusUnauthorized)
}

func TestFake_TenantUID_withoutTenants(t *testing.T) {
	fake := flowretailtest.New()
	fake.RemoveTenant(fake.TenantUID())
	if uid := fake.TenantUID(); uid != "" {
		t.Errorf("TenantUID is %q", uid)
	}
	if total := newCaller(t, fake).admin("GET", "/tenants", "").total(); total != 0 {
		t.Errorf("%d tenants are listed", total)
	}
}

func TestUpdateTenant(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	path := "/tenants/" + fake.TenantUID()
	before := c.admin("GET", path, "").object()
	body := `{"autoLogout":0,"autoPrintReceipt":false,"vatNumber":"","pricelistUid":"p-1","logoAssetUid":"","name":"Ny"}`
	for _, after := range []response{c.admin("PUT", path, body).want(200), c.admin("GET", path, "")} {
		if after.at("settings", "autoLogout") != 0.0 || after.at("settings", "autoPrintReceipt") != false ||
			after.at("vatNumber") != "" || after.at("pricelistUid") != "p-1" || after.at("assets", "logo", "assetUid") != "" || after.at("name") != "Ny" {
			t.Errorf("a field was not set: %s", after.body)
		}
		if after.at("timezone") != before["timezone"] || after.at("settings", "allowExternalCashDrawer") != true {
			t.Errorf("a field that was not sent was changed: %s", after.body)
		}
	}
	token := fake.AccessTokenWithRole(fake.TenantUID(), flowretail.TenantRoleBackoffice)
	rejected := c.send("PUT", path, token, body).want(http.StatusForbidden)
	if rejected.text("code") != "PERMISSION_MISSING" {
		t.Errorf("code %q", rejected.text("code"))
	}
}

func TestFake_EditTenant_unknownFields(t *testing.T) {
	fake := flowretailtest.New()
	fake.EditTenant(fake.TenantUID(), func(tenant *flowretail.Tenant) {
		tenant.Extra = map[string]jsonRaw{"loyalty": jsonRaw(`{"level":3}`)}
		tenant.Extensions[0].ExtensionCode = "FUTURE"
	})
	res := newCaller(t, fake).admin("GET", "/tenants/"+fake.TenantUID(), "").want(200)
	if res.at("loyalty", "level") != 3.0 {
		t.Errorf("the unknown field is missing: %s", res.body)
	}
	if code := res.at("extensions").([]any)[0].(map[string]any)["extensionCode"]; code != "FUTURE" {
		t.Errorf("extension %q", code)
	}
}
