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

// An export updates a database with the objects of an account.
type export struct {
	client   *flowretail.Client
	db       *sql.DB
	progress progress
	parallel int           // lists to read at the same time
	resume   time.Duration // maximum age of an unfinished run to continue

	runID       int64
	lastReading atomic.Int64 // the id of the last reading

	mu       sync.Mutex
	failures []error
}

// A list is a list of the API: the tenants, the users of a tenant, or the
// subscribers of a store.
type list struct {
	kind                string
	tenantUID, storeUID string
	title               string
}

// run reads all lists: first the tenants, then their users, then the subscribers
// of the stores that users have. It goes on after a list that fails. The next run
// reads the lists that failed.
func (e *export) run(ctx context.Context) error {
	if err := e.begin(ctx); err != nil {
		return err
	}
	if err := e.readTenants(ctx); err != nil {
		return err
	}
	tenants, err := e.queryLists(ctx, "users", `SELECT tenant_uid, '', name FROM tenants WHERE deleted_at IS NULL ORDER BY name`)
	if err != nil {
		return err
	}
	if err := e.readAll(ctx, tenants, e.readUsers); err != nil {
		return err
	}
	stores, err := e.queryLists(ctx, "subscribers", `SELECT s.tenant_uid, s.store_uid, s.name FROM stores s
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
		addTenant, e.addMissingTenants, tenantsTable)
}

// addMissingTenants gets each tenant that is in the database and was not in the
// list, and adds it if it exists. Complete does not support the list of tenants,
// so a tenant can move to a page that was already read.
func (e *export) addMissingTenants(ctx context.Context, b *batch) error {
	missing, err := e.queryLists(ctx, "tenant", `SELECT tenant_uid, '', name FROM tenants WHERE deleted_at IS NULL AND seen_in <> $1`, b.reading)
	if err != nil {
		return err
	}
	for _, l := range missing {
		tenant, err := e.client.Tenants.Get(ctx, l.tenantUID)
		switch {
		case isNotFound(err) || errors.Is(err, flowretail.ErrForbidden): // deleted, or no longer accessible
		case err != nil:
			return err
		default:
			addTenant(b, tenant)
		}
	}
	return nil
}

func (e *export) readUsers(ctx context.Context, l list) error {
	stores := map[string]flowretail.Store{}
	return readList(ctx, e, l,
		func(opts ...flowretail.IterOption) iter.Seq2[*flowretail.User, error] {
			// Complete misses no user if others are created or deleted meanwhile.
			return e.client.Users.All(ctx, l.tenantUID, nil, append(opts, flowretail.Complete())...)
		},
		func(b *batch, user *flowretail.User) {
			addUser(b, l.tenantUID, user)
			collectStores(stores, user)
		},
		func(_ context.Context, b *batch) error {
			for _, store := range stores {
				addStore(b, l.tenantUID, store)
			}
			return nil
		},
		usersTable, storeAccessTable, permissionsTable, storesTable)
}

func (e *export) readSubscribers(ctx context.Context, l list) error {
	return readList(ctx, e, l,
		func(opts ...flowretail.IterOption) iter.Seq2[*flowretail.Subscriber, error] {
			return e.client.Subscribers.All(ctx, l.tenantUID, l.storeUID, nil, append(opts, flowretail.Complete())...)
		},
		func(b *batch, subscriber *flowretail.Subscriber) {
			addSubscriber(b, l.tenantUID, l.storeUID, subscriber)
		},
		nil, subscribersTable)
}

// readAll reads several lists at the same time. They share the client, and with
// it the rate limiter and the retry budget.
func (e *export) readAll(ctx context.Context, lists []list, read func(context.Context, list) error) error {
	var group errgroup.Group
	group.SetLimit(e.parallel)
	for _, l := range lists {
		group.Go(func() error {
			err := read(ctx, l)
			if err == nil || ctx.Err() != nil {
				return ctx.Err()
			}
			e.mu.Lock()
			defer e.mu.Unlock()
			e.failures = append(e.failures, fmt.Errorf("%s: %w", l.title, err))
			return nil
		})
	}
	return group.Wait()
}

// readList reads a list into tables, unless this run has read it. It adds each
// item to a batch and calls last after all items. Only at the end it marks rows as
// deleted, so that an interrupted reading can be started again.
func readList[T any](ctx context.Context, e *export, l list, items func(...flowretail.IterOption) iter.Seq2[*T, error],
	add func(*batch, *T), last func(context.Context, *batch) error, into ...*table) error {
	read, err := e.hasRead(ctx, l)
	if err != nil {
		return err
	}
	if read {
		e.progress.listRead(l, 0, true)
		return nil
	}
	reading, err := e.beginReading(ctx, l)
	if err != nil {
		return err
	}
	batch, count := newBatch(reading), 0
	for item, err := range items(flowretail.OnPage(func(p flowretail.Progress) { e.progress.pageRead(l, p) })) {
		if isNotFound(err) { // the tenant or store was deleted, so the list is empty
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
	if err := e.finishReading(ctx, l, reading, into); err != nil {
		return err
	}
	e.progress.listRead(l, count, false)
	return nil
}

// isNotFound reports whether err is a 404 of the API. A 404 of a proxy has no
// code.
func isNotFound(err error) bool {
	generic, ok := errors.AsType[*flowretail.GenericError](err)
	return ok && errors.Is(err, flowretail.ErrNotFound) && generic.Code != ""
}

// queryLists returns a list for each row of a query for tenant UID, store UID and
// name.
func (e *export) queryLists(ctx context.Context, kind, query string, args ...any) (lists []list, err error) {
	rows, err := e.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		l := list{kind: kind}
		var name string
		if err := rows.Scan(&l.tenantUID, &l.storeUID, &name); err != nil {
			return nil, err
		}
		l.title = kind + " of " + cmp.Or(name, l.storeUID, l.tenantUID)
		lists = append(lists, l)
	}
	return lists, rows.Err()
}
