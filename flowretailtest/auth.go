package flowretailtest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/operations"
)

// authenticate finds the token of a call and checks that the operation takes its kind.
func (f *Fake) authenticate(c *call) error {
	authorization := c.header.Values("Authorization")
	if c.operation.Token == operations.NoToken {
		if len(authorization) > 0 {
			return badRequest("TOKEN_NOT_EXPECTED")
		}
		return nil
	}
	if len(authorization) == 0 {
		return newError(http.StatusUnauthorized, "TOKEN_MISSING")
	}
	found := f.tokens[bearer(c.header)]
	switch {
	case found == nil || len(authorization) > 1:
		return newError(http.StatusUnauthorized, "TOKEN_INVALID")
	case !found.expires.IsZero() && !c.now.Before(found.expires):
		return newError(http.StatusUnauthorized, "TOKEN_EXPIRED")
	}
	if wanted := requiredKind(c.operation, found.kind); wanted != "" {
		return newError(http.StatusForbidden, "WRONG_TOKEN", wanted)
	}
	c.token, c.user = found, found.user
	return nil
}

// requiredKind returns the kinds of token that an operation takes, or "" when
// given is one of them.
func requiredKind(operation *operations.Operation, given tokenKind) string {
	switch {
	case operation.Token == operations.DeviceToken && given != deviceToken:
		return "device token"
	case operation.Token == operations.AuthToken && given != authToken:
		return "auth token"
	case operation.Token == operations.AnyToken && given == deviceToken:
		return "access, auth or integration token"
	}
	return ""
}

// bearer returns the token in the Authorization header, or "".
func bearer(header http.Header) string {
	scheme, value, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return value
}

// checkTenant finds the tenant in the path and the user who calls, and checks
// that the user has the permission for the operation.
func (f *Fake) checkTenant(c *call) error {
	if !strings.Contains(c.operation.Path, "{tenantUid}") {
		if c.user == nil {
			return nil
		}
		return authorize(c.user, "")
	}
	tenant, err := f.tenants.find(c.path["tenantUid"], "TENANT")
	if err != nil {
		return err
	}
	user := c.token.userIn(tenant)
	if user == nil {
		return newError(http.StatusForbidden, "NO_TENANT_ACCESS")
	}
	c.tenant, c.user = tenant, user
	return authorize(user, c.endpoint.permission)
}

// userIn returns the user of a tenant that the token is for; nil if there is
// none. An account may be several users of a tenant; the result is the active
// one with the most permissions.
func (t *token) userIn(tenant *storedTenant) *storedUser {
	if t.user != nil {
		if t.user.tenant != tenant {
			return nil
		}
		return t.user
	}
	users := t.account.usersIn(tenant)
	if len(users) == 0 {
		return nil
	}
	return slices.MaxFunc(users, func(a, b *storedUser) int {
		return cmp.Compare(permissionCount(a), permissionCount(b))
	})
}

func permissionCount(user *storedUser) int {
	if user.Status != flowretail.UserStatusActive {
		return 0
	}
	return len(tenantPermissions[user.TenantRole])
}

// authorize checks that a user is active and has a permission; "" is for none.
func authorize(user *storedUser, permission string) error {
	switch {
	case user.Status != flowretail.UserStatusActive:
		return newError(http.StatusForbidden, "USER_NOT_ACTIVE")
	case user.TenantRole == flowretail.TenantRoleBlocked:
		return newError(http.StatusForbidden, "NO_TENANT_ACCESS")
	case permission != "" && !slices.Contains(tenantPermissions[user.TenantRole], permission):
		return newError(http.StatusForbidden, "PERMISSION_MISSING", permission)
	}
	return nil
}
