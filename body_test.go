package flowretail_test

import (
	"context"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

func TestUsersCreate_allMissingFields(t *testing.T) {
	err := checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Create(ctx, "t", &flowretail.UserCreateRequest{TenantUserUID: "a/b"})
		return err
	})
	const want = "body fields accountType, tenantRole, userCode and password are required; field tenantUserUid "
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}

func TestUsersCreate_missingEmail(t *testing.T) {
	err := checkNotSent(t, func(ctx context.Context, c *flowretail.Client) error {
		_, err := c.Users.Create(ctx, "t", &flowretail.UserCreateRequest{AccountType: flowretail.AccountTypeFull, UserCode: "1"})
		return err
	})
	const want = "body fields tenantRole and password are required; field email is required when accountType is FULL"
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}
