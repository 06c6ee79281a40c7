package flowretailtest_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestListUsers_pages(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(103), flowretailtest.WithPageSize(10, 40))
	c := newCaller(t, fake)
	users := "/tenants/" + fake.TenantUID() + "/users"
	want := []string{}
	for _, user := range fake.Users(fake.TenantUID()) {
		want = append(want, user.TenantUserUID)
	}
	for _, size := range []int{0, 1, 7, 40, 1000} {
		query, effective := fmt.Sprintf("?pageSize=%d&", size), min(size, 40)
		if size == 0 {
			query, effective = "?", 10
		}
		got := []string{}
		for number := 1; ; number++ {
			page := c.admin("GET", fmt.Sprintf("%s%spageNumber=%d", users, query, number), "")
			items := page.items("tenantUserUid")
			paging := page.at("paging").(map[string]any)
			if paging["pageSize"] != float64(effective) || paging["pageNumber"] != float64(number) || page.total() != 103 {
				t.Fatalf("paging %v", paging)
			}
			if len(items) == 0 {
				break
			}
			got = append(got, items...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("size %d: %d items, not the list", size, len(got))
		}
	}
	if last := c.admin("GET", users+"?pageNumber=1000000000000", "").items("tenantUserUid"); len(last) != 0 {
		t.Errorf("%d items far past the end", len(last))
	}
	slices.Reverse(want)
	if got := c.admin("GET", users+"?sortDirection=DESC&pageSize=40", "").items("tenantUserUid"); !slices.Equal(got, want[:40]) {
		t.Error("descending is not the list from its end")
	}
}

func TestListUsers_filters(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(200), flowretailtest.WithPageSize(500, 1000))
	c := newCaller(t, fake)
	tenant := fake.TenantUID()
	stores := fake.Stores(tenant)
	inStore := func(u flowretail.User, keep func(flowretail.Store) bool) bool {
		return slices.ContainsFunc(u.StoreAccess, func(a flowretail.UserStoreAccess) bool {
			return slices.ContainsFunc(stores, func(s flowretail.Store) bool { return s.StoreUID == a.StoreUID && keep(s) })
		})
	}
	ofStore := func(s flowretail.Store) bool { return s.StoreUID == stores[1].StoreUID }
	ofOrganization := func(s flowretail.Store) bool { return s.OrganizationUID == stores[1].OrganizationUID }
	for query, keep := range map[string]func(flowretail.User) bool{
		"query=BERG": func(u flowretail.User) bool {
			return strings.Contains(strings.ToLower(u.DisplayName+" "+u.Email), "berg")
		},
		"query=emp-1-000017":                       func(u flowretail.User) bool { return u.ExternalID == "emp-1-000017" },
		"tenantuserStoreUid=" + stores[1].StoreUID: func(u flowretail.User) bool { return inStore(u, ofStore) },
		"tenantuserOrganizationUid=" + stores[0].OrganizationUID + "&tenantuserStoreUid=" + stores[1].StoreUID: func(flowretail.User) bool { return false },
		"tenantuserStoreUid=none": func(flowretail.User) bool { return false },
		"query=%C3%A5se&tenantuserOrganizationUid=" + stores[1].OrganizationUID: func(u flowretail.User) bool {
			return strings.Contains(strings.ToLower(u.DisplayName), "åse") && inStore(u, ofOrganization)
		},
	} {
		want := []string{}
		for _, user := range fake.Users(tenant) {
			if keep(user) {
				want = append(want, user.TenantUserUID)
			}
		}
		got := c.admin("GET", "/tenants/"+tenant+"/users?"+query, "")
		if !slices.Equal(got.items("tenantUserUid"), want) || got.total() != len(want) {
			t.Errorf("%s: %d users, want %d", query, got.total(), len(want))
		}
	}
	uid := fake.AddUser(tenant, flowretail.User{Firstname: "Bergljot"})
	if got := c.admin("GET", "/tenants/"+tenant+"/users?query=bergljot", "").items("tenantUserUid"); !slices.Equal(got, []string{uid}) {
		t.Errorf("a new user is not found: %v", got)
	}
}

func TestLists_sort(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(9), flowretailtest.WithUsers(120), flowretailtest.WithPageSize(500, 1000))
	c := newCaller(t, fake)
	fake.AddUser(fake.TenantUID(), flowretail.User{Firstname: "adam", Email: "ADAM@example.com"})
	tenant := "/tenants/" + fake.TenantUID()
	subscribers := tenant + "/stores/" + fake.Stores(fake.TenantUID())[0].StoreUID + "/subscribers"
	for path, fields := range map[string][]string{
		"/tenants":        {"name", "vatNumber", "countryCode", "createdAt", "lastModifiedAt"},
		tenant + "/users": {"displayName", "firstname", "lastname", "email", "mobile", "userCode", "externalId", "accountType", "tenantRole", "status", "createdAt"},
		subscribers:       {"createdBy", "createdAt"},
	} {
		for _, field := range fields {
			ascending := c.admin("GET", path+"?sortBy="+field, "").items(field)
			descending := c.admin("GET", path+"?sortDirection=DESC&sortBy="+field, "").items(field)
			byCase := func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
			if len(ascending) < 3 || !slices.IsSortedFunc(ascending, byCase) {
				t.Errorf("%s by %s: %v", path, field, ascending)
			}
			if !slices.IsSortedFunc(descending, func(a, b string) int { return byCase(b, a) }) {
				t.Errorf("%s by %s, descending: %v", path, field, descending)
			}
		}
	}
	byEmail := c.admin("GET", subscribers+"?sortBy=email", "").items("tenantUser", "email")
	if !slices.IsSorted(byEmail) {
		t.Errorf("subscribers by email: %v", byEmail)
	}
}

func TestLists_sortKeepsCreationOrderOfEqualItems(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(120), flowretailtest.WithPageSize(500, 1000))
	users := fake.Users(fake.TenantUID())
	slices.SortStableFunc(users, func(a, b flowretail.User) int { return cmp.Compare(b.AccountType, a.AccountType) })
	var want []string
	for _, user := range users {
		want = append(want, user.TenantUserUID)
	}
	path := "/tenants/" + fake.TenantUID() + "/users?sortBy=accountType&sortDirection=DESC"
	if got := newCaller(t, fake).admin("GET", path, "").items("tenantUserUid"); !slices.Equal(got, want) {
		t.Errorf("the users are in the order %v, want %v", got, want)
	}
}

// Reading a list page by page relies on it: new items come last, and each was
// created later than the one before it, and not in the future.
func TestLists_creationOrder(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(5_000), flowretailtest.WithSubscribers(500))
	tenant := fake.TenantUID()
	for range 100 {
		fake.AddUser(tenant, flowretail.User{})
	}
	before, seen := time.Time{}, map[string]bool{}
	for _, user := range fake.Users(tenant) {
		if !user.CreatedAt.After(before) || seen[user.TenantUserUID] {
			t.Fatalf("%s was created at %v, after one of %v", user.TenantUserUID, user.CreatedAt, before)
		}
		before, seen[user.TenantUserUID] = user.CreatedAt, true
	}
	if before.After(time.Now().Add(time.Second)) {
		t.Errorf("the last user was created at %v", before)
	}
	before = time.Time{}
	for _, subscriber := range fake.Subscribers(tenant, fake.Stores(tenant)[0].StoreUID) {
		if !subscriber.CreatedAt.After(before) {
			t.Fatalf("%s was created at %v", subscriber.SubscriberUID, subscriber.CreatedAt)
		}
		before = subscriber.CreatedAt
	}
}

func TestListUsers_afterRandomChanges(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithUsers(40), flowretailtest.WithPageSize(1000, 1000))
	c := newCaller(t, fake)
	tenant := fake.TenantUID()
	model := []string{}
	for _, user := range fake.Users(tenant) {
		model = append(model, user.TenantUserUID)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for step := range 300 {
		switch at := 1 + random.IntN(len(model)-1); {
		case random.IntN(2) == 0 && len(model) > 5:
			if !fake.RemoveUser(tenant, model[at]) {
				t.Fatalf("step %d: no user %s", step, model[at])
			}
			model = slices.Delete(model, at, at+1)
		case random.IntN(2) == 0:
			model = append(model, fake.AddUser(tenant, flowretail.User{TenantUserUID: fmt.Sprintf("chosen-%d", step)}))
		default:
			model = append(model, fake.AddUser(tenant, flowretail.User{}))
		}
		if got := c.admin("GET", "/tenants/"+tenant+"/users", "").items("tenantUserUid"); !slices.Equal(got, model) {
			t.Fatalf("step %d: %v, want %v", step, got, model)
		}
	}
}

func TestSubscribers_createListDelete(t *testing.T) {
	fake := flowretailtest.New()
	c := newCaller(t, fake)
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[9]
	list := "/tenants/" + tenant + "/stores/" + fake.Stores(tenant)[0].StoreUID + "/subscribers"
	body := `{"tenantUserUid":"` + user.TenantUserUID + `","subscriptionType":"SALES_SUMMARY_REPORT"%s}`

	made := c.admin("POST", list, fmt.Sprintf(body, "")).want(http.StatusCreated)
	if made.text("tenantUser", "email") != user.Email || made.text("subscription", "type") != "SALES_SUMMARY_REPORT" || made.text("createdBy") == "" {
		t.Errorf("made %s", made.body)
	}
	one := list + "/" + made.text("subscriberUid")
	if got := c.admin("GET", one, "").want(200); string(got.body) != string(made.body) {
		t.Errorf("got %s, made %s", got.body, made.body)
	}
	c.admin("POST", list, fmt.Sprintf(body, `,"subscriberUid":"mine"`)).want(201)
	c.admin("POST", list, fmt.Sprintf(body, `,"subscriberUid":"mine"`)).want(http.StatusConflict)
	if all := c.admin("GET", list+"?subscriptionType=SALES_SUMMARY_REPORT", ""); all.total() != 5 {
		t.Errorf("%d subscribers", all.total())
	}
	first := fake.Subscribers(tenant, fake.Stores(tenant)[0].StoreUID)[0].TenantUser.TenantUserUID
	some := c.admin("GET", list+"?tenantUserUids="+first+"&tenantUserUids="+user.TenantUserUID, "").items("tenantUser", "tenantUserUid")
	if !slices.Equal(some, []string{first, user.TenantUserUID, user.TenantUserUID}) {
		t.Errorf("filtered by users: %v", some)
	}
	c.admin("PUT", "/tenants/"+tenant+"/users/"+user.TenantUserUID, `{"displayName":"Renamed"}`).want(200)
	if name := c.admin("GET", one, "").text("tenantUser", "displayName"); name != "Renamed" {
		t.Errorf("the subscriber is called %q", name)
	}
	c.admin("DELETE", one, "").want(204)
	c.admin("DELETE", one, "").want(404)
	c.admin("GET", one, "").want(404)
}

func TestWithSeed(t *testing.T) {
	users := func(opts ...flowretailtest.Option) string {
		fake := flowretailtest.New(opts...)
		return string(newCaller(t, fake).admin("GET", "/tenants/"+fake.TenantUID()+"/users", "").body)
	}
	if users() != users(flowretailtest.WithSeed(1)) {
		t.Error("two fakes with the same seed differ")
	}
	if users() == users(flowretailtest.WithSeed(2)) {
		t.Error("fakes with different seeds are equal")
	}
}

func TestNew_sampleSizes(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithTenants(14), flowretailtest.WithUsers(3), flowretailtest.WithStores(20),
		flowretailtest.WithOrganizations(5), flowretailtest.WithSubscribers(2))
	tenants := fake.Tenants()
	names, organizations := map[string]bool{}, map[string]bool{}
	for _, tenant := range tenants {
		names[tenant.Name] = true
	}
	last := tenants[13].TenantUID
	stores := fake.Stores(last)
	for _, store := range stores {
		organizations[store.OrganizationUID] = true
	}
	got := []int{len(names), len(fake.Users(last)), len(stores), len(organizations), len(fake.Subscribers(last, stores[19].StoreUID))}
	if !slices.Equal(got, []int{14, 3, 20, 5, 2}) {
		t.Errorf("tenants, users, stores, organizations, subscribers: %v", got)
	}
}
