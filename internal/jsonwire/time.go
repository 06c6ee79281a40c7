package jsonwire

import (
	"bytes"
	"reflect"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// decodeTime reads RFC 3339 with any offset and precision, and drops what is
// beyond nanoseconds. Second 60, a leap second, is the following second, as in Unix
// time. null and "" are the zero time.
func decodeTime(d *decoder, v reflect.Value) error {
	start := d.pos
	text, err := d.text()
	if err != nil || len(text) == 0 {
		return err
	}
	target := v.Addr().Interface().(*time.Time)
	if parsed, ok := parseUTC(text); ok {
		*target = parsed
		return nil
	}
	// Package time rejects t and z, which RFC 3339 permits.
	text = bytes.ToUpper(text)
	leap := len(text) > 19 && string(text[16:19]) == ":60"
	if leap {
		copy(text[17:19], "59")
	}
	// time.ParseError is not the cause of the error: it contains the value.
	if target.UnmarshalText(text) != nil || !isStrict(text) {
		return d.mismatch(start, expectsTime, gotOtherString)
	}
	if leap {
		*target = target.Add(time.Second)
	}
	if target.Year() > 9999 { // could not be encoded again
		return d.mismatch(start, expectsTime, gotOtherString)
	}
	return nil
}

// isStrict rejects two forms that package time accepts although RFC 3339 does
// not: an hour of one digit, and a comma before the fraction
// (https://go.dev/issue/54580). Both follow a date, so text is long enough.
func isStrict(text []byte) bool { return text[13] == ':' && text[19] != ',' }

// parseUTC parses the form that the API sends, 2025-10-28T16:54:56.636Z, with at
// most nine digits in the fraction. ok is false for every other text.
// With time.Time.UnmarshalText alone BenchmarkDecodePage is about 8 % slower.
func parseUTC(text []byte) (parsed time.Time, ok bool) {
	const shortest, longest = len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05.999999999Z")
	n := len(text)
	if n < shortest || n > longest || text[n-1] != 'Z' ||
		text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return time.Time{}, false
	}
	valid := true
	digits := func(from, to int) (number int) {
		for _, c := range text[from:to] {
			valid = valid && '0' <= c && c <= '9'
			number = 10*number + int(c-'0')
		}
		return number
	}
	nanoseconds := 0
	if n > shortest {
		nanoseconds = digits(20, n-1)
		valid = valid && text[19] == '.' && n > shortest+1
		for range longest - n {
			nanoseconds *= 10
		}
	}
	year, month, day := digits(0, 4), time.Month(digits(5, 7)), digits(8, 10)
	hour, minute, second := digits(11, 13), digits(14, 16), digits(17, 19)
	parsed = time.Date(year, month, day, hour, minute, second, nanoseconds, time.UTC)
	// time.Date accepts February 30 and 24:00, and returns another date or time.
	gotYear, gotMonth, gotDay := parsed.Date()
	gotHour, gotMinute, gotSecond := parsed.Clock()
	return parsed, valid && gotYear == year && gotMonth == month && gotDay == day &&
		gotHour == hour && gotMinute == minute && gotSecond == second
}
