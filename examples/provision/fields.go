package main

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"

	flowretail "github.com/flowretail/flowretail-go"
)

// A field is a column of the file and the field of the SDK's types.
type field struct {
	column    string
	required  bool
	problem   func(value string) string // of a value that is not empty; "" if there is none
	get       func(*flowretail.User) string
	setCreate func(*flowretail.UserCreateRequest, string)
	setUpdate func(*flowretail.UserUpdateRequest, string)
}

const passwordColumn = "password" // not a field, because the API does not return it

// fields are the columns that are compared with the API.
var fields = []field{
	{
		"externalId", true, oneLine,
		func(u *flowretail.User) string { return u.ExternalID },
		func(c *flowretail.UserCreateRequest, v string) { c.ExternalID = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.ExternalID = &v },
	},
	{
		"accountType", true, oneOf(flowretail.AccountTypeFull, flowretail.AccountTypeRegular, flowretail.AccountTypeSupport),
		func(u *flowretail.User) string { return string(u.AccountType) },
		func(c *flowretail.UserCreateRequest, v string) { c.AccountType = flowretail.AccountType(v) },
		func(c *flowretail.UserUpdateRequest, v string) { c.AccountType = new(flowretail.AccountType(v)) },
	},
	{
		"tenantRole", true, oneOf(flowretail.TenantRoleAccess, flowretail.TenantRoleAdmin, flowretail.TenantRoleBackoffice, flowretail.TenantRoleBlocked),
		func(u *flowretail.User) string { return string(u.TenantRole) },
		func(c *flowretail.UserCreateRequest, v string) { c.TenantRole = flowretail.TenantRole(v) },
		func(c *flowretail.UserUpdateRequest, v string) { c.TenantRole = new(flowretail.TenantRole(v)) },
	},
	{
		"userCode", true, oneLine,
		func(u *flowretail.User) string { return u.UserCode },
		func(c *flowretail.UserCreateRequest, v string) { c.UserCode = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.UserCode = &v },
	},
	{
		"email", false, address,
		func(u *flowretail.User) string { return u.Email },
		func(c *flowretail.UserCreateRequest, v string) { c.Email = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.Email = &v },
	},
	{
		"displayName", false, oneLine,
		func(u *flowretail.User) string { return u.DisplayName },
		func(c *flowretail.UserCreateRequest, v string) { c.DisplayName = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.DisplayName = &v },
	},
	{
		"firstname", false, oneLine,
		func(u *flowretail.User) string { return u.Firstname },
		func(c *flowretail.UserCreateRequest, v string) { c.Firstname = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.Firstname = &v },
	},
	{
		"lastname", false, oneLine,
		func(u *flowretail.User) string { return u.Lastname },
		func(c *flowretail.UserCreateRequest, v string) { c.Lastname = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.Lastname = &v },
	},
	{
		"mobile", false, oneLine,
		func(u *flowretail.User) string { return u.Mobile },
		func(c *flowretail.UserCreateRequest, v string) { c.Mobile = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.Mobile = &v },
	},
	{
		"languageCode", false, language,
		func(u *flowretail.User) string { return u.LanguageCode },
		func(c *flowretail.UserCreateRequest, v string) { c.LanguageCode = v },
		func(c *flowretail.UserUpdateRequest, v string) { c.LanguageCode = &v },
	},
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
