package program_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flowretail/flowretail-go/examples/internal/program"
)

func TestAPrivateFileIsItsOwnersAlone(t *testing.T) {
	for name, prepare := range map[string]func(path string) error{
		"nothing there":                func(string) error { return nil },
		"a file that all can read":     func(path string) error { return os.WriteFile(path, []byte("old"), 0o644) },
		"what a crash left":            func(path string) error { return os.WriteFile(path+".tmp", []byte("old"), 0o644) },
		"a link in place of the draft": func(path string) error { return os.Symlink(path+".elsewhere", path+".tmp") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := prepare(path); err != nil {
				t.Fatal(err)
			}
			if err := program.WritePrivate(path, []byte("new")); err != nil {
				t.Fatal(err)
			}
			info, err := os.Lstat(path)
			if err != nil || info.Mode() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
				t.Errorf("it holds %q, %v", data, err)
			}
			for _, other := range []string{path + ".tmp", path + ".elsewhere"} {
				if _, err := os.Lstat(other); err == nil {
					t.Errorf("%s is left", filepath.Base(other))
				}
			}
		})
	}
}

func TestAPrivateFileThatCannotBeWrittenIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "file")
	if err := program.WritePrivate(path, []byte("new")); err == nil {
		t.Error("there is no such directory, and nothing was said")
	}
}
