package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// minPartBytes is the least size of a part of a body whose length is not announced. Parts are
// a quarter of what was read before, so that reading takes at most 2.25 times the size of a body.
const minPartBytes = 32 << 10

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
	if least := int(min(max(response.ContentLength, 511), limit, maxKeptBytes)) + 1; cap(b.bytes) < least {
		b.bytes = make([]byte, 0, least)
	}
	var full [][]byte // parts of a body that is longer than announced
	var length int64
	var err error
	for err == nil && length <= limit {
		if len(b.bytes) == cap(b.bytes) {
			full = append(full, b.bytes)
			b.bytes = make([]byte, 0, max(minPartBytes, length/4))
		}
		var n int
		n, err = response.Body.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		length += int64(n)
	}
	if len(full) > 0 {
		b.bytes = bytes.Join(append(full, b.bytes), nil)
	}
	switch {
	case length > limit:
		b.bytes = b.bytes[:limit]
		return b, fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
	case err == io.EOF:
		return b, nil
	}
	return b, err
}
