package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A status is the progress of a rotation when the journal was written. Later
// steps may have happened since.
type status string

const (
	// creating: there may be a new token whose value is unknown.
	creating status = "creating"
	// created: the new token is in the pending file or in its final file.
	created status = "created"
	// done: the old token is deleted.
	done status = "done"
)

// A journal has what the next run needs to continue a rotation. It has the UIDs
// of tokens and not their values.
type journal struct {
	TenantUID string   `json:"tenantUid"`
	UserUID   string   `json:"userUid"`
	Status    status   `json:"status"`
	Before    []string `json:"before"` // the tokens before the new one was created
	Old       string   `json:"old"`    // the token to delete; empty if there is none
	New       string   `json:"new"`
}

func (r *rotation) journalPath() string { return r.file + ".journal" }
func (r *rotation) pendingPath() string { return r.file + ".new" }

// load reads the journal. Before the first rotation there is none.
func (r *rotation) load() (*journal, error) {
	data, err := os.ReadFile(r.journalPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &journal{TenantUID: r.tenantUID, UserUID: r.userUID}, nil
	case err != nil:
		return nil, err
	}
	j := new(journal)
	if err := json.Unmarshal(data, j); err != nil {
		return nil, fmt.Errorf("%s: %w", r.journalPath(), err)
	}
	if j.TenantUID != r.tenantUID || j.UserUID != r.userUID {
		return nil, program.UsageErrorf("%s is the journal of user %s in tenant %s", r.journalPath(), j.UserUID, j.TenantUID)
	}
	return j, nil
}

func (r *rotation) save(j *journal) error {
	data, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	return r.disk.write(r.journalPath(), append(data, '\n'))
}

// A disk writes the files of a rotation. Each change is atomic.
type disk interface {
	write(path string, data []byte) error
	rename(from, to string) error
	remove(path string) error
}

type localDisk struct{}

func (localDisk) write(path string, data []byte) error { return program.WritePrivateFile(path, data) }
func (localDisk) rename(from, to string) error         { return program.RenameDurably(from, to) }
func (localDisk) remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
