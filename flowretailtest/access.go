package flowretailtest

import (
	"net/http"
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/operations"
)

// enterTenant finds the tenant in the path and who the caller is in it, and
// holds the role against what the operation takes.
func (f *Fake) enterTenant(c *call) *refusal {
	if !strings.Contains(c.operation.Path, "{tenantUid}") {
		return f.enterOwn(c)
	}
	number, exists := f.tenants.find(c.values[0])
	if !exists {
		return refuse(http.StatusNotFound, "TENANT_NOT_FOUND")
	}
	state := f.state(number)
	user, member := f.callerIn(c.token, state)
	if !member {
		return refuse(http.StatusForbidden, "NO_TENANT_ACCESS")
	}
	c.state, c.user = state, user
	return allow(state.users.get(user), c.endpoint.role)
}

// enterOwn holds against a call outside tenants that its user may not enter.
func (f *Fake) enterOwn(c *call) *refusal {
	if c.token == nil || !c.token.bound || c.operation.Token == operations.DeviceToken {
		return nil
	}
	return allow(f.state(c.token.tenant).users.get(c.token.user), anybody)
}

// callerIn returns the user that a token stands for in a tenant. A person may
// be several; the one who may do most is taken.
func (f *Fake) callerIn(t *token, state *tenantState) (user int32, ok bool) {
	if t.bound {
		return t.user, t.tenant == state.number
	}
	best := -1
	for _, candidate := range f.membersIn(t.account, state) {
		of := state.users.get(candidate)
		rank := len(tenantPermissions[of.TenantRole])
		if of.Status != flowretail.UserStatusActive {
			rank = 0
		}
		if rank > best {
			user, best = candidate, rank
		}
	}
	return user, best >= 0
}

func allow(user member, needed role) *refusal {
	switch {
	case user.Status != flowretail.UserStatusActive:
		return refuse(http.StatusForbidden, "USER_NOT_ACTIVE")
	case user.TenantRole == flowretail.TenantRoleBlocked:
		return refuse(http.StatusForbidden, "NO_TENANT_ACCESS")
	case needed == anybody || slices.Contains(tenantPermissions[user.TenantRole], string(needed)):
		return nil
	}
	return refuse(http.StatusForbidden, "PERMISSION_MISSING", string(needed))
}
