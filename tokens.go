package flowretail

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// TokensService makes and deletes the integration tokens of a user whose
// account type is AccountTypeIntegration.
type TokensService struct{ client *Client }

// A Token is an integration token: long-lived, and meant for one program.
type Token struct {
	TenantUserTokenUID string `json:"tenantUserTokenUid"`
	Token              Secret `json:"token"` // shown by the API once, when it is made

	// Extra holds what the API sent beyond the fields above; nil when there is nothing.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// List returns the integration tokens of a user. The operation has no paging parameters.
//
// Permission: tenant administrator. Operation: get-tenants-users-tokens.
func (s *TokensService) List(ctx context.Context, tenantUID, userUID string, call ...CallOption) (*Page[Token], error) {
	return fetch[Page[Token]](ctx, s.client, at(operations.ListTokens, tenantUID, userUID), call)
}

// All iterates over the integration tokens of a user. It is one request, since
// the operation has no paging parameters, and ends with an error when the API
// says that there are more.
//
// Permission: tenant administrator. Operation: get-tenants-users-tokens.
func (s *TokensService) All(ctx context.Context, tenantUID, userUID string, iter ...IterOption) iter.Seq2[*Token, error] {
	return iterateOnce(ctx, s.client, at(operations.ListTokens, tenantUID, userUID), (*Token).identity, iter)
}

// Create makes an integration token for a user. The API answers with a list, as
// it stands here; the new token is the item whose Token is not empty, and its
// value is shown this once.
//
// The operation takes no UID, so a create whose outcome is unknown is never
// repeated: List tells what became of it.
//
// Permission: tenant administrator. Operation: post-tenants-users-tokens.
func (s *TokensService) Create(ctx context.Context, tenantUID, userUID string, call ...CallOption) (*Page[Token], error) {
	return fetch[Page[Token]](ctx, s.client, at(operations.CreateToken, tenantUID, userUID), call)
}

// Delete revokes an integration token of a user.
//
// Permission: tenant administrator. Operation: delete-tenants-users-tokens-details.
func (s *TokensService) Delete(ctx context.Context, tenantUID, userUID, tokenUID string, call ...CallOption) error {
	return send(ctx, s.client, at(operations.DeleteToken, tenantUID, userUID, tokenUID), call)
}
