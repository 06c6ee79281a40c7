package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

// respondOf returns a response whose body has n bytes, with the given Content-Length.
func respondOf(status, n int, length int64) step {
	return func(r *http.Request) (*http.Response, error) {
		response, err := respond(status, strings.Repeat("x", n))(r)
		response.ContentLength = length
		return response, err
	}
}

// A 2xx response has at most MaxBytes. Of any other response MaxBytes or 256 KiB
// are read, whichever is less.
func TestBody_limit(t *testing.T) {
	const limit = 300 << 10
	for _, row := range []struct {
		name      string
		status, n int
		maxBytes  int64
		read      int
		tooLarge  string
	}{
		{name: "at the limit", status: 200, n: limit, maxBytes: limit, read: limit},
		{name: "one byte more", status: 200, n: limit + 1, maxBytes: limit, read: limit, tooLarge: "the response is larger than the limit of 307200 bytes"},
		{name: "much more", status: 200, n: 2 * limit, maxBytes: limit, read: limit, tooLarge: "the response is larger than the limit of 307200 bytes"},
		{name: "a tiny limit", status: 200, n: 2, maxBytes: 1, read: 1, tooLarge: "the response is larger than the limit of 1 bytes"},
		{name: "an error", status: 400, n: limit, maxBytes: limit, read: 256 << 10},
		{name: "an error at the limit", status: 400, n: 256 << 10, maxBytes: limit, read: 256 << 10},
		{name: "an error with a smaller limit", status: 400, n: limit, maxBytes: 100, read: 100},
		{name: "empty", status: 200, maxBytes: limit},
	} {
		for _, length := range []int64{-1, 0, int64(row.n), 1 << 50} {
			inVirtualTime(t, row.name, func(t *testing.T) {
				result := do(t.Context(), t, script(respondOf(row.status, row.n, length)), readCall(), maxAttempts(1), func(c *Config) { c.MaxBytes = row.maxBytes })
				defer result.Release()
				body := result.Response.Body
				checkEqual(t, "the length of the body", len(body), row.read)
				checkEqual(t, "what is not an x in the body", strings.Trim(string(body), "x"), "")
				checkError(t, result.Err, row.tooLarge)
				checkEqual(t, "whether the error is ErrTooLarge", errors.Is(result.Err, ErrTooLarge), row.tooLarge != "")
			})
		}
	}
}

// Bodies arrive in parts of any size, also together with their end or an error.
func TestBody_parts(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	errPart := errors.New("connection lost")
	for name, row := range map[string]struct {
		body io.Reader
		err  error
	}{
		"one byte each":       {iotest.OneByteReader(strings.NewReader(text)), nil},
		"halves":              {iotest.HalfReader(strings.NewReader(text)), nil},
		"the end with data":   {iotest.DataErrReader(strings.NewReader(text)), nil},
		"an error with data":  {iotest.DataErrReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(errPart))), errPart},
		"an error after data": {io.MultiReader(strings.NewReader(text), iotest.ErrReader(errPart)), errPart},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := readBody(&http.Response{Body: io.NopCloser(row.body), ContentLength: -1}, 1<<20)
			checkEqual(t, "the error", err, row.err)
			if string(b.bytes) != text {
				t.Errorf("the body is not the text: %d bytes, want %d", len(b.bytes), len(text))
			}
			b.release()
		})
	}
}

// A buffer is used again. One that has grown beyond 8 MiB is not.
func TestBody_buffers(t *testing.T) {
	body := func(n int) *http.Response {
		return &http.Response{Body: io.NopCloser(bytes.NewReader(make([]byte, n))), ContentLength: int64(n)}
	}
	const limit = 64 << 20
	large, err := readBody(body(maxKeptBytes-1), limit)
	checkError(t, err, "")
	if n := cap(large.bytes); n > maxKeptBytes {
		t.Fatalf("the body takes %d bytes of memory, want at most %d", n, maxKeptBytes)
	}
	for _, length := range []int{0, 100, 511} {
		b, err := readBody(body(length), limit)
		checkError(t, err, "")
		checkEqual(t, "the length of a body", len(b.bytes), length)
	}
	large.release()
	if len(large.bytes) != 0 {
		t.Error("a released buffer is not empty")
	}
	huge, err := readBody(body(maxKeptBytes+1), limit)
	checkError(t, err, "")
	checkEqual(t, "the length of the huge body", len(huge.bytes), maxKeptBytes+1)
	huge.release()
	if len(huge.bytes) == 0 {
		t.Error("a buffer of more than 8 MiB is kept")
	}
}

// A large body takes at most twice its size while it is read, also as garbage.
func TestBody_memory(t *testing.T) {
	const limit = 32 << 20
	for _, length := range []int64{limit, -1} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b, err := readBody(&http.Response{Body: io.NopCloser(io.LimitReader(zeros{}, limit)), ContentLength: length}, limit)
		runtime.ReadMemStats(&after)
		checkError(t, err, "")
		checkEqual(t, "the length of the body", len(b.bytes), limit)
		if n := after.TotalAlloc - before.TotalAlloc; n > limit*9/4 {
			t.Errorf("length %d: %d bytes of memory for a body of %d", length, n, limit)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// The memory for a body is not what the API announces.
func TestBody_announcedLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := readBody(&http.Response{Body: io.NopCloser(strings.NewReader("x")), ContentLength: 1 << 50}, 1<<40)
		checkError(t, err, "")
		checkEqual(t, "the body", string(b.bytes), "x")
		if n := cap(b.bytes); n > 2*maxKeptBytes {
			t.Errorf("the body takes %d bytes of memory, want at most %d", n, 2*maxKeptBytes)
		}
	})
}
