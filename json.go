package flowretail

import "github.com/flowretail/flowretail-go/internal/jsonwire"

// The resources keep unknown fields in Extra, which encoding/json knows nothing
// about. These methods lead its users to the SDK's codec: what was read can be
// stored as JSON, with secrets masked, and read again without loss.

// MarshalJSON writes the fields and Extra.
func (v Tenant) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Tenant) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v TenantCurrency) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *TenantCurrency) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v TenantSettings) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *TenantSettings) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v TenantAppSettings) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *TenantAppSettings) UnmarshalJSON(data []byte) error {
	return jsonwire.UnmarshalMember(data, v)
}

// MarshalJSON writes the fields and Extra.
func (v TenantAssets) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *TenantAssets) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v Asset) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Asset) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v TenantExtension) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *TenantExtension) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v AvailableExtension) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *AvailableExtension) UnmarshalJSON(data []byte) error {
	return jsonwire.UnmarshalMember(data, v)
}

// MarshalJSON writes the fields and Extra.
func (v User) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *User) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v UserStoreAccess) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *UserStoreAccess) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v UserPermissions) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *UserPermissions) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v StorePermissions) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *StorePermissions) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v OrganizationPermissions) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *OrganizationPermissions) UnmarshalJSON(data []byte) error {
	return jsonwire.UnmarshalMember(data, v)
}

// MarshalJSON writes the fields and Extra.
func (v Store) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Store) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v Organization) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Organization) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra, and REDACTED for the secret.
func (v Token) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Token) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v Account) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Account) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra, and REDACTED for the secret.
func (v Session) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Session) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v Invite) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Invite) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v InviteTenant) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *InviteTenant) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v InviteUser) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *InviteUser) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v Subscriber) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Subscriber) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v Subscription) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *Subscription) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }

// MarshalJSON writes the fields and Extra.
func (v SubscriberUser) MarshalJSON() ([]byte, error) { return jsonwire.MarshalMasked(v) }

// UnmarshalJSON reads the fields, and the rest into Extra.
func (v *SubscriberUser) UnmarshalJSON(data []byte) error { return jsonwire.UnmarshalMember(data, v) }
