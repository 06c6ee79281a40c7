package transport

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
)

// ErrTooLarge means that an answer has more bytes than the client takes.
var ErrTooLarge = errors.New("the answer is larger than the client's limit")

// A buffer holds the body of an answer. Buffers are used again: reading a page
// should not cost its size in garbage.
type buffer struct{ bytes []byte }

// keepAtMost is the largest buffer that is kept for the next answer.
const keepAtMost = 8 << 20

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func (b *buffer) release() {
	if b == nil {
		return
	}
	if cap(b.bytes) <= keepAtMost {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}

// readBody reads a body of at most limit bytes, decompressed as the transport
// hands it out. What was read before an error is returned with it.
func readBody(response *http.Response, limit int64) (*buffer, error) {
	defer response.Body.Close()
	b := buffers.Get().(*buffer)
	// One byte more than announced, to meet the end without growing.
	b.bytes = slices.Grow(b.bytes, int(min(max(response.ContentLength, 511), limit, keepAtMost))+1)
	for {
		n, err := response.Body.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > limit:
			b.bytes = b.bytes[:limit]
			return b, fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, err
		}
		if len(b.bytes) == cap(b.bytes) {
			b.bytes = slices.Grow(b.bytes, 1)
		}
	}
}
