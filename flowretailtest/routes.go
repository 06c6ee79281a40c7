package flowretailtest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// An endpoint is what the fake knows of an operation beside the table of
// operations.
type endpoint struct {
	handle     func(*Fake, *call) (*response, error) // called with the lock of the fake held
	permission string                                // that the user must have in the tenant of the path
	query      []string                              // the query parameters
	takesBody  bool
}

var (
	pagingQuery     = []string{"pageNumber", "pageSize", "sortBy", "sortDirection"}
	userQuery       = append([]string{"query", "tenantuserOrganizationUid", "tenantuserStoreUid"}, pagingQuery...)
	subscriberQuery = append([]string{"subscriptionType", "tenantUserUids"}, pagingQuery...)
)

var endpoints = map[*operations.Operation]endpoint{
	operations.ListTenants:  {handle: (*Fake).listTenants, query: pagingQuery},
	operations.GetTenant:    {handle: (*Fake).getTenant, permission: tenantAccess},
	operations.UpdateTenant: {handle: (*Fake).updateTenant, permission: tenantAdmin, takesBody: true},

	operations.ListUsers:  {handle: (*Fake).listUsers, permission: tenantAdmin, query: userQuery},
	operations.CreateUser: {handle: (*Fake).createUser, permission: tenantAdmin, takesBody: true},
	operations.GetUser:    {handle: (*Fake).getUser, permission: tenantAdmin},
	operations.UpdateUser: {handle: (*Fake).updateUser, permission: tenantAdmin, query: []string{"resendInvite"}, takesBody: true},
	operations.DeleteUser: {handle: (*Fake).deleteUser, permission: tenantAdmin},

	operations.ListTokens:  {handle: (*Fake).listTokens, permission: tenantAdmin},
	operations.CreateToken: {handle: (*Fake).createToken, permission: tenantAdmin},
	operations.DeleteToken: {handle: (*Fake).deleteToken, permission: tenantAdmin},

	operations.GetAccount:    {handle: (*Fake).getAccount},
	operations.Login:         {handle: (*Fake).login, takesBody: true},
	operations.UpdateAccount: {handle: (*Fake).updateAccount, takesBody: true},

	operations.GetTenantAccount:    {handle: (*Fake).getTenantAccount},
	operations.CreateAccessToken:   {handle: (*Fake).createAccessToken},
	operations.UpdateTenantAccount: {handle: (*Fake).updateTenantAccount, takesBody: true},

	operations.GetInvite:    {handle: (*Fake).getInvite},
	operations.AcceptInvite: {handle: (*Fake).acceptInvite, takesBody: true},

	operations.ListSubscribers:  {handle: (*Fake).listSubscribers, permission: tenantAccess, query: subscriberQuery},
	operations.CreateSubscriber: {handle: (*Fake).createSubscriber, permission: tenantAccess, takesBody: true},
	operations.GetSubscriber:    {handle: (*Fake).getSubscriber, permission: tenantAccess},
	operations.DeleteSubscriber: {handle: (*Fake).deleteSubscriber, permission: tenantAccess},
}

// A route is what a method and a path lead to.
type route struct {
	operation *operations.Operation // nil when there is none
	endpoint  endpoint
	path      map[string]string // the values of the path parameters, by name
	allowed   []string          // the methods that the path takes
}

const basePath = "/v2"

func findRoute(method string, target *url.URL) route {
	path, ok := strings.CutPrefix(target.EscapedPath(), basePath)
	if !ok {
		return route{}
	}
	var found route
	for _, operation := range operations.All {
		endpoint, served := endpoints[operation]
		values, matches := matchPath(operation.Path, path)
		if !served || !matches {
			continue
		}
		found.allowed = append(found.allowed, operation.Method)
		if operation.Method == method {
			found.operation, found.endpoint, found.path = operation, endpoint, values
		}
	}
	slices.Sort(found.allowed)
	return found
}

// matchPath returns the values of the parameters of a path template.
func matchPath(template, path string) (values map[string]string, ok bool) {
	names, segments := strings.Split(template, "/"), strings.Split(path, "/")
	if len(names) != len(segments) {
		return nil, false
	}
	values = map[string]string{}
	for i, name := range names {
		if !strings.HasPrefix(name, "{") {
			if segments[i] != name {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		values[strings.Trim(name, "{}")] = value
	}
	return values, true
}

// operationID is "" when the route has no operation.
func (r route) operationID() string {
	if r.operation == nil {
		return ""
	}
	return r.operation.ID
}
