package flowretailtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// A handler carries out an operation that has passed the checks. It runs under
// the lock of the fake.
type handler func(*Fake, *call) (answer, *refusal)

// A role is what a user must be for an operation in a tenant.
type role string

const (
	anybody role = "" // whoever the token is good for
	access  role = "TENANT.ACCESS"
	admin   role = "TENANT.ADMIN"
)

// An endpoint is what the fake knows of an operation beyond the table.
type endpoint struct {
	handle   handler
	role     role
	query    []string // the parameters that it takes
	takeBody bool
}

var (
	paging           = []string{"pageNumber", "pageSize", "sortBy", "sortDirection"}
	pagedUsers       = append([]string{"query", "tenantuserOrganizationUid", "tenantuserStoreUid"}, paging...)
	pagedSubscribers = append([]string{"subscriptionType", "tenantUserUids"}, paging...)
)

var endpoints map[*operations.Operation]endpoint

func init() {
	endpoints = map[*operations.Operation]endpoint{
		operations.ListTenants:  {handle: listTenants, query: paging},
		operations.GetTenant:    {handle: getTenant, role: access},
		operations.UpdateTenant: {handle: updateTenant, role: admin, takeBody: true},

		operations.ListUsers:  {handle: listUsers, role: admin, query: pagedUsers},
		operations.CreateUser: {handle: createUser, role: admin, takeBody: true},
		operations.GetUser:    {handle: getUser, role: admin},
		operations.UpdateUser: {handle: updateUser, role: admin, query: []string{"resendInvite"}, takeBody: true},
		operations.DeleteUser: {handle: deleteUser, role: admin},

		operations.ListTokens:  {handle: listTokens, role: admin},
		operations.CreateToken: {handle: createToken, role: admin},
		operations.DeleteToken: {handle: deleteToken, role: admin},

		operations.GetAccount:    {handle: getAccount},
		operations.Login:         {handle: login, takeBody: true},
		operations.UpdateAccount: {handle: updateAccount, takeBody: true},

		operations.GetTenantAccount:    {handle: getTenantAccount},
		operations.CreateAccessToken:   {handle: exchangeToken},
		operations.UpdateTenantAccount: {handle: updateTenantAccount, takeBody: true},

		operations.GetInvite:    {handle: getInvite},
		operations.AcceptInvite: {handle: acceptInvite, takeBody: true},

		operations.ListSubscribers:  {handle: listSubscribers, role: access, query: pagedSubscribers},
		operations.CreateSubscriber: {handle: createSubscriber, role: access, takeBody: true},
		operations.GetSubscriber:    {handle: getSubscriber, role: access},
		operations.DeleteSubscriber: {handle: deleteSubscriber, role: access},
	}
}

// templates are the paths of the operations, cut into segments.
var templates = func() map[*operations.Operation][]string {
	cut := map[*operations.Operation][]string{}
	for _, operation := range operations.All {
		cut[operation] = strings.Split(operation.Path, "/")
	}
	return cut
}()

// A route is what a method and a path lead to.
type route struct {
	operation *operations.Operation // nil when there is none
	values    []string              // of the parameters of the path
	allowed   []string              // the methods that the path takes
}

const prefix = "/v2"

func findRoute(method string, target *url.URL) route {
	path, ok := strings.CutPrefix(target.EscapedPath(), prefix)
	if !ok {
		return route{}
	}
	var found route
	segments := strings.Split(path, "/")
	for _, operation := range operations.All {
		values, matches := match(templates[operation], segments)
		if !matches {
			continue
		}
		found.allowed = append(found.allowed, operation.Method)
		if operation.Method == method {
			found.operation, found.values = operation, values
		}
	}
	slices.Sort(found.allowed)
	return found
}

func match(template, segments []string) (values []string, ok bool) {
	if len(template) != len(segments) {
		return nil, false
	}
	for i, segment := range segments {
		if !strings.HasPrefix(template[i], "{") {
			if template[i] != segment {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segment)
		if err != nil || value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}

// id names the operation of a route in records and faults.
func (r route) id() string {
	if r.operation == nil {
		return ""
	}
	return r.operation.ID
}

func (r route) refusal() *refusal {
	if len(r.allowed) > 0 {
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	}
	return refuse(http.StatusNotFound, "UNKNOWN_ROUTE")
}
