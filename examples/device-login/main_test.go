package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestATillThatIsCutOffLogsInAgainAndGoesOn(t *testing.T) {
	for name, fake := range map[string]*flowretailtest.Fake{
		"tokens that do not tell when they expire": flowretailtest.New(flowretailtest.WithOpaqueTokens()),
		"tokens that tell":                         flowretailtest.New(),
	} {
		t.Run(name, func(t *testing.T) {
			till, err := newTill(seatOnFake(fake))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for call := range int32(5) {
				if err := till.work(t.Context(), &out); err != nil {
					t.Fatalf("call %d: %v", call+1, err)
				}
				if logins := till.logins.made.Load(); logins != call+1 {
					t.Errorf("%d logins after call %d", logins, call+1)
				}
			}
			if strings.Count(out.String(), "sells in 2 stores") != 5 {
				t.Errorf("the till says:\n%s", &out)
			}
		})
	}
}

func TestARefusedLoginIsSentOnceAndThePasswordIsNotShown(t *testing.T) {
	fake := flowretailtest.New()
	at := seatOnFake(fake)
	at.password = flowretail.NewSecret("marked-secret-wrong")
	till, err := newTill(at)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		err = till.work(t.Context(), &bytes.Buffer{})
		if !errors.Is(err, flowretail.ErrUnauthorized) || strings.Contains(err.Error(), "marked-secret") {
			t.Errorf("error %v", err)
		}
	}
	if logins := till.logins.made.Load(); logins != 1 {
		t.Errorf("%d logins were sent; accounts lock", logins)
	}
}

func TestTheTillWorksOnAServerThatTheEnvironmentNames(t *testing.T) {
	fake := flowretailtest.New()
	seller := seatOnFake(fake)
	device, err := seller.device.Token()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(flowretail.EnvBaseURL, fake.Start(t).URL)
	t.Setenv(flowretail.EnvToken, device.AccessToken)
	t.Setenv("FLOWRETAIL_USER_CODE", seller.userCode)
	for name, test := range map[string]struct {
		password string
		code     int
	}{
		"right password": {seller.password.Reveal(), program.ExitDone},
		"no password":    {"", program.ExitUsage},
		"wrong password": {"marked-secret-wrong", program.ExitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("FLOWRETAIL_PASSWORD", test.password)
			var stdout, stderr bytes.Buffer
			terminal := &program.Terminal{Args: []string{"-calls", "1"}, Stdout: &stdout, Stderr: &stderr}
			if code := program.Run(t.Context(), terminal, run); code != test.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, &stdout, &stderr)
			}
		})
	}
}

func TestAnInterruptionEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		if err := wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("wait: %v", err)
		}
	})
}

func TestAUserCodeThatIsMissingIsAMistakeOfTheCaller(t *testing.T) {
	_, err := newTill(seat{device: oauth2.StaticTokenSource(nil), password: flowretail.NewSecret("marked-secret")})
	if _, misused := errors.AsType[*program.UsageError](err); !misused {
		t.Errorf("newTill: %v", err)
	}
}
