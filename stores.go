package flowretail

import "encoding/json"

// A Store is a shop of a tenant, in short.
type Store struct {
	StoreUID         string `json:"storeUid"`
	Name             string `json:"name"`
	OrganizationUID  string `json:"organizationUid"`
	OrganizationName string `json:"organizationName"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}

// An Organization is a legal entity of a tenant, in short.
type Organization struct {
	OrganizationUID string `json:"organizationUid"`
	Name            string `json:"name"`

	Extra map[string]json.RawMessage `json:"-" api:"extra"`
}
