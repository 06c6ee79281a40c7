package flowretailtest_test

import (
	"errors"
	"net/http"
	"runtime"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestFake_NewClient_withCredential(t *testing.T) {
	fake := flowretailtest.New()
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[3]
	device := staticToken(fake.DeviceToken(tenant))
	password := flowretail.NewSecret(fake.Password(tenant, user.TenantUserUID))
	for name, credential := range map[string]flowretail.Option{
		"token":    flowretail.WithToken(fake.AccessToken(tenant, user.TenantUserUID)),
		"login":    flowretail.WithDeviceLogin(device, user.UserCode, password),
		"exchange": flowretail.WithTenantExchange(staticToken(fake.AuthTokenOf(tenant, user.TenantUserUID)), tenant),
	} {
		t.Run(name, func(t *testing.T) {
			client, err := fake.NewClient(credential, flowretail.WithLanguage("nb"))
			if err != nil {
				t.Fatal(err)
			}
			own, err := client.Account.GetForTenant(t.Context(), tenant)
			if err != nil || own.TenantUserUID != user.TenantUserUID {
				t.Errorf("the client is %v, %v", own, err)
			}
			if _, err := client.Users.List(t.Context(), tenant, nil); !errors.Is(err, flowretail.ErrForbidden) {
				t.Errorf("a user without the permission lists users: %v", err)
			}
		})
	}
}

func TestServer_Close(t *testing.T) {
	fake := flowretailtest.New()
	server, err := fake.Serve()
	if err != nil {
		t.Fatal(err)
	}
	c := newCaller(t, fake)
	c.base, c.http = server.URL, &http.Client{Transport: &http.Transport{}}
	c.admin("GET", "/account", "").want(200)
	client, err := flowretail.NewClient(flowretail.WithBaseURL(server.URL), flowretail.WithToken(fake.AdminToken()))
	if err != nil {
		t.Fatal(err)
	}
	users, err := flowretail.Collect(client.Users.All(t.Context(), fake.TenantUID(), nil))
	if err != nil || len(users) != 25 {
		t.Errorf("%d users, %v", len(users), err)
	}
	server.Close()
	if _, err := c.try("GET", "/account", fake.AdminToken(), ""); err == nil {
		t.Error("a closed server responds")
	}
}

func TestFake_manyUsers(t *testing.T) {
	const users, bytesPerUser = 5_000, 1500
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	fake := flowretailtest.New(flowretailtest.WithUsers(users))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > users*bytesPerUser {
		t.Errorf("the fake takes %d bytes for each user, want at most %d", grown/users, bytesPerUser)
	}
	c := newCaller(t, fake)
	path := "/tenants/" + fake.TenantUID() + "/users"
	last := c.admin("GET", path+"?pageSize=1000&pageNumber=5", "").items("tenantUserUid")
	if len(last) != 1000 {
		t.Fatalf("%d users on the last page", len(last))
	}
	c.admin("DELETE", path+"/"+last[999], "").want(204)
	if total := c.admin("GET", path+"?pageSize=1", "").total(); total != users-1 {
		t.Errorf("%d users", total)
	}
}

func TestFake_panicsForUnknownUIDs(t *testing.T) {
	fake := flowretailtest.New()
	for name, call := range map[string]func(){
		"tenant":    func() { fake.Users("none") },
		"user":      func() { fake.IntegrationToken(fake.TenantUID(), "none") },
		"store":     func() { fake.Subscribers(fake.TenantUID(), "none") },
		"operation": func() { fake.Inject(flowretailtest.Fault{Operation: "none"}) },
		"same UID": func() {
			fake.AddUser(fake.TenantUID(), flowretail.User{TenantUserUID: fake.Users(fake.TenantUID())[0].TenantUserUID})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
	if len(fake.Users(fake.TenantUID())) != 25 {
		t.Error("the fake was changed")
	}
}
