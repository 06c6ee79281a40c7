package main

// The second way is httpmock, for responses that the fake does not send. It can
// mock one call and pass the other calls to the fake.

import (
	"errors"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestBlock_ignoredUpdate(t *testing.T) {
	fake := flowretailtest.New()
	userUID := addUser(fake, "hr-4711")
	transport := httpmock.NewMockTransport()
	transport.RegisterNoResponder(fake.RoundTrip)
	transport.RegisterResponder(http.MethodPut, flowretailtest.BaseURL+"/tenants/"+fake.TenantUID()+"/users/"+userUID,
		httpmock.NewJsonResponderOrPanic(http.StatusOK, flowretail.User{
			TenantUserUID: userUID, ExternalID: "hr-4711", TenantRole: flowretail.TenantRoleAccess,
		}))

	service := newOffboarding(t, fake, flowretail.WithHTTPClient(&http.Client{Transport: transport}))
	if _, err := service.block(t.Context(), "hr-4711"); !errors.Is(err, errNotBlocked) {
		t.Errorf("block: %v, want %v", err, errNotBlocked)
	}
}

// Without the fake, a test mocks each response. That is useful for a single call,
// or to reproduce a response of the real API.
func TestBlock_unknownRole(t *testing.T) {
	transport := httpmock.NewMockTransport()
	users := flowretail.ProductionURL + "/tenants/t-1/users"
	transport.RegisterResponder(http.MethodGet, users, httpmock.NewStringResponder(http.StatusOK,
		`{"items": [{"tenantUserUid": "7", "externalId": "hr-4711", "tenantRole": "REGIONAL_ADMIN", "createdAt": "2025-10-28T16:54:56.636Z"}],
		  "paging": {"pageNumber": 1, "pageSize": 1000, "totalCount": 1}}`))
	transport.RegisterResponder(http.MethodPut, users+"/7", httpmock.NewStringResponder(http.StatusOK,
		`{"tenantUserUid": "7", "externalId": "hr-4711", "tenantRole": "BLOCKED", "storeAccess": []}`))

	client, err := flowretail.NewClient(
		flowretail.WithToken("marked-secret-token"), flowretail.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	user, err := (&offboarding{client: client, tenantUID: "t-1"}).block(t.Context(), "hr-4711")
	if err != nil || user.TenantRole != flowretail.TenantRoleBlocked {
		t.Errorf("block: %v, %v", user, err)
	}
	if puts := transport.GetCallCountInfo()["PUT "+users+"/7"]; puts != 1 {
		t.Errorf("%d updates were sent, want 1", puts)
	}
}
