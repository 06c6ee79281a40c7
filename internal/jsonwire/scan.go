package jsonwire

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth limits how deeply arrays and objects nest. The API nests six deep;
// the limit keeps a malicious document from exhausting the stack.
const MaxDepth = 200

// A decoder reads one document from start to end.
type decoder struct {
	data    []byte
	pos     int // the offset of the next byte
	depth   int
	scratch []byte         // the last string with escapes, decoded
	recent  *recentStrings // nil if the decoder only skips
}

// space skips white space.
func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

// nextIs reports whether c is the next byte.
func (d *decoder) nextIs(c byte) bool { return d.pos < len(d.data) && d.data[d.pos] == c }

// open enters the array or object at d.pos. If it is empty, open also leaves it.
func (d *decoder) open(end byte) (empty bool, err error) {
	if d.depth++; d.depth > MaxDepth {
		return false, d.problem(d.pos, fmt.Sprintf("nested deeper than %d levels", MaxDepth))
	}
	d.pos++
	d.space()
	if d.nextIs(end) {
		d.pos++
		d.depth--
		return true, nil
	}
	return false, nil
}

// more moves to the next element or member, or leaves the array or object.
func (d *decoder) more(end byte) (bool, error) {
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; c {
		case ',':
			d.pos++
			d.space()
			return true, nil
		case ' ', '\n', '\t', '\r':
			d.pos++
			continue
		case end:
			d.pos++
			d.depth--
			return false, nil
		}
		break
	}
	if end == ']' {
		return false, d.expected("a comma or the end of the array")
	}
	return false, d.expected("a comma or the end of the object")
}

// colon skips the colon after a member's name, and white space around it.
func (d *decoder) colon() error {
	if !d.nextIs(':') {
		d.space()
		if !d.nextIs(':') {
			return d.expected("a colon")
		}
	}
	d.pos++
	d.space()
	return nil
}

// literal reads true, false or null.
func (d *decoder) literal(word string) error {
	rest := d.data[d.pos:]
	for i := range len(word) {
		if i == len(rest) {
			return d.truncated()
		}
		if rest[i] != word[i] {
			return d.mismatch(d.pos+i, word, gotNotJSON)
		}
	}
	d.pos += len(word)
	return nil
}

// nullOr reads null. If there is another value, its error says that what was
// expected.
func (d *decoder) nullOr(what string) error {
	if d.nextIs('n') {
		return d.literal("null")
	}
	return d.expected(what)
}

const (
	invalidUTF8       = "invalid UTF-8 in a string"
	controlCharacter  = "control character in a string"
	unpairedSurrogate = "half of a surrogate pair in a string"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// firstSpecial sets the high bit of the first byte of word that is a quote, a
// backslash or a control character. The bits above that byte are undefined.
// Without these steps of eight bytes BenchmarkDecodePage is about 10 % slower.
func firstSpecial(word uint64) uint64 {
	quote := word ^ '"'*lowBits
	backslash := word ^ '\\'*lowBits
	// The subtraction sets the high bit of bytes that match. It is also set for
	// bytes that had it before, which &^ word removes.
	return ((quote - lowBits) | (backslash - lowBits) | (word - ' '*lowBits)) &^ word & highBits
}

// text reads a string with its quotes and returns its decoded bytes. They belong
// to the document or to d.scratch, and are valid until the next call.
func (d *decoder) text() ([]byte, error) {
	data, start := d.data, d.pos+1
	i, seen := start, uint64(0)
	for i+8 <= len(data) {
		word := binary.LittleEndian.Uint64(data[i:])
		seen |= word
		if special := firstSpecial(word); special != 0 {
			i += bits.TrailingZeros64(special) >> 3
			break
		}
		i += 8
	}
	for ; i < len(data); i++ {
		switch c := data[i]; c {
		case '"':
			text := data[start:i]
			// seen may include bytes after the quote, so it is only a hint.
			if seen&highBits != 0 && !utf8.Valid(text) {
				return nil, d.problem(start, invalidUTF8)
			}
			d.pos = i + 1
			return text, nil
		case '\\':
			return d.escapedText(start, i)
		default:
			if c < ' ' {
				return nil, d.problem(i, controlCharacter)
			}
			seen |= uint64(c)
		}
	}
	return nil, d.truncated()
}

// escapedText reads the rest of a string whose first escape is at i.
func (d *decoder) escapedText(start, i int) ([]byte, error) {
	data := d.data
	text := append(d.scratch[:0], data[start:i]...)
	for i < len(data) {
		switch c := data[i]; c {
		case '"':
			if !utf8.Valid(text) {
				return nil, d.problem(start, invalidUTF8)
			}
			d.scratch, d.pos = text, i+1
			return text, nil
		case '\\':
			r, size, err := d.escape(i)
			if err != nil {
				return nil, err
			}
			text = utf8.AppendRune(text, r)
			i += size
		default:
			if c < ' ' {
				return nil, d.problem(i, controlCharacter)
			}
			text = append(text, c)
			i++
		}
	}
	return nil, d.truncated()
}

// escape decodes the escape at offset i, or the surrogate pair, and returns its
// size in the document.
func (d *decoder) escape(i int) (r rune, size int, err error) {
	if i+1 >= len(d.data) {
		return 0, 0, d.truncated()
	}
	switch c := d.data[i+1]; c {
	case '"', '\\', '/':
		return rune(c), 2, nil
	case 'b':
		return '\b', 2, nil
	case 'f':
		return '\f', 2, nil
	case 'n':
		return '\n', 2, nil
	case 'r':
		return '\r', 2, nil
	case 't':
		return '\t', 2, nil
	case 'u':
	default:
		return 0, 0, d.problem(i, "unknown escape in a string")
	}
	high, err := d.hex(i + 2)
	if err != nil || !utf16.IsSurrogate(high) {
		return high, 6, err
	}
	// encoding/json replaces an unpaired surrogate by U+FFFD without an error.
	for k, c := range []byte(`\u`) {
		if i+6+k >= len(d.data) {
			return 0, 0, d.truncated()
		}
		if d.data[i+6+k] != c {
			return 0, 0, d.problem(i, unpairedSurrogate)
		}
	}
	low, err := d.hex(i + 8)
	if err != nil {
		return 0, 0, err
	}
	if r = utf16.DecodeRune(high, low); r == utf8.RuneError {
		return 0, 0, d.problem(i, unpairedSurrogate)
	}
	return r, 12, nil
}

func (d *decoder) hex(i int) (rune, error) {
	var r rune
	for k := i; k < i+4; k++ {
		if k >= len(d.data) {
			return 0, d.truncated()
		}
		digit := strings.IndexByte("0123456789abcdefABCDEF", d.data[k])
		if digit < 0 {
			return 0, d.problem(k, "invalid hexadecimal escape in a string")
		}
		if digit > 15 {
			digit -= 6 // A to F
		}
		r = r<<4 + rune(digit)
	}
	return r, nil
}

// number reads a number and returns its bytes. whole is false if it has a
// fraction or an exponent.
func (d *decoder) number() (text []byte, whole bool, err error) {
	start := d.pos
	if d.nextIs('-') {
		d.pos++
	}
	switch {
	case d.nextIs('0'):
		d.pos++
	default:
		if err := d.digits(); err != nil {
			return nil, false, err
		}
	}
	whole = true
	if d.nextIs('.') {
		whole = false
		d.pos++
		if err := d.digits(); err != nil {
			return nil, false, err
		}
	}
	if d.nextIs('e') || d.nextIs('E') {
		whole = false
		d.pos++
		if d.nextIs('+') || d.nextIs('-') {
			d.pos++
		}
		if err := d.digits(); err != nil {
			return nil, false, err
		}
	}
	return d.data[start:d.pos], whole, nil
}

func (d *decoder) digits() error {
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos]-'0' <= 9 {
		d.pos++
	}
	if d.pos == start {
		return d.expected("a digit")
	}
	return nil
}
