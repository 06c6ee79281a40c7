package operations

import (
	"slices"
	"strings"
	"testing"
)

// Facts that hold for the whole table.
func TestAll(t *testing.T) {
	ids, endpoints := map[string]bool{}, map[string]bool{}
	var methods []string
	for _, operation := range All {
		endpoint := operation.Method + " " + operation.Path
		if operation.ID == "" || ids[operation.ID] || endpoints[endpoint] {
			t.Errorf("%s (%s) has no ID, or is there twice", operation.ID, endpoint)
		}
		ids[operation.ID], endpoints[endpoint] = true, true
		if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, operation.Method) || !strings.HasPrefix(operation.Path, "/") {
			t.Errorf("%s: %s", operation.ID, endpoint)
		}
		if operation.Method != "POST" && operation.Method != "PUT" && operation.Idempotency != Idempotent {
			t.Errorf("%s: a %s is idempotent", operation.ID, operation.Method)
		}
		if operation.Idempotency == IdempotentWithUID && operation.Method != "POST" {
			t.Errorf("%s: only a POST creates something under a UID", operation.ID)
		}
		if len(operation.SDKMethods) == 0 {
			t.Errorf("%s has no SDK method", operation.ID)
		}
		methods = append(methods, operation.SDKMethods...)
	}
	if slices.Sort(methods); len(slices.Compact(slices.Clone(methods))) != len(methods) {
		t.Errorf("an SDK method is there twice: %v", methods)
	}
}
