package flowretailtest_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// eachExtra calls visit with every field Extra in a struct.
func eachExtra(v reflect.Value, visit func(reflect.Value)) {
	switch {
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			eachExtra(v.Index(i), visit)
		}
	case v.Kind() == reflect.Struct && v.FieldByName("Extra").IsValid():
		for i := range v.NumField() {
			eachExtra(v.Field(i), visit)
		}
		visit(v.FieldByName("Extra"))
	}
}

func fillExtras(v any) (n int) {
	eachExtra(reflect.ValueOf(v).Elem(), func(extra reflect.Value) {
		extra.Set(reflect.ValueOf(map[string]json.RawMessage{"known": json.RawMessage(`"kept"`)}))
		n++
	})
	return n
}

// changeExtras changes the maps and the bytes in them, and not the fields.
func changeExtras(v any) {
	eachExtra(reflect.ValueOf(v).Elem(), func(extra reflect.Value) {
		fields := extra.Interface().(map[string]json.RawMessage)
		copy(fields["known"], `"lost"`)
		fields["changed"] = json.RawMessage("true")
	})
}

func TestFake_sharesNoUser(t *testing.T) {
	fake := flowretailtest.New()
	tenant := fake.TenantUID()
	access := []flowretail.UserStoreAccess{{StoreUID: fake.Stores(tenant)[0].StoreUID}}
	added := flowretail.User{StoreAccess: slices.Clone(access)}
	want := fillExtras(&added)
	first := fake.AddUser(tenant, added)
	changeExtras(&added)
	second := fake.AddUser(tenant, flowretail.User{})
	var edited *flowretail.User
	fake.EditUser(tenant, second, func(user *flowretail.User) {
		user.StoreAccess = slices.Clone(access)
		fillExtras(user)
		edited = user
	})
	changeExtras(edited)
	for _, user := range fake.Users(tenant)[25:] {
		changeExtras(&user)
	}
	for _, uid := range []string{first, second} {
		res := newCaller(t, fake).admin("GET", "/tenants/"+tenant+"/users/"+uid, "").want(200)
		if n := strings.Count(string(res.body), `"known":"kept"`); n != want || strings.Contains(string(res.body), "changed") {
			t.Errorf("%d of %d unknown fields are unchanged: %s", n, want, res.body)
		}
	}
}

func TestFake_sharesNoTenant(t *testing.T) {
	fake := flowretailtest.New()
	want := 0
	var edited *flowretail.Tenant
	fake.EditTenant(fake.TenantUID(), func(tenant *flowretail.Tenant) {
		want = fillExtras(tenant)
		edited = tenant
	})
	changeExtras(edited)
	changeExtras(&fake.Tenants()[0])
	res := newCaller(t, fake).admin("GET", "/tenants/"+fake.TenantUID(), "").want(200)
	if n := strings.Count(string(res.body), `"known":"kept"`); n != want || n < 10 || strings.Contains(string(res.body), "changed") {
		t.Errorf("%d of %d unknown fields are unchanged: %s", n, want, res.body)
	}
}

// A response is encoded while the next edit changes the same fields. The race
// detector reports a map that is shared.
func TestFake_EditUser_duringResponses(t *testing.T) {
	fake := flowretailtest.New()
	tenant, user := fake.TenantUID(), fake.Users(fake.TenantUID())[3].TenantUserUID
	edit := func() {
		fake.EditUser(tenant, user, func(u *flowretail.User) {
			if u.Extra == nil {
				u.Extra = map[string]json.RawMessage{}
			}
			u.Extra["shoeSize"] = json.RawMessage("38")
		})
		fake.EditTenant(tenant, func(t *flowretail.Tenant) {
			if t.Extra == nil {
				t.Extra = map[string]json.RawMessage{}
			}
			t.Extra["loyalty"] = json.RawMessage("3")
		})
	}
	edit()
	var group sync.WaitGroup
	group.Go(func() {
		for range 200 {
			edit()
		}
	})
	c := newCaller(t, fake)
	for range 200 {
		if c.admin("GET", "/tenants/"+tenant+"/users/"+user, "").at("shoeSize") != 38.0 {
			t.Error("the user has lost its unknown field")
		}
		if c.admin("GET", "/tenants/"+tenant, "").at("loyalty") != 3.0 {
			t.Error("the tenant has lost its unknown field")
		}
	}
	group.Wait()
}
