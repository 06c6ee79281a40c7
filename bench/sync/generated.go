package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/flowretail/flowretail-go/bench/generated"
)

func newGenerated(t target) (*generated.ClientWithResponses, error) {
	return generated.NewClientWithResponses(t.URL, generated.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+t.Token)
		return nil
	}))
}

func listGenerated(ctx context.Context, t target, each func(string)) error {
	client, err := newGenerated(t)
	if err != nil {
		return err
	}
	for number, count := 1, 0; ; number++ {
		response, err := client.GetTenantsUsersWithResponse(ctx, t.Tenant,
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
		if count += len(page.Items); len(page.Items) == 0 || count >= page.Paging.TotalCount {
			return nil
		}
	}
}

func getGenerated(t target) (func(context.Context) (string, error), error) {
	client, err := newGenerated(t)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		response, err := client.GetTenantsUsersDetailsWithResponse(ctx, t.Tenant, t.User, nil)
		if err != nil {
			return "", err
		}
		if response.JSON200 == nil {
			return "", fmt.Errorf("get the user: %s", response.Status())
		}
		return response.JSON200.Email, nil
	}, nil
}

func decodeGenerated(data []byte) (int, error) {
	var page generated.UserPage
	err := json.Unmarshal(data, &page)
	return len(page.Items), err
}
