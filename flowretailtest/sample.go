package flowretailtest

import (
	"fmt"
	"strings"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

var (
	companies = []string{
		"Nordlys Sport", "Fjordkant Interiør", "Bølgen Bokhandel", "Grønn Hage", "Tveita Sykkel", "Lyngby Dyreliv",
		"Havgløtt Fiske", "Småland Leker", "Vinterdal Ski", "Østkanten Optikk", "Kongsgård Kjøkken", "Åsane Ull",
	}
	cities = []string{
		"Oslo", "Bergen", "Trondheim", "Stavanger", "Tromsø", "Bodø", "Ålesund", "Drammen", "Hamar", "Tønsberg",
		"Göteborg", "Malmö", "Stockholm", "København", "Århus", "Helsinki",
	}
	streets    = []string{"Storgata", "Torget", "Kongens gate", "Strandgata", "Sjøsiden", "Stasjonen", "Nygårdsgaten", "Bryggen"}
	firstnames = []string{
		"Nora", "Jakob", "Emma", "Noah", "Olivia", "Emil", "Åse", "Bjørn", "Märta", "Søren", "Ingrid", "Håkon", "Sofie", "Lars",
		"Astrid", "Jonas", "Frida", "Øyvind", "Maja", "Henrik", "Sigrid", "Mikkel", "Ylva", "Eirik", "Hedda", "Aksel", "Liv", "Tuva",
	}
	lastnames = []string{
		"Hansen", "Johansen", "Olsen", "Larsen", "Andersen", "Nilsen", "Berg", "Haugen", "Bakke", "Lindqvist", "Sjöberg", "Ødegård",
		"Strand", "Sørensen", "Moen", "Virtanen", "Solberg", "Lie", "Bjørnstad", "Håland", "Dahl", "Åkesson", "Nygaard",
	}
	ascii = strings.NewReplacer("å", "a", "ä", "a", "æ", "a", "ö", "o", "ø", "o", " ", "-")
)

// mailName returns the form that a name has in an e-mail address.
func mailName(name string) string { return ascii.Replace(strings.ToLower(name)) }

// pick returns the name at an index. After the last name it begins again with a
// number behind the names.
func pick(names []string, index int) string {
	name := names[index%len(names)]
	if round := index / len(names); round > 0 {
		return fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}

// sampleTimes returns the times of creation of n resources, by index. They are
// strictly ascending. They end on a fixed day, so that they are always the same,
// or on the day before today if the clock has not reached that day, as in
// testing/synctest.
func sampleTimes(n int) func(index int) time.Time {
	end := time.Date(2025, 6, 2, 8, 0, 0, 0, time.UTC)
	if latest := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Hour); end.After(latest) {
		end = latest
	}
	const span = 3 * 365 * 24 * time.Hour
	step := min(max(span/time.Duration(max(1, n)), time.Millisecond), 36*time.Hour).Truncate(time.Millisecond)
	return func(index int) time.Time { return end.Add(-step * time.Duration(n-index)) }
}

// addSampleTenant adds a tenant with stores, users and subscribers.
func (f *Fake) addSampleTenant(createdAt time.Time) *storedTenant {
	number := f.tenants.added
	tenant := &storedTenant{
		Tenant: f.sampleTenant(number),
		stores: newList[*storedStore](f.config.stores),
		users:  newList[*storedUser](f.config.users),
	}
	tenant.CreatedAt, tenant.LastModifiedAt = createdAt, createdAt
	f.tenants.add(tenant, createdAt)
	for i := range f.config.stores {
		subscribers := newList[*storedSubscriber](f.config.subscribers)
		tenant.stores.add(&storedStore{f.sampleStore(number, i), subscribers}, createdAt)
	}
	userCreatedAt := sampleTimes(f.config.users)
	for i := range f.config.users {
		user := f.sampleUser(tenant, number, i, userCreatedAt(i))
		user.account.addUser(user)
		tenant.users.add(user, user.CreatedAt)
	}
	subscriberCreatedAt := sampleTimes(f.config.subscribers)
	for i, store := range tenant.stores.items {
		for j := range f.config.subscribers {
			store.subscribers.add(&storedSubscriber{
				Subscriber: flowretail.Subscriber{
					SubscriberUID: f.uid(kindSubscriber, number, i, j),
					Subscription:  salesSummary,
					CreatedAt:     subscriberCreatedAt(j),
					CreatedBy:     tenant.users.items[0].DisplayName,
				},
				user: tenant.users.items[(i+j)%f.config.users],
			}, subscriberCreatedAt(j))
		}
	}
	return tenant
}

func (f *Fake) sampleTenant(number int) flowretail.Tenant {
	return flowretail.Tenant{
		TenantUID:    f.uid(kindTenant, number),
		Name:         pick(companies, number),
		VATNumber:    fmt.Sprintf("NO9%08dMVA", f.hash(kindTenant, number)%1e8),
		CountryCode:  "NO",
		LanguageCode: "nb",
		Timezone:     "Europe/Oslo",
		Currency: flowretail.TenantCurrency{
			Code: "NOK", Name: "Norske kroner", Symbol: "kr", SymbolPosition: "suffix",
			DecimalSeparator: ",", ThousandSeparator: " ", CashRounding: 1,
		},
		Settings: flowretail.TenantSettings{
			AllowExternalCashDrawer: true, AutoLogout: 300, AutoPrintReceipt: true,
			NumericSKUCounter: 10000 + number, PrintCardPaymentDetails: true,
		},
		AppSettings: flowretail.TenantAppSettings{ShowOutOfStockWarning: true},
		Assets:      flowretail.TenantAssets{Logo: newAsset(f.uid(kindAsset, 0, number)), Splash: newAsset(f.uid(kindAsset, 1, number))},
		Extensions: []flowretail.TenantExtension{
			{ExtensionCode: flowretail.ExtensionVipps, Name: "Vipps", Active: true},
			{ExtensionCode: flowretail.ExtensionFlowGiftcard, Name: "Flow Gift Card", Active: number%2 == 0},
		},
		AvailableExtensions: []flowretail.AvailableExtension{{ExtensionCode: flowretail.ExtensionSwish, Name: "Swish"}},
	}
}

func (f *Fake) sampleStore(tenant, number int) flowretail.Store {
	organization := number % f.config.organizations
	street := f.hash(kindStore, tenant, number) % uint64(len(streets))
	return flowretail.Store{
		StoreUID:         f.uid(kindStore, tenant, number),
		Name:             pick(cities, number) + ", " + streets[street],
		OrganizationUID:  f.uid(kindOrganization, tenant, organization),
		OrganizationName: fmt.Sprintf("%s %d AS", pick(companies, tenant), organization+1),
	}
}

// A userProfile has the fields in which sample users differ most.
type userProfile struct {
	accountType flowretail.AccountType
	tenantRole  flowretail.TenantRole
	status      flowretail.UserStatus
}

var (
	regularUser    = userProfile{flowretail.AccountTypeRegular, flowretail.TenantRoleAccess, flowretail.UserStatusActive}
	backofficeUser = userProfile{flowretail.AccountTypeFull, flowretail.TenantRoleBackoffice, flowretail.UserStatusActive}
)

// sampleUsers are the profiles of the first users of each tenant. Together they
// have every account type, role and status.
var sampleUsers = []userProfile{
	{flowretail.AccountTypeIntegration, flowretail.TenantRoleAdmin, flowretail.UserStatusActive},
	{flowretail.AccountTypeFull, flowretail.TenantRoleAdmin, flowretail.UserStatusActive},
	backofficeUser,
	regularUser,
	{flowretail.AccountTypeFull, flowretail.TenantRoleAccess, flowretail.UserStatusPendingInvite},
	{flowretail.AccountTypeRegular, flowretail.TenantRoleAccess, flowretail.UserStatusInactive},
	{flowretail.AccountTypeRegular, flowretail.TenantRoleBlocked, flowretail.UserStatusActive},
	{flowretail.AccountTypeSupport, flowretail.TenantRoleAccess, flowretail.UserStatusActive},
}

func (f *Fake) sampleUser(tenant *storedTenant, tenantNumber, number int, createdAt time.Time) *storedUser {
	h := f.hash(kindUser, tenantNumber, number)
	profile := regularUser
	switch {
	case number < len(sampleUsers):
		profile = sampleUsers[number]
	case h>>48%8 == 0:
		profile = backofficeUser
	}
	user := &storedUser{
		User: flowretail.User{
			TenantUserUID:  f.uid(kindUser, tenantNumber, number),
			TenantUID:      tenant.TenantUID,
			AccountType:    profile.accountType,
			TenantRole:     profile.tenantRole,
			Status:         profile.status,
			UserCode:       defaultUserCode(number),
			ExternalID:     fmt.Sprintf("emp-%d-%06d", tenantNumber+1, number+1),
			Firstname:      firstnames[h%uint64(len(firstnames))],
			Lastname:       lastnames[h>>16%uint64(len(lastnames))],
			Mobile:         fmt.Sprintf("+47900%05d", h>>32%1e5),
			LanguageCode:   "nb",
			CreatedAt:      createdAt,
			LastModifiedAt: createdAt,
		},
		tenant:   tenant,
		account:  &account{},
		password: fmt.Sprintf("fake-password-%08x", uint32(f.hash(kindPassword, tenantNumber, number))),
	}
	switch number {
	case 0:
		user.account = f.integration
		user.Firstname, user.Lastname, user.Mobile, user.LanguageCode = "Flow", "Integration", "", "en"
	case 1:
		user.account = f.owner
	}
	user.DisplayName = user.Firstname + " " + user.Lastname
	user.Email = fmt.Sprintf("%s.%s.%d@example.com", mailName(user.Firstname), mailName(user.Lastname), number+1)
	if profile.status == flowretail.UserStatusActive {
		user.LastAccessed = createdAt.Add(time.Hour)
	}
	user.StoreAccess = f.sampleStoreAccess(user, tenantNumber, number, h>>8)
	user.DefaultStoreUID = user.StoreAccess[0].StoreUID
	return user
}

// sampleStoreAccess gives a user access to two stores, the first at index first.
func (f *Fake) sampleStoreAccess(user *storedUser, tenantNumber, number int, first uint64) []flowretail.UserStoreAccess {
	role := flowretail.StoreRoleRegular
	switch user.TenantRole {
	case flowretail.TenantRoleAdmin:
		role = flowretail.StoreRoleAdmin
	case flowretail.TenantRoleBackoffice:
		role = flowretail.StoreRoleBackoffice
	}
	stores := user.tenant.stores.items
	accesses := make([]flowretail.UserStoreAccess, min(2, len(stores)))
	for i := range accesses {
		accesses[i] = flowretail.UserStoreAccess{
			StoreAccessUID: f.uid(kindStoreAccess, tenantNumber, number, i),
			StoreUID:       stores[(first+uint64(i))%uint64(len(stores))].StoreUID,
			StoreRole:      role,
			CreatedAt:      user.CreatedAt,
			LastModifiedAt: user.CreatedAt,
		}
	}
	return accesses
}
