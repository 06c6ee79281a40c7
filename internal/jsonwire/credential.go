package jsonwire

import "regexp"

// Extra is kept in clear and may be logged or stored. A member is therefore
// dropped if its name, or a name within it, ends like that of a credential.
var (
	credentialName   = regexp.MustCompile(`(?i)(token|secret|password|jwt)s?$`)
	credentialMember = regexp.MustCompile(`(?i)"[^"]*(?:token|secret|password|jwt)s?"\s*:\s*["\[{]`)
)

// holdsCredential reports whether an unknown member may be or contain a
// credential. Numbers, booleans and null never do.
func holdsCredential(name string, raw []byte) bool {
	switch raw[0] {
	case '"':
		return credentialName.MatchString(name)
	case '{', '[':
		return credentialName.MatchString(name) || credentialMember.Match(raw)
	}
	return false
}
