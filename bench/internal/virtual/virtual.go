// Package virtual lets a program run in virtual time.
package virtual

import (
	"io"
	"os"
	"testing"
	"testing/synctest"
)

// Main runs f within a test, and ends the program: virtual time is to be had
// there only. The test's own verdict is kept off the output. Call testing.Init
// before the flags are parsed, and Main after.
func Main(name string, f func(t *testing.T)) {
	testing.Main(
		func(string, string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: name, F: func(t *testing.T) {
			f(t)
			if !t.Failed() {
				os.Stdout = discarded()
			}
		}}}, nil, nil)
}

func discarded() *os.File {
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return writer
}

// Time runs f in virtual time: waiting costs nothing, and an hour passes as fast
// as the work in it can be done.
func Time(t *testing.T, f func()) {
	synctest.Test(t, func(*testing.T) { f() })
}
