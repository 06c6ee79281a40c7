package program_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flowretail/flowretail-go/examples/internal/program"
)

func TestWritePrivateFile(t *testing.T) {
	for name, prepare := range map[string]func(path string) error{
		"no file":               func(string) error { return nil },
		"public file":           func(path string) error { return os.WriteFile(path, []byte("old"), 0o644) },
		"old temporary file":    func(path string) error { return os.WriteFile(path+".tmp", []byte("old"), 0o644) },
		"link to another place": func(path string) error { return os.Symlink(path+".elsewhere", path+".tmp") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := prepare(path); err != nil {
				t.Fatal(err)
			}
			if err := program.WritePrivateFile(path, []byte("new")); err != nil {
				t.Fatal(err)
			}
			info, err := os.Lstat(path)
			if err != nil || info.Mode() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
				t.Errorf("content %q, %v", data, err)
			}
			for _, other := range []string{path + ".tmp", path + ".elsewhere"} {
				if _, err := os.Lstat(other); err == nil {
					t.Errorf("%s exists", filepath.Base(other))
				}
			}
		})
	}
}

func TestWritePrivateFile_noDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "file")
	if err := program.WritePrivateFile(path, []byte("new")); err == nil {
		t.Error("no error without the directory")
	}
}
