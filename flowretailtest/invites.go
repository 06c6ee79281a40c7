package flowretailtest

import (
	"slices"

	flowretail "github.com/flowretail/flowretail-go"
)

// An invite is an invitation that was sent.
type invite struct {
	token    string
	user     *storedUser
	accepted bool
}

// An InviteMail is an invitation mail that the fake has sent.
type InviteMail struct {
	TenantUID   string
	UserUID     string
	Email       string
	InviteToken string
}

const inviteHeader = "X-Invite-Token"

func (f *Fake) getInvite(c *call) (*response, error) {
	invitation := f.invites[c.header.Get(inviteHeader)]
	if invitation == nil || invitation.accepted {
		return nil, notFound("INVITE")
	}
	user := invitation.user
	return ok(flowretail.Invite{
		Tenant: flowretail.InviteTenant{Name: user.tenant.Name},
		User: flowretail.InviteUser{
			DisplayName: user.DisplayName,
			Firstname:   user.Firstname,
			Lastname:    user.Lastname,
			Email:       user.Email,
			Mobile:      user.Mobile,
			Status:      user.Status,
		},
	}), nil
}

// acceptInvite makes the invited user a user of the account that the token is for.
func (f *Fake) acceptInvite(c *call) (*response, error) {
	in, err := decode[flowretail.InviteAcceptRequest](c.body)
	if err != nil {
		return nil, err
	}
	invitation := f.invites[in.InviteToken.Reveal()]
	switch {
	case invitation == nil:
		return nil, notFound("INVITE")
	case invitation.accepted:
		return nil, conflict("INVITE_ACCEPTED")
	}
	invitation.accepted = true
	user := invitation.user
	user.account.removeUser(user)
	user.account = c.token.account
	user.account.addUser(user)
	user.Status = flowretail.UserStatusActive
	user.LastModifiedAt = later(user.LastModifiedAt, c.now)
	return ok(user.view()), nil
}

// sendInvite sends an invitation mail. Until the invitation is accepted, further
// mails have the same token.
func (f *Fake) sendInvite(user *storedUser) *invite {
	invitation := user.invite
	if invitation == nil || invitation.accepted {
		invitation = &invite{token: f.newSecret("invite"), user: user}
		user.invite = invitation
		f.invites[invitation.token] = invitation
	}
	f.mails = append(f.mails, InviteMail{user.TenantUID, user.TenantUserUID, user.Email, invitation.token})
	return invitation
}

// Invite sends an invitation mail to a user, without a request, and returns the
// invite token. The status of the user becomes PENDING_INVITE.
func (f *Fake) Invite(tenantUID, userUID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	user := f.mustUser(tenantUID, userUID)
	user.Status = flowretail.UserStatusPendingInvite
	return f.sendInvite(user).token
}

// Mails returns the invitation mails that were sent, the oldest first.
func (f *Fake) Mails() []InviteMail {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.mails)
}
