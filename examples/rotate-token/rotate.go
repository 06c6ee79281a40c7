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

// A rotation replaces one integration token of a user.
type rotation struct {
	operator           *flowretail.Client // of somebody who may manage the tokens
	disk               disk
	tenantUID, userUID string
	file               string // where the token in use is kept
	old                string // as the caller names it; empty when the journal knows
	say                func(format string, values ...any)
}

func (r *rotation) run(ctx context.Context) error {
	kept, err := r.load()
	if err != nil {
		return err
	}
	unfinished := kept.Stage == creating || kept.Stage == created
	switch {
	case unfinished && r.old != "" && r.old != kept.Old:
		return program.UsageErrorf("the rotation of token %q is unfinished; run it again before that of another", kept.Old)
	case kept.Stage == done && r.old != "" && r.old == kept.Old:
		r.say("token %s has been replaced by %s before; there is nothing to do", kept.Old, kept.New)
		return nil
	case kept.Stage == creating:
		if err := r.removeOrphan(ctx, kept); err != nil {
			return err
		}
	case !unfinished:
		// The token that the last rotation made is the one to replace now.
		kept.Old, kept.New = cmp.Or(r.old, kept.New), ""
	}
	if kept.Stage != created {
		if err := r.create(ctx, kept); err != nil {
			return err
		}
	}
	return r.replace(ctx, kept)
}

// removeOrphan deletes the token that an earlier run made and lost. That run
// made one at most, so several are somebody else's doing.
func (r *rotation) removeOrphan(ctx context.Context, kept *journal) error {
	tokens, err := r.tokens(ctx, r.operator)
	if err != nil {
		return err
	}
	unknown := slices.DeleteFunc(tokens, func(uid string) bool { return slices.Contains(kept.Before, uid) })
	if len(unknown) > 1 {
		return fmt.Errorf("the tokens %s appeared since %s was written, and this program made only one of them; delete what is not in use", strings.Join(unknown, ", "), r.journalPath())
	}
	for _, orphan := range unknown {
		if err := r.operator.Tokens.Delete(ctx, r.tenantUID, r.userUID, orphan); err != nil && !errors.Is(err, flowretail.ErrNotFound) {
			return fmt.Errorf("the orphan %s: %w", orphan, err)
		}
		r.say("deleted token %s, which an interrupted run had made", orphan)
	}
	return r.disk.remove(r.pendingPath())
}

// create makes a token and keeps its value in the pending file. Whatever goes
// wrong here leaves an orphan at worst, and the journal that finds it.
func (r *rotation) create(ctx context.Context, kept *journal) error {
	before, err := r.tokens(ctx, r.operator)
	switch {
	case err != nil:
		return err
	case kept.Old == "" && len(before) > 0:
		return program.UsageErrorf("name the token to replace with -old; the user has %s", strings.Join(before, ", "))
	case kept.Old != "" && !slices.Contains(before, kept.Old):
		return program.UsageErrorf("the user has no token %s", kept.Old)
	}
	kept.Stage, kept.Before = creating, before
	if err := r.save(kept); err != nil {
		return err
	}
	answer, err := r.operator.Tokens.Create(ctx, r.tenantUID, r.userUID)
	switch {
	case errors.Is(err, flowretail.ErrOutcomeUnknown):
		return fmt.Errorf("a token may have been made; run again to delete it and go on: %w", err)
	case err != nil:
		return err
	}
	// The answer lists all tokens of the user; the new one has its value.
	for _, token := range answer.Items {
		if !slices.Contains(before, token.TenantUserTokenUID) && !token.Token.IsZero() {
			if err := r.disk.write(r.pendingPath(), []byte(token.Token.Reveal()+"\n")); err != nil {
				return err
			}
			kept.Stage, kept.New = created, token.TenantUserTokenUID
			r.say("made token %s", kept.New)
			return r.save(kept)
		}
	}
	return errors.New("the API answered without the value of the new token; run again to delete it")
}

// replace proves the new token, puts it in its place, and deletes the old one.
func (r *rotation) replace(ctx context.Context, kept *journal) error {
	value, pending, err := r.newToken()
	if err != nil {
		return err
	}
	fresh, err := r.operator.With(flowretail.WithToken(value.Reveal()))
	if err != nil {
		return fmt.Errorf("the new token: %w", err)
	}
	user, err := fresh.Account.GetForTenant(ctx, r.tenantUID)
	switch {
	case err != nil:
		return fmt.Errorf("the new token is unproven, and the old one still stands: %w", err)
	case user.TenantUserUID != r.userUID:
		return fmt.Errorf("the new token is one of user %s; the old one still stands", user.TenantUserUID)
	}
	r.say("token %s works", kept.New)
	if pending {
		if err := r.disk.rename(r.pendingPath(), r.file); err != nil {
			return err
		}
		r.say("wrote it to %s", r.file)
	}
	if err := r.retire(ctx, fresh, kept); err != nil {
		return err
	}
	kept.Stage = done
	return r.save(kept)
}

// newToken reads the value of the new token. The pending file is gone once it
// has been put in its place.
func (r *rotation) newToken() (value flowretail.Secret, pending bool, err error) {
	data, err := os.ReadFile(r.pendingPath())
	if pending = !errors.Is(err, fs.ErrNotExist); !pending {
		data, err = os.ReadFile(r.file)
	}
	return flowretail.NewSecret(strings.TrimSpace(string(data))), pending, err
}

// retire deletes the old token and checks what is left.
func (r *rotation) retire(ctx context.Context, fresh *flowretail.Client, kept *journal) error {
	if kept.Old != "" {
		err := r.manage(fresh, func(client *flowretail.Client) error {
			return client.Tokens.Delete(ctx, r.tenantUID, r.userUID, kept.Old)
		})
		if err != nil && !errors.Is(err, flowretail.ErrNotFound) {
			return fmt.Errorf("the old token: %w", err)
		}
		r.say("deleted token %s", kept.Old)
	}
	var left []string
	err := r.manage(fresh, func(client *flowretail.Client) (err error) {
		left, err = r.tokens(ctx, client)
		return err
	})
	if err != nil {
		return err
	}
	known := append(kept.Before[:len(kept.Before):len(kept.Before)], kept.New)
	for _, uid := range left {
		if !slices.Contains(known, uid) {
			r.say("note: token %s appeared meanwhile, and is not of this program's making", uid)
		}
	}
	if !slices.Contains(left, kept.New) || kept.Old != "" && slices.Contains(left, kept.Old) {
		return fmt.Errorf("after the rotation the user has %s", strings.Join(left, ", "))
	}
	return nil
}

// manage does something as the operator, or with the new token when that of
// the operator is no longer good: it may have been the old one.
func (r *rotation) manage(fresh *flowretail.Client, do func(*flowretail.Client) error) error {
	err := do(r.operator)
	if errors.Is(err, flowretail.ErrUnauthorized) {
		return do(fresh)
	}
	return err
}

// tokens returns the UIDs of the tokens of the user.
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
