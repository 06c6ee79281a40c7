package main

import (
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	flowretail "github.com/flowretail/flowretail-go"
)

// A field is a column of the file. It has the name of the field in the API's JSON.
type field struct {
	column   string
	required bool
	problem  func(value string) string // of a value that is not empty; "" if there is none
}

const passwordColumn = "password" // not a field, because the API does not return it

// fields are the columns that are compared with the API.
var fields = []field{
	{"externalId", true, oneLine},
	{"accountType", true, oneOf(flowretail.AccountTypeFull, flowretail.AccountTypeRegular, flowretail.AccountTypeSupport)},
	{"tenantRole", true, oneOf(flowretail.TenantRoleAccess, flowretail.TenantRoleAdmin, flowretail.TenantRoleBackoffice, flowretail.TenantRoleBlocked)},
	{"userCode", true, oneLine},
	{"email", false, address},
	{"displayName", false, oneLine},
	{"firstname", false, oneLine},
	{"lastname", false, oneLine},
	{"mobile", false, oneLine},
	{"languageCode", false, language},
}

// convert copies the fields of from to the fields of to with the same JSON names.
func convert(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// equal compares a value of the file with a value of the API. The API may change
// the case of an e-mail address.
func (f *field) equal(fileValue, apiValue string) bool {
	return fileValue == apiValue || f.column == "email" && strings.EqualFold(fileValue, apiValue)
}

func oneOf[T ~string](values ...T) func(string) string {
	return func(value string) string {
		if slices.Contains(values, T(value)) {
			return ""
		}
		names := make([]string, len(values))
		for i, name := range values {
			names[i] = string(name)
		}
		return "is not one of " + strings.Join(names, ", ")
	}
}

func oneLine(value string) string {
	if strings.ContainsFunc(value, unicode.IsControl) {
		return "has a line break or another control character"
	}
	return ""
}

func address(value string) string {
	if parsed, err := mail.ParseAddress(value); err != nil || parsed.Address != value {
		return "is not an e-mail address"
	}
	return ""
}

func language(value string) string {
	if len(value) != 2 || strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "is not a language code of two lower-case letters, such as nb"
	}
	return ""
}
