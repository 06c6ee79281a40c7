package program

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// WritePrivate writes a file that only its owner can read. It replaces what
// stood there as a whole: whoever reads the file, also after a crash, finds
// either the old content or the new.
func WritePrivate(path string, data []byte) error {
	temporary := path + ".tmp"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// O_EXCL: the permissions are those of a new file, and no link leads elsewhere.
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return RenameDurably(temporary, path)
}

// RenameDurably renames a file, and returns when that would survive a crash.
func RenameDurably(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	directory, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
