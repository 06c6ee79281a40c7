package transport

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
)

// ErrTooLarge is returned for a 2xx response that has more bytes than the client permits.
var ErrTooLarge = errors.New("the response is larger than the limit")

// maxErrorBytes bounds what is read of a response outside 2xx.
const maxErrorBytes = 256 << 10

// A buffer holds the body of a response. Buffers are used again, so that reading a
// page does not leave garbage of its size.
type buffer struct{ bytes []byte }

// maxKeptBytes is the size of the largest buffer that is kept for the next response.
const maxKeptBytes = 8 << 20

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func (b *buffer) release() {
	if b == nil {
		return
	}
	if cap(b.bytes) <= maxKeptBytes {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}

// readBody reads a body of at most limit bytes, as the transport decompresses it.
// What was read before an error is returned with it.
func readBody(response *http.Response, limit int64) (*buffer, error) {
	defer response.Body.Close()
	b := buffers.Get().(*buffer)
	// One byte more than announced, so that the end is read without growing.
	b.bytes = slices.Grow(b.bytes, int(min(max(response.ContentLength, 511), limit, maxKeptBytes))+1)
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
			b.grow(limit)
		}
	}
}

// grow doubles a buffer that is full, up to one byte more than limit. The smaller
// steps of append would leave five times the size of a large body as garbage.
func (b *buffer) grow(limit int64) {
	size := 2 * int64(cap(b.bytes))
	if size >= limit {
		size = limit + 1
	}
	larger := make([]byte, len(b.bytes), size)
	copy(larger, b.bytes)
	b.bytes = larger
}
