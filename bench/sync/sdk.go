package main

import (
	"context"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/internal/jsonwire"
)

func newSDK(t target) (*flowretail.Client, error) {
	return flowretail.NewClient(flowretail.WithBaseURL(t.URL), flowretail.WithToken(t.Token))
}

func listSDK(opts ...flowretail.IterOption) func(context.Context, target, func(string)) error {
	return func(ctx context.Context, t target, each func(string)) error {
		client, err := newSDK(t)
		if err != nil {
			return err
		}
		for user, err := range client.Users.All(ctx, t.Tenant, nil, opts...) {
			if err != nil {
				return err
			}
			each(user.Email)
		}
		return nil
	}
}

func getSDK(t target) (func(context.Context) (string, error), error) {
	client, err := newSDK(t)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		user, err := client.Users.Get(ctx, t.Tenant, t.User)
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
