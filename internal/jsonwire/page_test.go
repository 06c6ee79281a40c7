package jsonwire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The types of the tests are like those of the SDK.

type page[T any] struct {
	Items  []T    `json:"items" api:"present"`
	Paging paging `json:"paging" api:"present"`
}

type paging struct {
	PageNumber int `json:"pageNumber"`
	PageSize   int `json:"pageSize"`
	TotalCount int `json:"totalCount"`
}

type accountType string

type user struct {
	TenantUserUID   string        `json:"tenantUserUid" api:"present"`
	TenantUID       string        `json:"tenantUid"`
	TenantName      string        `json:"tenantName,omitempty"`
	AccountType     accountType   `json:"accountType"`
	Status          string        `json:"status"`
	TenantRole      string        `json:"tenantRole"`
	UserCode        string        `json:"userCode"`
	ExternalID      string        `json:"externalId"`
	DisplayName     string        `json:"displayName"`
	Firstname       string        `json:"firstname"`
	Lastname        string        `json:"lastname"`
	Email           string        `json:"email"`
	Mobile          string        `json:"mobile"`
	LanguageCode    string        `json:"languageCode"`
	DefaultStoreUID string        `json:"defaultStoreUid,omitempty"`
	StoreAccess     []storeAccess `json:"storeAccess"`
	Permissions     *permissions  `json:"permissions,omitempty"`
	LastAccessed    time.Time     `json:"lastAccessed"`
	CreatedAt       time.Time     `json:"createdAt"`
	LastModifiedAt  time.Time     `json:"lastModifiedAt"`

	Extra map[string]json.RawMessage `json:"-"`
}

type storeAccess struct {
	StoreAccessUID string    `json:"storeAccessUid"`
	StoreUID       string    `json:"storeUid"`
	StoreRole      string    `json:"storeRole"`
	CreatedAt      time.Time `json:"createdAt"`
	LastModifiedAt time.Time `json:"lastModifiedAt"`

	Extra map[string]json.RawMessage `json:"-"`
}

type permissions struct {
	Tenant        []string                  `json:"tenant"`
	Stores        []storePermissions        `json:"stores"`
	Organizations []organizationPermissions `json:"organizations"`

	Extra map[string]json.RawMessage `json:"-"`
}

type storePermissions struct {
	Store       store    `json:"store"`
	Permissions []string `json:"permissions"`

	Extra map[string]json.RawMessage `json:"-"`
}

type organizationPermissions struct {
	Organization organization `json:"organization"`
	Permissions  []string     `json:"permissions"`

	Extra map[string]json.RawMessage `json:"-"`
}

type store struct {
	StoreUID         string `json:"storeUid"`
	Name             string `json:"name"`
	OrganizationUID  string `json:"organizationUid"`
	OrganizationName string `json:"organizationName"`

	Extra map[string]json.RawMessage `json:"-"`
}

type organization struct {
	OrganizationUID string `json:"organizationUid"`
	Name            string `json:"name"`

	Extra map[string]json.RawMessage `json:"-"`
}

// A password is a secret as the SDK's Secret is one.
type password struct{ value *string }

func newPassword(value string) password {
	if value == "" {
		return password{}
	}
	return password{&value}
}

func (p password) Reveal() string {
	if p.value == nil {
		return ""
	}
	return *p.value
}

func (p password) IsZero() bool { return p.value == nil }

func (p password) MarshalText() ([]byte, error) {
	if p.IsZero() {
		return nil, nil
	}
	return []byte("REDACTED"), nil
}

func (p *password) UnmarshalText(text []byte) error {
	if string(text) == "REDACTED" {
		return errors.New("marked-secret: this is the mask of a secret")
	}
	*p = newPassword(string(text))
	return nil
}

// usersPage writes a page of users of about 1.7 kB as the API does: in the
// order of its own document, which is not that of the fields.
func usersPage(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	uid := func() string {
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", random.Uint32(), random.Uint32()&0xffff,
			random.Uint32()&0xfff, random.Uint32()&0xfff, random.Uint64()&0xffffffffffff)
	}
	stamp := func() string {
		return time.UnixMilli(1.7e12 + random.Int64N(5e10)).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	quoted := func(words []string) string { return `["` + strings.Join(words, `","`) + `"]` }
	tenant, owner := uid(), uid()
	stores := []string{uid(), uid(), uid(), uid(), uid()}
	rights := []string{"PRODUCT.READ", "PRODUCT.WRITE", "ORDER.READ", "ORDER.WRITE", "CUSTOMER.READ", "REPORT.READ", "STOCK.ADJUST"}
	firstnames := []string{"Kari", "Ola", "Bjørn", "Åse", "Ingrid", "Lars", "Nina", "Per"}
	lastnames := []string{"Hansen", "Nordmann", "Østby", "Berg", "Lund", "Dahl"}

	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		first, last := firstnames[i%8], lastnames[i/8%6]
		own := []string{stores[i%5], stores[(i+1)%5]}
		fmt.Fprintf(&b, `{"accountType":"REGULAR","createdAt":%q,"defaultStoreUid":%q,"displayName":"%s %s %d","email":"user.%d@shop.example",`,
			stamp(), own[0], first, last, i, i)
		fmt.Fprintf(&b, `"externalId":"ext-%06d","firstname":%q,"lastAccessed":%q,"lastModifiedAt":%q,"lastname":%q,"mobile":"+47%08d","status":"ACTIVE","storeAccess":[`,
			i, first, stamp(), stamp(), last, 90000000+i)
		for k, store := range own[:1+i%2] {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"createdAt":%q,"lastModifiedAt":%q,"storeAccessUid":%q,"storeUid":%q,"storeRole":"REGULAR"}`, stamp(), stamp(), uid(), store)
		}
		fmt.Fprintf(&b, `],"tenantUid":%q,"tenantName":"Nordlys Handel AS","tenantRole":"ACCESS","tenantUserUid":%q,"userCode":"%05d","languageCode":"no","permissions":{"tenant":%s,"stores":[`,
			tenant, uid(), i, quoted(rights[:3]))
		for k, store := range own[:1+i%2] {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"store":{"name":"Storgata %d","storeUid":%q,"organizationUid":%q,"organizationName":"Nordlys Drift AS"},"permissions":%s}`,
				(i+k)%5, store, owner, quoted(rights[1:6]))
		}
		fmt.Fprintf(&b, `],"organizations":[{"organization":{"name":"Nordlys Drift AS","organizationUid":%q},"permissions":%s}]}}`, owner, quoted(rights[4:]))
	}
	fmt.Fprintf(&b, `],"paging":{"pageNumber":1,"pageSize":%d,"totalCount":%d}}`, n, n)
	return []byte(b.String())
}
