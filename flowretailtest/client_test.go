package flowretailtest_test

import (
	"errors"
	"net/http"
	"runtime"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestACredentialOfTheCallerWins(t *testing.T) {
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
				t.Errorf("a lesser user lists users: %v", err)
			}
		})
	}
}

func TestAServerOnLoopbackServesUntilItIsClosed(t *testing.T) {
	fake := flowretailtest.New()
	server, err := fake.Serve()
	if err != nil {
		t.Fatal(err)
	}
	c := call(t, fake)
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
		t.Error("a closed server answers")
	}
}

func TestAMillionUsersCostLittle(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	fake := flowretailtest.New(flowretailtest.WithUsers(1_000_000))
	c := call(t, fake)
	users := "/tenants/" + fake.TenantUID() + "/users"
	last := c.admin("GET", users+"?pageSize=1000&pageNumber=1000", "").items("tenantUserUid")
	if len(last) != 1000 {
		t.Fatalf("%d users on the last page", len(last))
	}
	c.admin("DELETE", users+"/"+last[999], "").want(204)
	if total := c.admin("GET", users+"?pageSize=1", "").total(); total != 999_999 {
		t.Errorf("%d users", total)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	runtime.KeepAlive(fake)
}

func TestNamingWhatTheFakeDoesNotHaveIsAMistakeInTheTest(t *testing.T) {
	fake := flowretailtest.New()
	for name, mistake := range map[string]func(){
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
			mistake()
		})
	}
	if len(fake.Users(fake.TenantUID())) != 25 {
		t.Error("the fake is locked or changed after a mistake")
	}
}
