package main

import (
	"context"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/jsonwire"
)

func newSDK(at target, base string) (*flowretail.Client, error) {
	return flowretail.NewClient(flowretail.WithBaseURL(base), flowretail.WithToken(at.Token))
}

func listSDK(opts ...flowretail.IterOption) func(context.Context, target, string, func(string)) error {
	return func(ctx context.Context, at target, base string, each func(string)) error {
		client, err := newSDK(at, base)
		if err != nil {
			return err
		}
		for user, err := range client.Users.All(ctx, at.Tenant, nil, opts...) {
			if err != nil {
				return err
			}
			each(user.Email)
		}
		return nil
	}
}

func getSDK(at target, base string) (func(context.Context) (string, error), error) {
	client, err := newSDK(at, base)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		user, err := client.Users.Get(ctx, at.Tenant, at.User)
		if err != nil {
			return "", err
		}
		return user.Email, nil
	}, nil
}

func decodeSDK(data []byte) (int, error) {
	var page flowretail.Page[flowretail.User]
	err := jsonwire.Unmarshal(data, &page)
	return len(page.Items), err
}
