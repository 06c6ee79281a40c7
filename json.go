package flowretail

// encoding/json does not know Extra. The methods in json_methods.go let it call
// the SDK's codec, so that resources can be stored as JSON and loaded again
// without loss, except for secrets, which are masked.

//go:generate go run ./internal/jsonwire/methodgen
