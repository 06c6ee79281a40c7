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

// ensure makes a report with a fake and returns its output.
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

// recipients returns the sorted addresses of the subscribers of a store.
func recipients(fake *flowretailtest.Fake, store flowretail.Store) (addresses []string) {
	for _, subscriber := range fake.Subscribers(fake.TenantUID(), store.StoreUID) {
		addresses = append(addresses, subscriber.TenantUser.Email)
	}
	slices.Sort(addresses)
	return addresses
}

func checkRecipients(t *testing.T, fake *flowretailtest.Fake, store flowretail.Store, want []string) {
	t.Helper()
	if got := recipients(fake, store); !slices.Equal(got, want) {
		t.Errorf("%s has the recipients %q, want %q", store.Name, got, want)
	}
}

// checkOnlyReads checks that no request has changed anything.
func checkOnlyReads(t *testing.T, fake *flowretailtest.Fake) {
	t.Helper()
	for _, request := range fake.Requests() {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s was sent", request.Method, request.Path)
		}
	}
}

func TestReport_apply(t *testing.T) {
	fake := flowretailtest.New()
	_, _, users := sample(fake)
	slices.Sort(users)
	stores := fake.Stores(fake.TenantUID())
	others := recipients(fake, stores[2])

	if text, err := ensure(t, fake, []string{stores[0].Name, stores[1].StoreUID}, users, true); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	checkRecipients(t, fake, stores[0], users)
	checkRecipients(t, fake, stores[1], users)
	checkRecipients(t, fake, stores[2], others)

	text, err := ensure(t, fake, []string{stores[0].Name, stores[1].StoreUID}, users, true)
	if err != nil || !strings.Contains(text, "nothing to change") {
		t.Errorf("the second run: %v\n%s", err, text)
	}
}

func TestReport_withoutApply(t *testing.T) {
	fake := flowretailtest.New()
	_, stores, users := sample(fake)
	text, err := ensure(t, fake, stores, users, false)
	if err != nil || !strings.Contains(text, "Nothing was changed") || !strings.Contains(text, "  + ") {
		t.Errorf("%v\n%s", err, text)
	}
	checkOnlyReads(t, fake)
}

func TestReport_faults(t *testing.T) {
	for name, fault := range map[string]flowretailtest.Fault{
		"lost response to a create": {Operation: "post-subscribers", Acted: true, Reset: true, Times: 3},
		"502 after a create":        {Operation: "post-subscribers", Acted: true, Status: http.StatusBadGateway, Times: 1},
		"lost response to a delete": {Operation: "delete-subscribers-subscriberUid", Acted: true, Reset: true, Times: 2},
		"truncated list":            {Operation: "get-subscribers", CutBody: true, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := flowretailtest.New()
				_, stores, users := sample(fake)
				slices.Sort(users)
				fake.Inject(fault)
				if text, err := ensure(t, fake, stores, users, true); err != nil {
					t.Errorf("%v\n%s", err, text)
				}
				for _, store := range fake.Stores(fake.TenantUID())[:2] {
					checkRecipients(t, fake, store, users)
				}
				if !slices.ContainsFunc(fake.Requests(), func(r flowretailtest.Request) bool { return r.Operation == fault.Operation }) {
					t.Error("no request had the fault")
				}
			})
		})
	}
}

func TestReport_doubleSubscription(t *testing.T) {
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
	checkRecipients(t, fake, store, []string{user.Email})
}

func TestReport_failedStore(t *testing.T) {
	fake := flowretailtest.New()
	_, stores, users := sample(fake)
	slices.Sort(users)
	fake.Inject(flowretailtest.Fault{Operation: "delete-subscribers-subscriberUid", Status: http.StatusForbidden, Times: 1})
	if _, err := ensure(t, fake, stores, users, true); !errors.Is(err, flowretail.ErrForbidden) {
		t.Errorf("ensure: %v", err)
	}
	checkRecipients(t, fake, fake.Stores(fake.TenantUID())[1], users)
}

func TestReport_ambiguousNames(t *testing.T) {
	fake := flowretailtest.New()
	_, stores, users := sample(fake)
	fake.AddUser(fake.TenantUID(), flowretail.User{ExternalID: "twin", Email: "a@example.com"})
	fake.AddUser(fake.TenantUID(), flowretail.User{ExternalID: "twin", Email: "b@example.com"})
	withoutAddress := fake.AddUser(fake.TenantUID(), flowretail.User{ExternalID: "without-address"})
	fake.EditUser(fake.TenantUID(), withoutAddress, func(user *flowretail.User) { user.Email = "" })
	for name, test := range map[string]struct {
		stores, users []string
		isUsage       bool
	}{
		"unknown user":              {stores, []string{"nobody@example.com"}, true},
		"two users":                 {stores, []string{"twin"}, true},
		"user without address":      {stores, []string{"without-address"}, true},
		"unknown store":             {[]string{"no-such-store"}, users, false},
		"store that is not a UID":   {[]string{"../users"}, users, false},
		"one known and one unknown": {stores, append(slices.Clone(users), "unknown"), true},
	} {
		t.Run(name, func(t *testing.T) {
			fake.ResetRequests()
			_, err := ensure(t, fake, test.stores, test.users, true)
			if _, isUsage := errors.AsType[*program.UsageError](err); err == nil || isUsage != test.isUsage {
				t.Errorf("ensure: %v", err)
			}
			checkOnlyReads(t, fake)
		})
	}
}
