package flowretail_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

// readmeBlocks returns the Go blocks of the README: the complete program, and the others.
func readmeBlocks(t *testing.T) (program string, others []string) {
	t.Helper()
	for _, block := range strings.Split(string(must[[]byte](t)(os.ReadFile("README.md"))), "```go\n")[1:] {
		code, _, _ := strings.Cut(block, "```")
		if strings.HasPrefix(code, "package main\n") {
			program += code
		} else {
			others = append(others, code)
		}
	}
	if program == "" || len(others) < 3 {
		t.Fatalf("the README has a program of %d bytes and %d other blocks", len(program), len(others))
	}
	return program, others
}

// The README's program runs against the fake and lists every user.
func TestReadme_program(t *testing.T) {
	program, _ := readmeBlocks(t)
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	fake := flowretailtest.New(flowretailtest.WithTenants(2), flowretailtest.WithUsers(3))
	command := exec.CommandContext(t.Context(), "go", "run", file)
	command.Env = append(os.Environ(), flowretail.EnvToken+"="+fake.AdminToken(), flowretail.EnvBaseURL+"="+fake.Start(t).URL)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, tenant := range fake.Tenants() {
		for _, user := range fake.Users(tenant.TenantUID) {
			line := fmt.Sprintln(tenant.Name, user.DisplayName, user.TenantRole, user.Status)
			if !strings.Contains(string(output), line) {
				t.Errorf("not in the output: %s", line)
			}
		}
	}
}

// The functions of this file contain the other Go blocks of the README, so the blocks compile.
func TestReadme_compiles(t *testing.T) {
	compiled := unindented(t, "readme_test.go")
	_, blocks := readmeBlocks(t)
	for _, code := range blocks {
		if !strings.Contains(compiled, trimLines(code)) {
			t.Errorf("not in readme_test.go:\n%s", code)
		}
	}
}

// Each relative link of the documents leads to a file or folder.
func TestDocs_linksExist(t *testing.T) {
	codeBlock := regexp.MustCompile("(?s)```.*?```")
	link := regexp.MustCompile(`\]\(([^)#\s]+)`)
	count := 0
	for _, document := range documents(t) {
		for _, target := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(unindented(t, document), ""), -1) {
			if strings.Contains(target[1], "://") {
				continue
			}
			count++
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), target[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
	if count < 20 {
		t.Errorf("%d links were found", count)
	}
}

// documents returns the Markdown files of the root and of docs.
func documents(t *testing.T) []string {
	t.Helper()
	return append(must[[]string](t)(filepath.Glob("*.md")), must[[]string](t)(filepath.Glob("docs/*.md"))...)
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
	mention := regexp.MustCompile("`((?:Test|Fuzz|Example|Benchmark)[A-Z]\\w*)`")
	count := 0
	for _, document := range documents(t) {
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
	return trimLines(string(must[[]byte](t)(os.ReadFile(name))))
}

func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func readmeComplete(ctx context.Context, client *flowretail.Client, tenantUID string) iter.Seq2[*flowretail.User, error] {
	users := client.Users.All(ctx, tenantUID, nil, flowretail.Complete(), flowretail.Prefetch(8))
	return users
}

func readmeErrors(ctx context.Context, client *flowretail.Client, tenantUID string, newUser *flowretail.UserCreateRequest) {
	user, err := client.Users.Create(ctx, tenantUID, newUser)
	switch {
	case err == nil:
		log.Print(user.TenantUserUID)
	case errors.Is(err, flowretail.ErrConflict): // the UID is taken: Get says by which user
	case errors.Is(err, flowretail.ErrNotSent), errors.Is(err, flowretail.ErrRefused): // the API did nothing
	case errors.Is(err, flowretail.ErrOutcomeUnknown): // the API may have created the user: look before you try again
	}
}

func readmeFake(t *testing.T) error {
	ctx := t.Context()
	fake := flowretailtest.New()
	fake.Inject(flowretailtest.Fault{Operation: "get-tenants-users", Status: 503, Times: 1})
	client, err := fake.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	users, err := flowretail.Collect(client.Users.All(ctx, fake.TenantUID(), nil))
	_ = users
	return err
}

// The Go blocks of the README run.
func TestReadme_runs(t *testing.T) {
	fake := flowretailtest.New()
	client := must[*flowretail.Client](t)(fake.NewClient())
	tenant := fake.TenantUID()
	if err := readmeFake(t); err != nil {
		t.Error(err)
	}
	users := must[[]*flowretail.User](t)(flowretail.Collect(readmeComplete(t.Context(), client, tenant)))
	if len(users) != len(fake.Users(tenant)) {
		t.Errorf("%d users, want %d", len(users), len(fake.Users(tenant)))
	}
	readmeErrors(t.Context(), client, tenant, newUser("emp-4711"))
	if _, err := client.Users.Get(t.Context(), tenant, "emp-4711"); err != nil {
		t.Error(err)
	}
}
