package program

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// WritePrivateFile writes a file that only its owner can read, and replaces an
// existing one. After a crash the file has its old content or the new one, never
// a part of it.
func WritePrivateFile(path string, data []byte) error {
	temporary := path + ".tmp"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// O_EXCL does not follow links, and the file gets these permissions because it is new.
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

// RenameDurably renames a file. When it returns, the new name survives a crash.
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
