package operations

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	for _, row := range []struct {
		template string
		values   []string
		want     string // the path, or the error
	}{
		{"/tenants", nil, "/tenants"},
		{"/tenants/{tenantUid}", []string{"a-Z_09"}, "/tenants/a-Z_09"},
		{"/tenants/{tenantUid}/users/{userUid}/tokens", []string{"1", "2"}, "/tenants/1/users/2/tokens"},
		{"", nil, ""},
		{"/tenants", []string{"1"}, "1 path values for the 0 parameters of /tenants"},
		{"/tenants/{tenantUid}", []string{"1", "2"}, "2 path values for the 1 parameters of /tenants/{tenantUid}"},
		{"/tenants/{tenantUid}", nil, "no path value for tenantUid of /tenants/{tenantUid}"},
		{"/tenants/{tenantUid}/users/{userUid}", []string{"1"}, "no path value for userUid of /tenants/{tenantUid}/users/{userUid}"},
		{"/tenants/{tenantUid", []string{"1"}, "path template /tenants/{tenantUid: brace is not closed"},
		{"/tenants/{tenantUid}", []string{""}, "tenantUid is empty"},
		{"/tenants/{tenantUid}/users/{userUid}", []string{"1", ".."}, "userUid has something else than letters, digits, - and _ at position 1, so it is no UID"},
	} {
		got, err := Expand(row.template, row.values)
		if err != nil {
			got += err.Error()
		}
		if got != row.want {
			t.Errorf("%s with %q: %q, want %q", row.template, row.values, got, row.want)
		}
		if isPath := row.want == "" || row.want[0] == '/'; isPath != (err == nil) {
			t.Errorf("%s with %q: %v", row.template, row.values, err)
		}
	}
}

// A UID has letters, digits, hyphens and underscores, and nothing else.
func TestUIDProblem(t *testing.T) {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	for c := range 256 {
		char := string([]byte{byte(c)})
		problem := UIDProblem("marked" + char)
		if strings.Contains(allowed, char) != (problem == "") {
			t.Errorf("%q: %q", char, problem)
		}
		if problem != "" && (!strings.Contains(problem, "position 7,") || strings.Contains(problem, "marked")) {
			t.Errorf("%q: %q", char, problem)
		}
	}
	if problem := UIDProblem(""); problem != "is empty" {
		t.Errorf("an empty UID: %q", problem)
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"1", "", "..", "a/b", "a?b", "a%2fb", "\u00e5", "a b", "{x}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		path, err := Expand("/tenants/{tenantUid}/users", []string{value})
		if err == nil && (path != "/tenants/"+value+"/users" || strings.ContainsAny(value, "./?%#{} ")) {
			t.Errorf("%q: %q", value, path)
		}
		if err != nil && len(value) > 40 && strings.Contains(err.Error(), value) {
			t.Errorf("the error repeats the value: %v", err)
		}
	})
}
