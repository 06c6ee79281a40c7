package main

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"

	flowretail "github.com/flowretail/flowretail-go"
)

// A field is a column of the file and what it is called in the SDK.
type field struct {
	column   string
	required bool
	problem  func(value string) string // what is wrong with a value that is not empty; "" when it is right
	of       func(*flowretail.User) string
	create   func(*flowretail.UserCreateRequest, string)
	update   func(*flowretail.UserUpdateRequest, string)
}

const passwordColumn = "password" // no field: it can be set, but not read or compared

// fields are the columns that are compared with what the API has.
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

// equal compares a value of the file with that of the API, which may have
// changed the case of an address.
func (f *field) equal(file, api string) bool {
	return file == api || f.column == "email" && strings.EqualFold(file, api)
}

func oneOf[T ~string](known ...T) func(string) string {
	return func(value string) string {
		if slices.Contains(known, T(value)) {
			return ""
		}
		names := make([]string, len(known))
		for i, name := range known {
			names[i] = string(name)
		}
		return "is none of " + strings.Join(names, ", ")
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
		return "is no e-mail address"
	}
	return ""
}

func language(value string) string {
	if len(value) != 2 || strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "is no language of two small letters, such as nb"
	}
	return ""
}
