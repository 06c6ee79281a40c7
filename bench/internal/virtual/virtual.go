// Package virtual runs programs in virtual time.
package virtual

import (
	"io"
	"os"
	"testing"
	"testing/synctest"
)

// Main runs f as a test, because virtual time needs a test, and ends the program.
// It discards the output of the testing package. Call testing.Init before
// flag.Parse, and Main after it.
func Main(name string, f func(t *testing.T)) {
	testing.Main(
		func(string, string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: name, F: func(t *testing.T) {
			f(t)
			if !t.Failed() {
				os.Stdout = discard()
			}
		}}}, nil, nil)
}

func discard() *os.File {
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return writer
}

// Run runs f in virtual time, in which waiting takes no real time.
func Run(t *testing.T, f func()) {
	synctest.Test(t, func(*testing.T) { f() })
}
