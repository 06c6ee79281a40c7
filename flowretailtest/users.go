package flowretailtest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	flowretail "github.com/flowretail/flowretail-go"
)

// assign sets what an update has a value for.
func assign[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// later returns the time of a change: now, unless the sample was made later.
func later(before, now time.Time) time.Time {
	now = now.UTC().Truncate(time.Millisecond)
	if now.Before(before) {
		return before
	}
	return now
}

var userOrder = order[member]{
	"displayName":    func(m *member) string { return strings.ToLower(m.DisplayName) },
	"firstname":      func(m *member) string { return strings.ToLower(m.Firstname) },
	"lastname":       func(m *member) string { return strings.ToLower(m.Lastname) },
	"email":          func(m *member) string { return strings.ToLower(m.Email) },
	"mobile":         func(m *member) string { return m.Mobile },
	"userCode":       func(m *member) string { return m.UserCode },
	"externalId":     func(m *member) string { return m.ExternalID },
	"accountType":    func(m *member) string { return string(m.AccountType) },
	"tenantRole":     func(m *member) string { return string(m.TenantRole) },
	"status":         func(m *member) string { return string(m.Status) },
	"lastModifiedAt": func(m *member) string { return byTime(m.LastModifiedAt) },
	"lastAccessed":   func(m *member) string { return byTime(m.LastAccessed) },
}

func listUsers(f *Fake, c *call) (answer, *refusal) {
	text := strings.ToLower(c.query.Get("query"))
	store, organization := c.query.Get("tenantuserStoreUid"), c.query.Get("tenantuserOrganizationUid")
	kept := filter[member]{}
	if text != "" || store != "" || organization != "" {
		stores := c.state.storesOf(store, organization)
		kept.key = strings.Join([]string{"users", text, store, organization}, "\x00")
		kept.keep = func(_ int32, m *member) bool {
			return (store == "" && organization == "" || slices.ContainsFunc(m.StoreAccess, func(a flowretail.UserStoreAccess) bool {
				return slices.Contains(stores, a.StoreUID)
			})) && m.matches(text)
		}
	}
	return paginate(f, c, c.state.users, userOrder, kept, c.state.view)
}

// storesOf returns the UIDs of the stores that two filters leave.
func (s *tenantState) storesOf(storeUID, organizationUID string) []string {
	var left []string
	for _, store := range s.stores() {
		if (storeUID == "" || store.StoreUID == storeUID) && (organizationUID == "" || store.OrganizationUID == organizationUID) {
			left = append(left, store.StoreUID)
		}
	}
	return left
}

func createUser(f *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.UserCreateRequest](c.body)
	switch {
	case refused != nil:
		return answer{}, refused
	case in.AccountType == flowretail.AccountTypeFull && in.Email == "":
		return answer{}, badRequest("FIELD_REQUIRED", "email")
	}
	if _, exists := c.state.users.find(in.TenantUserUID); exists {
		return answer{}, refuse(http.StatusConflict, "UID_EXISTS", "tenantUserUid")
	}
	user := flowretail.User{
		TenantUserUID: in.TenantUserUID,
		AccountType:   in.AccountType,
		Status:        flowretail.UserStatusActive,
		TenantRole:    in.TenantRole,
		UserCode:      in.UserCode,
		ExternalID:    in.ExternalID,
		DisplayName:   in.DisplayName,
		Firstname:     in.Firstname,
		Lastname:      in.Lastname,
		Email:         in.Email,
		Mobile:        in.Mobile,
		LanguageCode:  in.LanguageCode,
	}
	if user.TenantUserUID == "" {
		user.TenantUserUID = uid(c.state.userSpace, c.state.users.next)
	}
	if user.AccountType == flowretail.AccountTypeFull {
		user.Status = flowretail.UserStatusPendingInvite
	}
	number := f.insertUser(c.state, member{User: user, password: new(in.Password.Reveal())})
	if user.Status == flowretail.UserStatusPendingInvite {
		f.mail(c.state, number)
	}
	return ok(c.state.view(number)), nil
}

// userIn finds the user that the path names.
func (c *call) userIn() (number int32, refused *refusal) {
	number, exists := c.state.users.find(c.values[1])
	if !exists {
		return 0, notFound("USER")
	}
	return number, nil
}

func getUser(_ *Fake, c *call) (answer, *refusal) {
	number, refused := c.userIn()
	if refused != nil {
		return answer{}, refused
	}
	return ok(c.state.view(number)), nil
}

func updateUser(f *Fake, c *call) (answer, *refusal) {
	resend := c.query.Get("resendInvite")
	if c.has("resendInvite") && resend != "true" && resend != "false" {
		return answer{}, badRequest("INVALID_PARAMETER", "resendInvite")
	}
	in, refused := decode[flowretail.UserUpdateRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	number, refused := c.userIn()
	if refused != nil {
		return answer{}, refused
	}
	// Here, unlike in the update of one's own user, "" is no UID.
	if in.DefaultStoreUID != nil && *in.DefaultStoreUID == "" {
		return answer{}, badRequest("INVALID_UID", "defaultStoreUid")
	}
	changed := c.state.users.get(number)
	if refused := c.state.assignDefaultStore(&changed, in.DefaultStoreUID); refused != nil {
		return answer{}, refused
	}
	if in.StoreAccess != nil {
		granted, refused := c.state.grant(&changed, in.StoreAccess, c.now)
		if refused != nil {
			return answer{}, refused
		}
		changed.StoreAccess = granted
	}
	assign(&changed.AccountType, in.AccountType)
	assign(&changed.TenantRole, in.TenantRole)
	assign(&changed.UserCode, in.UserCode)
	assign(&changed.ExternalID, in.ExternalID)
	assign(&changed.DisplayName, in.DisplayName)
	assign(&changed.Firstname, in.Firstname)
	assign(&changed.Lastname, in.Lastname)
	assign(&changed.Email, in.Email)
	assign(&changed.Mobile, in.Mobile)
	assign(&changed.LanguageCode, in.LanguageCode)
	assignPassword(&changed, in.Password)
	changed.LastModifiedAt = later(changed.LastModifiedAt, c.now)
	c.state.users.set(number, changed)
	if resend == "true" {
		f.mail(c.state, number)
	}
	return ok(c.state.view(number)), nil
}

func assignPassword(to *member, password *flowretail.Secret) {
	if password != nil {
		to.password = new(password.Reveal())
	}
}

func (s *tenantState) assignDefaultStore(to *member, storeUID *string) *refusal {
	if storeUID != nil && *storeUID != "" {
		if _, exists := s.store(*storeUID); !exists {
			return badRequest("UNKNOWN_REFERENCE", "defaultStoreUid")
		}
	}
	assign(&to.DefaultStoreUID, storeUID)
	return nil
}

// grant works the accesses out that a user has afterwards. An access to a
// store that the user has already keeps its UID.
func (s *tenantState) grant(to *member, grants []flowretail.StoreAccessGrant, now time.Time) ([]flowretail.UserStoreAccess, *refusal) {
	now = later(to.CreatedAt, now)
	granted := []flowretail.UserStoreAccess{}
	for _, grant := range grants {
		if _, exists := s.store(grant.StoreUID); !exists {
			return nil, badRequest("UNKNOWN_REFERENCE", "storeAccess.storeUid")
		}
		ofStore := func(a flowretail.UserStoreAccess) bool { return a.StoreUID == grant.StoreUID }
		if slices.ContainsFunc(granted, ofStore) {
			return nil, badRequest("REPEATED_FIELD", "storeAccess.storeUid")
		}
		access := flowretail.UserStoreAccess{StoreUID: grant.StoreUID, StoreRole: grant.StoreRole}
		if at := slices.IndexFunc(to.StoreAccess, ofStore); at >= 0 {
			access = to.StoreAccess[at]
			if access.StoreRole != grant.StoreRole {
				access.StoreRole, access.LastModifiedAt = grant.StoreRole, now
			}
		}
		granted = append(granted, access)
	}
	return s.fake.fillAccesses(granted, now), nil
}

func deleteUser(_ *Fake, c *call) (answer, *refusal) {
	number, refused := c.userIn()
	if refused != nil {
		return answer{}, refused
	}
	c.state.removeUser(number)
	return noContent, nil
}

// tokenPage has the integration tokens of a user. The operations know no
// paging, so all are on one page.
func (f *Fake) tokenPage(c *call, user int32, fresh *token) answer {
	items := []flowretail.Token{}
	for _, t := range c.state.tokens[user] {
		item := flowretail.Token{TenantUserTokenUID: t.uid}
		if t == fresh {
			item.Token = flowretail.NewSecret(t.value)
		}
		items = append(items, item)
	}
	return ok(page[flowretail.Token]{items, position{1, max(f.config.pageSize, len(items)), len(items)}})
}

func listTokens(f *Fake, c *call) (answer, *refusal) {
	user, refused := c.userIn()
	if refused != nil {
		return answer{}, refused
	}
	return f.tokenPage(c, user, nil), nil
}

func createToken(f *Fake, c *call) (answer, *refusal) {
	user, refused := c.userIn()
	switch {
	case refused != nil:
		return answer{}, refused
	case c.state.users.get(user).AccountType != flowretail.AccountTypeIntegration:
		return answer{}, refuse(http.StatusConflict, "NOT_AN_INTEGRATION")
	}
	return f.tokenPage(c, user, f.mintListed(c.state, user)), nil
}

func deleteToken(f *Fake, c *call) (answer, *refusal) {
	user, refused := c.userIn()
	if refused != nil {
		return answer{}, refused
	}
	tokens := c.state.tokens[user]
	at := slices.IndexFunc(tokens, func(t *token) bool { return t.uid == c.values[2] })
	if at < 0 {
		return answer{}, notFound("USER_TOKEN")
	}
	delete(f.tokens, tokens[at].value)
	c.state.tokens[user] = slices.Delete(tokens, at, at+1)
	return noContent, nil
}
