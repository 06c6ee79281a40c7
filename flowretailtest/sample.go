package flowretailtest

import (
	"fmt"
	"strings"

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

// address makes what stands before the @ of an e-mail address.
func address(name string) string { return ascii.Replace(strings.ToLower(name)) }

// pick chooses one of names, numbered from the second time round.
func pick(names []string, number int) string {
	name := names[number%len(names)]
	if round := number / len(names); round > 0 {
		return fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}

func (f *Fake) sampleTenant(number int32) flowretail.Tenant {
	seed := f.config.seed
	created := f.tenantCalendar.at(number)
	asset := func(kind uint64) flowretail.Asset {
		assetUID := uid(mix(seed, ofAsset, kind), number)
		return flowretail.Asset{AssetUID: assetUID, URL: "https://assets.example.com/" + assetUID + ".png"}
	}
	return flowretail.Tenant{
		TenantUID:    uid(mix(seed, ofTenant), number),
		Name:         pick(companies, int(number)),
		VATNumber:    fmt.Sprintf("NO9%08dMVA", mix(seed, ofTenant, uint64(number))%1e8),
		CountryCode:  "NO",
		LanguageCode: "nb",
		Timezone:     "Europe/Oslo",
		Currency: flowretail.TenantCurrency{
			Code: "NOK", Name: "Norske kroner", Symbol: "kr", SymbolPosition: "suffix",
			DecimalSeparator: ",", ThousandSeparator: " ", CashRounding: 1,
		},
		Settings: flowretail.TenantSettings{
			AllowExternalCashDrawer: true, AutoLogout: 300, AutoPrintReceipt: true,
			NumericSKUCounter: 10000 + int(number), PrintCardPaymentDetails: true,
		},
		AppSettings: flowretail.TenantAppSettings{ShowOutOfStockWarning: true},
		Assets:      flowretail.TenantAssets{Logo: asset(0), Splash: asset(1)},
		Extensions: []flowretail.TenantExtension{
			{ExtensionCode: flowretail.ExtensionVipps, Name: "Vipps", Active: true},
			{ExtensionCode: flowretail.ExtensionFlowGiftcard, Name: "Flow Gift Card", Active: number%2 == 0},
		},
		AvailableExtensions: []flowretail.AvailableExtension{{ExtensionCode: flowretail.ExtensionSwish, Name: "Swish"}},
		CreatedAt:           created,
		LastModifiedAt:      created,
	}
}

func (f *Fake) sampleStores(tenant int32) []flowretail.Store {
	organizations, stores := mix(f.config.seed, ofOrganization, uint64(tenant)), mix(f.config.seed, ofStore, uint64(tenant))
	all := make([]flowretail.Store, f.config.stores)
	for i := range all {
		organization := i % f.config.organizations
		all[i] = flowretail.Store{
			StoreUID:         uid(stores, int32(i)),
			Name:             pick(cities, i) + ", " + streets[int(mix(stores, uint64(i))%uint64(len(streets)))],
			OrganizationUID:  uid(organizations, int32(organization)),
			OrganizationName: fmt.Sprintf("%s %d AS", pick(companies, int(tenant)), organization+1),
		}
	}
	return all
}

// A member is a user with what the API does not show of it.
type member struct {
	flowretail.User         // without TenantName and Permissions, which follow from elsewhere
	account         string  // who it is, across tenants
	password        *string // nil while it is the sample's
}

// The accounts that are members of every tenant.
const (
	integrationAccount = "integration"
	ownerAccount       = "owner"
)

// A character is what sets users apart.
type character struct {
	account flowretail.AccountType
	role    flowretail.TenantRole
	status  flowretail.UserStatus
}

// cast has every account type, role and status among the first eight users.
var cast = []character{
	{flowretail.AccountTypeIntegration, flowretail.TenantRoleAdmin, flowretail.UserStatusActive},
	{flowretail.AccountTypeFull, flowretail.TenantRoleAdmin, flowretail.UserStatusActive},
	{flowretail.AccountTypeFull, flowretail.TenantRoleBackoffice, flowretail.UserStatusActive},
	{flowretail.AccountTypeRegular, flowretail.TenantRoleAccess, flowretail.UserStatusActive},
	{flowretail.AccountTypeFull, flowretail.TenantRoleAccess, flowretail.UserStatusPendingInvite},
	{flowretail.AccountTypeRegular, flowretail.TenantRoleAccess, flowretail.UserStatusInactive},
	{flowretail.AccountTypeRegular, flowretail.TenantRoleBlocked, flowretail.UserStatusActive},
	{flowretail.AccountTypeSupport, flowretail.TenantRoleAccess, flowretail.UserStatusActive},
}

func (f *Fake) sampleMember(state *tenantState, number int32) member {
	seed, tenant := f.config.seed, uint64(state.number)
	h := mix(seed, ofUser, tenant, uint64(number))
	user := flowretail.User{
		TenantUserUID: uid(state.userSpace, number),
		TenantUID:     state.uid,
		UserCode:      fmt.Sprint(1000 + number),
		ExternalID:    fmt.Sprintf("emp-%d-%06d", tenant+1, number+1),
		Firstname:     firstnames[h%uint64(len(firstnames))],
		Lastname:      lastnames[h>>16%uint64(len(lastnames))],
		Mobile:        fmt.Sprintf("+47900%05d", h>>32%1e5),
		LanguageCode:  "nb",
		CreatedAt:     f.userCalendar.at(number),
	}
	as, account := character{flowretail.AccountTypeRegular, flowretail.TenantRoleAccess, flowretail.UserStatusActive}, "user/"+user.TenantUserUID
	switch {
	case int(number) < len(cast):
		as = cast[number]
	case h>>48%8 == 0:
		as = cast[2]
	}
	switch number {
	case 0:
		account = integrationAccount
		user.Firstname, user.Lastname, user.Mobile, user.LanguageCode = "Flow", "Integration", "", "en"
	case 1:
		account = ownerAccount
	}
	user.AccountType, user.TenantRole, user.Status = as.account, as.role, as.status
	user.DisplayName = user.Firstname + " " + user.Lastname
	user.Email = fmt.Sprintf("%s.%s.%d@example.com", address(user.Firstname), address(user.Lastname), number+1)
	user.LastModifiedAt = user.CreatedAt
	if as.status == flowretail.UserStatusActive {
		user.LastAccessed = user.CreatedAt.Add(f.userCalendar.step / 4)
	}
	f.sampleAccess(state, number, h, &user)
	return member{User: user, account: account}
}

// sampleAccess gives a user a role in two stores.
func (f *Fake) sampleAccess(state *tenantState, number int32, h uint64, user *flowretail.User) {
	stores := state.stores()
	user.StoreAccess = make([]flowretail.UserStoreAccess, min(2, len(stores)))
	space := mix(f.config.seed, ofStoreAccess, uint64(state.number), uint64(number))
	role := flowretail.StoreRoleRegular
	switch user.TenantRole {
	case flowretail.TenantRoleAdmin:
		role = flowretail.StoreRoleAdmin
	case flowretail.TenantRoleBackoffice:
		role = flowretail.StoreRoleBackoffice
	}
	for i := range user.StoreAccess {
		user.StoreAccess[i] = flowretail.UserStoreAccess{
			StoreAccessUID: uid(space, int32(i)),
			StoreUID:       stores[(h>>8+uint64(i))%uint64(len(stores))].StoreUID,
			StoreRole:      role,
			CreatedAt:      user.CreatedAt,
			LastModifiedAt: user.CreatedAt,
		}
	}
	if len(user.StoreAccess) > 0 {
		user.DefaultStoreUID = user.StoreAccess[0].StoreUID
	}
}
