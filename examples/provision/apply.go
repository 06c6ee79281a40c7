package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// apply makes the changes of a plan. It deletes users last, and only if all other
// changes succeeded.
func (p *provisioner) apply(ctx context.Context, plan *plan) error {
	passwords, err := p.choosePasswords(plan.create)
	if err != nil {
		return err
	}
	record, err := openRecord(p.recordPath)
	if err != nil {
		return err
	}
	runner := &runner{provisioner: p, record: record}
	if err = runner.run(ctx, p.createsAndUpdates(plan, passwords)); err == nil {
		err = runner.run(ctx, p.deletes(plan))
	}
	err = errors.Join(err, record.file.Close())
	fmt.Fprintf(p.out, "%d done, %d failed; see %s\n", runner.succeeded, len(runner.failures), p.recordPath)
	if _, statErr := os.Stat(p.passwordsPath); statErr == nil {
		fmt.Fprintf(p.out, "%s has the random passwords. Give them to their users and delete the file.\n", p.passwordsPath)
	}
	return err
}

// A task is a call that changes a user.
type task struct {
	action     string
	externalID string
	uid        string
	details    string
	call       func(context.Context) error
}

func (p *provisioner) createsAndUpdates(plan *plan, passwords map[*person]flowretail.Secret) (tasks []task) {
	for _, person := range plan.create {
		uid := p.uid(person)
		tasks = append(tasks, task{"create", person.externalID(), uid, "", func(ctx context.Context) error {
			request, err := person.createRequest(uid, passwords[person])
			if err != nil {
				return err
			}
			// Because the UID is set, the SDK looks for the user before it
			// retries, and never creates a second one.
			_, err = p.client.Users.Create(ctx, p.tenantUID, request)
			return err
		}})
	}
	for _, update := range plan.update {
		uid := update.user.TenantUserUID
		tasks = append(tasks, task{"update", update.user.ExternalID, uid, strings.Join(update.text, ", "), func(ctx context.Context) error {
			_, err := p.client.Users.Update(ctx, p.tenantUID, uid, &update.request)
			return err
		}})
	}
	return tasks
}

func (p *provisioner) deletes(plan *plan) (tasks []task) {
	for _, user := range plan.remove {
		tasks = append(tasks, task{"delete", user.ExternalID, user.TenantUserUID, "", func(ctx context.Context) error {
			err := p.client.Users.Delete(ctx, p.tenantUID, user.TenantUserUID)
			if errors.Is(err, flowretail.ErrNotFound) {
				return nil
			}
			return err
		}})
	}
	return tasks
}

// A runner runs tasks and counts them.
type runner struct {
	provisioner *provisioner
	record      *record
	mu          sync.Mutex
	succeeded   int
	failures    []error
}

// run runs several tasks at the same time. It goes on after a task that the API
// refuses, and stops after other errors, such as an outage.
func (r *runner) run(ctx context.Context, tasks []task) error {
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(r.provisioner.parallel)
	for _, task := range tasks {
		group.Go(func() error {
			if groupContext.Err() != nil {
				return groupContext.Err()
			}
			err := task.call(groupContext)
			if err := r.note(task, err); err != nil {
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
		return fmt.Errorf("run again to make the remaining changes: %w", ctx.Err())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.failures) > 0 {
		return errors.Join(r.failures...)
	}
	return err
}

// note counts, prints and records the result of a task.
func (r *runner) note(task task, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := "done"
	if err != nil {
		result = err.Error()
		r.failures = append(r.failures, fmt.Errorf("%s %s: %w", task.action, program.OneLine(task.externalID), err))
	} else {
		r.succeeded++
		fmt.Fprintf(r.provisioner.out, "%sd %s\n", task.action, program.OneLine(task.externalID))
	}
	return r.record.add(task, result)
}
