package main

import (
	"encoding/csv"
	"os"
	"time"
)

// A record is a CSV file with a line for each call. Each run adds lines.
type record struct {
	file   *os.File
	writer *csv.Writer
}

func openRecord(path string) (*record, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	r := &record{file: file, writer: csv.NewWriter(file)}
	if info, err := file.Stat(); err == nil && info.Size() > 0 {
		return r, nil
	}
	return r, r.line("time", "action", "externalId", "tenantUserUid", "details", "result")
}

func (r *record) add(task task, result string) error {
	return r.line(time.Now().UTC().Format(time.RFC3339), task.action, task.externalID, task.uid, task.details, result)
}

func (r *record) line(cells ...string) error {
	if err := r.writer.Write(cells); err != nil {
		return err
	}
	r.writer.Flush()
	return r.writer.Error()
}
