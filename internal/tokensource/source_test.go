package tokensource_test

import (
	"errors"
	"testing"

	"github.com/flowretail/flowretail-go/internal/tokensource"
)

func TestStatic(t *testing.T) {
	source, err := tokensource.NewStatic("marked-secret-1")
	if err != nil {
		t.Fatal(err)
	}
	token := wantToken(t, source, 1)
	if _, err := source.Replace(t.Context(), token); !errors.Is(err, tokensource.ErrIrreplaceable) {
		t.Error(err)
	}
}
