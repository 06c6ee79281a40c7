package retry

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	in := func(wait time.Duration, layout string) string { return now.Add(wait).Format(layout) }
	for value, want := range map[string]time.Duration{
		"":                                  0,
		"0":                                 0,
		"7":                                 7 * time.Second,
		" 7 ":                               7 * time.Second,
		"86400":                             24 * time.Hour,
		"86401":                             0, // more than 24 hours
		"-1":                                0,
		"+1":                                0,
		"1.5":                               0,
		"soon":                              0,
		"99999999999999999999":              0,
		"9223372036854775807":               0,
		in(30*time.Second, http.TimeFormat): 30 * time.Second,
		in(time.Minute, time.ANSIC):         time.Minute,
		in(-time.Minute, http.TimeFormat):   0,
		in(48*time.Hour, http.TimeFormat):   0,
		"Wednesday, 04-Mar-26 05:06:27 GMT": 20 * time.Second,
		"Wed, 04 Mar 2026 05:06:27 +0100":   0,
	} {
		if got := After(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"7", "Wed, 04 Mar 2026 05:06:27 GMT", "Wednesday, 04-Mar-26 05:06:27 GMT", "Wed Mar  4 05:06:27 2026", "-1", "1e9", ""} {
		f.Add(seed)
	}
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if wait := After(http.Header{"Retry-After": {value}}, now); wait < 0 || wait > maxPlausibleWait {
			t.Errorf("%q: %v", value, wait)
		}
	})
}
