package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/flowretail/flowretail-go/bench/generated"
)

func newGenerated(at target, base string) (*generated.ClientWithResponses, error) {
	return generated.NewClientWithResponses(base, generated.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+at.Token)
		return nil
	}))
}

func listGenerated(ctx context.Context, at target, base string, each func(string)) error {
	client, err := newGenerated(at, base)
	if err != nil {
		return err
	}
	for number, read := 1, 0; ; number++ {
		response, err := client.GetTenantsUsersWithResponse(ctx, at.Tenant,
			&generated.GetTenantsUsersParams{PageNumber: new(number), PageSize: new(pageSize)})
		if err != nil {
			return err
		}
		page := response.JSON200
		if page == nil {
			return fmt.Errorf("page %d: %s", number, response.Status())
		}
		for _, user := range page.Items {
			each(user.Email)
		}
		if read += len(page.Items); len(page.Items) == 0 || read >= page.Paging.TotalCount {
			return nil
		}
	}
}

func getGenerated(at target, base string) (func(context.Context) (string, error), error) {
	client, err := newGenerated(at, base)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		response, err := client.GetTenantsUsersDetailsWithResponse(ctx, at.Tenant, at.User, nil)
		if err != nil {
			return "", err
		}
		if response.JSON200 == nil {
			return "", fmt.Errorf("the user: %s", response.Status())
		}
		return response.JSON200.Email, nil
	}, nil
}

func decodeGenerated(data []byte) (int, error) {
	var page generated.UserPage
	err := json.Unmarshal(data, &page)
	return len(page.Items), err
}
