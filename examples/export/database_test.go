package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestMigrate_again(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *sql.DB) {
		for range 3 {
			if err := migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		if names := queryColumn(t, db, "SELECT name FROM migrations ORDER BY name"); len(names) != 2 {
			t.Errorf("migrations %q, want two", names)
		}
	})
}

func TestProgram_postgresErrorWithoutPassword(t *testing.T) {
	for name, source := range map[string]string{
		"no server":   "postgres://somebody:marked-secret@127.0.0.1:1/none?connect_timeout=2",
		"invalid DSN": "postgres://somebody:marked-secret@127.0.0.1:x/none",
	} {
		t.Run(name, func(t *testing.T) {
			programtest.UseEmbeddedFake(t)
			result := programtest.Run(t.Context(), run, "-postgres", source)
			if result.Code != program.ExitFailed || strings.Contains(result.Stderr, "marked-secret") {
				t.Errorf("%+v", result)
			}
		})
	}
}

func TestProgram_privateSQLiteFile(t *testing.T) {
	fake := flowretailtest.New()
	programtest.UseServer(t, fake, fake.AdminToken())
	path := filepath.Join(t.TempDir(), "odd name?&#%.db")
	result := programtest.Run(t.Context(), run, "-sqlite", path)
	if result.Code != program.ExitDone || !strings.Contains(result.Stdout, "subscribers") {
		t.Fatalf("%+v", result)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("%v, %v", info, err)
	}
	if !strings.Contains(result.Stderr, "users of Nordlys Sport: 25\n") {
		t.Errorf("no line for a list:\n%s", result.Stderr)
	}
}
