package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// The functions of this file contain the Go blocks of the README, so the blocks compile.
func TestReadme_compiles(t *testing.T) {
	compiled := unindented(t, "readme_test.go")
	blocks := strings.Split(unindented(t, "README.md"), "```go\n")[1:]
	if len(blocks) < 5 {
		t.Fatalf("%d blocks of Go", len(blocks))
	}
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "```")
		if !strings.Contains(compiled, code) {
			t.Errorf("not in readme_test.go:\n%s", code)
		}
	}
}

// Each test that README.md and docs mention exists.
func TestDocs_mentionExistingTests(t *testing.T) {
	var code strings.Builder
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			data, readErr := os.ReadFile(path)
			code.Write(data)
			return readErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	mention := regexp.MustCompile("`((?:Test|Fuzz|Example|Benchmark)[A-Z]\\w*)`")
	count := 0
	for _, document := range append(documents, "README.md") {
		for _, name := range mention.FindAllStringSubmatch(unindented(t, document), -1) {
			count++
			if !strings.Contains(code.String(), "\nfunc "+name[1]+"(") {
				t.Errorf("%s mentions %s, which does not exist", document, name[1])
			}
		}
	}
	if count < 20 {
		t.Errorf("%d mentions of tests were found", count)
	}
}

func unindented(t *testing.T, name string) string {
	t.Helper()
	lines := strings.Split(string(must[[]byte](t)(os.ReadFile(name))), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func readmeFirst(ctx context.Context) error {
	client, err := flowretail.NewClient(flowretail.WithToken(os.Getenv("FLOWRETAIL_TOKEN")))
	if err != nil {
		return err
	}
	for tenant, err := range client.Tenants.All(ctx, nil) {
		if err != nil {
			return err
		}
		for user, err := range client.Users.All(ctx, tenant.TenantUID, nil) {
			if err != nil {
				return err
			}
			fmt.Println(tenant.Name, user.DisplayName, user.TenantRole, user.Status)
		}
	}
	return nil
}

func readmeUpdate(ctx context.Context, client *flowretail.Client, tenantUID, userUID string) error {
	user, err := client.Users.Update(ctx, tenantUID, userUID, &flowretail.UserUpdateRequest{Mobile: new("+4790000000")})
	if errors.Is(err, flowretail.ErrNotFound) {
		return fmt.Errorf("user %s is gone", userUID)
	}
	_ = user
	return err
}

func readmeComplete(ctx context.Context, client *flowretail.Client, tenantUID string) {
	users := client.Users.All(ctx, tenantUID, nil,
		flowretail.Complete(),
		flowretail.Prefetch(8),
		flowretail.OnPage(func(p flowretail.Progress) { log.Printf("%d of %d users", p.Items, p.Total) }))
	_ = users
}

func readmeErrors(ctx context.Context, client *flowretail.Client, tenantUID string, newUser *flowretail.UserCreateRequest) {
	user, err := client.Users.Create(ctx, tenantUID, newUser)
	switch {
	case err == nil:
		log.Print(user.TenantUserUID)
	case errors.Is(err, flowretail.ErrConflict):
		// The UID is taken: by an earlier run, or by another user. Call Get to see which user has it.
	case errors.Is(err, flowretail.ErrNotSent), errors.Is(err, flowretail.ErrRefused):
		// It did not happen.
	case errors.Is(err, flowretail.ErrOutcomeUnknown):
		// It may have happened: check before you try again.
	}
}

func readmeFake(t *testing.T) error {
	ctx := t.Context()
	fake := flowretailtest.New()
	client, err := fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	users, err := flowretail.Collect(client.Users.All(ctx, fake.TenantUID(), nil))
	_ = users
	return err
}

func readmeMock(fake *flowretailtest.Fake) error {
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(fake.RoundTrip) // add a responder for one call; the fake responds to the others
	client, err := fake.NewClient(flowretail.WithHTTPClient(&http.Client{Transport: mock}))
	_ = client
	return err
}

func readmeFault(fake *flowretailtest.Fake) {
	fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: 503, Times: 1})
}

// The Go blocks of the README run.
func TestReadme_runs(t *testing.T) {
	fake := flowretailtest.New()
	client := must[*flowretail.Client](t)(fake.NewClient())
	tenant := fake.TenantUID()
	if err := readmeFake(t); err != nil {
		t.Error(err)
	}
	if err := readmeUpdate(t.Context(), client, tenant, fake.Users(tenant)[2].TenantUserUID); err != nil {
		t.Error(err)
	}
	readmeComplete(t.Context(), client, tenant)
	readmeErrors(t.Context(), client, tenant, &flowretail.UserCreateRequest{})
	if err := readmeMock(fake); err != nil {
		t.Error(err)
	}
	readmeFault(fake)
	t.Setenv(flowretail.EnvToken, "")
	if err := readmeFirst(t.Context()); err == nil {
		t.Error("no token, and no error")
	}
}
