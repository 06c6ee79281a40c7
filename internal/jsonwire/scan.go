package jsonwire

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// MaxDepth is how deeply arrays and objects may be nested. The API nests six
// deep; the limit keeps a hostile answer from exhausting the stack.
const MaxDepth = 200

// A decoder reads one document from front to back. pos is the byte that is
// looked at next.
type decoder struct {
	data    []byte
	pos     int
	depth   int
	scratch []byte   // the last string that had escapes, without them
	list    []string // the elements of a []string while their number is unknown
	recent  recentStrings
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

// at reports whether c is the next byte.
func (d *decoder) at(c byte) bool { return d.pos < len(d.data) && d.data[d.pos] == c }

// open enters the array or object that begins at d.pos, and reports whether it
// is empty, in which case it is left again.
func (d *decoder) open(end byte) (empty bool, err error) {
	if d.depth++; d.depth > MaxDepth {
		return false, d.problem(d.pos, "the nesting is too deep")
	}
	d.pos++
	d.space()
	if d.at(end) {
		d.pos++
		d.depth--
		return true, nil
	}
	return false, nil
}

// more goes on to the next element or member, or leaves the array or object.
func (d *decoder) more(end byte) (bool, error) {
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; c {
		case ',':
			if d.pos++; d.pos < len(d.data) && d.data[d.pos] <= ' ' {
				d.space()
			}
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
		return false, d.expected("a comma or the end of an array")
	}
	return false, d.expected("a comma or the end of an object")
}

// colon skips the colon after a member's name, and white space around it.
func (d *decoder) colon() error {
	if !d.at(':') {
		d.space()
		if !d.at(':') {
			return d.expected("a colon")
		}
	}
	d.pos++
	if d.pos < len(d.data) && d.data[d.pos] <= ' ' {
		d.space()
	}
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
			return d.problem(d.pos+i, word+" was expected, something that is not JSON was found")
		}
	}
	d.pos += len(word)
	return nil
}

// null reads null where a value of some kind was expected, and reports any
// other kind as an error.
func (d *decoder) null(what string) error {
	if d.at('n') {
		return d.literal("null")
	}
	return d.expected(what)
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// endOfRun has the high bit set in the first byte of word that cannot stand in
// a string as it is: a quote, a backslash or a control character. Bits above
// that byte mean nothing.
func endOfRun(word uint64) uint64 {
	quote := word ^ '"'*lowBits
	backslash := word ^ '\\'*lowBits
	// A subtraction borrows from the high bit of the bytes that match, and of
	// those that have it set already.
	return ((quote - lowBits) | (backslash - lowBits) | (word - ' '*lowBits)) &^ word & highBits
}

// text reads a string, quotes included, and returns it without escapes. The
// bytes are those of the document or of d.scratch: they hold until the next call.
func (d *decoder) text() ([]byte, error) {
	data, start := d.data, d.pos+1
	i, seen := start, uint64(0)
	for i+8 <= len(data) {
		word := binary.LittleEndian.Uint64(data[i:])
		seen |= word
		if end := endOfRun(word); end != 0 {
			i += bits.TrailingZeros64(end) >> 3
			break
		}
		i += 8
	}
	for ; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			text := data[start:i]
			// seen includes bytes after the quote; that only costs a look.
			if seen&highBits != 0 && !utf8.Valid(text) {
				return nil, d.problem(start, "a string is not valid UTF-8")
			}
			d.pos = i + 1
			return text, nil
		case c == '\\':
			return d.escapedText(start, i)
		case c < ' ':
			return nil, d.problem(i, "a string has a control character")
		case c >= utf8.RuneSelf:
			seen |= highBits
		}
	}
	return nil, d.truncated()
}

// escapedText goes on with a string whose first escape is at i.
func (d *decoder) escapedText(start, i int) ([]byte, error) {
	data := d.data
	text := append(d.scratch[:0], data[start:i]...)
	for i < len(data) {
		switch c := data[i]; {
		case c == '"':
			if !utf8.Valid(text) {
				return nil, d.problem(start, "a string is not valid UTF-8")
			}
			d.scratch, d.pos = text, i+1
			return text, nil
		case c == '\\':
			r, size, err := d.escape(i)
			if err != nil {
				return nil, err
			}
			text = utf8.AppendRune(text, r)
			i += size
		case c < ' ':
			return nil, d.problem(i, "a string has a control character")
		default:
			text = append(text, c)
			i++
		}
	}
	return nil, d.truncated()
}

// escape reads the escape at offset i, both halves of a surrogate pair, and
// returns how many bytes it has.
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
		return 0, 0, d.problem(i, "a string has an unknown escape")
	}
	high, err := d.hex(i + 2)
	if err != nil || high < 0xD800 || high > 0xDFFF {
		return high, 6, err
	}
	// encoding/json puts U+FFFD for half a pair; here nothing is lost silently.
	for k, c := range []byte(`\u`) {
		if i+6+k >= len(d.data) {
			return 0, 0, d.truncated()
		}
		if d.data[i+6+k] != c {
			return 0, 0, d.problem(i, "a string has half of a surrogate pair")
		}
	}
	low, err := d.hex(i + 8)
	if err != nil {
		return 0, 0, err
	}
	if high > 0xDBFF || low < 0xDC00 || low > 0xDFFF {
		return 0, 0, d.problem(i, "a string has half of a surrogate pair")
	}
	return 0x10000 + (high-0xD800)<<10 + (low - 0xDC00), 12, nil
}

func (d *decoder) hex(i int) (rune, error) {
	var r rune
	for k := i; k < i+4; k++ {
		if k >= len(d.data) {
			return 0, d.truncated()
		}
		switch c := d.data[k]; {
		case '0' <= c && c <= '9':
			r = r<<4 + rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 + rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 + rune(c-'A'+10)
		default:
			return 0, d.problem(k, "an escape in a string is not hexadecimal")
		}
	}
	return r, nil
}

// number reads a number and returns its bytes, and whether it has neither
// fraction nor exponent.
func (d *decoder) number() (text []byte, whole bool, err error) {
	start := d.pos
	if d.at('-') {
		d.pos++
	}
	switch {
	case d.at('0'):
		d.pos++
	default:
		if err := d.digits(); err != nil {
			return nil, false, err
		}
	}
	whole = true
	if d.at('.') {
		whole = false
		d.pos++
		if err := d.digits(); err != nil {
			return nil, false, err
		}
	}
	if d.at('e') || d.at('E') {
		whole = false
		d.pos++
		if d.at('+') || d.at('-') {
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
