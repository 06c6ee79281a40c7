package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// Get the user of a token, and the tenants that the user has access to.
func ExampleAccountService_Get() {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	account, err := client.Account.Get(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range account.Tenants {
		fmt.Println(user.DisplayName, user.TenantRole, user.TenantUID == account.DefaultTenantUID)
	}
	// Output:
	// Flow Integration ADMIN true
	// Flow Integration ADMIN false
}

func ExampleAccountService_Update() {
	fake := flowretailtest.New(flowretailtest.WithTenants(2))
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	second := fake.Tenants()[1].TenantUID

	account, err := client.Account.Update(context.Background(), &flowretail.AccountUpdateRequest{DefaultTenantUID: second})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.DefaultTenantUID == second)
	// Output: true
}

// Log in with a user code and a password on a device. WithDeviceLogin does this
// automatically.
func ExampleAccountService_Login() {
	fake := flowretailtest.New()
	tenantUID := fake.TenantUID()
	device, err := fake.NewClient(flowretail.WithToken(fake.DeviceToken(tenantUID)))
	if err != nil {
		log.Fatal(err)
	}
	owner := fake.Users(tenantUID)[1]

	for _, typed := range []string{"marked-secret-typo", fake.Password(tenantUID, owner.TenantUserUID)} {
		session, err := device.Account.Login(context.Background(), &flowretail.AccountLoginRequest{
			UserCode: owner.UserCode, Password: flowretail.NewSecret(typed),
		})
		if errors.Is(err, flowretail.ErrUnauthorized) {
			fmt.Println("wrong user code or password")
			continue
		} else if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.TenantUser.TenantRole, session.AccessToken)
	}
	// Output:
	// wrong user code or password
	// ADMIN REDACTED
}

// Get the authenticated user of a tenant, with its permissions.
func ExampleAccountService_GetForTenant() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	me, err := client.Account.GetForTenant(context.Background(), fake.TenantUID())
	if err != nil {
		log.Fatal(err)
	}
	if me.Permissions != nil { // not every operation sends them
		fmt.Println(me.Permissions.Tenant)
	}
	// Output: [TENANT.ACCESS TENANT.BACKOFFICE TENANT.ADMIN]
}

// new("") clears the default store; nil fields are not changed.
func ExampleAccountService_UpdateForTenant() {
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	me, err := client.Account.UpdateForTenant(context.Background(), fake.TenantUID(), &flowretail.TenantAccountUpdateRequest{
		DefaultStoreUID: new(""),
		LanguageCode:    new("nb"),
		Password:        new(flowretail.NewSecret("marked-secret-new")),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, %q, %s\n", me.DisplayName, me.DefaultStoreUID, me.LanguageCode)
	// Output: Flow Integration, "", nb
}

// Exchange an auth token for a short-lived access token of one tenant.
// WithTenantExchange does this automatically, and again when the token expires.
func ExampleAccountService_CreateAccessToken() {
	fake := flowretailtest.New()
	person, err := fake.NewClient(flowretail.WithToken(fake.AuthToken()))
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	session, err := person.Account.CreateAccessToken(ctx, fake.TenantUID())
	if none, ok := errors.AsType[*flowretail.NoAccessTokenError](err); ok {
		log.Fatalf("no access token for %s", none.User.DisplayName)
	} else if err != nil {
		log.Fatal(err)
	}
	client, err := person.With(flowretail.WithToken(session.AccessToken.Reveal()))
	if err != nil {
		log.Fatal(err)
	}
	tenant, err := client.Tenants.Get(ctx, fake.TenantUID())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tenant.Name)
	// Output: Nordlys Sport
}

// An invitation can be read without a token.
func ExampleAccountService_GetInvite() {
	fake := flowretailtest.New()
	userUID := fake.AddUser(fake.TenantUID(), flowretail.User{Email: "ase@example.com"})
	inviteToken := flowretail.NewSecret(fake.Invite(fake.TenantUID(), userUID)) // from the mail

	client, err := flowretail.NewClient(fake.Options()...)
	if err != nil {
		log.Fatal(err)
	}
	invite, err := client.Account.GetInvite(context.Background(), inviteToken)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(invite.Tenant.Name, "invites", invite.User.Email)
	// Output: Nordlys Sport invites ase@example.com
}

// An invitation can be accepted once, with an auth token.
func ExampleAccountService_AcceptInvite() {
	fake := flowretailtest.New()
	userUID := fake.AddUser(fake.TenantUID(), flowretail.User{Email: "ase@example.com"})
	inviteToken := flowretail.NewSecret(fake.Invite(fake.TenantUID(), userUID)) // from the mail

	person, err := fake.NewClient(flowretail.WithToken(fake.StrangerToken()))
	if err != nil {
		log.Fatal(err)
	}
	ctx, in := context.Background(), &flowretail.InviteAcceptRequest{InviteToken: inviteToken}
	user, err := person.Account.AcceptInvite(ctx, in)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Email, user.Status)

	_, err = person.Account.AcceptInvite(ctx, in)
	fmt.Println("accepted twice:", err == nil)
	// Output:
	// ase@example.com ACTIVE
	// accepted twice: false
}
