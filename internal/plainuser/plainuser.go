// Package plainuser has the types that a program without the SDK would decode
// users into. Benchmarks compare the SDK with encoding/json and these types, which
// have no methods.
package plainuser

import "time"

// A Page is a page of users.
type Page struct {
	Items  []User `json:"items"`
	Paging struct {
		PageNumber int `json:"pageNumber"`
		PageSize   int `json:"pageSize"`
		TotalCount int `json:"totalCount"`
	} `json:"paging"`
}

// A User is a user of a tenant.
type User struct {
	TenantUserUID   string        `json:"tenantUserUid"`
	TenantUID       string        `json:"tenantUid"`
	TenantName      string        `json:"tenantName"`
	AccountType     string        `json:"accountType"`
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
	DefaultStoreUID string        `json:"defaultStoreUid"`
	StoreAccess     []StoreAccess `json:"storeAccess"`
	Permissions     *Permissions  `json:"permissions"`
	LastAccessed    time.Time     `json:"lastAccessed"`
	CreatedAt       time.Time     `json:"createdAt"`
	LastModifiedAt  time.Time     `json:"lastModifiedAt"`
}

// A StoreAccess is the access of a user to a store.
type StoreAccess struct {
	StoreAccessUID string    `json:"storeAccessUid"`
	StoreUID       string    `json:"storeUid"`
	StoreRole      string    `json:"storeRole"`
	CreatedAt      time.Time `json:"createdAt"`
	LastModifiedAt time.Time `json:"lastModifiedAt"`
}

// Permissions are the permissions of a user.
type Permissions struct {
	Tenant []string `json:"tenant"`
	Stores []struct {
		Store struct {
			StoreUID         string `json:"storeUid"`
			Name             string `json:"name"`
			OrganizationUID  string `json:"organizationUid"`
			OrganizationName string `json:"organizationName"`
		} `json:"store"`
		Permissions []string `json:"permissions"`
	} `json:"stores"`
	Organizations []struct {
		Organization struct {
			OrganizationUID string `json:"organizationUid"`
			Name            string `json:"name"`
		} `json:"organization"`
		Permissions []string `json:"permissions"`
	} `json:"organizations"`
}
