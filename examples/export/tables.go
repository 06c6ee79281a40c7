package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// A table is where rows of one kind go. The first columns are its key.
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

// A batch collects the rows of a reading until they are worth a transaction.
type batch struct {
	reading int64
	rows    map[*table]map[string][]any // by key: one statement cannot touch a row twice
	count   int
}

const (
	batchSize     = 2000 // rows
	maxParameters = 500  // of a statement; the SQLite driver takes time in the square of them
)

func newBatch(reading int64) *batch {
	return &batch{reading: reading, rows: map[*table]map[string][]any{}}
}

func (b *batch) add(to *table, cells ...any) {
	if b.rows[to] == nil {
		b.rows[to] = map[string][]any{}
	}
	b.rows[to][fmt.Sprintf("%q", cells[:to.keys])] = append(cells, b.reading)
	b.count++
}

// write upserts the rows and empties the batch. A row that had been marked as
// deleted is back.
func (b *batch) write(ctx context.Context, db *sql.DB) error {
	err := inTransaction(ctx, db, func(tx *sql.Tx) error {
		for _, to := range tables {
			var cells []any
			width := len(to.columns) + 1
			for _, row := range b.rows[to] {
				cells = append(cells, row...)
				if len(cells)+width > maxParameters {
					if err := to.upsert(ctx, tx, cells); err != nil {
						return err
					}
					cells = cells[:0]
				}
			}
			if err := to.upsert(ctx, tx, cells); err != nil {
				return err
			}
		}
		return nil
	})
	clear(b.rows)
	b.count = 0
	return err
}

// upsert writes the rows whose cells stand one after the other.
func (t *table) upsert(ctx context.Context, tx *sql.Tx, cells []any) error {
	if len(cells) == 0 {
		return nil
	}
	columns := append(t.columns[:len(t.columns):len(t.columns)], "seen_in")
	var statement strings.Builder
	fmt.Fprintf(&statement, "INSERT INTO %s (%s) VALUES ", t.name, strings.Join(columns, ", "))
	for i := range cells {
		switch i % len(columns) {
		case 0:
			fmt.Fprintf(&statement, "%s($%d", map[bool]string{true: ", "}[i > 0], i+1)
		default:
			fmt.Fprintf(&statement, ", $%d", i+1)
		}
		if i%len(columns) == len(columns)-1 {
			statement.WriteString(")")
		}
	}
	fmt.Fprintf(&statement, " ON CONFLICT (%s) DO UPDATE SET deleted_at = NULL", strings.Join(t.columns[:t.keys], ", "))
	for _, column := range columns[t.keys:] {
		fmt.Fprintf(&statement, ", %s = excluded.%[1]s", column)
	}
	if _, err := tx.ExecContext(ctx, statement.String(), cells...); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

// markVanished marks the rows of a list that its reading did not see.
func (t *table) markVanished(ctx context.Context, tx *sql.Tx, of list, reading int64, now time.Time) error {
	statement := "UPDATE " + t.name + " SET deleted_at = $1 WHERE deleted_at IS NULL AND seen_in <> $2"
	values := []any{now, reading}
	if of.tenantUID != "" {
		statement += " AND tenant_uid = $3"
		values = append(values, of.tenantUID)
	}
	if of.storeUID != "" {
		statement += " AND store_uid = $4"
		values = append(values, of.storeUID)
	}
	_, err := tx.ExecContext(ctx, statement, values...)
	return err
}
