package flowretail

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/flowretail/flowretail-go/internal/operations"
	"github.com/flowretail/flowretail-go/internal/transport"
)

// A creation is a create that can be made exactly-once: it knows how to look
// for what it creates. It rests on the assumption that the API keeps UIDs
// unique, which its documents do not say in so many words.
type creation[T any] struct {
	uid     *string                   // of the body; empty when the caller chose none
	request *request                  // the create
	find    func(uid string) *request // the operation that reads what was created
	differs func(*T) (field string)   // names the first field that is not as it was sent
}

// create carries a creation out. After an attempt of unknown fate it asks for
// the UID before it sends again.
func create[T any](ctx context.Context, c *Client, in creation[T], opts []CallOption) (*T, error) {
	minted := in.uid != nil && *in.uid == "" && c.settings.mintedUIDs
	if minted {
		*in.uid = mintUID()
	}
	var created *T
	var look Response
	if in.uid != nil && *in.uid != "" {
		in.request.lookup = func(ctx context.Context) (found bool, err error) {
			created, err = lookUp(ctx, c, in, append(opts[:len(opts):len(opts)], CaptureResponse(&look)))
			return created != nil, err
		}
	}
	answered, err := fetch[T](ctx, c, in.request, opts)
	switch {
	case err != nil && minted:
		return nil, ofMintedUID(err, *in.uid)
	case err != nil:
		return nil, err
	case created != nil:
		if response := settingsOf(opts).response; response != nil {
			response.StatusCode, response.Header = look.StatusCode, look.Header
		}
		return created, nil
	}
	return answered, nil
}

// ofMintedUID names the UID, which is the only way to look for what became of
// the create, and takes back that the call can safely be made again: that would
// mint another one.
func ofMintedUID(err error, uid string) error {
	if failed, ok := err.(*CallError); ok && failed.Outcome == ErrOutcomeUnknown {
		failed.Retryable = false
		failed.Err = fmt.Errorf("minted UID %s: %w", uid, failed.Err)
	}
	return err
}

// lookUp returns what stands under the UID of a creation, or nil.
func lookUp[T any](ctx context.Context, c *Client, in creation[T], opts []CallOption) (*T, error) {
	found, err := fetch[T](ctx, c, in.find(*in.uid), opts)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, inner(err)
	}
	if field := in.differs(found); field != "" {
		return nil, fmt.Errorf("%w: %w: under the UID stands something else than what was sent: its %s differs", ErrConflict, transport.ErrMismatch, field)
	}
	return found, nil
}

func newUser(tenantUID string, in *UserCreateRequest) creation[User] {
	creation := creation[User]{request: at(operations.CreateUser, tenantUID).body(in)}
	if in == nil {
		return creation
	}
	sent := *in // so that a minted UID does not end up in the caller's struct
	creation.request.body(&sent)
	creation.uid = &sent.TenantUserUID
	creation.find = func(uid string) *request { return at(operations.GetUser, tenantUID, uid) }
	creation.differs = sent.differs
	return creation
}

// check refuses what the API's document requires in a remark only.
func (in *UserCreateRequest) check() error {
	if in != nil && in.AccountType == AccountTypeFull && in.Email == "" {
		return errors.New("body field email is required when accountType is FULL")
	}
	return nil
}

// differs compares what can be read back with what was sent; the API may fill
// in what was not sent, and write the same thing in another way.
func (in *UserCreateRequest) differs(found *User) string {
	for _, field := range []struct{ name, sent, found string }{
		{"accountType", string(in.AccountType), string(found.AccountType)},
		{"tenantRole", string(in.TenantRole), string(found.TenantRole)},
		{"userCode", in.UserCode, found.UserCode},
		{"externalId", in.ExternalID, found.ExternalID},
		{"displayName", in.DisplayName, found.DisplayName},
		{"firstname", in.Firstname, found.Firstname},
		{"lastname", in.Lastname, found.Lastname},
		{"email", strings.ToLower(in.Email), strings.ToLower(found.Email)},
		{"mobile", onlyDigits(in.Mobile), onlyDigits(found.Mobile)},
		{"languageCode", in.LanguageCode, found.LanguageCode},
	} {
		if field.sent != "" && strings.TrimSpace(field.sent) != strings.TrimSpace(field.found) {
			return field.name
		}
	}
	return ""
}

func onlyDigits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

func newSubscriber(tenantUID, storeUID string, in *SubscriberCreateRequest) creation[Subscriber] {
	creation := creation[Subscriber]{request: at(operations.CreateSubscriber, tenantUID, storeUID).body(in)}
	if in == nil {
		return creation
	}
	sent := *in
	creation.request.body(&sent)
	creation.uid = &sent.SubscriberUID
	creation.find = func(uid string) *request { return at(operations.GetSubscriber, tenantUID, storeUID, uid) }
	creation.differs = func(found *Subscriber) string {
		switch {
		case found.TenantUser.TenantUserUID != sent.TenantUserUID:
			return "tenantUserUid"
		case found.Subscription.Type != sent.SubscriptionType:
			return "subscriptionType"
		}
		return ""
	}
	return creation
}

// mintUID returns a random UUID, version 4.
func mintUID() string {
	var uid [16]byte
	_, _ = rand.Read(uid[:]) // never fails
	uid[6], uid[8] = uid[6]&0x0f|0x40, uid[8]&0x3f|0x80
	text := hex.EncodeToString(uid[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
