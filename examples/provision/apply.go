package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A staff is the users of a tenant.
type staff struct {
	client    *flowretail.Client
	tenantUID string
	parallel  int
	passwords string // path of the file for random passwords
	done      string // path of the file for what was done
	out       io.Writer
}

// apply carries a plan out. Users are deleted last, and only when all else went
// well.
func (s *staff) apply(ctx context.Context, plan *plan) error {
	passwords, err := s.choosePasswords(plan.create)
	if err != nil {
		return err
	}
	record, err := openRecord(s.done)
	if err != nil {
		return err
	}
	work := &work{staff: s, record: record}
	err = errors.Join(s.applyIn(ctx, work, plan, passwords), record.close())
	fmt.Fprintf(s.out, "%d done, %d failed; see %s\n", work.succeeded, len(work.failures), s.done)
	if _, missing := os.Stat(s.passwords); missing == nil {
		fmt.Fprintf(s.out, "Random passwords are in %s: hand them out, and delete it.\n", s.passwords)
	}
	return err
}

func (s *staff) applyIn(ctx context.Context, work *work, plan *plan, passwords map[*person]flowretail.Secret) error {
	var tasks []task
	for _, person := range plan.create {
		uid := s.uid(person)
		tasks = append(tasks, task{"create", person.externalID(), uid, "", func(ctx context.Context) error {
			// With a UID of our own the SDK looks for the user before it sends
			// again, so this is one user whatever the network does.
			_, err := s.client.Users.Create(ctx, s.tenantUID, person.creation(uid, passwords[person]))
			return err
		}})
	}
	for _, update := range plan.update {
		uid := update.user.TenantUserUID
		tasks = append(tasks, task{"update", update.user.ExternalID, uid, strings.Join(update.text, ", "), func(ctx context.Context) error {
			_, err := s.client.Users.Update(ctx, s.tenantUID, uid, &update.changes)
			return err
		}})
	}
	if err := work.do(ctx, tasks); err != nil {
		return err
	}
	tasks = nil
	for _, user := range plan.remove {
		tasks = append(tasks, task{"delete", user.ExternalID, user.TenantUserUID, "", func(ctx context.Context) error {
			err := s.client.Users.Delete(ctx, s.tenantUID, user.TenantUserUID)
			if errors.Is(err, flowretail.ErrNotFound) {
				return nil
			}
			return err
		}})
	}
	return work.do(ctx, tasks)
}

// A task is one call that changes a user.
type task struct {
	action     string
	externalID string
	uid        string
	details    string
	call       func(context.Context) error
}

// work is the tasks that are done, and those that failed.
type work struct {
	staff     *staff
	record    *record
	mu        sync.Mutex
	succeeded int
	failures  []error
}

// do carries tasks out, several at a time. A task that the API refuses does not
// keep the others from being done; anything else, such as an outage, does.
func (w *work) do(ctx context.Context, tasks []task) error {
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(w.staff.parallel)
	for _, task := range tasks {
		group.Go(func() error {
			if groupContext.Err() != nil {
				return groupContext.Err()
			}
			err := task.call(groupContext)
			if err := w.note(task, err); err != nil {
				return err
			}
			if errors.Is(err, flowretail.ErrRefused) && !errors.Is(err, flowretail.ErrUnauthorized) {
				return nil
			}
			return err
		})
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("run again to do what is left: %w", ctx.Err())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.failures) > 0 {
		return errors.Join(w.failures...)
	}
	return err
}

// note says and records what became of a task.
func (w *work) note(task task, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	result := "done"
	if err != nil {
		result = err.Error()
		w.failures = append(w.failures, fmt.Errorf("%s %s: %w", task.action, program.OneLine(task.externalID), err))
	} else {
		w.succeeded++
		fmt.Fprintf(w.staff.out, "%sd %s\n", task.action, program.OneLine(task.externalID))
	}
	return w.record.add(task, result)
}
