package main

import (
	"context"
	"errors"
	"fmt"

	flowretail "github.com/flowretail/flowretail-go"
)

// An offboarding takes people who have left out of a tenant. It holds a client
// and nothing else of Flow Retail's, so a test gives it another client.
type offboarding struct {
	client    *flowretail.Client
	tenantUID string
}

var (
	errUnknownPerson = errors.New("nobody has this external id")
	errAmbiguous     = errors.New("several users have this external id")
	errStillActive   = errors.New("the API took the change, but the user is not blocked")
)

// block makes sure that the person with an external id is blocked and has no
// access to stores. Done again it changes nothing.
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
		StoreAccess: []flowretail.StoreAccessGrant{}, // empty and not nil: takes all away
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", externalID, err)
	case !isBlocked(blocked):
		return nil, fmt.Errorf("%s: %w", externalID, errStillActive)
	}
	return blocked, nil
}

// find reads all users, since the API does not say what its search looks at.
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
		return nil, errUnknownPerson
	}
	return found, nil
}

func isBlocked(user *flowretail.User) bool {
	return user.TenantRole == flowretail.TenantRoleBlocked && len(user.StoreAccess) == 0
}
