package jsonwire

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestUnmarshal_shortStrings(t *testing.T) {
	for document, want := range map[string]string{`" "`: " ", `"a b"`: "a b", `"\n a"`: "\n a", `"\ud83d\ude00"`: "😀", `"å"`: "å"} {
		var got string
		if err := Unmarshal([]byte(document), &got); err != nil || got != want {
			t.Errorf("%s was decoded as %q, %v", document, got, err)
		}
	}
}

func TestUnmarshal_strings(t *testing.T) {
	var texts []string
	for length := range 80 {
		for _, last := range []string{"", "å", "😀", "\n", `"`, `\`} {
			texts = append(texts, strings.Repeat("a", length)+last, strings.Repeat("b", length)+last+"c")
		}
	}
	data, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, texts) {
		t.Errorf("got %q", got)
	}
}

func TestUnmarshal_wholeNumbers(t *testing.T) {
	for document, want := range map[string]uint64{
		"1e19": 1e19, "10e18": 1e19, "1.8446744073709551615e19": math.MaxUint64, "1000000000000000000000e-21": 1, "0.000000000000000000000001e24": 1,
		"12.50e1": 125, "100e-2": 1, "1.0": 1, "0.0": 0, "-0.0": 0, "0e99999999999999999999": 0,
	} {
		var got uint64
		if err := Unmarshal([]byte(document), &got); err != nil || got != want {
			t.Errorf("%s was decoded as %d, %v", document, got, err)
		}
	}
	for _, document := range []string{
		"1e20", "1.8446744073709551616e19", "1.5", "15e-1", "12.34e1", "0.1", "-1.0", "1e99999999999999999999", "1e-99999999999999999999", "1.5e-99999999999999999999",
	} {
		var got uint64
		err := Unmarshal([]byte(document), &got)
		if err == nil || err.Error() != "expected an integer, got a number that is not whole or is out of range (at byte 0)" {
			t.Errorf("%s was decoded as %d, %v", document, got, err)
		}
	}
}

func TestMarshal_floats(t *testing.T) {
	for n, want := range map[float64]string{
		1: "1", -1.5: "-1.5", 1e6: "1000000", 1e-6: "0.000001", -1e-6: "-0.000001", 9e-7: "9e-07",
		9e20: "900000000000000000000", 1e21: "1e+21", -1e21: "-1e+21", math.SmallestNonzeroFloat64: "5e-324", math.MaxFloat64: "1.7976931348623157e+308",
	} {
		data, _, err := Marshal(n)
		if err != nil || string(data) != want {
			t.Errorf("got %s, want %s, %v", data, want, err)
		}
		var got float64
		if err := Unmarshal(data, &got); err != nil || got != n {
			t.Errorf("%v was encoded as %s and decoded as %v, %v", n, data, got, err)
		}
	}
	for n, want := range map[float32]string{0.1: "0.1", 1e-7: "1e-07", 1e22: "1e+22"} {
		if data, _, err := Marshal(n); err != nil || string(data) != want {
			t.Errorf("got %s, want %s, %v", data, want, err)
		}
	}
	for n, want := range map[*float64]string{new(0.0): "0", new(math.Copysign(0, -1)): "-0"} {
		var got float64
		data, _, _ := Marshal(n)
		if err := Unmarshal(data, &got); err != nil || string(data) != want || math.Signbit(got) != math.Signbit(*n) {
			t.Errorf("got %s, want %s", data, want)
		}
	}
}
