package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestExport(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(3), flowretailtest.WithUsers(50), flowretailtest.WithPageSize(10, 20))
		mustExport(t, db, fake)
		mustExport(t, db, fake)
	})
}

func TestExport_changesAndDeletes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
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
		deleted := queryColumn(t, db, "SELECT tenant_user_uid FROM users WHERE tenant_uid = $1 AND deleted_at IS NOT NULL", first)
		if want := []string{users[4].TenantUserUID}; !slices.Equal(deleted, want) {
			t.Errorf("the users %q are marked as deleted, want %q", deleted, want)
		}

		fake.AddUser(first, flowretail.User{TenantUserUID: users[4].TenantUserUID, DisplayName: "Back Again"})
		mustExport(t, db, fake)
	})
}

func TestExport_changingUserList(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithUsers(240), flowretailtest.WithPageSize(20, 20))
		tenantUID := fake.TenantUID()
		leaving := fake.Users(tenantUID)[2:40]
		var mu sync.Mutex
		transport := programtest.RoundTripper(func(request *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if operation, _ := flowretail.OperationFromContext(request.Context()); operation.ID == "get-tenants-users" && len(leaving) > 0 {
				fake.RemoveUser(tenantUID, leaving[0].TenantUserUID) // at the front, so that the other users move
				leaving = leaving[1:]
				fake.AddUser(tenantUID, flowretail.User{})
			}
			return fake.RoundTrip(request)
		})
		for range 2 {
			if err := tryExport(t.Context(), t, db, fake, flowretail.WithHTTPClient(&http.Client{Transport: transport})); err != nil {
				t.Fatal(err)
			}
			uids := queryColumn(t, db, "SELECT tenant_user_uid FROM users WHERE deleted_at IS NULL")
			for _, user := range fake.Users(tenantUID)[2:180] {
				if !slices.Contains(uids, user.TenantUserUID) {
					t.Fatalf("user %s is missing, but always existed", user.TenantUserUID)
				}
			}
		}
		mustExport(t, db, fake)
	})
}

func TestExport_changingTenantList(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(9), flowretailtest.WithUsers(3), flowretailtest.WithPageSize(3, 3))
		mustExport(t, db, fake)
		leaving := fake.TenantUID()
		transport := programtest.RoundTripper(func(request *http.Request) (*http.Response, error) {
			if request.URL.Query().Get("pageNumber") == "2" && strings.HasSuffix(request.URL.Path, "/tenants") && leaving != "" {
				fake.RemoveTenant(leaving) // the fourth tenant moves to the first page, which was already read
				fake.AddTenant()           // the total stays the same
				leaving = ""
			}
			return fake.RoundTrip(request)
		})
		remaining := fake.Tenants()[1:]
		if err := tryExport(t.Context(), t, db, fake, flowretail.WithHTTPClient(&http.Client{Transport: transport})); err != nil {
			t.Fatal(err)
		}
		uids := queryColumn(t, db, "SELECT DISTINCT t.tenant_uid FROM tenants t JOIN users u USING (tenant_uid) WHERE t.deleted_at IS NULL AND u.deleted_at IS NULL")
		for _, tenant := range remaining {
			if !slices.Contains(uids, tenant.TenantUID) {
				t.Errorf("%s or its users are marked as deleted, but always existed", tenant.Name)
			}
		}
		mustExport(t, db, fake)
	})
}

// Each export is killed at a later request than the one before, until one ends.
func TestExport_killed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		for requests := 0; ; requests += 3 {
			newFake := func() *flowretailtest.Fake {
				return flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(30), flowretailtest.WithPageSize(10, 10))
			}
			fake := newFake()
			ctx, cancel := context.WithCancel(t.Context())
			transport := programtest.KillAfter(requests, fake, cancel, false)
			err := tryExport(ctx, t, db, fake, flowretail.WithHTTPClient(&http.Client{Transport: transport}))
			cancel()
			if err == nil {
				checkRows(t, db, fake)
				if requests < 15 {
					t.Errorf("the export has %d requests; the test does not reach all of them", requests)
				}
				return
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed after %d requests: %v", requests, err)
			}
			fake.RemoveUser(fake.TenantUID(), fake.Users(fake.TenantUID())[5].TenantUserUID)
			if slices.Contains(finishedReadings(t, db), "users"+fake.TenantUID()) {
				fake = newFake() // the users were read before the deletion
			}
			mustExport(t, db, fake)
			readings := finishedReadings(t, db)
			slices.Sort(readings)
			if len(slices.Compact(slices.Clone(readings))) != len(readings) {
				t.Errorf("killed after %d requests: a list was read twice", requests)
			}
			deleteAllRows(t, db)
		}
	})
}

func finishedReadings(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return queryColumn(t, db, "SELECT kind || tenant_uid || store_uid FROM readings WHERE finished_at IS NOT NULL")
}

func TestExport_failedLists(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(3))
		mustExport(t, db, fake)
		fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: http.StatusForbidden, Times: 1})
		fake.Inject(flowretailtest.Fault{Operation: "get-subscribers", Status: http.StatusNotFound, Body: "<html>a proxy</html>", Times: 1})
		err := tryExport(t.Context(), t, db, fake)
		if !errors.Is(err, flowretail.ErrForbidden) || !errors.Is(err, flowretail.ErrNotFound) {
			t.Fatalf("export: %v", err)
		}
		checkRows(t, db, fake) // the failed lists have no rows marked as deleted
		fake.ResetRequests()
		mustExport(t, db, fake)
		if requests := len(fake.Requests()); requests > 4 {
			t.Errorf("%d requests were sent for two lists", requests)
		}
	})
}

func TestExport_temporaryFaults(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(60), flowretailtest.WithPageSize(10, 10))
		fake.Inject(flowretailtest.Fault{CutBody: true, After: 2, Times: 1})
		fake.Inject(flowretailtest.Fault{Status: http.StatusBadGateway, After: 7, Times: 1})
		fake.Inject(flowretailtest.Fault{Reset: true, After: 12, Times: 2})
		// More attempts than faults: all of them may meet the same page.
		mustExport(t, db, fake, flowretail.WithRetryPolicy(flowretail.RetryPolicy{BaseDelay: time.Millisecond, MaxAttempts: 5}))
	})
}

func TestExport_cells(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		fake := flowretailtest.New()
		user := fake.Users(fake.TenantUID())[3]
		fake.EditUser(fake.TenantUID(), user.TenantUserUID, func(user *flowretail.User) {
			user.Extra = map[string]json.RawMessage{"shoeSize": json.RawMessage(`{"eu": 43}`)}
		})
		fake.AddUser(fake.TenantUID(), flowretail.User{DisplayName: "a\x00b", ExternalID: "nul"})
		if err := tryExport(t.Context(), t, db, fake); err != nil {
			t.Fatal(err)
		}
		var extra map[string]map[string]int
		cell := queryColumn(t, db, "SELECT extra FROM users WHERE tenant_user_uid = $1", user.TenantUserUID)[0]
		if err := json.Unmarshal([]byte(cell), &extra); err != nil || extra["shoeSize"]["eu"] != 43 {
			t.Errorf("extra is %s, %v", cell, err)
		}
		if name := queryColumn(t, db, "SELECT display_name FROM users WHERE external_id = 'nul'")[0]; name != "a\ufffdb" {
			t.Errorf("the name with a NUL is %q", name)
		}
		if count := queryColumn(t, db, "SELECT count(*) FROM users WHERE last_accessed IS NULL")[0]; count == "0" {
			t.Error("no missing time is NULL")
		}
	})
}

func TestSummarize(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
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
				t.Errorf("the summary has %q", cells)
			}
		}
	})
}
