package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// onEachDatabase runs a test on SQLite, and on PostgreSQL if EXAMPLES_POSTGRES_DSN
// names a database.
func onEachDatabase(t *testing.T, test func(*testing.T, *sql.DB)) {
	t.Run("SQLite", func(t *testing.T) {
		db, err := openSQLite(filepath.Join(t.TempDir(), "test.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		test(t, db)
	})
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newPostgresSchema(t)) })
}

// newPostgresSchema creates a schema and drops it at the end of the test.
func newPostgresSchema(t *testing.T) *sql.DB {
	t.Helper()
	source := os.Getenv("EXAMPLES_POSTGRES_DSN")
	if source == "" {
		t.Skip("EXAMPLES_POSTGRES_DSN is not set")
	}
	config, err := pgx.ParseConfig(source)
	if err != nil {
		t.Fatal(err)
	}
	schema := "export_" + strings.ToLower(rand.Text())
	admin := stdlib.OpenDB(*config)
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["search_path"] = schema
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() {
		_ = db.Close()
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	return db
}

// tryExport exports a fake to a database.
func tryExport(ctx context.Context, t *testing.T, db *sql.DB, fake *flowretailtest.Fake, opts ...flowretail.Option) error {
	t.Helper()
	fastRetries := flowretail.WithRetryPolicy(flowretail.RetryPolicy{BaseDelay: time.Millisecond, MaxAttempts: 3})
	client, err := fake.NewClient(append([]flowretail.Option{fastRetries}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	e := &export{client: client, db: db, progress: progress{out: io.Discard}, parallel: 3, resume: time.Hour}
	return e.run(ctx)
}

// mustExport exports a fake to a database and compares them.
func mustExport(t *testing.T, db *sql.DB, fake *flowretailtest.Fake, opts ...flowretail.Option) {
	t.Helper()
	if err := tryExport(t.Context(), t, db, fake, opts...); err != nil {
		t.Fatal(err)
	}
	checkRows(t, db, fake)
}

// rowSets has the rows of each table, as texts.
type rowSets map[string]map[string]bool

func (r rowSets) add(table string, cells ...string) {
	if r[table] == nil {
		r[table] = map[string]bool{}
	}
	r[table][strings.Join(cells, "/")] = true
}

// wantRows returns the rows that the tables should have for a fake.
func wantRows(fake *flowretailtest.Fake) rowSets {
	want := rowSets{}
	for _, tenant := range fake.Tenants() {
		want.add("tenants", tenant.TenantUID, tenant.Name)
		for _, user := range fake.Users(tenant.TenantUID) {
			want.addUser(tenant.TenantUID, user)
		}
		for _, store := range fake.Stores(tenant.TenantUID) {
			if want["stores"][store.StoreUID+"/"+store.Name] {
				for _, subscriber := range fake.Subscribers(tenant.TenantUID, store.StoreUID) {
					want.add("subscribers", store.StoreUID, subscriber.SubscriberUID, subscriber.TenantUser.TenantUserUID)
				}
			}
		}
	}
	return want
}

func (r rowSets) addUser(tenantUID string, user flowretail.User) {
	r.add("users", user.TenantUserUID, user.DisplayName, string(user.TenantRole), user.Email)
	for _, access := range user.StoreAccess {
		r.add("store_access", user.TenantUserUID, access.StoreUID, string(access.StoreRole))
	}
	if user.Permissions == nil {
		return
	}
	for _, permission := range user.Permissions.Tenant {
		r.add("permissions", user.TenantUserUID, tenantUID, permission)
	}
	for _, store := range user.Permissions.Stores {
		r.add("stores", store.Store.StoreUID, store.Store.Name)
		for _, permission := range store.Permissions {
			r.add("permissions", user.TenantUserUID, store.Store.StoreUID, permission)
		}
	}
	for _, organization := range user.Permissions.Organizations {
		for _, permission := range organization.Permissions {
			r.add("permissions", user.TenantUserUID, organization.Organization.OrganizationUID, permission)
		}
	}
}

// checkRows compares the rows that are not deleted with the fake.
func checkRows(t *testing.T, db *sql.DB, fake *flowretailtest.Fake) {
	t.Helper()
	want := wantRows(fake)
	for table, columns := range map[string]string{
		"tenants":      "tenant_uid || '/' || name",
		"users":        "tenant_user_uid || '/' || display_name || '/' || tenant_role || '/' || email",
		"stores":       "store_uid || '/' || name",
		"store_access": "tenant_user_uid || '/' || store_uid || '/' || store_role",
		"permissions":  "tenant_user_uid || '/' || scope_uid || '/' || permission",
		"subscribers":  "store_uid || '/' || subscriber_uid || '/' || tenant_user_uid",
	} {
		got := rowSets{}
		for _, row := range queryColumn(t, db, "SELECT "+columns+" FROM "+table+" WHERE deleted_at IS NULL") {
			got.add(table, row)
		}
		if !maps.Equal(got[table], want[table]) {
			t.Errorf("%s: %d rows, want %d; missing %.200q, unexpected %.200q", table, len(got[table]), len(want[table]),
				difference(want[table], got[table]), difference(got[table], want[table]))
		}
	}
}

func difference(a, b map[string]bool) (keys []string) {
	for key := range a {
		if !b[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

// queryColumn returns the cells of a query with one column.
func queryColumn(t *testing.T, db *sql.DB, query string, args ...any) (cells []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
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

// deleteAllRows empties the tables.
func deleteAllRows(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, emptied := range append(tables, &table{name: "readings"}, &table{name: "runs"}) {
		if _, err := db.Exec("DELETE FROM " + emptied.name); err != nil {
			t.Fatalf("%s: %v", emptied.name, err)
		}
	}
}
