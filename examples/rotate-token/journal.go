package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A stage is how far a rotation has come. What the journal says is true at the
// time it is written; whatever follows may or may not have happened.
type stage string

const (
	// creating: a token may have been made whose value nobody has.
	creating stage = "creating"
	// created: the new token is in the pending file, or in its place already.
	created stage = "created"
	// done: the new token is the only one of the two.
	done stage = "done"
)

// A journal is what has to be known to go on. It holds UIDs, never values.
type journal struct {
	TenantUID string   `json:"tenantUid"`
	UserUID   string   `json:"userUid"`
	Stage     stage    `json:"stage"`
	Before    []string `json:"before"` // the tokens that stood before the new one was made
	Old       string   `json:"old"`    // the token to delete; empty when there is none
	New       string   `json:"new"`
}

func (r *rotation) journalPath() string { return r.file + ".journal" }
func (r *rotation) pendingPath() string { return r.file + ".new" }

// load reads the journal; there is none before the first rotation.
func (r *rotation) load() (*journal, error) {
	data, err := os.ReadFile(r.journalPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &journal{TenantUID: r.tenantUID, UserUID: r.userUID}, nil
	case err != nil:
		return nil, err
	}
	kept := new(journal)
	if err := json.Unmarshal(data, kept); err != nil {
		return nil, fmt.Errorf("%s: %w", r.journalPath(), err)
	}
	if kept.TenantUID != r.tenantUID || kept.UserUID != r.userUID {
		return nil, program.UsageErrorf("%s is the journal of user %s in tenant %s", r.journalPath(), kept.UserUID, kept.TenantUID)
	}
	return kept, nil
}

func (r *rotation) save(kept *journal) error {
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	return r.disk.write(r.journalPath(), append(data, '\n'))
}

// A disk keeps the files of a rotation. Each of its changes is made as a whole
// or not at all.
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
