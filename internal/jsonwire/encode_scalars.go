package jsonwire

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/bits"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

func encodeString(e *encoder, v reflect.Value) error { return e.string(v.String()) }

func encodeBool(e *encoder, v reflect.Value) error {
	e.data = strconv.AppendBool(e.data, v.Bool())
	return nil
}

func encodeInt(e *encoder, v reflect.Value) error {
	e.data = strconv.AppendInt(e.data, v.Int(), 10)
	return nil
}

func encodeUint(e *encoder, v reflect.Value) error {
	e.data = strconv.AppendUint(e.data, v.Uint(), 10)
	return nil
}

// encodeFloat writes the shortest form, with an exponent where encoding/json
// writes one.
func encodeFloat(e *encoder, v reflect.Value) error {
	n := v.Float()
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return &FieldError{Problem: "is no number that JSON can write"}
	}
	size := v.Type().Bits()
	format := byte('f')
	if abs := math.Abs(n); abs != 0 && (size == 64 && (abs < 1e-6 || abs >= 1e21) ||
		size == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		format = 'e'
	}
	e.data = strconv.AppendFloat(e.data, n, format, -1, size)
	return nil
}

func encodeNumber(e *encoder, v reflect.Value) error {
	text := v.String()
	if text == "" {
		text = "0" // as encoding/json does
	}
	d := decoder{data: []byte(text)}
	if !d.atNumber() {
		return &FieldError{Problem: "is not a number"}
	}
	if _, _, err := d.number(); err != nil || d.pos < len(text) {
		return &FieldError{Problem: "is not a number"}
	}
	e.data = append(e.data, text...)
	return nil
}

func encodeBytes(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.data = append(e.data, "null"...)
		return nil
	}
	e.data = append(e.data, '"')
	e.data = base64.StdEncoding.AppendEncode(e.data, v.Bytes())
	e.data = append(e.data, '"')
	return nil
}

func encodeRaw(e *encoder, v reflect.Value) error { return e.raw(v.Bytes()) }

// raw writes JSON that others have made, when it is JSON.
func (e *encoder) raw(data json.RawMessage) error {
	if data == nil {
		e.data = append(e.data, "null"...)
		return nil
	}
	d := decoders.Get().(*decoder)
	d.reset(data)
	d.space()
	start := d.pos
	err := d.skip()
	end := d.pos
	d.space()
	whole := d.pos == len(data)
	d.release()
	if err != nil || !whole {
		return &FieldError{Problem: "is not valid JSON"}
	}
	e.data = append(e.data, data[start:end]...)
	return nil
}

func encodeStrings(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.data = append(e.data, "null"...)
		return nil
	}
	e.data = append(e.data, '[')
	for i := range v.Len() {
		if i > 0 {
			e.data = append(e.data, ',')
		}
		if err := e.string(v.Index(i).String()); err != nil {
			return withinElement(i, err)
		}
	}
	e.data = append(e.data, ']')
	return nil
}

// encodeTime writes null for the zero time, which is how the API says that
// there is none, and RFC 3339 otherwise.
func encodeTime(e *encoder, v reflect.Value) error {
	t := addressable(v).Addr().Interface().(*time.Time)
	if t.IsZero() {
		e.data = append(e.data, "null"...)
		return nil
	}
	data, err := t.AppendText(append(e.data, '"'))
	if err != nil {
		return &FieldError{Problem: "is a time that RFC 3339 cannot write"}
	}
	e.data = append(data, '"')
	return nil
}

// string writes text with the escapes that JSON asks for and no others.
func (e *encoder) string(text string) error {
	data := append(e.data, '"')
	start, i := 0, 0
	ascii := true
	for i < len(text) {
		if i+8 <= len(text) {
			if word := binary.LittleEndian.Uint64([]byte(text[i : i+8])); (endOfRun(word)|word)&highBits == 0 {
				i += 8
				continue
			} else if skip := bits.TrailingZeros64((endOfRun(word)|word)&highBits) >> 3; skip > 0 {
				i += skip
			}
		}
		c := text[i]
		if c >= utf8.RuneSelf {
			ascii = false
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		data = append(data, text[start:i]...)
		data = appendEscape(data, c)
		i++
		start = i
	}
	data = append(data, text[start:]...)
	e.data = append(data, '"')
	if !ascii && !utf8.ValidString(text) {
		return &FieldError{Problem: "is not valid UTF-8"}
	}
	return nil
}

func appendEscape(data []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(data, '\\', c)
	case '\n':
		return append(data, `\n`...)
	case '\r':
		return append(data, `\r`...)
	case '\t':
		return append(data, `\t`...)
	}
	const digits = "0123456789abcdef"
	return append(data, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}
