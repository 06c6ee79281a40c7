package main

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// ensure runs the program on a fake and returns what it printed.
func ensure(t *testing.T, fake *flowretailtest.Fake, stores, users []string, apply bool) (string, error) {
	t.Helper()
	client, err := fake.NewClient(flowretail.WithGeneratedUIDs())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = (&report{client: client, tenantUID: fake.TenantUID(), out: &out}).ensure(t.Context(), stores, users, apply)
	return out.String(), err
}

// recipients returns the addresses that get the report of a store, in order.
func recipients(fake *flowretailtest.Fake, store flowretail.Store) (addresses []string) {
	for _, subscriber := range fake.Subscribers(fake.TenantUID(), store.StoreUID) {
		addresses = append(addresses, subscriber.TenantUser.Email)
	}
	slices.Sort(addresses)
	return addresses
}

func TestTheGivenUsersGetTheReportAndNobodyElse(t *testing.T) {
	fake := flowretailtest.New()
	_, _, wanted := sample(fake)
	slices.Sort(wanted)
	stores := fake.Stores(fake.TenantUID())
	untouched := recipients(fake, stores[2])

	text, err := ensure(t, fake, []string{stores[0].Name, stores[1].StoreUID}, wanted, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range stores[:2] {
		if got := recipients(fake, store); !slices.Equal(got, wanted) {
			t.Errorf("%s: %q get the report, want %q\n%s", store.Name, got, wanted, text)
		}
	}
	if got := recipients(fake, stores[2]); !slices.Equal(got, untouched) {
		t.Errorf("a store that was not named changed: %q, were %q", got, untouched)
	}
	text, err = ensure(t, fake, []string{stores[0].Name, stores[1].StoreUID}, wanted, true)
	if err != nil || !strings.Contains(text, "All is as it should be") {
		t.Errorf("the second run: %v\n%s", err, text)
	}
}

func TestWithoutApplyNothingChanges(t *testing.T) {
	fake := flowretailtest.New()
	_, stores, users := sample(fake)
	text, err := ensure(t, fake, stores, users, false)
	if err != nil || !strings.Contains(text, "Nothing was changed") || !strings.Contains(text, "  + ") {
		t.Errorf("%v\n%s", err, text)
	}
	for _, request := range fake.Requests() {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s was sent", request.Method, request.Path)
		}
	}
}

func TestNobodyIsSubscribedTwiceWhateverTheNetworkDoes(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"the answer to a create is lost": {Operation: "post-subscribers", Acted: true, Reset: true, Times: 3},
		"a create is answered with 502":  {Operation: "post-subscribers", Acted: true, Status: http.StatusBadGateway, Times: 1},
		"the answer to a delete is lost": {Operation: "delete-subscribers-subscriberUid", Acted: true, Reset: true, Times: 2},
		"a list is cut":                  {Operation: "get-subscribers", CutBody: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := flowretailtest.New()
				_, stores, users := sample(fake)
				slices.Sort(users)
				fake.Inject(fault)
				defer func() {
					if !slices.ContainsFunc(fake.Requests(), func(r flowretailtest.Request) bool { return r.Operation == fault.Operation }) {
						t.Error("the fault hit nothing")
					}
				}()
				if text, err := ensure(t, fake, stores, users, true); err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				for _, store := range fake.Stores(fake.TenantUID())[:2] {
					if got := recipients(fake, store); !slices.Equal(got, users) {
						t.Errorf("%s: %q get the report, want %q", store.Name, got, users)
					}
				}
			})
		})
	}
}

func TestADoubleSubscriptionIsMadeASingleOne(t *testing.T) {
	fake := flowretailtest.New(flowretailtest.WithSubscribers(0))
	client, err := fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	user, store := fake.Users(fake.TenantUID())[1], fake.Stores(fake.TenantUID())[0]
	for range 2 {
		create := &flowretail.SubscriberCreateRequest{TenantUserUID: user.TenantUserUID, SubscriptionType: flowretail.SalesSummaryReport}
		if _, err := client.Subscribers.Create(t.Context(), fake.TenantUID(), store.StoreUID, create); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ensure(t, fake, []string{store.Name}, []string{user.ExternalID}, true); err != nil {
		t.Fatal(err)
	}
	if got := recipients(fake, store); len(got) != 1 {
		t.Errorf("%q get the report", got)
	}
}

func TestAStoreThatFailsLeavesTheOthersDone(t *testing.T) {
	fake := flowretailtest.New()
	_, stores, users := sample(fake)
	slices.Sort(users)
	fake.Inject(flowretailtest.Fault{Operation: "delete-subscribers-subscriberUid", Status: http.StatusForbidden, Times: 1})
	if _, err := ensure(t, fake, stores, users, true); !errors.Is(err, flowretail.ErrForbidden) {
		t.Errorf("ensure: %v", err)
	}
	if got := recipients(fake, fake.Stores(fake.TenantUID())[1]); !slices.Equal(got, users) {
		t.Errorf("the second store: %q get the report, want %q", got, users)
	}
}

func TestNamesThatAreNotClearAreRefusedBeforeAnythingChanges(t *testing.T) {
	fake := flowretailtest.New()
	_, stores, users := sample(fake)
	fake.AddUser(fake.TenantUID(), flowretail.User{ExternalID: "twin", Email: "a@example.com"})
	fake.AddUser(fake.TenantUID(), flowretail.User{ExternalID: "twin", Email: "b@example.com"})
	silent := fake.AddUser(fake.TenantUID(), flowretail.User{ExternalID: "silent"})
	fake.EditUser(fake.TenantUID(), silent, func(user *flowretail.User) { user.Email = "" })
	for name, test := range map[string]struct {
		stores, users []string
		misused       bool
	}{
		"a user nobody knows":     {stores, []string{"nobody@example.com"}, true},
		"two users of one name":   {stores, []string{"twin"}, true},
		"a user without address":  {stores, []string{"silent"}, true},
		"a store nobody knows":    {[]string{"no-such-store"}, users, false},
		"a store that is no UID":  {[]string{"../users"}, users, false},
		"one good user, one typo": {stores, append(slices.Clone(users), "typo"), true},
	} {
		t.Run(name, func(t *testing.T) {
			fake.ResetRequests()
			_, err := ensure(t, fake, test.stores, test.users, true)
			if _, misused := errors.AsType[*program.UsageError](err); err == nil || misused != test.misused {
				t.Errorf("ensure: %v", err)
			}
			for _, request := range fake.Requests() {
				if request.Method != http.MethodGet {
					t.Errorf("%s %s was sent", request.Method, request.Path)
				}
			}
		})
	}
}
