package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	flowretail "github.com/flowretail/flowretail-go"
)

// An export brings a database in line with the account.
type export struct {
	client   *flowretail.Client
	db       *sql.DB
	progress progress
	parallel int           // lists read at a time
	resume   time.Duration // how old an unfinished run may be to be gone on with

	runID   int64
	reading atomic.Int64 // the number that was given last

	mu       sync.Mutex
	failures []error
}

// A list is read as a whole: the tenants, the users of a tenant, or the
// subscribers of a store.
type list struct {
	kind                string
	tenantUID, storeUID string
	title               string
}

// run reads all lists, those first that others follow from. A list that fails
// does not keep the others from being read; the next run reads what is missing.
func (e *export) run(ctx context.Context) error {
	if err := e.begin(ctx); err != nil {
		return err
	}
	if err := e.readTenants(ctx); err != nil {
		return err
	}
	tenants, err := e.lists(ctx, "users", `SELECT tenant_uid, '', name FROM tenants WHERE deleted_at IS NULL ORDER BY name`)
	if err != nil {
		return err
	}
	if err := e.readAll(ctx, tenants, e.readUsers); err != nil {
		return err
	}
	stores, err := e.lists(ctx, "subscribers", `SELECT s.tenant_uid, s.store_uid, s.name FROM stores s
		JOIN tenants t ON t.tenant_uid = s.tenant_uid AND t.deleted_at IS NULL WHERE s.deleted_at IS NULL ORDER BY t.name, s.name`)
	if err != nil {
		return err
	}
	if err := e.readAll(ctx, stores, e.readSubscribers); err != nil {
		return err
	}
	if len(e.failures) > 0 {
		return errors.Join(e.failures...)
	}
	return e.finish(ctx)
}

func (e *export) readTenants(ctx context.Context) error {
	return readList(ctx, e, list{kind: "tenants", title: "tenants"},
		func(opts ...flowretail.IterOption) iter.Seq2[*flowretail.Tenant, error] {
			return e.client.Tenants.All(ctx, nil, opts...)
		},
		addTenant, e.askForMissed, tenantsTable)
}

// askForMissed asks for each tenant that was in the list before and is not now.
// Complete cannot be had for this list, so a tenant may have slipped from a page
// yet to be read to one that had been; its users are not to vanish with it.
func (e *export) askForMissed(ctx context.Context, to *batch) error {
	missed, err := e.lists(ctx, "tenant", `SELECT tenant_uid, '', name FROM tenants WHERE deleted_at IS NULL AND seen_in <> $1`, to.reading)
	if err != nil {
		return err
	}
	for _, of := range missed {
		tenant, err := e.client.Tenants.Get(ctx, of.tenantUID)
		switch {
		case isGone(err) || errors.Is(err, flowretail.ErrForbidden): // it is no longer ours to read
		case err != nil:
			return err
		default:
			addTenant(to, tenant)
		}
	}
	return nil
}

func (e *export) readUsers(ctx context.Context, of list) error {
	stores := map[string]flowretail.Store{}
	return readList(ctx, e, of,
		func(opts ...flowretail.IterOption) iter.Seq2[*flowretail.User, error] {
			// Complete: no user is missed, whoever comes and goes meanwhile.
			return e.client.Users.All(ctx, of.tenantUID, nil, append(opts, flowretail.Complete())...)
		},
		func(to *batch, user *flowretail.User) {
			addUser(to, of.tenantUID, user)
			noteStores(stores, user)
		},
		func(_ context.Context, to *batch) error {
			for _, store := range stores {
				addStore(to, of.tenantUID, store)
			}
			return nil
		},
		usersTable, storeAccessTable, permissionsTable, storesTable)
}

func (e *export) readSubscribers(ctx context.Context, of list) error {
	return readList(ctx, e, of,
		func(opts ...flowretail.IterOption) iter.Seq2[*flowretail.Subscriber, error] {
			return e.client.Subscribers.All(ctx, of.tenantUID, of.storeUID, nil, append(opts, flowretail.Complete())...)
		},
		func(to *batch, subscriber *flowretail.Subscriber) {
			addSubscriber(to, of.tenantUID, of.storeUID, subscriber)
		},
		nil, subscribersTable)
}

// readAll reads lists, several at a time. They share the client, and with it
// the rate and the budget for repetitions.
func (e *export) readAll(ctx context.Context, lists []list, read func(context.Context, list) error) error {
	var group errgroup.Group
	group.SetLimit(e.parallel)
	e.progress.expect(len(lists))
	for _, list := range lists {
		group.Go(func() error {
			err := read(ctx, list)
			if err == nil || ctx.Err() != nil {
				return ctx.Err()
			}
			e.mu.Lock()
			defer e.mu.Unlock()
			e.failures = append(e.failures, fmt.Errorf("%s: %w", list.title, err))
			return nil
		})
	}
	return group.Wait()
}

// readList reads a list that this run has not read, and marks what vanished
// from it. Until the end of a reading nothing is marked, so a list whose reading
// was interrupted is simply read again.
func readList[T any](ctx context.Context, e *export, of list, items func(...flowretail.IterOption) iter.Seq2[*T, error],
	add func(*batch, *T), last func(context.Context, *batch) error, into ...*table) error {
	if read, err := e.hasRead(ctx, of); err != nil || read {
		e.progress.finished(of, 0, read)
		return err
	}
	reading, err := e.beginReading(ctx, of)
	if err != nil {
		return err
	}
	batch, count := newBatch(reading), 0
	for item, err := range items(flowretail.OnPage(func(p flowretail.Progress) { e.progress.page(of, p) })) {
		if isGone(err) { // with its tenant or store, since that was listed: a list with nothing in it
			break
		}
		if err != nil {
			return err
		}
		add(batch, item)
		count++
		if batch.count >= batchSize {
			if err := batch.write(ctx, e.db); err != nil {
				return err
			}
		}
	}
	if err := batch.write(ctx, e.db); err != nil {
		return err
	}
	if last != nil {
		if err := errors.Join(last(ctx, batch), batch.write(ctx, e.db)); err != nil {
			return err
		}
	}
	if err := e.finishReading(ctx, of, reading, into); err != nil {
		return err
	}
	e.progress.finished(of, count, false)
	return nil
}

// isGone reports whether the API itself says that there is no such list. A 404
// of a proxy has no code.
func isGone(err error) bool {
	generic, ok := errors.AsType[*flowretail.GenericError](err)
	return ok && errors.Is(err, flowretail.ErrNotFound) && generic.Code != ""
}

// lists makes the lists that a query names by tenant, store and title.
func (e *export) lists(ctx context.Context, kind, query string, values ...any) (lists []list, err error) {
	rows, err := e.db.QueryContext(ctx, query, values...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		of := list{kind: kind}
		var name string
		if err := rows.Scan(&of.tenantUID, &of.storeUID, &name); err != nil {
			return nil, err
		}
		of.title = kind + " of " + cmp.Or(name, of.storeUID, of.tenantUID)
		lists = append(lists, of)
	}
	return lists, rows.Err()
}
