package retry

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// One row for each rule, with its reason.
func TestRules(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for _, rule := range []struct {
		name   string
		got    Verdict
		fate   Fate
		repeat Repetition
		why    string
	}{
		{"301 Moved", JudgeStatus(301), Unknown, Never, "it follows on a write that was carried out, too"},
		{"302 Found", JudgeStatus(302), Unknown, Never, "it follows on a write that was carried out, too"},
		{"307 Temporary Redirect", JudgeStatus(307), Refused, Never, "the write is asked for elsewhere, so it was not carried out here"},
		{"303 See Other", JudgeStatus(303), Unknown, Never, "RFC 9110: it follows on a write that was carried out"},
		{"304 Not Modified", JudgeStatus(304), Refused, Never, "nobody asked conditionally"},
		{"400 Bad Request", JudgeStatus(400), Refused, Never, "the request stays wrong"},
		{"401 Unauthorized", JudgeStatus(401), Refused, Never, "renewal is a matter of the credential, not of patience"},
		{"403 Forbidden", JudgeStatus(403), Refused, Never, "the permission stays missing, and accounts lock"},
		{"404 Not Found", JudgeStatus(404), Refused, Never, "it stays away"},
		{"408 Request Timeout", JudgeStatus(408), Unknown, IfRepeatable, "a proxy may have passed the request on"},
		{"409 Conflict", JudgeStatus(409), Refused, Never, "what is in the way stays there"},
		{"421 Misdirected Request", JudgeStatus(421), Refused, Always, "RFC 9110: not processed, and another connection may do"},
		{"425 Too Early", JudgeStatus(425), Refused, Always, "RFC 8470: not processed"},
		{"429 Too Many Requests", JudgeStatus(429), Refused, Always, "turned away at the door"},
		{"499 of a proxy", JudgeStatus(499), Refused, Never, "a 4xx like any other"},
		{"500 Internal Server Error", JudgeStatus(500), Unknown, IfRepeatable, "it may have failed after the work"},
		{"501 Not Implemented", JudgeStatus(501), Refused, Never, "it will not learn it in a second"},
		{"502 Bad Gateway", JudgeStatus(502), Unknown, IfRepeatable, "the API may have acted behind the gateway"},
		{"503 Service Unavailable", JudgeStatus(503), Unknown, IfRepeatable, "with Retry-After or without, nobody says what was done"},
		{"504 Gateway Timeout", JudgeStatus(504), Unknown, IfRepeatable, "the API may still be at it"},
		{"505 Version Not Supported", JudgeStatus(505), Refused, Never, "it stays so"},
		{"520 of a proxy", JudgeStatus(520), Unknown, IfRepeatable, "a 5xx like any other"},
		{"99, which is no status", JudgeStatus(99), Unknown, IfRepeatable, "who knows"},
		{"600, which is no status", JudgeStatus(600), Unknown, IfRepeatable, "who knows"},
		{"a refused connection, with proof", JudgeError(dial, true), NotSent, Always, "nothing was sent"},
		{"a refused connection, without proof", JudgeError(dial, false), Unknown, IfRepeatable, "a round tripper may have tried before"},
		{"a name that is not found", JudgeError(&net.DNSError{IsNotFound: true}, true), NotSent, Always, "name servers have bad moments"},
		{"a certificate that is not trusted", JudgeError(fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}), true), NotSent, Never, "it does not become valid by asking again"},
		{"a reset", JudgeError(reset, false), Unknown, IfRepeatable, "before the work or after it"},
		{"a cut body", JudgeError(io.ErrUnexpectedEOF, false), Unknown, IfRepeatable, "the API has acted, its word is lost"},
		{"a timeout of the attempt", JudgeError(errors.New("timeout"), false), Unknown, IfRepeatable, "the API may still be at it"},
		{"a 2xx answer that cannot be read", JudgeAnswer(false), Unknown, IfRepeatable, "the API has acted, its word is lost"},
		{"a whole 2xx answer that lacks something", JudgeAnswer(true), Unknown, Never, "it would lack it again"},
	} {
		if rule.got != (Verdict{rule.fate, rule.repeat}) {
			t.Errorf("%s: %+v, want fate %d and repetition %d, because %s", rule.name, rule.got, rule.fate, rule.repeat, rule.why)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	in := func(wait time.Duration, layout string) string { return now.Add(wait).Format(layout) }
	for value, want := range map[string]time.Duration{
		"":                                  0,
		"0":                                 0,
		"7":                                 7 * time.Second,
		" 7 ":                               7 * time.Second,
		"86400":                             24 * time.Hour,
		"86401":                             0, // absurd
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
		if wait := After(http.Header{"Retry-After": {value}}, now); wait < 0 || wait > absurd {
			t.Errorf("%q: %v", value, wait)
		}
	})
}

func TestBackoffIsFullJitterBelowADoublingCeiling(t *testing.T) {
	policy := Policy{BaseDelay: 100 * time.Millisecond, MaxDelay: 3 * time.Second}
	for attempts, ceiling := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond, 6: 3 * time.Second, 40: 3 * time.Second, 1000: 3 * time.Second,
	} {
		low, high := ceiling, time.Duration(0)
		for range 2000 {
			wait := policy.Backoff(attempts)
			low, high = min(low, wait), max(high, wait)
		}
		if low <= 0 || high > ceiling || low > ceiling/10 || high < ceiling*9/10 {
			t.Errorf("after %d attempts the waits go from %v to %v, want all of 0 to %v", attempts, low, high, ceiling)
		}
	}
	if wait := (Policy{}).Backoff(3); wait != 0 {
		t.Errorf("without a delay the wait is %v", wait)
	}
}

func TestTheServersWaitIsCapped(t *testing.T) {
	policy := Policy{BaseDelay: time.Millisecond, MaxDelay: time.Millisecond, MaxRetryAfter: time.Minute}
	if got := policy.Wait(1, 10*time.Second); got != 10*time.Second {
		t.Errorf("%v", got)
	}
	if got := policy.Wait(1, time.Hour); got != time.Minute {
		t.Errorf("%v", got)
	}
}

func TestBudget(t *testing.T) {
	budget := NewBudget(3, 0.5)
	spend := func(want ...bool) {
		t.Helper()
		for i, want := range want {
			if got := budget.Spend(); got != want {
				t.Fatalf("repetition %d: %v", i+1, got)
			}
		}
	}
	spend(true, true, true, false)
	budget.Succeeded(0)
	spend(false)
	budget.Succeeded(0)
	spend(true, false)
	budget.Succeeded(2) // its own repetitions come back
	spend(true, true, false)
	for range 100 {
		budget.Succeeded(0)
	}
	spend(true, true, true, false)
	var unbounded *Budget
	unbounded.Succeeded(1)
	if !unbounded.Spend() {
		t.Error("no budget ran out")
	}
}
