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

const secretValue = "marked-secret-hunter2"

// secretHolder holds a secret in every way that a caller's struct may.
type secretHolder struct {
	secret  flowretail.Secret
	pointer *flowretail.Secret
	list    []flowretail.Secret
	byName  map[string]flowretail.Secret
	asKey   map[flowretail.Secret]int
	any     any
	body    flowretail.UserCreateRequest
	update  *flowretail.UserUpdateRequest
}

func newSecretHolder() secretHolder {
	secret := flowretail.NewSecret(secretValue)
	return secretHolder{
		secret: secret, pointer: &secret, list: []flowretail.Secret{secret}, byName: map[string]flowretail.Secret{"a": secret},
		asKey: map[flowretail.Secret]int{secret: 1}, any: secret, body: flowretail.UserCreateRequest{Password: secret},
		update: &flowretail.UserUpdateRequest{Password: &secret},
	}
}

func TestSecret_fmt(t *testing.T) {
	secret := flowretail.NewSecret(secretValue)
	holder := newSecretHolder()
	for _, value := range []any{secret, &secret, holder, &holder, holder.list, holder.byName, holder.asKey, []any{secret}, holder.body, holder.update, flowretail.Token{Token: secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%e", "%U", "%c", "%10.3v", "%w"} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) || strings.Contains(text, fmt.Sprintf("%X", "hunter2")) {
				t.Errorf("%s of %T contains the secret", verb, value)
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

func TestSecret_slogAndJSON(t *testing.T) {
	var log bytes.Buffer
	secret, holder := flowretail.NewSecret(secretValue), newSecretHolder()
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("a secret", "secret", secret, "pointer", &secret, "holder", holder, "list", holder.list, "body", holder.body, slog.Group("group", "secret", secret))
	}
	for _, value := range []any{secret, &secret, holder.list, holder.byName, holder.asKey, holder.body, holder.update, flowretail.Session{AccessToken: secret}} {
		data, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%T: %v", value, err)
		}
		log.Write(data)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Error("the output contains the secret")
	}
	if !strings.Contains(log.String(), "REDACTED") {
		t.Error("the output contains no mask")
	}
}

func TestSecret_UnmarshalText(t *testing.T) {
	var in struct{ Password flowretail.Secret }
	if err := json.Unmarshal([]byte(`{"Password":"`+secretValue+`"}`), &in); err != nil || in.Password.Reveal() != secretValue {
		t.Fatalf("%v", err)
	}
	masked := must[[]byte](t)(json.Marshal(in))
	if err := json.Unmarshal(masked, &in); err == nil || in.Password.Reveal() != secretValue {
		t.Errorf("after the mask the secret is %q: %v", in.Password.Reveal(), err)
	}
}

func TestSecret_Equal(t *testing.T) {
	secret := flowretail.NewSecret(secretValue)
	for other, want := range map[string]bool{secretValue: true, "other": false, "": false} {
		if got := secret.Equal(flowretail.NewSecret(other)); got != want {
			t.Errorf("%q: %v", other, got)
		}
	}
}

func TestSecret_zero(t *testing.T) {
	var zero flowretail.Secret
	if !zero.IsZero() || zero.Reveal() != "" || zero != flowretail.NewSecret("") {
		t.Error("the zero secret is not empty")
	}
	if flowretail.NewSecret(secretValue).IsZero() {
		t.Error("a secret is empty")
	}
	if data := must[[]byte](t)(json.Marshal(zero)); string(data) != `""` {
		t.Errorf("the zero secret is encoded as %s", data)
	}
}
