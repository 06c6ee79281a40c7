package flowretail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

const hidden = "marked-secret-hunter2"

// somebodys is a struct that other people might keep a secret in.
type somebodys struct {
	secret  flowretail.Secret
	pointer *flowretail.Secret
	list    []flowretail.Secret
	byName  map[string]flowretail.Secret
	asKey   map[flowretail.Secret]int
	any     any
	body    flowretail.UserCreateRequest
	update  *flowretail.UserUpdateRequest
}

func newSomebodys() somebodys {
	secret := flowretail.NewSecret(hidden)
	return somebodys{
		secret: secret, pointer: &secret, list: []flowretail.Secret{secret}, byName: map[string]flowretail.Secret{"a": secret},
		asKey: map[flowretail.Secret]int{secret: 1}, any: secret, body: flowretail.UserCreateRequest{Password: secret},
		update: &flowretail.UserUpdateRequest{Password: &secret},
	}
}

func TestASecretHidesFromFmt(t *testing.T) {
	secret := flowretail.NewSecret(hidden)
	own := newSomebodys()
	for _, value := range []any{secret, &secret, own, &own, own.list, own.byName, own.asKey, []any{secret}, own.body, own.update, flowretail.Token{Token: secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%e", "%U", "%c", "%10.3v", "%w"} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) || strings.Contains(text, fmt.Sprintf("%X", "hunter2")) {
				t.Errorf("%s of %T shows the secret", verb, value)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, secret); got != "REDACTED" {
			t.Errorf("%s is %s", verb, got)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, struct{ s flowretail.Secret }{secret}); !strings.Contains(text, "REDACTED") {
			t.Errorf("%s in an unexported field is %s", verb, text)
		}
	}
}

func TestASecretHidesFromSlogAndJSON(t *testing.T) {
	var log bytes.Buffer
	secret, own := flowretail.NewSecret(hidden), newSomebodys()
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("a secret", "secret", secret, "pointer", &secret, "own", own, "list", own.list, "body", own.body, slog.Group("group", "secret", secret))
	}
	for _, value := range []any{secret, &secret, own.list, own.byName, own.asKey, own.body, own.update, flowretail.Session{AccessToken: secret}} {
		data, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%T: %v", value, err)
		}
		log.Write(data)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Error("the secret shows")
	}
	if !strings.Contains(log.String(), "REDACTED") {
		t.Error("no mask shows either")
	}
}

func TestASecretIsReadOnceAndTheMaskNever(t *testing.T) {
	var in struct{ Password flowretail.Secret }
	if err := json.Unmarshal([]byte(`{"Password":"`+hidden+`"}`), &in); err != nil || in.Password.Reveal() != hidden {
		t.Fatalf("%v", err)
	}
	stored := must[[]byte](t)(json.Marshal(in))
	if err := json.Unmarshal(stored, &in); err == nil {
		t.Error("the mask is taken for a secret")
	}
	if !in.Password.Equal(flowretail.NewSecret(hidden)) || in.Password.Equal(flowretail.NewSecret("other")) || in.Password.IsZero() {
		t.Error("Equal or IsZero is wrong")
	}
	var empty flowretail.Secret
	if !empty.IsZero() || empty.Reveal() != "" || empty != flowretail.NewSecret("") {
		t.Error("the zero secret is not empty")
	}
}
