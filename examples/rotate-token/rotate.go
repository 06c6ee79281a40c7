package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// A rotation replaces an integration token of a user.
type rotation struct {
	client             *flowretail.Client // may manage the tokens of the user
	disk               disk
	tenantUID, userUID string
	file               string // has the current token
	old                string // the token to replace; empty to replace the one in the journal
	printf             func(format string, args ...any)
}

func (r *rotation) run(ctx context.Context) error {
	j, err := r.load()
	if err != nil {
		return err
	}
	unfinished := j.Status == creating || j.Status == created
	switch {
	case unfinished && r.old != "" && r.old != j.Old:
		return program.UsageErrorf("the rotation of token %q is unfinished; finish it before you replace another token", j.Old)
	case j.Status == done && r.old != "" && r.old == j.Old:
		r.printf("token %s was already replaced by %s; there is nothing to do", j.Old, j.New)
		return nil
	case j.Status == creating:
		if err := r.deleteOrphan(ctx, j); err != nil {
			return err
		}
	case !unfinished:
		// By default, replace the token of the last rotation.
		j.Old, j.New = cmp.Or(r.old, j.New), ""
	}
	if j.Status != created {
		if err := r.create(ctx, j); err != nil {
			return err
		}
	}
	return r.replace(ctx, j)
}

// deleteOrphan deletes the token that an interrupted run created, and whose value
// is lost. That run created at most one token. If there are several new tokens,
// somebody else created the others.
func (r *rotation) deleteOrphan(ctx context.Context, j *journal) error {
	tokens, err := r.tokens(ctx, r.client)
	if err != nil {
		return err
	}
	unknown := slices.DeleteFunc(tokens, func(uid string) bool { return slices.Contains(j.Before, uid) })
	if len(unknown) > 1 {
		return fmt.Errorf("the tokens %s were created after %s was written, at most one of them by this program; delete those that are not in use", strings.Join(unknown, ", "), r.journalPath())
	}
	for _, orphan := range unknown {
		if err := r.client.Tokens.Delete(ctx, r.tenantUID, r.userUID, orphan); err != nil && !errors.Is(err, flowretail.ErrNotFound) {
			return fmt.Errorf("delete the token %s of an interrupted run: %w", orphan, err)
		}
		r.printf("deleted token %s, which an interrupted run had created", orphan)
	}
	return r.disk.remove(r.pendingPath())
}

// create creates a token and writes its value to the pending file. If it is
// interrupted, the journal has what the next run needs to find the new token.
func (r *rotation) create(ctx context.Context, j *journal) error {
	before, err := r.tokens(ctx, r.client)
	switch {
	case err != nil:
		return err
	case j.Old == "" && len(before) > 0:
		return program.UsageErrorf("name the token to replace with -old; the user has %s", strings.Join(before, ", "))
	case j.Old != "" && !slices.Contains(before, j.Old):
		return program.UsageErrorf("the user has no token %s", j.Old)
	}
	j.Status, j.Before = creating, before
	if err := r.save(j); err != nil {
		return err
	}
	tokens, err := r.client.Tokens.Create(ctx, r.tenantUID, r.userUID)
	switch {
	case errors.Is(err, flowretail.ErrOutcomeUnknown):
		return fmt.Errorf("a token may have been created; run again to delete it and to continue: %w", err)
	case err != nil:
		return err
	}
	// The response lists all tokens of the user. Only the new one has a value.
	for _, token := range tokens.Items {
		if !slices.Contains(before, token.TenantUserTokenUID) && !token.Token.IsZero() {
			if err := r.disk.write(r.pendingPath(), []byte(token.Token.Reveal()+"\n")); err != nil {
				return err
			}
			j.Status, j.New = created, token.TenantUserTokenUID
			r.printf("created token %s", j.New)
			return r.save(j)
		}
	}
	return errors.New("the response does not have the value of the new token; run again to delete the token")
}

// replace checks the new token, moves it to its file, and deletes the old token.
func (r *rotation) replace(ctx context.Context, j *journal) error {
	value, pending, err := r.readNewToken()
	if err != nil {
		return err
	}
	newClient, err := r.client.With(flowretail.WithToken(value.Reveal()))
	if err != nil {
		return fmt.Errorf("the new token: %w", err)
	}
	user, err := newClient.Account.GetForTenant(ctx, r.tenantUID)
	switch {
	case err != nil:
		return fmt.Errorf("the new token could not be checked, and the old one was not deleted: %w", err)
	case user.TenantUserUID != r.userUID:
		return fmt.Errorf("the new token belongs to user %s; the old one was not deleted", user.TenantUserUID)
	}
	r.printf("token %s works", j.New)
	if pending {
		if err := r.disk.rename(r.pendingPath(), r.file); err != nil {
			return err
		}
		r.printf("wrote it to %s", r.file)
	}
	if err := r.deleteOld(ctx, newClient, j); err != nil {
		return err
	}
	j.Status = done
	return r.save(j)
}

// readNewToken reads the value of the new token from the pending file, or from
// its final file if it has been moved there.
func (r *rotation) readNewToken() (value flowretail.Secret, pending bool, err error) {
	data, err := os.ReadFile(r.pendingPath())
	if pending = !errors.Is(err, fs.ErrNotExist); !pending {
		data, err = os.ReadFile(r.file)
	}
	return flowretail.NewSecret(strings.TrimSpace(string(data))), pending, err
}

// deleteOld deletes the old token and checks which tokens the user has then.
func (r *rotation) deleteOld(ctx context.Context, newClient *flowretail.Client, j *journal) error {
	if j.Old != "" {
		err := r.withEither(newClient, func(client *flowretail.Client) error {
			return client.Tokens.Delete(ctx, r.tenantUID, r.userUID, j.Old)
		})
		if err != nil && !errors.Is(err, flowretail.ErrNotFound) {
			return fmt.Errorf("delete the old token: %w", err)
		}
		r.printf("deleted token %s", j.Old)
	}
	var after []string
	err := r.withEither(newClient, func(client *flowretail.Client) (err error) {
		after, err = r.tokens(ctx, client)
		return err
	})
	if err != nil {
		return err
	}
	for _, uid := range after {
		if uid != j.New && !slices.Contains(j.Before, uid) {
			r.printf("note: somebody else has created token %s", uid)
		}
	}
	if !slices.Contains(after, j.New) || j.Old != "" && slices.Contains(after, j.Old) {
		return fmt.Errorf("after the rotation the user has the tokens %s", strings.Join(after, ", "))
	}
	return nil
}

// withEither calls f with the client of the rotation. If its token is rejected,
// it may be the old token, and withEither calls f again with newClient.
func (r *rotation) withEither(newClient *flowretail.Client, f func(*flowretail.Client) error) error {
	err := f(r.client)
	if errors.Is(err, flowretail.ErrUnauthorized) {
		return f(newClient)
	}
	return err
}

// tokens returns the UIDs of the user's tokens.
func (r *rotation) tokens(ctx context.Context, client *flowretail.Client) ([]string, error) {
	var uids []string
	for token, err := range client.Tokens.All(ctx, r.tenantUID, r.userUID) {
		if err != nil {
			return nil, err
		}
		uids = append(uids, token.TenantUserTokenUID)
	}
	return uids, nil
}
