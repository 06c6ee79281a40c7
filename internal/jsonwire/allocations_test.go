//go:build !race

package jsonwire

import "testing"

// With the race detector sync.Pool drops values at random.
func TestUnmarshal_allocations(t *testing.T) {
	const users, most = 200, 20
	data := usersPage(users)
	allocations := testing.AllocsPerRun(5, func() {
		if err := Unmarshal(data, new(page[user])); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > users*most {
		t.Errorf("%.1f allocations a user, want at most %d", allocations/users, most)
	}
}
