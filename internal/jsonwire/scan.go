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
	data     []byte
	pos      int // the offset of the next byte
	depth    int
	budget   int            // bytes that may still be allocated, see budgetFor
	response bool           // members with api:"present" are required
	scratch  []byte         // the last string with escapes, decoded
	recent   *recentStrings // nil if the decoder only skips

	names []map[string]struct{} // empty sets, for unknown members
	list  []any                 // the last array that was decoded into any
}

// space skips white space.
func (d *decoder) space() {
	for d.pos < len(d.data) && isSpace(d.data[d.pos]) {
		d.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// nextIs reports whether c is the next byte.
func (d *decoder) nextIs(c byte) bool { return d.pos < len(d.data) && d.data[d.pos] == c }

// accept skips the next byte if it is c.
func (d *decoder) accept(c byte) bool {
	if !d.nextIs(c) {
		return false
	}
	d.pos++
	return true
}

// more moves to element or member n of an array or object, or past its end. For
// n = 0 it enters the one that begins at d.pos.
func (d *decoder) more(end byte, n int) (bool, error) {
	if n == 0 {
		if d.depth++; d.depth > MaxDepth {
			return false, d.problem(d.pos, fmt.Sprintf("nested deeper than %d levels", MaxDepth))
		}
		d.pos++
	}
	d.space()
	switch {
	case n > 0 && d.nextIs(','):
		d.pos++
		d.space()
		return true, nil
	case d.nextIs(end):
		d.pos++
		d.depth--
		return false, nil
	case n > 0:
		return false, d.expected("a comma or " + kindOf(end))
	}
	return true, nil
}

// name reads a member's name and the colon.
func (d *decoder) name() ([]byte, error) {
	if !d.nextIs('"') {
		return nil, d.expected("a member name")
	}
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	d.space()
	if !d.accept(':') {
		return nil, d.expected("a colon")
	}
	d.space()
	return text, nil
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

// nextKind returns the first byte of the value at d.pos: '0' for all numbers and 't'
// for both booleans. It returns 0 at the end of the document.
func (d *decoder) nextKind() byte {
	if d.pos == len(d.data) {
		return 0
	}
	switch c := d.data[d.pos]; c {
	case '-', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	case 'f':
		return 't'
	default:
		return c
	}
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

// The characters after a backslash, and what they stand for.
const (
	escapes = `"\/bfnrt`
	escaped = "\"\\/\b\f\n\r\t"
)

// escape decodes the escape at offset i, or the surrogate pair, and returns its
// size in the document.
func (d *decoder) escape(i int) (r rune, size int, err error) {
	if i+1 >= len(d.data) {
		return 0, 0, d.truncated()
	}
	c := d.data[i+1]
	if k := strings.IndexByte(escapes, c); k >= 0 {
		return rune(escaped[k]), 2, nil
	}
	if c != 'u' {
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

// number reads a number and returns its bytes.
func (d *decoder) number() ([]byte, error) {
	start := d.pos
	d.accept('-')
	var err error
	if !d.accept('0') {
		err = d.digits()
	}
	if err == nil && d.accept('.') {
		err = d.digits()
	}
	if err == nil && (d.accept('e') || d.accept('E')) {
		if !d.accept('-') {
			d.accept('+')
		}
		err = d.digits()
	}
	return d.data[start:d.pos], err
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
