package flowretail

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/flowretail/flowretail-go/internal/operations"
)

// TenantsService handles tenants: the companies that use Flow Retail.
type TenantsService struct{ client *Client }

// A Tenant is a company that uses Flow Retail, with its settings.
type Tenant struct {
	TenantUID           string               `json:"tenantUid" api:"present"`
	Name                string               `json:"name"`
	VATNumber           string               `json:"vatNumber"`
	CountryCode         string               `json:"countryCode"`
	LanguageCode        string               `json:"languageCode"` // ISO 639-1
	Timezone            string               `json:"timezone"`     // IANA name, such as Europe/Oslo
	PricelistUID        string               `json:"pricelistUid"` // empty if there is none
	Currency            TenantCurrency       `json:"currency"`
	Settings            TenantSettings       `json:"settings"`
	AppSettings         TenantAppSettings    `json:"appSettings"`
	Assets              TenantAssets         `json:"assets"`
	Extensions          []TenantExtension    `json:"extensions"`
	AvailableExtensions []AvailableExtension `json:"availableExtensions,omitzero"` // Deprecated by the API.
	CreatedAt           time.Time            `json:"createdAt"`
	LastModifiedAt      time.Time            `json:"lastModifiedAt"`

	// Extra has the members of the response that have no field here; nil if there are none.
	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

func (t *Tenant) uid() string { return t.TenantUID }

// TenantCurrency is the currency of a tenant and the format of its amounts.
type TenantCurrency struct {
	Code              string `json:"code"` // ISO 4217
	Name              string `json:"name"`
	Symbol            string `json:"symbol"`         // or a short name, such as kr
	SymbolPosition    string `json:"symbolPosition"` // prefix or suffix
	DecimalSeparator  string `json:"decimalSeparator"`
	ThousandSeparator string `json:"thousandSeparator"`

	// Amounts in cash are rounded to multiples of CashRounding. The API's document says
	// that it is an integer. Other amounts of the API are hundredths, so the type holds
	// fractions such as 0.5.
	CashRounding float64 `json:"cashRounding"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// TenantSettings are the settings for all stores of a tenant.
type TenantSettings struct {
	AllowExternalCashDrawer bool `json:"allowExternalCashDrawer"`
	AutoLogout              int  `json:"autoLogout"` // seconds; 0 is off
	AutoPrintReceipt        bool `json:"autoPrintReceipt"`
	NumericSKUCounter       int  `json:"numericSkuCounter"`
	PrintCardPaymentDetails bool `json:"printCardPaymentDetails"` // on the receipt
	SendInvoicesExternally  bool `json:"sendInvoicesExternally"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// TenantAppSettings are the settings of the point-of-sale app.
type TenantAppSettings struct {
	ShowOutOfStockWarning bool `json:"showOutOfStockWarning"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// TenantAssets are the images of a tenant.
type TenantAssets struct {
	Logo   Asset `json:"logo"`
	Splash Asset `json:"splash"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An Asset is an uploaded file.
type Asset struct {
	AssetUID string `json:"assetUid"`
	URL      string `json:"url"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// A TenantExtension is an extension that a tenant has.
type TenantExtension struct {
	ExtensionCode ExtensionCode `json:"extensionCode"`
	Name          string        `json:"name"`
	Active        bool          `json:"active"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An AvailableExtension is an extension that a tenant could have. The API has
// deprecated the list.
type AvailableExtension struct {
	ExtensionCode ExtensionCode `json:"extensionCode"`
	Name          string        `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// ExtensionCode is the code of an extension. The API adds values.
type ExtensionCode string

// The extension codes that the API documents.
const (
	ExtensionFlowGiftcard              ExtensionCode = "FLOWGIFTCARD"
	ExtensionAdyenPOS                  ExtensionCode = "ADYEN_POS"
	ExtensionPayexPOS                  ExtensionCode = "PAYEX_POS"
	ExtensionVipps                     ExtensionCode = "VIPPS"
	ExtensionExternalCustomerSearch    ExtensionCode = "EXTERNAL_CUSTOMER_SEARCH"
	ExtensionStoreCredit               ExtensionCode = "STORE_CREDIT"
	ExtensionSMS                       ExtensionCode = "SMS"
	ExtensionStripe                    ExtensionCode = "STRIPE"
	ExtensionNets                      ExtensionCode = "NETS"
	ExtensionVerifone                  ExtensionCode = "VERIFONE"
	ExtensionServiceWorkshop           ExtensionCode = "SERVICE_WORKSHOP"
	ExtensionTwoInvoice                ExtensionCode = "TWO_INVOICE"
	ExtensionForeignCash               ExtensionCode = "FOREIGN_CASH"
	ExtensionOmnium                    ExtensionCode = "OMNIUM"
	ExtensionDiller                    ExtensionCode = "DILLER"
	ExtensionArts                      ExtensionCode = "ARTS"
	ExtensionCampaign                  ExtensionCode = "CAMPAIGN"
	ExtensionB2B                       ExtensionCode = "B2B"
	ExtensionPeopleCounterKundetelling ExtensionCode = "PEOPLE_COUNTER_KUNDETELLING"
	ExtensionCompensation              ExtensionCode = "COMPENSATION"
	ExtensionSwish                     ExtensionCode = "SWISH"
	ExtensionDintero                   ExtensionCode = "DINTERO"
	ExtensionKID                       ExtensionCode = "KID"
	ExtensionEHF                       ExtensionCode = "EHF"
	ExtensionPower                     ExtensionCode = "POWER"
	ExtensionBritannia                 ExtensionCode = "BRITANNIA"
)

// TenantUpdateRequest changes a tenant. Nil fields are not changed; new(0),
// new(false) and new("") are sent.
type TenantUpdateRequest struct {
	Name                    *string `json:"name,omitempty"`
	VATNumber               *string `json:"vatNumber,omitempty"`
	PricelistUID            *string `json:"pricelistUid,omitempty" api:"uid"` // new("") clears it
	LanguageCode            *string `json:"languageCode,omitempty"`           // ISO 639-1
	Timezone                *string `json:"timezone,omitempty"`               // IANA name
	LogoAssetUID            *string `json:"logoAssetUid,omitempty" api:"uid"`
	SplashAssetUID          *string `json:"splashAssetUid,omitempty" api:"uid"`
	AllowExternalCashDrawer *bool   `json:"allowExternalCashDrawer,omitempty"`
	AutoLogout              *int    `json:"autoLogout,omitempty"` // seconds; new(0) turns it off
	AutoPrintReceipt        *bool   `json:"autoPrintReceipt,omitempty"`
	NumericSKUCounter       *int    `json:"numericSkuCounter,omitempty"`
	PrintCardPaymentDetails *bool   `json:"printCardPaymentDetails,omitempty"`
	SendInvoicesExternally  *bool   `json:"sendInvoicesExternally,omitempty"`
	ShowOutOfStockWarning   *bool   `json:"showOutOfStockWarning,omitempty"`
}

// TenantListOptions choose a page of tenants.
type TenantListOptions struct {
	ListOptions
}

// List returns one page of the tenants that the token has access to.
//
// Permission: TENANT.ACCESS. Operation: get-tenants.
func (s *TenantsService) List(ctx context.Context, opts *TenantListOptions, call ...CallOption) (*Page[Tenant], error) {
	return fetch[Page[Tenant]](ctx, s.client, newRequest(operations.ListTenants).query(opts), call)
}

// All iterates over the tenants that the token has access to, page by page. Complete
// is not supported (ErrCompleteUnsupported): a tenant can be missed when access to
// another one is removed during the iteration. The function All says how an iteration ends: with
// ErrListIncomplete, for instance, if the API counts more tenants than it returns.
//
// Permission: TENANT.ACCESS. Operation: get-tenants.
func (s *TenantsService) All(ctx context.Context, opts *TenantListOptions, options ...IterOption) iter.Seq2[*Tenant, error] {
	return iterate(ctx, s.client, newRequest(operations.ListTenants).query(opts), (*Tenant).uid, options)
}

// Get returns a tenant.
//
// Permission: TENANT.ACCESS. Operation: get-tenants-details.
func (s *TenantsService) Get(ctx context.Context, tenantUID string, call ...CallOption) (*Tenant, error) {
	return fetch[Tenant](ctx, s.client, newRequest(operations.GetTenant, tenantUID), call)
}

// Update sets the non-nil fields of in, and returns the tenant.
//
// Permission: tenant administrator. Operation: put-tenants-details.
func (s *TenantsService) Update(ctx context.Context, tenantUID string, in *TenantUpdateRequest, call ...CallOption) (*Tenant, error) {
	return fetch[Tenant](ctx, s.client, newRequest(operations.UpdateTenant, tenantUID).body(in), call)
}
