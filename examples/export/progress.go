package main

import (
	"fmt"
	"io"
	"sync"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// progress prints the progress of an export. Its methods are safe for concurrent
// use.
type progress struct {
	mu  sync.Mutex
	out io.Writer
}

// pageRead prints a line for every fiftieth page of a list.
func (p *progress) pageRead(l list, read flowretail.Progress) {
	if read.Pages%50 == 0 {
		p.printf("%s: %d of %d, %.0f/s\n", program.OneLine(l.title), read.Items, read.Total, read.Rate())
	}
}

// listRead prints a line for a list that was read, perhaps by an earlier run.
func (p *progress) listRead(l list, items int, earlier bool) {
	if earlier {
		p.printf("%s: read by an earlier run\n", program.OneLine(l.title))
	} else {
		p.printf("%s: %d\n", program.OneLine(l.title), items)
	}
}

func (p *progress) printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, format, args...)
}
