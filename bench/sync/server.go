package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"time"

	"github.com/flowretail/flowretail-go/flowretailtest"
)

const (
	serverRole = "serve"
	users      = 100_000
	pageSize   = 1000
	pages      = users / pageSize
	latency    = 40 * time.Millisecond
)

// A target is what clients have to know of the server.
type target struct {
	Near   string // the base URL that answers at once
	Far    string // the one that takes its latency first
	Token  string
	Tenant string
	User   string // for the single GET
}

// serve is the process of the fake. It ends with its standard input.
func serve() error {
	handler, about, err := newHandler()
	if err != nil {
		return err
	}
	near, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- http.Serve(near, handler) }()
	go func() {
		failed <- http.Serve(far, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(latency)
			handler.ServeHTTP(w, r)
		}))
	}()
	about.Near = fmt.Sprintf("http://%s/v2", near.Addr())
	about.Far = fmt.Sprintf("http://%s/v2", far.Addr())
	if err := json.NewEncoder(os.Stdout).Encode(about); err != nil {
		return err
	}
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		failed <- err
	}()
	return <-failed
}

// rendered answers what it has rendered before, so that the figures are about
// the clients and not about the fake, which has to share the cores with them.
type rendered struct {
	fake          *flowretailtest.Fake
	authorization string
	answers       map[string][]byte
}

func newHandler() (*rendered, target, error) {
	fake := flowretailtest.New(flowretailtest.WithUsers(users), flowretailtest.WithoutRecords())
	about := target{Token: fake.AdminToken(), Tenant: fake.TenantUID()}
	r := &rendered{fake: fake, authorization: "Bearer " + about.Token, answers: map[string][]byte{}}
	list := "/v2/tenants/" + about.Tenant + "/users"
	for number := 1; number <= pages; number++ {
		if err := r.render(fmt.Sprintf("%s?pageNumber=%d&pageSize=%d", list, number, pageSize)); err != nil {
			return nil, about, err
		}
	}
	var last struct {
		Items []struct{ TenantUserUID string }
	}
	if err := json.Unmarshal(r.answers[fmt.Sprintf("%s?pageNumber=%d&pageSize=%d", list, pages, pageSize)], &last); err != nil {
		return nil, about, err
	}
	if len(last.Items) != pageSize {
		return nil, about, errors.New("the last page is not full")
	}
	about.User = last.Items[0].TenantUserUID
	return r, about, r.render(list + "/" + about.User)
}

func (r *rendered) render(path string) error {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Authorization", r.authorization)
	recorder := httptest.NewRecorder()
	r.fake.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		return fmt.Errorf("the fake answered with %d", recorder.Code)
	}
	r.answers[path] = recorder.Body.Bytes()
	return nil
}

func (r *rendered) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := request.URL.Path
	if request.URL.RawQuery != "" {
		path += "?" + request.URL.Query().Encode() // in the order of the names, like the path that was rendered
	}
	body, ok := r.answers[path]
	if !ok || request.Method != http.MethodGet || request.Header.Get("Authorization") != r.authorization {
		r.fake.ServeHTTP(w, request)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that is gone needs no answer
}
