package flowretail

import "encoding/json"

// A Store has the main fields of a store.
type Store struct {
	StoreUID         string `json:"storeUid"`
	Name             string `json:"name"`
	OrganizationUID  string `json:"organizationUid"`
	OrganizationName string `json:"organizationName"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An Organization has the main fields of an organization: a legal entity of a tenant.
type Organization struct {
	OrganizationUID string `json:"organizationUid"`
	Name            string `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}
