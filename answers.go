package flowretail

// What each documented answer must have. An answer without it is malformed:
// the caller shall never hold a zero value that looks like an answer.

func (t *Tenant) identity() string     { return t.TenantUID }
func (u *User) identity() string       { return u.TenantUserUID }
func (t *Token) identity() string      { return t.TenantUserTokenUID }
func (s *Subscriber) identity() string { return s.SubscriberUID }

func (t *Tenant) problem() string     { return required("tenantUid", t.TenantUID) }
func (u *User) problem() string       { return required("tenantUserUid", u.TenantUserUID) }
func (t *Token) problem() string      { return required("tenantUserTokenUid", t.TenantUserTokenUID) }
func (s *Subscriber) problem() string { return required("subscriberUid", s.SubscriberUID) }

func (s *Session) problem() string {
	if problem := s.TenantUser.problem(); problem != "" {
		return "tenantUser: " + problem
	}
	return required("accessToken", s.AccessToken.Reveal())
}

func (a *Account) problem() string {
	if a.DefaultTenantUID == "" && a.GlobalRoles == nil && a.Tenants == nil {
		return "none of the account's fields is there"
	}
	return ""
}

func (i *Invite) problem() string {
	if i.Tenant.Name == "" && i.User.Email == "" && i.User.Status == "" {
		return "none of the invitation's fields is there"
	}
	return ""
}

// problem leaves lying pages to the iterators; here a page must be one.
func (p *Page[T]) problem() string {
	if p.Items == nil && p.Paging == (Paging{}) {
		return "neither items nor paging is there"
	}
	for i := range p.Items {
		if item, ok := any(&p.Items[i]).(interface{ problem() string }); ok {
			if problem := item.problem(); problem != "" {
				return "items: " + problem
			}
		}
	}
	return ""
}

// The secrets that an answer brings must not be seen in the texts around it, such
// as its headers.

func (s *Session) secrets() []string { return []string{s.AccessToken.Reveal()} }

func (p *Page[T]) secrets() []string {
	var secrets []string
	for i := range p.Items {
		token, ok := any(&p.Items[i]).(*Token)
		if !ok {
			break
		}
		secrets = append(secrets, token.Token.Reveal())
	}
	return secrets
}

func required(field, value string) string {
	if value == "" {
		return field + " is missing"
	}
	return ""
}
