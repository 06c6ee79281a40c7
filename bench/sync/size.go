package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A size is what a client adds to a program.
type size struct {
	title  string
	binary int64 // bytes, without symbols
	sums   int   // lines in go.sum
}

// A consumer is a small program that makes one call.
type consumer struct {
	title   string
	program string
	copied  string // a file of this module that is copied to the program
	require []string
	ownSums int // the lines in go.sum for the SDK itself, which a replaced module does not have
}

const (
	sdkPath     = "github.com/flowretail/flowretail-go"
	runtimePath = "github.com/oapi-codegen/runtime"
)

// consumers are the programs. The first one is empty.
var consumers = []consumer{
	{title: "empty program", program: `package main

func main() {}
`},
	{title: "oapi-codegen", copied: "generated/client.gen.go", require: []string{runtimePath}, program: `package main

import (
	"context"
	"os"

	"consumer.example/generated"
)

func main() {
	client, err := generated.NewClientWithResponses(os.Args[1])
	if err != nil {
		panic(err)
	}
	response, err := client.GetTenantsUsersDetailsWithResponse(context.Background(), os.Args[2], os.Args[3], nil)
	if err != nil {
		panic(err)
	}
	println(response.JSON200.Email)
}
`},
	{title: "net/http + encoding/json", program: `package main

import (
	"encoding/json"
	"net/http"
	"os"
)

func main() {
	response, err := http.Get(os.Args[1])
	if err != nil {
		panic(err)
	}
	var user struct{ Email string }
	if err := json.NewDecoder(response.Body).Decode(&user); err != nil {
		panic(err)
	}
	println(user.Email)
}
`},
	{title: "this SDK", require: []string{sdkPath}, ownSums: 2, program: `package main

import (
	"context"
	"os"

	flowretail "github.com/flowretail/flowretail-go"
)

func main() {
	client, err := flowretail.NewClient(flowretail.WithToken(os.Args[1]))
	if err != nil {
		panic(err)
	}
	user, err := client.Users.Get(context.Background(), os.Args[2], os.Args[3])
	if err != nil {
		panic(err)
	}
	println(user.Email)
}
`},
}

// measureSizes builds the consumers, each in its own module.
func measureSizes() ([]size, error) {
	var sizes []size
	var empty int64
	for i, c := range consumers {
		dir, err := os.MkdirTemp("", "consumer")
		if err != nil {
			return nil, err
		}
		measured, err := c.measure(dir)
		_ = os.RemoveAll(dir)
		if err != nil {
			return nil, fmt.Errorf("build %q: %w", c.title, err)
		}
		if i == 0 {
			empty = measured.binary
			continue
		}
		measured.binary -= empty
		sizes = append(sizes, measured)
	}
	return sizes, nil
}

func (c consumer) measure(dir string) (size, error) {
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(c.program), 0o600); err != nil {
		return size{}, err
	}
	if _, err := goTool(dir, "mod", "init", "consumer.example"); err != nil {
		return size{}, err
	}
	for _, path := range c.require {
		module, err := goTool("", "list", "-m", "-f", "{{.Version}} {{.Dir}}", path)
		if err != nil {
			return size{}, err
		}
		version, source, _ := strings.Cut(strings.TrimSpace(module), " ")
		args := []string{"mod", "edit", "-require=" + path + "@" + version}
		if path == sdkPath {
			args = append(args, "-replace="+path+"="+source)
		}
		if _, err := goTool(dir, args...); err != nil {
			return size{}, err
		}
	}
	if err := c.copySource(dir); err != nil {
		return size{}, err
	}
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-trimpath", "-ldflags=-s -w", "-o", "program", "."}} {
		if _, err := goTool(dir, args...); err != nil {
			return size{}, err
		}
	}
	binary, err := os.Stat(filepath.Join(dir, "program"))
	if err != nil {
		return size{}, err
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !os.IsNotExist(err) { // without requirements there is no go.sum
		return size{}, err
	}
	return size{title: c.title, binary: binary.Size(), sums: bytes.Count(sums, []byte("\n")) + c.ownSums}, nil
}

func (c consumer) copySource(dir string) error {
	if c.copied == "" {
		return nil
	}
	module, err := goTool("", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(module), c.copied))
	if err != nil {
		return err
	}
	destination := filepath.Join(dir, c.copied)
	if err := os.Mkdir(filepath.Dir(destination), 0o700); err != nil {
		return err
	}
	return os.WriteFile(destination, source, 0o600)
}

// goTool runs the go command and returns its output.
func goTool(dir string, args ...string) (string, error) {
	var out, stderr bytes.Buffer
	command := exec.Command("go", args...)
	command.Dir, command.Stdout, command.Stderr = dir, &out, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w: %s", args[0], err, stderr.String())
	}
	return out.String(), nil
}
