package jsonwire

import (
	"encoding/json"
	"testing"
)

func TestUnmarshal_extraWithoutCredentials(t *testing.T) {
	for member, kept := range map[string]bool{
		`"plan":"gold"`:                         true,
		`"accessToken":"marked-secret"`:         false,
		`"refresh_token":"marked-secret"`:       false,
		`"JWT":"marked-secret"`:                 false,
		`"tokenCount":3`:                        true,
		`"tokenized":true`:                      true,
		`"passwordChangedAt":"2025-10-28"`:      true,
		`"token":null`:                          true,
		`"tokens":["marked-secret"]`:            false,
		`"session":{"token":"marked-secret"}`:   false,
		`"session":[{"Password" : "marked"}]`:   false,
		`"session":{"user":"u","tokenCount":3}`: true,
		`"note":"the token was renewed"`:        true,
	} {
		var into struct {
			Extra map[string]json.RawMessage `json:"-"`
		}
		if err := Unmarshal([]byte("{"+member+"}"), &into); err != nil {
			t.Fatal(err)
		}
		if got := len(into.Extra) == 1; got != kept {
			t.Errorf("%s: kept is %v, want %v", member, got, kept)
		}
	}
}
