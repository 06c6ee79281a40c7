package main

import (
	"context"
	"errors"
	"fmt"

	flowretail "github.com/flowretail/flowretail-go"
)

// An offboarding blocks users of a tenant who have left. A test can give it a
// client with a fake or mocked transport.
type offboarding struct {
	client    *flowretail.Client
	tenantUID string
}

var (
	errUnknownUser = errors.New("no user has this external id")
	errAmbiguous   = errors.New("several users have this external id")
	errNotBlocked  = errors.New("the update succeeded, but the user is not blocked")
)

// block blocks the user with an external id and removes the access to stores. It
// does nothing if the user is already blocked.
func (o *offboarding) block(ctx context.Context, externalID string) (*flowretail.User, error) {
	user, err := o.find(ctx, externalID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", externalID, err)
	}
	if isBlocked(user) {
		return user, nil
	}
	blocked, err := o.client.Users.Update(ctx, o.tenantUID, user.TenantUserUID, &flowretail.UserUpdateRequest{
		TenantRole:  new(flowretail.TenantRoleBlocked),
		StoreAccess: []flowretail.StoreAccessGrant{}, // empty, not nil: removes all access
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", externalID, err)
	case !isBlocked(blocked):
		return nil, fmt.Errorf("%s: %w", externalID, errNotBlocked)
	}
	return blocked, nil
}

// find reads all users, because the API does not document which fields its search
// compares.
func (o *offboarding) find(ctx context.Context, externalID string) (found *flowretail.User, err error) {
	for user, err := range o.client.Users.All(ctx, o.tenantUID, nil, flowretail.Complete()) {
		switch {
		case err != nil:
			return nil, err
		case user.ExternalID != externalID:
		case found != nil:
			return nil, errAmbiguous
		default:
			found = user
		}
	}
	if found == nil {
		return nil, errUnknownUser
	}
	return found, nil
}

func isBlocked(user *flowretail.User) bool {
	return user.TenantRole == flowretail.TenantRoleBlocked && len(user.StoreAccess) == 0
}
