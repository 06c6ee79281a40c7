package retry

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// absurd is where a Retry-After stops being a wish and is taken for a mistake.
const absurd = 24 * time.Hour

// After reads a Retry-After header: seconds, or a date in any of the three
// forms of RFC 9110. What is missing, unreadable, in the past or more than a day
// away counts as 0.
func After(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = date.Sub(now)
	}
	if wait < 0 || wait > absurd {
		return 0
	}
	return wait
}
