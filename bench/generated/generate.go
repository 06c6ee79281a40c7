// Package generated is the client that oapi-codegen makes of the API's document:
// what a user of Go would have without this SDK.
package generated

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config config.yaml ../../contract/openapi.yaml
