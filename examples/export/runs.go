package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// begin continues the last run if it is unfinished and not too old. Otherwise it
// starts a new run.
func (e *export) begin(ctx context.Context) error {
	if err := migrate(ctx, e.db); err != nil {
		return err
	}
	var last, reading int64
	err := e.db.QueryRowContext(ctx, `SELECT coalesce(max(run_id), 0), (SELECT coalesce(max(reading_id), 0) FROM readings) FROM runs`).Scan(&last, &reading)
	if err != nil {
		return err
	}
	e.lastReading.Store(reading)
	since := time.Now().UTC().Add(-e.resume).Truncate(time.Second)
	err = e.db.QueryRowContext(ctx, `SELECT run_id FROM runs WHERE run_id = $1 AND finished_at IS NULL AND started_at > $2`, last, since).Scan(&e.runID)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	e.runID = last + 1
	_, err = e.db.ExecContext(ctx, `INSERT INTO runs (run_id, started_at) VALUES ($1, $2)`, e.runID, time.Now().UTC().Truncate(time.Second))
	return err
}

// finish ends the run. It marks the rows of deleted tenants and stores as deleted,
// too.
func (e *export) finish(ctx context.Context) error {
	now := time.Now().UTC()
	return inTransaction(ctx, e.db, func(tx *sql.Tx) error {
		for _, table := range tables {
			if table == tenantsTable {
				continue
			}
			_, err := tx.ExecContext(ctx, `UPDATE `+table.name+` SET deleted_at = $1 WHERE deleted_at IS NULL
				AND tenant_uid IN (SELECT tenant_uid FROM tenants WHERE deleted_at IS NOT NULL)`, now)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE subscribers SET deleted_at = $1 WHERE deleted_at IS NULL AND EXISTS (SELECT 1 FROM stores s
			WHERE s.tenant_uid = subscribers.tenant_uid AND s.store_uid = subscribers.store_uid AND s.deleted_at IS NOT NULL)`, now)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE runs SET finished_at = $1 WHERE run_id = $2`, now.Truncate(time.Second), e.runID)
		return err
	})
}

func (e *export) hasRead(ctx context.Context, l list) (read bool, err error) {
	err = e.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM readings
		WHERE run_id = $1 AND kind = $2 AND tenant_uid = $3 AND store_uid = $4 AND finished_at IS NOT NULL)`,
		e.runID, l.kind, l.tenantUID, l.storeUID).Scan(&read)
	return read, err
}

// beginReading starts a reading with a new id. A second attempt to read a list is
// a new reading, because rows that only the first attempt saw may be deleted.
func (e *export) beginReading(ctx context.Context, l list) (reading int64, err error) {
	reading = e.lastReading.Add(1)
	_, err = e.db.ExecContext(ctx, `INSERT INTO readings (reading_id, run_id, kind, tenant_uid, store_uid) VALUES ($1, $2, $3, $4, $5)`,
		reading, e.runID, l.kind, l.tenantUID, l.storeUID)
	if err != nil {
		return 0, fmt.Errorf("another export may be writing to the database: %w", err)
	}
	return reading, nil
}

// finishReading marks the rows that the reading did not see as deleted, and the
// reading as finished.
func (e *export) finishReading(ctx context.Context, l list, reading int64, into []*table) error {
	now := time.Now().UTC()
	return inTransaction(ctx, e.db, func(tx *sql.Tx) error {
		for _, table := range into {
			if err := table.markDeleted(ctx, tx, l, reading, now); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE readings SET finished_at = $1 WHERE reading_id = $2`, now, reading)
		return err
	})
}
