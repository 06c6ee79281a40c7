package flowretail

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/flowretail/flowretail-go/internal/transport"
)

// A creation is a create that can be carried out exactly once, because the
// resource can be looked up under its UID. This relies on the API to keep UIDs
// unique, which its documents do not state.
type creation[T any] struct {
	request  *request                  // the create
	uid      *string                   // in its body; empty when the caller has chosen none
	find     func(uid string) *request // the operation that reads the resource
	mismatch func(*T) (field string)   // the first field that differs from what was sent; "" if none
}

// create carries a creation out. With a UID, an attempt of unknown outcome is
// followed by a lookup; the create is sent again only if nothing was found.
func create[T any](ctx context.Context, c *Client, in creation[T], opts []CallOption) (*T, error) {
	generated := in.uid != nil && *in.uid == "" && c.settings.generatedUIDs
	if generated {
		*in.uid = generateUID()
	}
	var created *T // decoded from the response to the create, or to the lookup
	if in.uid != nil && *in.uid != "" {
		in.request.lookup = in.find(*in.uid)
		in.request.checkFound = func() error {
			if field := in.mismatch(created); field != "" {
				return fmt.Errorf("%w: another resource has the UID: its %s differs from what was sent", ErrConflict, field)
			}
			return nil
		}
	}
	err := c.call(ctx, in.request, opts, func(response *transport.Response) error {
		created = new(T)
		return decode(response, created)
	})
	if failed, ok := errors.AsType[*CallError](err); ok && generated && failed.Outcome == ErrOutcomeUnknown {
		// The UID is the only way to look for the resource. The same call again would
		// generate another UID.
		failed.Retryable = false
		failed.Err = fmt.Errorf("generated UID %s: %w", *in.uid, failed.Err)
	}
	if err != nil {
		return nil, err
	}
	return created, nil
}

// generateUID returns a random UUID, version 4.
func generateUID() string {
	var uid [16]byte
	_, _ = rand.Read(uid[:]) // never fails
	uid[6], uid[8] = uid[6]&0x0f|0x40, uid[8]&0x3f|0x80
	text := hex.EncodeToString(uid[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
