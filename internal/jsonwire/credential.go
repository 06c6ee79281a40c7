package jsonwire

import "regexp"

// What the API sends beyond the fields is kept in Extra, in clear, and ends up in
// logs and databases. A credential must not: members whose names end like one's are
// dropped, with whatever contains them.
var (
	credentialName   = regexp.MustCompile(`(?i)(token|secret|password|jwt)s?$`)
	credentialMember = regexp.MustCompile(`(?i)"[^"]*(?:token|secret|password|jwt)s?"\s*:\s*["\[{]`)
)

// holdsCredential reports whether an unknown member may be a credential, or
// contain one. Numbers and the like are none, whatever their name.
func holdsCredential(name string, raw []byte) bool {
	switch raw[0] {
	case '"':
		return credentialName.MatchString(name)
	case '{', '[':
		return credentialName.MatchString(name) || credentialMember.Match(raw)
	}
	return false
}
