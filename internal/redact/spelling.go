package redact

import (
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A reading is a text after escapes have been undone, with where each byte of
// it came from.
type reading struct {
	text string
	from []int // by byte of text, and one for its end; nil: text is the original
}

func (r *reading) origin(i int) int {
	if r.from == nil {
		return i
	}
	return r.from[i]
}

// A scheme undoes one escape at the beginning of a text that starts with mark.
// It returns what the escape stands for and its length, which is 0 when there is none.
type scheme struct {
	mark byte
	undo func(text string) (plain string, length int)
}

var schemes = []scheme{{'%', undoPercent}, {'+', undoPlus}, {'\\', undoBackslash}, {'&', undoEntity}}

// depth is how often a text may have been escaped: JSON in HTML, which an error
// of net/url quotes.
const depth = 3

// pieceLength bounds the memory that a text takes: each reading of a piece
// costs nine times its length, and there may be some dozens.
const pieceLength = 64 << 10

// longestSpelling is how many bytes one byte of a secret may become by being
// escaped depth times.
const longestSpelling = 20

// find returns the parts of text that are one of the secrets, in whatever
// spelling, in order and apart.
func find(text string, secrets []string) []span {
	if len(secrets) == 0 {
		return nil
	}
	longest := 0
	for _, secret := range secrets {
		longest = max(longest, longestSpelling*len(secret))
	}
	var found []span
	for start := 0; start < len(text); start += pieceLength {
		// What begins in a piece may end in the next.
		piece := text[start:min(len(text), start+pieceLength+longest)]
		for _, in := range findIn(piece, secrets) {
			found = append(found, span{start + in.start, start + in.end})
		}
	}
	return join(found)
}

func findIn(piece string, secrets []string) []span {
	var found []span
	readings := []reading{{text: piece}}
	for level := range depth + 1 {
		var next []reading
		for i := range readings {
			found = readings[i].find(secrets, found)
			if level < depth {
				next = readings[i].undo(next)
			}
		}
		readings = next
	}
	return join(found)
}

// A span is a part of the original text.
type span struct{ start, end int }

// join sorts spans and makes one of those that overlap.
func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	joined := spans[:0]
	for _, next := range spans {
		if last := len(joined) - 1; last >= 0 && next.start < joined[last].end {
			joined[last].end = max(joined[last].end, next.end)
			continue
		}
		joined = append(joined, next)
	}
	return joined
}

func (r *reading) find(secrets []string, found []span) []span {
	for _, secret := range secrets {
		for begin := 0; ; {
			at := strings.Index(r.text[begin:], secret)
			if at < 0 {
				break
			}
			begin += at
			end := begin + len(secret)
			for end < len(r.text) && r.origin(end) == r.origin(end-1) {
				end++ // one escape may stand for several bytes
			}
			found = append(found, span{r.origin(begin), r.origin(end)})
			begin++
		}
	}
	return found
}

// undo appends what the text reads like with the escapes of each scheme undone,
// and with percent signs and pluses both.
func (r *reading) undo(readings []reading) []reading {
	for _, tried := range [][]scheme{schemes[:1], schemes[:2], schemes[2:3], schemes[3:]} {
		if !tried[len(tried)-1].in(r.text) {
			continue
		}
		undone := r.without(tried)
		known := func(other reading) bool { return other.text == undone.text }
		if undone.text != r.text && !slices.ContainsFunc(readings, known) {
			readings = append(readings, undone)
		}
	}
	return readings
}

func (s scheme) in(text string) bool { return strings.IndexByte(text, s.mark) >= 0 }

func (r *reading) without(tried []scheme) reading {
	var plain strings.Builder
	from := make([]int, 0, len(r.text)+1)
	for i := 0; i < len(r.text); {
		part, length := r.text[i:i+1], 1
		for _, scheme := range tried {
			if r.text[i] != scheme.mark {
				continue
			}
			if undone, n := scheme.undo(r.text[i:]); n > 0 {
				part, length = undone, n
			}
		}
		plain.WriteString(part)
		for range len(part) {
			from = append(from, r.origin(i))
		}
		i += length
	}
	return reading{plain.String(), append(from, r.origin(len(r.text)))}
}

func undoPercent(text string) (string, int) {
	if len(text) < 3 {
		return "", 0
	}
	plain, err := url.PathUnescape(text[:3])
	if err != nil {
		return "", 0
	}
	return plain, 3
}

func undoPlus(string) (string, int) { return " ", 1 }

// undoBackslash undoes the escapes of JSON, and those of Go and JavaScript.
func undoBackslash(text string) (string, int) {
	if len(text) < 2 {
		return "", 0
	}
	if at := strings.IndexByte(`"\/'bfnrt`, text[1]); at >= 0 {
		return "\"\\/'\b\f\n\r\t"[at : at+1], 2
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	value, ok := hexadecimal(text, 2, digits)
	switch {
	case !ok:
		return "", 0
	case text[1] == 'x':
		return string([]byte{byte(value)}), 4
	case utf16.IsSurrogate(rune(value)) && strings.HasPrefix(text[6:], `\u`):
		if low, ok := hexadecimal(text, 8, 4); ok {
			if pair := utf16.DecodeRune(rune(value), rune(low)); pair != utf8.RuneError {
				return string(pair), 12
			}
		}
	}
	return string(rune(value)), 2 + digits
}

func hexadecimal(text string, start, digits int) (uint64, bool) {
	if digits == 0 || len(text) < start+digits {
		return 0, false
	}
	value, err := strconv.ParseUint(text[start:start+digits], 16, 32)
	return value, err == nil && value <= utf8.MaxRune
}

// longestEntity is the length of HTML's longest named entity, with some room.
const longestEntity = 40

func undoEntity(text string) (string, int) {
	end := strings.IndexByte(text[:min(len(text), longestEntity)], ';')
	if end < 0 {
		return "", 0
	}
	entity := text[:end+1]
	if plain := html.UnescapeString(entity); plain != entity {
		return plain, len(entity)
	}
	return "", 0
}
