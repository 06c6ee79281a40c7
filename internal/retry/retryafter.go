package retry

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxPlausibleWait is the longest Retry-After that is taken seriously.
const maxPlausibleWait = 24 * time.Hour

// After reads a Retry-After header: seconds, or a date in one of the three
// formats of RFC 9110. It returns 0 for a header that is missing, unreadable, in
// the past, or more than 24 hours ahead.
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
	if wait > maxPlausibleWait {
		return 0
	}
	return max(0, wait)
}
