package flowretail_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	flowretail "github.com/flowretail/flowretail-go"
)

// numberFields returns the paths of the fields of a kind in the JSON of t.
func numberFields(t reflect.Type, kinds ...reflect.Kind) []string {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return numberFields(t.Elem(), kinds...)
	case reflect.Struct:
	default:
		if slices.Contains(kinds, t.Kind()) {
			return []string{""}
		}
		return nil
	}
	var paths []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "-" || name == "" {
			continue
		}
		for _, path := range numberFields(t.Field(i).Type, kinds...) {
			paths = append(paths, strings.TrimSuffix(name+"."+path, "."))
		}
	}
	return paths
}

// Proxies and the API's own versions write a number in any of JSON's forms.
func TestResponse_numbers(t *testing.T) {
	integers := []reflect.Kind{reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64}
	tests := []struct {
		target    any
		document  string // with the value in place of %s
		integers  []string
		fractions []string
	}{
		{new(flowretail.Tenant), `{"tenantUid":"t","settings":{"autoLogout":%[1]s,"numericSkuCounter":%[1]s},"currency":{"cashRounding":%[1]s}}`,
			[]string{"settings.autoLogout", "settings.numericSkuCounter"}, []string{"currency.cashRounding"}},
		{new(flowretail.Page[flowretail.Tenant]), `{"items":[{"tenantUid":"t","settings":{"autoLogout":%[1]s,"numericSkuCounter":%[1]s},"currency":{"cashRounding":%[1]s}}],"paging":{"pageNumber":%[1]s,"pageSize":%[1]s,"totalCount":%[1]s}}`,
			[]string{"items.settings.autoLogout", "items.settings.numericSkuCounter", "paging.pageNumber", "paging.pageSize", "paging.totalCount"},
			[]string{"items.currency.cashRounding"}},
		{new(flowretail.User), "", nil, nil},
		{new(flowretail.Token), "", nil, nil},
		{new(flowretail.Subscriber), "", nil, nil},
		{new(flowretail.Account), "", nil, nil},
		{new(flowretail.Session), "", nil, nil},
		{new(flowretail.Invite), "", nil, nil},
	}
	for _, test := range tests {
		kind := reflect.TypeOf(test.target)
		if got := numberFields(kind, integers...); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(test.integers))) {
			t.Errorf("%s: the integers are %q, want %q", kind, got, test.integers)
		}
		if got := numberFields(kind, reflect.Float64); !slices.Equal(got, test.fractions) {
			t.Errorf("%s: the numbers with fractions are %q, want %q", kind, got, test.fractions)
		}
		if test.document == "" {
			continue
		}
		for _, number := range []string{"1", "1.0", "1e0", "10E-1", "0.1e+1"} {
			body := fmt.Sprintf(test.document, number)
			client := newClient(t, respond(200, "application/json", body))
			if err := client.Do(t.Context(), &flowretail.Request{Path: "/x"}, test.target); err != nil {
				t.Errorf("%s: %v", body, err)
				continue
			}
			var stored any
			data := must[[]byte](t)(json.Marshal(test.target))
			if err := json.Unmarshal(data, &stored); err != nil {
				t.Fatal(err)
			}
			for _, path := range slices.Concat(test.integers, test.fractions) {
				if got := memberAt(stored, path); got != 1.0 {
					t.Errorf("%s: %s is %v", body, path, got)
				}
			}
		}
	}
}

// memberAt returns the member of a document under a path, of arrays that of the first
// element.
func memberAt(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok {
			value = list[0]
		}
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func TestTenantsGet_cashRounding(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, "1.0": 1, "1e0": 1, "0.5": .5, "0": 0, "50": 50} {
		body := strings.Replace(tenantJSON, `"cashRounding":1}`, `"cashRounding":`+text+`}`, 1)
		tenant := must[*flowretail.Tenant](t)(newClient(t, respond(200, "application/json", body)).Tenants.Get(t.Context(), "t"))
		if tenant.Currency.CashRounding != want {
			t.Errorf("%s is decoded as %v", text, tenant.Currency.CashRounding)
		}
		var stored flowretail.Tenant
		if err := json.Unmarshal(must[[]byte](t)(json.Marshal(tenant)), &stored); err != nil || stored.Currency.CashRounding != want {
			t.Errorf("%s is stored as %v, %v", text, stored.Currency.CashRounding, err)
		}
	}
}
