package flowretail

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// TokensService handles the integration tokens of a user whose account type is
// AccountTypeIntegration.
type TokensService struct{ client *Client }

// A Token is an integration token. It is long-lived and made for one program.
type Token struct {
	TenantUserTokenUID string `json:"tenantUserTokenUid" api:"present"`
	Token              Secret `json:"token"` // the API returns it once, from Create

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

func (t *Token) uid() string       { return t.TenantUserTokenUID }
func (t *Token) secrets() []string { return []string{t.Token.Reveal()} }

// createdTokens is the response to Create.
type createdTokens struct{ Page[Token] }

func (t *createdTokens) validate() error {
	if !slices.ContainsFunc(t.Items, func(item Token) bool { return !item.Token.IsZero() }) {
		return errors.New("no item has a token")
	}
	return nil
}

// List returns the integration tokens of a user, without their values. The operation
// has no paging parameters.
//
// Permission: tenant administrator. Operation: get-tenants-users-tokens.
func (s *TokensService) List(ctx context.Context, tenantUID, userUID string, call ...CallOption) (*Page[Token], error) {
	return fetch[Page[Token]](ctx, s.client, newRequest(operations.ListTokens, tenantUID, userUID), call)
}

// All iterates over the integration tokens of a user. The operation has no paging
// parameters, so it is one request. If the API states that there are more tokens than
// it returned, also in a second response, the iteration ends with ErrListIncomplete.
//
// Permission: tenant administrator. Operation: get-tenants-users-tokens.
func (s *TokensService) All(ctx context.Context, tenantUID, userUID string, options ...IterOption) iter.Seq2[*Token, error] {
	return iterate(ctx, s.client, newRequest(operations.ListTokens, tenantUID, userUID), (*Token).uid, options)
}

// Create creates an integration token for a user. The API returns a list; the new
// token is the item whose Token is not empty. Its value is not returned again. A
// response without a token is ErrMalformedResponse.
//
// The operation takes no UID, so a create of unknown outcome is not retried. Call
// List to see whether there is a new token.
//
// Permission: tenant administrator. Operation: post-tenants-users-tokens.
func (s *TokensService) Create(ctx context.Context, tenantUID, userUID string, call ...CallOption) (*Page[Token], error) {
	created, err := fetch[createdTokens](ctx, s.client, newRequest(operations.CreateToken, tenantUID, userUID), call)
	if err != nil {
		return nil, err
	}
	return &created.Page, nil
}

// Delete revokes an integration token of a user.
//
// Permission: tenant administrator. Operation: delete-tenants-users-tokens-details.
func (s *TokensService) Delete(ctx context.Context, tenantUID, userUID, tokenUID string, call ...CallOption) error {
	return send(ctx, s.client, newRequest(operations.DeleteToken, tenantUID, userUID, tokenUID), call)
}
