package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A table is a table of the database. Its first columns are the key.
type table struct {
	name    string
	keys    int
	columns []string // without seen_in and deleted_at
}

var (
	tenantsTable = &table{"tenants", 1, strings.Fields(`tenant_uid name vat_number country_code language_code timezone
		pricelist_uid currency settings app_settings assets extensions created_at last_modified_at extra`)}
	usersTable = &table{"users", 2, strings.Fields(`tenant_uid tenant_user_uid account_type status tenant_role user_code
		external_id display_name firstname lastname email mobile language_code default_store_uid last_accessed created_at
		last_modified_at extra`)}
	storesTable      = &table{"stores", 2, strings.Fields(`tenant_uid store_uid name organization_uid organization_name extra`)}
	storeAccessTable = &table{"store_access", 4, strings.Fields(`tenant_uid tenant_user_uid store_uid store_access_uid
		store_role created_at last_modified_at extra`)}
	permissionsTable = &table{"permissions", 5, strings.Fields(`tenant_uid tenant_user_uid scope scope_uid permission`)}
	subscribersTable = &table{"subscribers", 3, strings.Fields(`tenant_uid store_uid subscriber_uid tenant_user_uid
		subscription_type subscription_name created_at created_by extra`)}

	tables = []*table{tenantsTable, usersTable, storesTable, storeAccessTable, permissionsTable, subscribersTable}
)

// A batch collects rows of a reading, which are written in one transaction.
type batch struct {
	reading int64
	rows    map[*table]map[string][]any // by key, because a statement cannot update a row twice
	count   int
}

const (
	batchSize     = 2000 // rows
	maxParameters = 500  // of a statement; the time of the SQLite driver grows with their square
)

func newBatch(reading int64) *batch {
	return &batch{reading: reading, rows: map[*table]map[string][]any{}}
}

func (b *batch) add(t *table, cells ...any) {
	if b.rows[t] == nil {
		b.rows[t] = map[string][]any{}
	}
	b.rows[t][fmt.Sprintf("%q", cells[:t.keys])] = append(cells, b.reading)
	b.count++
}

// write inserts or updates the rows and empties the batch. It clears deleted_at.
func (b *batch) write(ctx context.Context, db *sql.DB) error {
	err := inTransaction(ctx, db, func(tx *sql.Tx) error {
		for _, t := range tables {
			var cells []any
			width := len(t.columns) + 1
			for _, row := range b.rows[t] {
				cells = append(cells, row...)
				if len(cells)+width > maxParameters {
					if err := t.upsert(ctx, tx, cells); err != nil {
						return err
					}
					cells = cells[:0]
				}
			}
			if err := t.upsert(ctx, tx, cells); err != nil {
				return err
			}
		}
		return nil
	})
	clear(b.rows)
	b.count = 0
	return err
}

// upsert inserts or updates rows. cells has the cells of all rows.
func (t *table) upsert(ctx context.Context, tx *sql.Tx, cells []any) error {
	if len(cells) == 0 {
		return nil
	}
	columns := append(slices.Clone(t.columns), "seen_in")
	parameters := make([]string, len(cells))
	for i := range cells {
		parameters[i] = fmt.Sprintf("$%d", i+1)
	}
	var rows []string
	for row := range slices.Chunk(parameters, len(columns)) {
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	var statement strings.Builder
	fmt.Fprintf(&statement, "INSERT INTO %s (%s) VALUES %s ", t.name, strings.Join(columns, ", "), strings.Join(rows, ", "))
	fmt.Fprintf(&statement, "ON CONFLICT (%s) DO UPDATE SET deleted_at = NULL", strings.Join(t.columns[:t.keys], ", "))
	for _, column := range columns[t.keys:] {
		fmt.Fprintf(&statement, ", %s = excluded.%[1]s", column)
	}
	if _, err := tx.ExecContext(ctx, statement.String(), cells...); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

// markDeleted marks the rows of a list that its reading did not see as deleted.
func (t *table) markDeleted(ctx context.Context, tx *sql.Tx, l list, reading int64, now time.Time) error {
	statement := "UPDATE " + t.name + " SET deleted_at = $1 WHERE deleted_at IS NULL AND seen_in <> $2"
	values := []any{now, reading}
	if l.tenantUID != "" {
		statement += " AND tenant_uid = $3"
		values = append(values, l.tenantUID)
	}
	if l.storeUID != "" {
		statement += " AND store_uid = $4"
		values = append(values, l.storeUID)
	}
	_, err := tx.ExecContext(ctx, statement, values...)
	return err
}
