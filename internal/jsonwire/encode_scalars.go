package jsonwire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func encodeString(e *encoder, v reflect.Value) { e.string(v.String()) }

func encodeBool(e *encoder, v reflect.Value) { e.data = strconv.AppendBool(e.data, v.Bool()) }

func encodeInt(e *encoder, v reflect.Value) { e.data = strconv.AppendInt(e.data, v.Int(), 10) }

func encodeUint(e *encoder, v reflect.Value) { e.data = strconv.AppendUint(e.data, v.Uint(), 10) }

// encodeFloat writes as few digits as possible, and an exponent for very small
// and very large numbers.
func encodeFloat(e *encoder, v reflect.Value) {
	n := v.Float()
	if math.IsNaN(n) || math.IsInf(n, 0) {
		e.problem("is infinite or not a number")
		return
	}
	format := byte('f')
	if abs := math.Abs(n); n != 0 && abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	e.data = strconv.AppendFloat(e.data, n, format, -1, v.Type().Bits())
}

func encodeNumber(e *encoder, v reflect.Value) {
	text := v.String()
	if text == "" {
		text = "0" // as encoding/json does
	}
	d := decoder{data: []byte(text)}
	if _, err := d.number(); err != nil || d.pos < len(text) {
		e.problem("is not a JSON number")
		return
	}
	e.data = append(e.data, text...)
}

func encodeBytes(e *encoder, v reflect.Value) {
	e.data = append(e.data, '"')
	e.data = base64.StdEncoding.AppendEncode(e.data, v.Bytes())
	e.data = append(e.data, '"')
}

func encodeRaw(e *encoder, v reflect.Value) { e.raw(v.Bytes()) }

// raw writes data after checking that it is one JSON value.
func (e *encoder) raw(data json.RawMessage) {
	if data == nil {
		e.null()
		return
	}
	d := decoder{data: data}
	d.space()
	value, err := d.raw()
	d.space()
	if err != nil || d.pos < len(data) {
		e.problem("is not valid JSON")
		return
	}
	e.data = append(e.data, value...)
}

// encodeTime writes RFC 3339, and null for the zero time.
func encodeTime(e *encoder, v reflect.Value) {
	t := addressable(v).Addr().Interface().(*time.Time)
	if t.IsZero() {
		e.null()
		return
	}
	data, err := t.AppendText(append(e.data, '"'))
	if err != nil {
		e.problem("is a time that RFC 3339 cannot represent")
		return
	}
	e.data = append(data, '"')
}

// string writes text with only the escapes that JSON requires.
func (e *encoder) string(text string) {
	if !utf8.ValidString(text) {
		e.problem("is not valid UTF-8")
		return
	}
	e.data = append(e.data, '"')
	start := 0
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			e.data = append(e.data, text[start:i]...)
			e.data = appendEscape(e.data, c)
			start = i + 1
		}
	}
	e.data = append(e.data, text[start:]...)
	e.data = append(e.data, '"')
}

func appendEscape(data []byte, c byte) []byte {
	if k := strings.IndexByte(escaped, c); k >= 0 {
		return append(data, '\\', escapes[k])
	}
	return fmt.Appendf(data, `\u%04x`, c)
}
