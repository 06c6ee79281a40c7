package main

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// onEach runs a test on SQLite, and on PostgreSQL when there is one.
func onEach(t *testing.T, test func(*testing.T, *sql.DB)) {
	t.Run("SQLite", func(t *testing.T) {
		db, err := openSQLite(filepath.Join(t.TempDir(), "test.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		test(t, db)
	})
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgres(t)) })
}

// postgres opens a schema of its own, which is dropped at the end.
func postgres(t *testing.T) *sql.DB {
	t.Helper()
	source := os.Getenv("EXAMPLES_POSTGRES_DSN")
	if source == "" {
		t.Skip("EXAMPLES_POSTGRES_DSN is not set: there is no PostgreSQL to test with")
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

func TestMigratingAgainChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, db *sql.DB) {
		for range 3 {
			if err := migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		if names := column(t, db, "SELECT name FROM migrations ORDER BY name"); len(names) != 2 {
			t.Errorf("the migrations %q were carried out", names)
		}
	})
}

func TestAPostgreSQLThatIsNotThereIsAnErrorWithoutThePassword(t *testing.T) {
	for name, source := range map[string]string{
		"nobody listens": "postgres://somebody:marked-secret@127.0.0.1:1/none?connect_timeout=2",
		"no DSN":         "postgres://somebody:marked-secret@127.0.0.1:x/none",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(flowretail.EnvToken, "")
			t.Setenv(flowretail.EnvBaseURL, "")
			var stdout, stderr bytes.Buffer
			terminal := &program.Terminal{Args: []string{"-postgres", source}, Stdout: &stdout, Stderr: &stderr}
			if code := program.Run(t.Context(), terminal, run); code != program.ExitFailed || strings.Contains(stderr.String(), "marked-secret") {
				t.Errorf("exit code %d\n%s", code, &stderr)
			}
		})
	}
}

func TestTheProgramWritesAFileThatOnlyItsOwnerReads(t *testing.T) {
	fake := flowretailtest.New()
	t.Setenv(flowretail.EnvToken, fake.AdminToken())
	t.Setenv(flowretail.EnvBaseURL, fake.Start(t).URL)
	path := filepath.Join(t.TempDir(), "odd name?&#%.db")
	var stdout, stderr bytes.Buffer
	terminal := &program.Terminal{Args: []string{"-sqlite", path}, Stdout: &stdout, Stderr: &stderr}
	if code := program.Run(t.Context(), terminal, run); code != program.ExitDone || !strings.Contains(stdout.String(), "subscribers") {
		t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("%v, %v", info, err)
	}
	if !strings.Contains(stderr.String(), "users of Nordlys Sport: 25\n") {
		t.Errorf("progress where there is no terminal:\n%s", &stderr)
	}
}

func TestTheBarShowsRateAndListsLeft(t *testing.T) {
	var out bytes.Buffer
	bar := newBar(&out)
	users := list{kind: "users", title: "users"}
	bar.expect(2)
	bar.page(users, flowretail.Progress{Pages: 1, Items: 100, Total: 400})
	bar.finished(users, 400, false)
	bar.end()
	if text := out.String(); !strings.Contains(text, "1 of 2 lists") || !strings.Contains(text, "400 / 400") {
		t.Errorf("the bar shows %q", text)
	}
}
