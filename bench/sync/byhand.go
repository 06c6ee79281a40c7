package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// What follows is what a careful programmer writes who needs the users once.

type user struct {
	TenantUserUID   string        `json:"tenantUserUid"`
	TenantUID       string        `json:"tenantUid"`
	TenantName      string        `json:"tenantName"`
	AccountType     string        `json:"accountType"`
	Status          string        `json:"status"`
	TenantRole      string        `json:"tenantRole"`
	UserCode        string        `json:"userCode"`
	ExternalID      string        `json:"externalId"`
	DisplayName     string        `json:"displayName"`
	Firstname       string        `json:"firstname"`
	Lastname        string        `json:"lastname"`
	Email           string        `json:"email"`
	Mobile          string        `json:"mobile"`
	LanguageCode    string        `json:"languageCode"`
	DefaultStoreUID string        `json:"defaultStoreUid"`
	StoreAccess     []storeAccess `json:"storeAccess"`
	Permissions     *permissions  `json:"permissions"`
	LastAccessed    time.Time     `json:"lastAccessed"`
	CreatedAt       time.Time     `json:"createdAt"`
	LastModifiedAt  time.Time     `json:"lastModifiedAt"`
}

type storeAccess struct {
	StoreAccessUID string    `json:"storeAccessUid"`
	StoreUID       string    `json:"storeUid"`
	StoreRole      string    `json:"storeRole"`
	CreatedAt      time.Time `json:"createdAt"`
	LastModifiedAt time.Time `json:"lastModifiedAt"`
}

type permissions struct {
	Tenant []string `json:"tenant"`
	Stores []struct {
		Store struct {
			StoreUID         string `json:"storeUid"`
			Name             string `json:"name"`
			OrganizationUID  string `json:"organizationUid"`
			OrganizationName string `json:"organizationName"`
		} `json:"store"`
		Permissions []string `json:"permissions"`
	} `json:"stores"`
	Organizations []struct {
		Organization struct {
			OrganizationUID string `json:"organizationUid"`
			Name            string `json:"name"`
		} `json:"organization"`
		Permissions []string `json:"permissions"`
	} `json:"organizations"`
}

type userPage struct {
	Items  []user `json:"items"`
	Paging struct {
		PageNumber int `json:"pageNumber"`
		PageSize   int `json:"pageSize"`
		TotalCount int `json:"totalCount"`
	} `json:"paging"`
}

// open sends a GET and returns the body of the answer.
func open(ctx context.Context, through *http.Client, at target, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+at.Token)
	response, err := through.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, errors.New(response.Status)
	}
	return response.Body, nil
}

func read[T any](ctx context.Context, through *http.Client, at target, url string) (*T, error) {
	body, err := open(ctx, through, at, url)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	out := new(T)
	return out, json.NewDecoder(body).Decode(out)
}

func usersURL(at target, base string, number int) string {
	return fmt.Sprintf("%s/tenants/%s/users?pageNumber=%d&pageSize=%d", base, at.Tenant, number, pageSize)
}

func listByHand(ctx context.Context, at target, base string, each func(string)) error {
	for number, seen := 1, 0; ; number++ {
		page, err := read[userPage](ctx, http.DefaultClient, at, usersURL(at, base, number))
		if err != nil {
			return err
		}
		for _, user := range page.Items {
			each(user.Email)
		}
		if seen += len(page.Items); len(page.Items) == 0 || seen >= page.Paging.TotalCount {
			return nil
		}
	}
}

func listByHand8(ctx context.Context, at target, base string, each func(string)) error {
	through := roomyClient(8)
	first, err := read[userPage](ctx, through, at, usersURL(at, base, 1))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	use := func(page *userPage) {
		mu.Lock()
		defer mu.Unlock()
		for _, user := range page.Items {
			each(user.Email)
		}
	}
	use(first)
	last := (first.Paging.TotalCount + pageSize - 1) / pageSize
	return eightAtOnce(2, last, func(number int) error {
		page, err := read[userPage](ctx, through, at, usersURL(at, base, number))
		if err == nil {
			use(page)
		}
		return err
	})
}

// eightAtOnce calls do with the numbers from first to last, in 8 goroutines.
func eightAtOnce(first, last int, do func(number int) error) error {
	numbers := make(chan int)
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			var failed error
			for number := range numbers {
				if err := do(number); err != nil {
					failed = err
				}
			}
			errs <- failed
		}()
	}
	for number := first; number <= last; number++ {
		numbers <- number
	}
	close(numbers)
	var failed error
	for range 8 {
		failed = errors.Join(failed, <-errs)
	}
	return failed
}

func getByHand(at target, base string) (func(context.Context) (string, error), error) {
	url := base + "/tenants/" + at.Tenant + "/users/" + at.User
	return func(ctx context.Context) (string, error) {
		user, err := read[user](ctx, http.DefaultClient, at, url)
		if err != nil {
			return "", err
		}
		return user.Email, nil
	}, nil
}

func decodeByHand(data []byte) (int, error) {
	var page userPage
	err := json.Unmarshal(data, &page)
	return len(page.Items), err
}

// listBytes8 reads the pages and nothing in them: what the wire itself costs.
// It hands over as many empty users as there should be.
func listBytes8(ctx context.Context, at target, base string, each func(string)) error {
	through := roomyClient(8)
	var mu sync.Mutex
	return eightAtOnce(1, pages, func(number int) error {
		body, err := open(ctx, through, at, usersURL(at, base, number))
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
