package jsonwire

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

func TestUnmarshal_times(t *testing.T) {
	tests := map[string]struct {
		text string
		want time.Time
	}{
		"as the API sends them":      {"2025-10-28T16:54:56.636Z", time.Date(2025, 10, 28, 16, 54, 56, 636e6, time.UTC)},
		"without a fraction":         {"2025-10-28T16:54:56Z", time.Date(2025, 10, 28, 16, 54, 56, 0, time.UTC)},
		"in tenths":                  {"2025-10-28T16:54:56.6Z", time.Date(2025, 10, 28, 16, 54, 56, 6e8, time.UTC)},
		"in nanoseconds":             {"2025-10-28T16:54:56.123456789Z", time.Date(2025, 10, 28, 16, 54, 56, 123456789, time.UTC)},
		"beyond nanoseconds":         {"2025-10-28T16:54:56.1234567899Z", time.Date(2025, 10, 28, 16, 54, 56, 123456789, time.UTC)},
		"with an offset":             {"2025-10-28T16:54:56.636+02:00", time.Date(2025, 10, 28, 14, 54, 56, 636e6, time.UTC)},
		"with an offset to the west": {"2025-10-28T16:54:56-09:30", time.Date(2025, 10, 29, 2, 24, 56, 0, time.UTC)},
		"on a leap day":              {"2024-02-29T00:00:00Z", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		"in the year 0":              {"0000-01-01T00:00:00Z", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
		"in the year 9999":           {"9999-12-31T23:59:59.999999999Z", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)},
		"in lower case":              {"2025-10-28t16:54:56.636z", time.Date(2025, 10, 28, 16, 54, 56, 636e6, time.UTC)},
		"with a lower-case t":        {"2025-10-28t16:54:56+02:00", time.Date(2025, 10, 28, 14, 54, 56, 0, time.UTC)},
		"with a lower-case z":        {"2025-10-28T16:54:56z", time.Date(2025, 10, 28, 16, 54, 56, 0, time.UTC)},
		"leap second":                {"2016-12-31T23:59:60Z", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
		"within a leap second":       {"2016-12-31T23:59:60.5Z", time.Date(2017, 1, 1, 0, 0, 0, 5e8, time.UTC)},
		"leap second with an offset": {"1990-12-31t15:59:60-08:00", time.Date(1991, 1, 1, 0, 0, 0, 0, time.UTC)},
		"second 60 of any minute":    {"2025-10-28T16:54:60.25z", time.Date(2025, 10, 28, 16, 55, 0, 25e7, time.UTC)},
		"empty":                      {"", time.Time{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got time.Time
			if err := Unmarshal([]byte(`"`+test.text+`"`), &got); err != nil || !got.Equal(test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestUnmarshal_invalidTimes(t *testing.T) {
	for _, text := range []string{
		"2025-10-28", "16:54:56Z", "2025-10-28T16:54:56", "2025-10-28T16:54:56.Z", "2025-10-28T16:54:56,5Z", "2025-10-28 16:54:56Z",
		"2025-10-28t16:54:56", "2025-10-28t16:54:56,5z", "2025-10-28t6:54:56z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "2025-00-01T00:00:00Z", "2025-13-01T00:00:00Z",
		"2025-10-00T00:00:00Z", "2025-10-28T24:00:00Z", "2025-10-28T23:60:00Z", "2025-10-28T23:59:61Z", "2025-02-29T23:59:60Z", "2025-10-28T24:59:60Z",
		"2025-10-28T23:60:60Z", "9999-12-31T23:59:60Z", "9999-12-31T23:59:60.9+01:00", "2025-10-28T23:59:60", "2025-10-28T23:59:60,5Z", "2025-10-28T3:59:60Z", "2025-10-28T16:54:56.63 Z",
		"2o25-10-28T16:54:56Z", "2025-1a-28T16:54:56Z", "2025-10-28T16:54:56+25:00", "2025-10-28T6:54:56.636Z", "2025-10-28T16:54:56,5+02:00", "0", "null", "Z",
	} {
		var got time.Time
		if err := Unmarshal([]byte(`"`+text+`"`), &got); err == nil || !got.IsZero() {
			t.Errorf("%s was decoded as %v, %v", text, got, err)
		}
	}
}

func TestParseUTC_likePackageTime(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	layouts := []string{time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.000000Z07:00"}
	for i := range 20000 {
		const first, last = -62167219200, 253402300799 // the years 0 to 9999
		moment := time.Unix(first+random.Int64N(last-first), random.Int64N(1e9)).UTC()
		text := moment.Format(layouts[i%len(layouts)])
		want, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseUTC([]byte(text)); !ok || got != want {
			t.Fatalf("%s was parsed as %v, want %v", text, got, want)
		}
	}
}

func TestMarshal_times(t *testing.T) {
	tests := map[string]struct {
		moment time.Time
		want   string
	}{
		"in UTC":         {time.Date(2025, 10, 28, 16, 54, 56, 636e6, time.UTC), `"2025-10-28T16:54:56.636Z"`},
		"with an offset": {time.Date(2025, 10, 28, 16, 54, 56, 0, time.FixedZone("", 7200)), `"2025-10-28T16:54:56+02:00"`},
		"zero":           {time.Time{}, `null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, value := range []any{test.moment, &test.moment, map[string]any{"": test.moment}[""]} {
				if got, err := MarshalMasked(value); err != nil || string(got) != test.want {
					t.Errorf("got %s, %v, want %s", got, err, test.want)
				}
			}
		})
	}
	if _, _, err := Marshal(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("the year 10000 was encoded")
	}
}

func FuzzParseUTC(f *testing.F) {
	for _, seed := range []string{"2025-10-28T16:54:56.636Z", "2024-02-29T23:59:59Z", "2023-02-29T00:00:00.0Z", "0000-02-29T00:00:00Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseUTC([]byte(text))
		if !ok {
			return
		}
		var want time.Time
		if err := json.Unmarshal([]byte(`"`+text+`"`), &want); err != nil || got != want {
			t.Errorf("%q was parsed as %v, want %v, %v", text, got, want, err)
		}
	})
}
