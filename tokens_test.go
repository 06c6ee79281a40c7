package flowretail_test

import (
	"errors"
	"testing"
	"testing/synctest"

	flowretail "github.com/flowretail/flowretail-go"
)

func TestTokensCreate_withoutValue(t *testing.T) {
	for _, body := range []string{
		`{"items":[],"paging":{"pageNumber":1,"pageSize":1,"totalCount":0}}`,
		`{"items":[{"tenantUserTokenUid":"a"}],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`,
		`{"items":[{"tenantUserTokenUid":"a","token":""},{"tenantUserTokenUid":"b","token":null}],"paging":{"pageNumber":1,"pageSize":2,"totalCount":2}}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{RoundTripper: respond(201, "application/json", body)}
			page, err := newClient(t, w).Tokens.Create(t.Context(), "t", "u")
			if !errors.Is(err, flowretail.ErrMalformedResponse) || page != nil {
				t.Fatalf("%s: %+v, %v", body, page, err)
			}
			// The token may exist, so a second create could leave one behind.
			checkOutcome(t, err, flowretail.ErrOutcomeUnknown, 1, false)
			if w.calls != 1 {
				t.Errorf("%d requests, want 1", w.calls)
			}
		})
	}
}

func TestTokensCreate_oneValue(t *testing.T) {
	const body = `{"items":[{"tenantUserTokenUid":"a"},{"tenantUserTokenUid":"b","token":"marked-secret-1"}],"paging":{"pageNumber":1,"pageSize":2,"totalCount":2}}`
	page := must[*flowretail.Page[flowretail.Token]](t)(newClient(t, respond(201, "application/json", body)).Tokens.Create(t.Context(), "t", "u"))
	if len(page.Items) != 2 || page.Items[1].Token.Reveal() != "marked-secret-1" || page.Paging.TotalCount != 2 {
		t.Errorf("%+v", page)
	}
	// The values are in no other response.
	listed := `{"items":[{"tenantUserTokenUid":"a"}],"paging":{"pageNumber":1,"pageSize":1,"totalCount":1}}`
	if _, err := newClient(t, respond(200, "application/json", listed)).Tokens.List(t.Context(), "t", "u"); err != nil {
		t.Error(err)
	}
}
