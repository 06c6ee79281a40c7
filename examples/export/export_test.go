package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// exported runs one export of a fake into a database.
func exported(ctx context.Context, t *testing.T, db *sql.DB, fake *flowretailtest.Fake, opts ...flowretail.Option) error {
	t.Helper()
	quick := flowretail.WithRetryPolicy(flowretail.RetryPolicy{BaseDelay: time.Millisecond, MaxAttempts: 3})
	client, err := fake.NewClient(append([]flowretail.Option{quick}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	export := &export{client: client, db: db, progress: newProgress(new(bytes.Buffer)), parallel: 3, resume: time.Hour}
	return export.run(ctx)
}

func mustExport(t *testing.T, db *sql.DB, fake *flowretailtest.Fake) {
	t.Helper()
	if err := exported(t.Context(), t, db, fake); err != nil {
		t.Fatal(err)
	}
}

// check holds the rows that are not deleted against the fake.
func check(t *testing.T, db *sql.DB, fake *flowretailtest.Fake) {
	t.Helper()
	want := map[string]map[string]bool{}
	for _, table := range tables {
		want[table.name] = map[string]bool{}
	}
	note := func(table string, cells ...any) { want[table][fmt.Sprint(cells...)] = true }
	for _, tenant := range fake.Tenants() {
		note("tenants", tenant.TenantUID, "/", tenant.Name)
		for _, user := range fake.Users(tenant.TenantUID) {
			note("users", user.TenantUserUID, "/", user.DisplayName, "/", user.TenantRole, "/", user.Email)
			for _, access := range user.StoreAccess {
				note("store_access", user.TenantUserUID, "/", access.StoreUID, "/", access.StoreRole)
			}
			if user.Permissions == nil {
				continue
			}
			for _, permission := range user.Permissions.Tenant {
				note("permissions", user.TenantUserUID, "/", tenant.TenantUID, "/", permission)
			}
			for _, of := range user.Permissions.Stores {
				note("stores", of.Store.StoreUID, "/", of.Store.Name)
				for _, permission := range of.Permissions {
					note("permissions", user.TenantUserUID, "/", of.Store.StoreUID, "/", permission)
				}
			}
			for _, of := range user.Permissions.Organizations {
				for _, permission := range of.Permissions {
					note("permissions", user.TenantUserUID, "/", of.Organization.OrganizationUID, "/", permission)
				}
			}
		}
		for _, store := range fake.Stores(tenant.TenantUID) {
			if want["stores"][fmt.Sprint(store.StoreUID, "/", store.Name)] {
				for _, subscriber := range fake.Subscribers(tenant.TenantUID, store.StoreUID) {
					note("subscribers", store.StoreUID, "/", subscriber.SubscriberUID, "/", subscriber.TenantUser.TenantUserUID)
				}
			}
		}
	}
	for table, columns := range map[string]string{
		"tenants":      "tenant_uid || '/' || name",
		"users":        "tenant_user_uid || '/' || display_name || '/' || tenant_role || '/' || email",
		"stores":       "store_uid || '/' || name",
		"store_access": "tenant_user_uid || '/' || store_uid || '/' || store_role",
		"permissions":  "tenant_user_uid || '/' || scope_uid || '/' || permission",
		"subscribers":  "store_uid || '/' || subscriber_uid || '/' || tenant_user_uid",
	} {
		got := map[string]bool{}
		for _, row := range column(t, db, "SELECT "+columns+" FROM "+table+" WHERE deleted_at IS NULL") {
			got[row] = true
		}
		if !maps.Equal(got, want[table]) {
			t.Errorf("%s: %d rows, want %d; missing %.200q, too many %.200q", table, len(got), len(want[table]), minus(want[table], got), minus(got, want[table]))
		}
	}
}

func minus(a, b map[string]bool) (left []string) {
	for key := range a {
		if !b[key] {
			left = append(left, key)
		}
	}
	return left
}

func column(t *testing.T, db *sql.DB, query string, values ...any) (cells []string) {
	t.Helper()
	rows, err := db.Query(query, values...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var cell sql.NullString
		if err := rows.Scan(&cell); err != nil {
			t.Fatal(err)
		}
		cells = append(cells, cell.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return cells
}

func TestTheDatabaseComesToBeAsTheAccountIs(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(3), flowretailtest.WithUsers(50), flowretailtest.WithPageSize(10, 20))
		mustExport(t, db, fake)
		check(t, db, fake)
		mustExport(t, db, fake)
		check(t, db, fake)
	})
}

func TestRowsThatChangeVanishAndComeBack(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(2))
		first, second := fake.Tenants()[0].TenantUID, fake.Tenants()[1].TenantUID
		users := fake.Users(first)
		mustExport(t, db, fake)

		fake.EditUser(first, users[3].TenantUserUID, func(user *flowretail.User) {
			user.DisplayName, user.StoreAccess = "Renamed Åse", user.StoreAccess[:1]
		})
		added := fake.AddUser(first, flowretail.User{DisplayName: "New Ødegård"})
		fake.RemoveUser(first, users[4].TenantUserUID)
		fake.RemoveUser(first, added)
		fake.RemoveTenant(second)
		mustExport(t, db, fake)
		check(t, db, fake)
		if gone := column(t, db, "SELECT tenant_user_uid FROM users WHERE tenant_uid = $1 AND deleted_at IS NOT NULL", first); !slices.Equal(gone, []string{users[4].TenantUserUID}) {
			t.Errorf("%q are marked as deleted, want the one who was removed", gone)
		}

		fake.AddUser(first, flowretail.User{TenantUserUID: users[4].TenantUserUID, DisplayName: "Back Again"})
		mustExport(t, db, fake)
		check(t, db, fake)
	})
}

func TestNobodyIsMissedOrMarkedAsDeletedWhileOthersComeAndGo(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithUsers(240), flowretailtest.WithPageSize(20, 20))
		tenantUID := fake.TenantUID()
		leaving := fake.Users(tenantUID)[2:40]
		var mu sync.Mutex
		churn := roundTripper(func(request *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if operation, _ := flowretail.OperationFromContext(request.Context()); operation.ID == "get-tenants-users" && len(leaving) > 0 {
				fake.RemoveUser(tenantUID, leaving[0].TenantUserUID) // from the front, so that all others move up
				leaving = leaving[1:]
				fake.AddUser(tenantUID, flowretail.User{})
			}
			return fake.RoundTrip(request)
		})
		for range 2 {
			if err := exported(t.Context(), t, db, fake, flowretail.WithHTTPClient(&http.Client{Transport: churn})); err != nil {
				t.Fatal(err)
			}
			live := column(t, db, "SELECT tenant_user_uid FROM users WHERE deleted_at IS NULL")
			for _, user := range fake.Users(tenantUID)[2:180] {
				if !slices.Contains(live, user.TenantUserUID) {
					t.Fatalf("user %s, who was there all the time, is missing", user.TenantUserUID)
				}
			}
		}
		mustExport(t, db, fake)
		check(t, db, fake)
	})
}

func TestATenantThatSlipsThroughThePagesIsNotTakenForDeleted(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(9), flowretailtest.WithUsers(3), flowretailtest.WithPageSize(3, 3))
		mustExport(t, db, fake)
		leaving := fake.TenantUID()
		slipping := roundTripper(func(request *http.Request) (*http.Response, error) {
			if request.URL.Query().Get("pageNumber") == "2" && strings.HasSuffix(request.URL.Path, "/tenants") && leaving != "" {
				fake.RemoveTenant(leaving) // the fourth tenant moves to the first page, which has been read
				fake.AddTenant()           // and the total is what it was
				leaving = ""
			}
			return fake.RoundTrip(request)
		})
		stayed := fake.Tenants()[1:]
		if err := exported(t.Context(), t, db, fake, flowretail.WithHTTPClient(&http.Client{Transport: slipping})); err != nil {
			t.Fatal(err)
		}
		live := column(t, db, "SELECT DISTINCT t.tenant_uid FROM tenants t JOIN users u USING (tenant_uid) WHERE t.deleted_at IS NULL AND u.deleted_at IS NULL")
		for _, tenant := range stayed {
			if !slices.Contains(live, tenant.TenantUID) {
				t.Errorf("%s, which was there all the time, is marked as deleted, or its users are", tenant.Name)
			}
		}
		mustExport(t, db, fake)
		check(t, db, fake)
	})
}

func TestKilledAtAnyRequestAndRunAgainTheExportIsWholeAndNoListIsReadTwice(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		for lives := int32(0); ; lives += 3 {
			for _, table := range append(tables, &table{name: "readings"}, &table{name: "runs"}) {
				if _, err := db.Exec("DELETE FROM " + table.name); err != nil && lives > 0 {
					t.Fatal(err)
				}
			}
			fake := flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(30), flowretailtest.WithPageSize(10, 10))
			ctx, kill := context.WithCancel(t.Context())
			var left atomic.Int32
			left.Store(lives)
			mortal := roundTripper(func(request *http.Request) (*http.Response, error) {
				if left.Add(-1) < 0 {
					kill()
					return nil, context.Canceled
				}
				return fake.RoundTrip(request)
			})
			err := exported(ctx, t, db, fake, flowretail.WithHTTPClient(&http.Client{Transport: mortal}))
			kill()
			if err == nil {
				check(t, db, fake)
				if lives < 15 {
					t.Errorf("the export took %d requests", lives)
				}
				return
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed at request %d: %v", lives, err)
			}
			read := column(t, db, "SELECT kind || tenant_uid || store_uid FROM readings WHERE finished_at IS NOT NULL")
			fake.RemoveUser(fake.TenantUID(), fake.Users(fake.TenantUID())[5].TenantUserUID)
			if slices.Contains(read, "users"+fake.TenantUID()) {
				fake = flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(30), flowretailtest.WithPageSize(10, 10)) // it is too late to see that
			}
			mustExport(t, db, fake)
			check(t, db, fake)
			again := column(t, db, "SELECT kind || tenant_uid || store_uid FROM readings WHERE finished_at IS NOT NULL")
			slices.Sort(again)
			if len(slices.Compact(slices.Clone(again))) != len(again) {
				t.Errorf("killed at request %d: a list was read twice", lives)
			}
		}
	})
}

func TestAListThatCannotBeReadLeavesTheOthersReadAndIsReadByTheNextRun(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(3))
		mustExport(t, db, fake)
		fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: http.StatusForbidden, Times: 1})
		fake.Inject(flowretailtest.Fault{Operation: "get-subscribers", Status: http.StatusNotFound, Body: "<html>a proxy</html>", Times: 1})
		err := exported(t.Context(), t, db, fake)
		if !errors.Is(err, flowretail.ErrForbidden) || !errors.Is(err, flowretail.ErrNotFound) {
			t.Fatalf("export: %v", err)
		}
		check(t, db, fake) // nothing is marked as deleted because it could not be read
		fake.ResetRequests()
		mustExport(t, db, fake)
		check(t, db, fake)
		if requests := len(fake.Requests()); requests > 4 {
			t.Errorf("%d requests were sent for two lists", requests)
		}
	})
}

func TestFaultsOfTheNetworkLeaveNoTrace(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(60), flowretailtest.WithPageSize(10, 10))
		fake.Inject(flowretailtest.Fault{CutBody: true, After: 2, Times: 1})
		fake.Inject(flowretailtest.Fault{Status: http.StatusBadGateway, After: 7, Times: 1})
		fake.Inject(flowretailtest.Fault{Reset: true, After: 12, Times: 2})
		mustExport(t, db, fake)
		check(t, db, fake)
	})
}

func TestFieldsThatTheSchemaDoesNotKnowAreKept(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New()
		user := fake.Users(fake.TenantUID())[3]
		fake.EditUser(fake.TenantUID(), user.TenantUserUID, func(user *flowretail.User) {
			user.Extra = map[string]json.RawMessage{"shoeSize": json.RawMessage(`{"eu": 43}`)}
		})
		fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "a\x00b", ExternalID: "nul"})
		mustExport(t, db, fake)
		var extra map[string]map[string]int
		cell := column(t, db, "SELECT extra FROM users WHERE tenant_user_uid = $1", user.TenantUserUID)[0]
		if err := json.Unmarshal([]byte(cell), &extra); err != nil || extra["shoeSize"]["eu"] != 43 {
			t.Errorf("extra is %s, %v", cell, err)
		}
		if name := column(t, db, "SELECT display_name FROM users WHERE external_id = 'nul'")[0]; name != "a\ufffdb" {
			t.Errorf("a name with a NUL in it became %q", name)
		}
		if null := column(t, db, "SELECT count(*) FROM users WHERE last_accessed IS NULL")[0]; null == "0" {
			t.Error("times that the API left out are not NULL")
		}
	})
}

func TestTheSummaryCountsWhatIsThereAndWhatWasMissed(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New()
		mustExport(t, db, fake)
		fake.RemoveUser(fake.TenantUID(), fake.Users(fake.TenantUID())[9].TenantUserUID)
		mustExport(t, db, fake)
		var out bytes.Buffer
		if err := summarize(t.Context(), db, 2, &out); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if cells := strings.Fields(line); cells[0] == "users" && !slices.Equal(cells, []string{"users", "24", "1", "0"}) {
				t.Errorf("the summary says %q", cells)
			}
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
