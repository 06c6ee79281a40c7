package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/flowretail/flowretail-go/internal/plainuser"
)

// getBody sends a GET request and returns the body of the response.
func getBody(ctx context.Context, client *http.Client, t target, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+t.Token)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, errors.New(response.Status)
	}
	return response.Body, nil
}

func getJSON[T any](ctx context.Context, client *http.Client, t target, path string) (*T, error) {
	body, err := getBody(ctx, client, t, path)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	out := new(T)
	return out, json.NewDecoder(body).Decode(out)
}

func usersPath(t target, number int) string {
	return fmt.Sprintf("/tenants/%s/users?pageNumber=%d&pageSize=%d", t.Tenant, number, pageSize)
}

func listHandwritten(ctx context.Context, t target, each func(string)) error {
	for number, count := 1, 0; ; number++ {
		page, err := getJSON[plainuser.Page](ctx, http.DefaultClient, t, usersPath(t, number))
		if err != nil {
			return err
		}
		for _, user := range page.Items {
			each(user.Email)
		}
		if count += len(page.Items); len(page.Items) == 0 || count >= page.Paging.TotalCount {
			return nil
		}
	}
}

func listHandwritten8(ctx context.Context, t target, each func(string)) error {
	client := newHTTPClient(8)
	first, err := getJSON[plainuser.Page](ctx, client, t, usersPath(t, 1))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	emit := func(page *plainuser.Page) {
		mu.Lock()
		defer mu.Unlock()
		for _, user := range page.Items {
			each(user.Email)
		}
	}
	emit(first)
	last := (first.Paging.TotalCount + pageSize - 1) / pageSize
	return inParallel(2, last, func(number int) error {
		page, err := getJSON[plainuser.Page](ctx, client, t, usersPath(t, number))
		if err == nil {
			emit(page)
		}
		return err
	})
}

// inParallel calls f with the numbers from first to last, in 8 goroutines.
func inParallel(first, last int, f func(number int) error) error {
	numbers := make(chan int)
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			var failure error
			for number := range numbers {
				if err := f(number); err != nil {
					failure = err
				}
			}
			errs <- failure
		}()
	}
	for number := first; number <= last; number++ {
		numbers <- number
	}
	close(numbers)
	var failure error
	for range 8 {
		failure = errors.Join(failure, <-errs)
	}
	return failure
}

func getHandwritten(t target) (func(context.Context) (string, error), error) {
	path := "/tenants/" + t.Tenant + "/users/" + t.User
	return func(ctx context.Context) (string, error) {
		user, err := getJSON[plainuser.User](ctx, http.DefaultClient, t, path)
		if err != nil {
			return "", err
		}
		return user.Email, nil
	}, nil
}

func decodeHandwritten(data []byte) (int, error) {
	var page plainuser.Page
	err := json.Unmarshal(data, &page)
	return len(page.Items), err
}

// listBytes8 reads the pages and does not decode them. It shows the cost of HTTP
// alone, and calls each once for each user.
func listBytes8(ctx context.Context, t target, each func(string)) error {
	client := newHTTPClient(8)
	var mu sync.Mutex
	return inParallel(1, pageCount, func(number int) error {
		body, err := getBody(ctx, client, t, usersPath(t, number))
		if err != nil {
			return err
		}
		defer body.Close()
		if _, err := io.Copy(io.Discard, body); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for range pageSize {
			each("")
		}
		return nil
	})
}
