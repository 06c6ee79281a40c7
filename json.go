package flowretail

// encoding/json does not know Extra. The methods in json_methods.go let it call
// the SDK's codec, so that resources can be stored as JSON and loaded again
// without loss, except for secrets, which are masked.
//
// The tags of the SDK's types:
//
//	api:"extra"     the field takes the members of a response that have no field
//	api:"present"   a response without the field is ErrMalformedResponse
//	api:"required"  the field of a request must not be empty
//	api:"uid"       the text must be a UID or empty: letters, digits, - and _
//	url:"name"      the query parameter of the field

//go:generate go run ./internal/jsonwire/methodgen
