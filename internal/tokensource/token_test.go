package tokensource_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flowretail/flowretail-go/internal/tokensource"
)

// jwt returns a JWT with the given claims and no valid signature.
func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + ".marked-secret"
}

func TestNew_expiry(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	unix := func(offset time.Duration) int64 { return now.Add(offset).Unix() }
	exp := func(expires time.Duration) string { return jwt(fmt.Sprintf(`{"exp":%d}`, unix(expires))) }
	iatExp := func(issued, expires time.Duration) string {
		return jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, unix(issued), unix(expires)))
	}
	for name, test := range map[string]struct {
		value    string
		expiry   time.Time
		lifetime time.Duration // 0: not known
		refresh  time.Duration // before the expiry
	}{
		"not known":                          {value: "marked-secret"},
		"from the source":                    {value: "marked-secret", expiry: now.Add(time.Hour), lifetime: time.Hour, refresh: time.Minute},
		"from the source, not from exp":      {value: exp(time.Hour), expiry: now.Add(time.Minute), lifetime: time.Minute, refresh: 3 * time.Second},
		"the source's expiry is in the past": {value: "marked-secret", expiry: now.Add(-time.Second)},
		"the source's expiry is now":         {value: "marked-secret", expiry: now},
		"exp":                                {value: exp(10 * time.Minute), lifetime: 10 * time.Minute, refresh: 30 * time.Second},
		"exp has a fraction":                 {value: jwt(fmt.Sprintf(`{"exp":%d.5}`, unix(10*time.Second))), lifetime: 10500 * time.Millisecond, refresh: 525 * time.Millisecond},
		"exp in the past and no iat":         {value: exp(-time.Second)},
		"exp is now":                         {value: exp(0)},
		"iat and exp, the clocks agree":      {value: iatExp(0, 10*time.Minute), lifetime: 10 * time.Minute, refresh: 30 * time.Second},
		"our clock is 5 minutes fast":        {value: iatExp(-5*time.Minute, -4*time.Minute), lifetime: time.Minute, refresh: 3 * time.Second},
		"our clock is 5 minutes slow":        {value: iatExp(5*time.Minute, 6*time.Minute), lifetime: time.Minute, refresh: 3 * time.Second},
		"issued 301 seconds ago":             {value: iatExp(-301*time.Second, 10*time.Minute), lifetime: 10 * time.Minute, refresh: 30 * time.Second},
		"issued long ago":                    {value: iatExp(-50*time.Minute, 10*time.Minute), lifetime: 10 * time.Minute, refresh: 30 * time.Second},
		"expired long ago":                   {value: iatExp(-2*time.Hour, -time.Hour)},
		"iat after exp":                      {value: iatExp(2*time.Minute, time.Minute), lifetime: time.Minute, refresh: 3 * time.Second},
		"exp is negative":                    {value: jwt(`{"exp":-1}`)},
		"exp is after the year 9999":         {value: jwt(`{"exp":253402300800}`)},
		"exp is far too large":               {value: jwt(`{"exp":1e300}`)},
		"exp is no number":                   {value: jwt(`{"exp":"soon"}`)},
		"exp is null":                        {value: jwt(`{"exp":null}`)},
		"the claims are no object":           {value: jwt(`[1]`)},
		"the claims are not base64":          {value: "marked." + jwt(`{"exp":99}`)[20:30] + "!.secret"},
		"the claims are padded":              {value: strings.Replace(exp(10*time.Minute), ".marked", "==.marked", 1), lifetime: 10 * time.Minute, refresh: 30 * time.Second},
		"four parts":                         {value: exp(time.Hour) + ".marked"},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := tokensource.New(test.value, test.expiry, now)
			if err != nil {
				t.Fatal(err)
			}
			if test.lifetime == 0 {
				if !token.Expiry.IsZero() || !token.RefreshAt.IsZero() {
					t.Errorf("expires at %s, refresh at %s, want zero", token.Expiry, token.RefreshAt)
				}
				return
			}
			if got := token.Expiry.Sub(now); got != test.lifetime {
				t.Errorf("expires after %s, want %s", got, test.lifetime)
			}
			if got := token.Expiry.Sub(token.RefreshAt); got != test.refresh {
				t.Errorf("refresh %s before the expiry, want %s", got, test.refresh)
			}
		})
	}
}

func TestNew_value(t *testing.T) {
	for _, value := range []string{"marked-secret", "!", "~", `marked"secret`} {
		if token, err := tokensource.New(value, time.Time{}, time.Now()); err != nil || token.Value != value || token.Header != "Bearer "+value {
			t.Errorf("%q: %v, %v", value, token, err)
		}
	}
	for _, value := range []string{"", " ", "marked-secret\n", "marked-secret\r\nHost: example.com", "marked secret", "\tmarked-secret", "marked-sécret", "marked\x00secret", "marked-secret\x7f"} {
		token, err := tokensource.New(value, time.Time{}, time.Now())
		if err == nil {
			t.Errorf("%q is accepted: %v", value, token.Header)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error for %q contains it", value)
		}
		if _, err := tokensource.NewStatic(value); err == nil {
			t.Errorf("NewStatic accepts %q", value)
		}
	}
}

func FuzzNew(f *testing.F) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, seed := range []string{"", "marked-secret", "a\nb", "a.b.c", "..", "å", "a.e30.c", "a.e30=.c"} {
		f.Add(seed, "", int64(0))
	}
	whole := jwt(`{"iat":1772366400,"exp":1772366460}`)
	for cut := range whole {
		f.Add(whole[:cut], "", int64(0))
	}
	for _, claims := range []string{
		`{"exp":1e999}`, `{"exp":9223372036854775807}`, `{"exp":-9e18,"iat":9e18}`, `{"exp":253402300799.9}`, `{"exp":0.0001}`, `{"exp":1772366460.25,"iat":1772366400.75}`,
		`{"exp":true}`, `{"exp":[1772366460]}`, `{"exp":1,"exp":1772366460}`, `{`, "\xff", `{"exp":1772366400.0005}`,
	} {
		f.Add("", claims, int64(0))
	}
	f.Add("marked-secret", "", int64(1)<<62)
	f.Add("marked-secret", "", -int64(1)<<62)
	f.Fuzz(func(t *testing.T, value, claims string, lifetime int64) {
		if claims != "" {
			value = jwt(claims)
		}
		var expiry time.Time
		if lifetime != 0 {
			expiry = now.Add(time.Duration(lifetime))
		}
		token, err := tokensource.New(value, expiry, now)
		if err != nil {
			if value != "" && strings.Contains(err.Error(), value) && len(value) > 12 {
				t.Errorf("the error contains %q", value)
			}
			return
		}
		request := http.Request{Method: "GET", Host: "example.com", Header: http.Header{"Authorization": {token.Header}}}
		var written strings.Builder
		if err := request.Header.Write(&written); err != nil || written.String() != "Authorization: Bearer "+value+"\r\n" {
			t.Errorf("the header of %q is written as %q, %v", value, written.String(), err)
		}
		switch {
		case token.Expiry.IsZero() != token.RefreshAt.IsZero():
			t.Errorf("expiry %s, refresh at %s: only one is known", token.Expiry, token.RefreshAt)
		case token.RefreshAt.After(token.Expiry):
			t.Errorf("refresh at %s, after the expiry at %s", token.RefreshAt, token.Expiry)
		case !token.Expiry.IsZero() && !token.RefreshAt.After(now) && token.Expiry.Sub(now) > time.Microsecond:
			t.Errorf("refresh at once, at %s; the token expires at %s", token.RefreshAt, token.Expiry)
		}
	})
}
