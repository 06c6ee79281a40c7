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
	"github.com/flowretail/flowretail-go/examples/internal/programtest"
	"github.com/flowretail/flowretail-go/flowretailtest"
)

func TestDevice_expiredToken(t *testing.T) {
	for name, fake := range map[string]*flowretailtest.Fake{
		"opaque tokens": flowretailtest.New(flowretailtest.WithOpaqueTokens()),
		"JWTs":          flowretailtest.New(),
	} {
		t.Run(name, func(t *testing.T) {
			device, err := newDevice(configForFake(fake))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for call := range int32(5) {
				if err := device.printSeller(t.Context(), &out); err != nil {
					t.Fatalf("call %d: %v", call+1, err)
				}
				if logins := device.logins.count.Load(); logins != call+1 {
					t.Errorf("%d logins after call %d", logins, call+1)
				}
			}
			if strings.Count(out.String(), "has access to 2 stores") != 5 {
				t.Errorf("output:\n%s", &out)
			}
		})
	}
}

func TestDevice_refusedLogin(t *testing.T) {
	config := configForFake(flowretailtest.New())
	config.password = flowretail.NewSecret("marked-secret-wrong")
	device, err := newDevice(config)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		err = device.printSeller(t.Context(), &bytes.Buffer{})
		if !errors.Is(err, flowretail.ErrUnauthorized) || strings.Contains(err.Error(), "marked-secret") {
			t.Errorf("printSeller: %v", err)
		}
	}
	if logins := device.logins.count.Load(); logins != 1 {
		t.Errorf("%d logins, want 1", logins)
	}
}

func TestDevice_noUserCode(t *testing.T) {
	_, err := newDevice(deviceConfig{deviceToken: oauth2.StaticTokenSource(nil), password: flowretail.NewSecret("marked-secret")})
	if _, isUsage := errors.AsType[*program.UsageError](err); !isUsage {
		t.Errorf("newDevice: %v", err)
	}
}

func TestProgram_onServer(t *testing.T) {
	fake := flowretailtest.New()
	config := configForFake(fake)
	programtest.UseServer(t, fake, fake.DeviceToken(fake.TenantUID()))
	t.Setenv("FLOWRETAIL_USER_CODE", config.userCode)
	for name, test := range map[string]struct {
		password string
		code     int
	}{
		"right password": {config.password.Reveal(), program.ExitDone},
		"no password":    {"", program.ExitUsage},
		"wrong password": {"marked-secret-wrong", program.ExitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("FLOWRETAIL_PASSWORD", test.password)
			if result := programtest.Run(t.Context(), run, "-calls", "1"); result.Code != test.code {
				t.Errorf("exit code %d, want %d\n%+v", result.Code, test.code, result)
			}
		})
	}
}

func TestProgram_interruptedPause(t *testing.T) {
	programtest.UseEmbeddedFake(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		if result := programtest.Run(ctx, run, "-pause", "1h"); result.Code != program.ExitInterrupted {
			t.Errorf("%+v", result)
		}
	})
}
