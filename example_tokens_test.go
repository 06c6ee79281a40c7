package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// List returns the tokens without their values. Only Create returns a value.
func ExampleTokensService_List() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	integration := fake.Users(fake.TenantUID())[0].TenantUserUID
	fake.IntegrationToken(fake.TenantUID(), integration)

	tokens, err := client.Tokens.List(context.Background(), fake.TenantUID(), integration)
	if err != nil {
		log.Fatal(err)
	}
	for _, token := range tokens.Items {
		fmt.Println("has a UID:", token.TenantUserTokenUID != "", "has a value:", !token.Token.IsZero())
	}
	// Output: has a UID: true has a value: false
}

func ExampleTokensService_All() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	integration := fake.Users(fake.TenantUID())[0].TenantUserUID
	fake.IntegrationToken(fake.TenantUID(), integration)
	fake.IntegrationToken(fake.TenantUID(), integration)

	tokens, err := flowretail.Collect(client.Tokens.All(context.Background(), fake.TenantUID(), integration))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens:", len(tokens))
	// Output: tokens: 2
}

// Create returns the list of the user's tokens. The one with a value is new. Store the
// value; it cannot be read again.
func ExampleTokensService_Create() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	integration := fake.Users(fake.TenantUID())[0].TenantUserUID
	tokens, err := client.Tokens.Create(context.Background(), fake.TenantUID(), integration)
	if err != nil {
		log.Fatal(err)
	}
	for _, token := range tokens.Items {
		if !token.Token.IsZero() { // older tokens have no value
			fmt.Println("printed:", token.Token)
			fmt.Println("stored:", token.Token.Reveal() != "")
		}
	}
	// Output:
	// printed: REDACTED
	// stored: true
}

// A deleted token is refused.
func ExampleTokensService_Delete() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx, tenantUID := context.Background(), fake.TenantUID()
	integration := fake.Users(tenantUID)[0].TenantUserUID
	program, err := client.With(flowretail.WithToken(fake.IntegrationToken(tenantUID, integration)))
	if err != nil {
		log.Fatal(err)
	}

	for token, err := range client.Tokens.All(ctx, tenantUID, integration) {
		if err != nil {
			log.Fatal(err)
		}
		if err := client.Tokens.Delete(ctx, tenantUID, integration, token.TenantUserTokenUID); err != nil {
			log.Fatal(err)
		}
	}
	_, err = program.Account.Get(ctx)
	fmt.Println("refused:", errors.Is(err, flowretail.ErrUnauthorized))
	// Output: refused: true
}
