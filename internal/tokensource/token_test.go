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

// jwt makes the shape of a JWT around claims.
func jwt(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + ".marked-secret"
}

func TestWhenATokenExpires(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(offset time.Duration) int64 { return now.Add(offset).Unix() }
	for name, test := range map[string]struct {
		value  string
		expiry time.Time
		lives  time.Duration // 0: not known
		early  time.Duration // before the expiry
	}{
		"nothing says so":                    {value: "marked-secret"},
		"the source says so":                 {value: "marked-secret", expiry: now.Add(time.Hour), lives: time.Hour, early: time.Minute},
		"the source knows better than exp":   {value: jwt(fmt.Sprintf(`{"exp":%d}`, at(time.Hour))), expiry: now.Add(time.Minute), lives: time.Minute, early: 3 * time.Second},
		"exp says so":                        {value: jwt(fmt.Sprintf(`{"exp":%d}`, at(10*time.Minute))), lives: 10 * time.Minute, early: 30 * time.Second},
		"exp has a fraction":                 {value: jwt(fmt.Sprintf(`{"exp":%d.5}`, at(10*time.Second))), lives: 10500 * time.Millisecond, early: 525 * time.Millisecond},
		"exp and iat, and the clocks agree":  {value: jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, at(0), at(10*time.Minute))), lives: 10 * time.Minute, early: 30 * time.Second},
		"our clock is four minutes fast":     {value: jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, at(-4*time.Minute), at(-3*time.Minute))), lives: time.Minute, early: 3 * time.Second},
		"our clock is four minutes slow":     {value: jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, at(4*time.Minute), at(5*time.Minute))), lives: time.Minute, early: 3 * time.Second},
		"issued long ago and kept somewhere": {value: jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, at(-50*time.Minute), at(10*time.Minute))), lives: 10 * time.Minute, early: 30 * time.Second},
		"expired long ago":                   {value: jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, at(-2*time.Hour), at(-time.Hour)))},
		"exp in the past and no iat":         {value: jwt(fmt.Sprintf(`{"exp":%d}`, at(-time.Second)))},
		"iat after exp":                      {value: jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, at(2*time.Minute), at(time.Minute))), lives: time.Minute, early: 3 * time.Second},
		"exp is negative":                    {value: jwt(`{"exp":-1}`)},
		"exp is beyond all years":            {value: jwt(`{"exp":1e300}`)},
		"exp is no number":                   {value: jwt(`{"exp":"soon"}`)},
		"exp is null":                        {value: jwt(`{"exp":null}`)},
		"the claims are no object":           {value: jwt(`[1]`)},
		"the claims are cut":                 {value: "marked." + strings.TrimSuffix(jwt(`{"exp":99}`), ".marked-secret")[20:] + "!.secret"},
		"the source's expiry is in the past": {value: "marked-secret", expiry: now.Add(-time.Second)},
		"the source's expiry is now":         {value: "marked-secret", expiry: now},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := tokensource.New(test.value, test.expiry, now)
			if err != nil {
				t.Fatal(err)
			}
			if test.lives == 0 {
				if !token.Expiry.IsZero() || !token.Early.IsZero() {
					t.Errorf("it expires at %s and is renewed at %s; nobody knows that", token.Expiry, token.Early)
				}
				return
			}
			if got := token.Expiry.Sub(now); got != test.lives {
				t.Errorf("it lives for %s, want %s", got, test.lives)
			}
			if got := token.Expiry.Sub(token.Early); got != test.early {
				t.Errorf("it is renewed %s before, want %s", got, test.early)
			}
		})
	}
}

func TestValuesThatCannotBeTokens(t *testing.T) {
	for _, value := range []string{"", " ", "marked-secret\n", "marked-secret\r\nHost: example.com", "marked secret", "\tmarked-secret", "marked-sécret", "marked\x00secret", "marked-secret\x7f"} {
		token, err := tokensource.New(value, time.Time{}, time.Now())
		if err == nil {
			t.Errorf("%q is taken: %v", value, token.Header)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error for %q repeats it", value)
		}
		if _, err := tokensource.NewStatic(value); err == nil {
			t.Errorf("%q is taken for ever", value)
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
	f.Fuzz(func(t *testing.T, value, claims string, lives int64) {
		if claims != "" {
			value = jwt(claims)
		}
		var expiry time.Time
		if lives != 0 {
			expiry = now.Add(time.Duration(lives))
		}
		token, err := tokensource.New(value, expiry, now)
		if err != nil {
			if value != "" && strings.Contains(err.Error(), value) && len(value) > 12 {
				t.Errorf("the error repeats %q", value)
			}
			return
		}
		request := http.Request{Method: "GET", Host: "example.com", Header: http.Header{"Authorization": {token.Header}}}
		var written strings.Builder
		if err := request.Header.Write(&written); err != nil || written.String() != "Authorization: Bearer "+value+"\r\n" {
			t.Errorf("the header of %q is written as %q, %v", value, written.String(), err)
		}
		switch {
		case token.Expiry.IsZero() != token.Early.IsZero():
			t.Errorf("of expiry %s and renewal %s one is known", token.Expiry, token.Early)
		case token.Early.After(token.Expiry):
			t.Errorf("renewed at %s, after the expiry at %s", token.Early, token.Expiry)
		case !token.Expiry.IsZero() && !token.Early.After(now) && token.Expiry.Sub(now) > time.Microsecond:
			t.Errorf("a token that is good until %s is to be renewed at once, at %s", token.Expiry, token.Early)
		}
	})
}
