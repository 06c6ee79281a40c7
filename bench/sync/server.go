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
	userCount  = 100_000
	pageSize   = 1000
	pageCount  = userCount / pageSize
	latency    = 40 * time.Millisecond
)

// A target is what a client needs to know about the server.
type target struct {
	URL    string // the base URL
	Token  string
	Tenant string
	User   string // for the single GET
}

// A serverInfo is what the server process prints when it serves.
type serverInfo struct {
	Target   target
	DelayURL string // the base URL for responses with latency
}

// serve serves the fake until the standard input ends.
func serve() error {
	handler, info, err := newHandler()
	if err != nil {
		return err
	}
	direct, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	delayed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	done := make(chan error, 3)
	go func() { done <- http.Serve(direct, handler) }()
	go func() {
		done <- http.Serve(delayed, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(latency)
			handler.ServeHTTP(w, r)
		}))
	}()
	info.Target.URL = fmt.Sprintf("http://%s/v2", direct.Addr())
	info.DelayURL = fmt.Sprintf("http://%s/v2", delayed.Addr())
	if err := json.NewEncoder(os.Stdout).Encode(info); err != nil {
		return err
	}
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		done <- err
	}()
	return <-done
}

// A cachingHandler serves responses that it has cached before the measurements,
// so that the fake does not use CPU time that the clients need.
type cachingHandler struct {
	fake          *flowretailtest.Fake
	authorization string
	bodies        map[string][]byte // by path and query
}

func newHandler() (*cachingHandler, serverInfo, error) {
	fake := flowretailtest.New(flowretailtest.WithUsers(userCount), flowretailtest.WithoutRecords())
	t := target{Token: fake.AdminToken(), Tenant: fake.TenantUID()}
	h := &cachingHandler{fake: fake, authorization: "Bearer " + t.Token, bodies: map[string][]byte{}}
	var lastPage []byte
	for number := 1; number <= pageCount; number++ {
		var err error
		if lastPage, err = h.cache("/v2" + usersPath(t, number)); err != nil {
			return nil, serverInfo{}, err
		}
	}
	var last struct {
		Items []struct{ TenantUserUID string }
	}
	if err := json.Unmarshal(lastPage, &last); err != nil {
		return nil, serverInfo{}, err
	}
	if len(last.Items) != pageSize {
		return nil, serverInfo{}, errors.New("the last page is not full")
	}
	t.User = last.Items[0].TenantUserUID
	_, err := h.cache("/v2/tenants/" + t.Tenant + "/users/" + t.User)
	return h, serverInfo{Target: t}, err
}

// cache gets a response of the fake and caches its body.
func (h *cachingHandler) cache(path string) ([]byte, error) {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Authorization", h.authorization)
	recorder := httptest.NewRecorder()
	h.fake.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", path, recorder.Code)
	}
	h.bodies[path] = recorder.Body.Bytes()
	return h.bodies[path], nil
}

func (h *cachingHandler) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := request.URL.Path
	if request.URL.RawQuery != "" {
		path += "?" + request.URL.Query().Encode() // sorts the parameters like usersPath
	}
	body, ok := h.bodies[path]
	if !ok || request.Method != http.MethodGet || request.Header.Get("Authorization") != h.authorization {
		h.fake.ServeHTTP(w, request)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // fails only if the client has closed the connection
}
