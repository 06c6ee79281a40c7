package jsonwire

import (
	"reflect"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// decodeTime reads null and "" as the zero time, and RFC 3339 with any offset
// and precision; what is beyond nanoseconds is cut off.
func decodeTime(d *decoder, v reflect.Value) error {
	if !d.at('"') {
		return d.null("a time")
	}
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
	// The text of time.ParseError repeats the value, so it is not handed on.
	if target.UnmarshalText(text) != nil || !strict(text) {
		*target = time.Time{}
		return d.problem(start, "a time as in RFC 3339 was expected, another string was found")
	}
	return nil
}

// strict tells RFC 3339 from two forms that the package time takes for it: an
// hour of one digit, and a comma before the fraction (https://go.dev/issue/54580).
func strict(text []byte) bool {
	return len(text) > 19 && text[13] == ':' && text[19] != ','
}

// parseUTC parses the form that the API sends, 2025-10-28T16:54:56.636Z, with
// up to nine digits after the point or none. For every other form, valid or
// not, ok is false.
func parseUTC(text []byte) (parsed time.Time, ok bool) {
	const shortest, longest = len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05.999999999Z")
	n := len(text)
	if n < shortest || n > longest || text[n-1] != 'Z' ||
		text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return time.Time{}, false
	}
	wrong := 0
	two := func(i int) int {
		tens, ones := int(text[i])-'0', int(text[i+1])-'0'
		if uint(tens) > 9 || uint(ones) > 9 {
			wrong++
		}
		return 10*tens + ones
	}
	year, month, day := 100*two(0)+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if wrong != 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	nanoseconds := 0
	if n > shortest {
		if text[19] != '.' || n == shortest+1 {
			return time.Time{}, false
		}
		for i := 20; i < 29; i++ {
			digit := 0
			if i < n-1 {
				if digit = int(text[i]) - '0'; uint(digit) > 9 {
					return time.Time{}, false
				}
			}
			nanoseconds = 10*nanoseconds + digit
		}
	}
	seconds := ((daysSinceEpoch(year, month, day)*24+hour)*60+minute)*60 + second
	return time.Unix(int64(seconds), int64(nanoseconds)).UTC(), true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSinceEpoch counts from 1970-01-01 to a date of the Gregorian calendar.
// Years begin in March for it, so that the leap day is their last.
func daysSinceEpoch(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	// Years are taken 400 later, so that every division rounds down for year 0.
	year += 400
	const marchToEpoch = 719468 + 146097
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - marchToEpoch
}
