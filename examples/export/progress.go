package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/cheggaaa/pb/v3"
	"golang.org/x/term"

	flowretail "github.com/flowretail/flowretail-go"
	"github.com/flowretail/flowretail-go/examples/internal/program"
)

// progress shows the progress of an export. Its methods are safe for concurrent
// use.
type progress interface {
	addLists(n int)                           // n more lists will be read
	pageRead(l list, p flowretail.Progress)   // a page was read
	listRead(l list, items int, earlier bool) // a list was read, perhaps by an earlier run
	finish()
}

// newProgress returns a progress bar for a terminal, and lines for other outputs.
func newProgress(out io.Writer) progress {
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return newBar(out)
	}
	return &lines{out: out}
}

// lines prints a line for each list.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (o *lines) addLists(int) {}
func (o *lines) finish()      {}

func (o *lines) pageRead(l list, p flowretail.Progress) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.Pages%50 == 0 {
		fmt.Fprintf(o.out, "%s: %d of %d, %.0f/s\n", program.OneLine(l.title), p.Items, p.Total, p.Rate())
	}
}

func (o *lines) listRead(l list, items int, earlier bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if earlier {
		fmt.Fprintf(o.out, "%s: read by an earlier run\n", program.OneLine(l.title))
		return
	}
	fmt.Fprintf(o.out, "%s: %d\n", program.OneLine(l.title), items)
}

// bar shows the number of items, their rate, the remaining time, and the number
// of lists.
type bar struct {
	mu    sync.Mutex
	bar   *pb.ProgressBar
	lists int
	read  int                          // lists
	open  map[list]flowretail.Progress // of the lists that are being read
	items int                          // of the lists that were read
}

func newBar(out io.Writer) *bar {
	const template = `{{string . "lists"}} {{counters .}} {{bar .}} {{percent .}} {{speed . "%s items/s"}} {{rtime . "%s left"}}`
	b := &bar{bar: pb.ProgressBarTemplate(template).New(0), open: map[list]flowretail.Progress{}}
	b.bar.SetWriter(out).Start()
	return b
}

func (b *bar) addLists(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lists += n
	b.show()
}

func (b *bar) pageRead(l list, p flowretail.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[l] = p
	b.show()
}

func (b *bar) listRead(l list, items int, _ bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, l)
	b.read++
	b.items += items
	b.show()
}

func (b *bar) show() {
	current, total := b.items, b.items
	for _, p := range b.open {
		current += p.Items
		total += max(p.Items, p.Total)
	}
	b.bar.Set("lists", fmt.Sprintf("%d of %d lists,", b.read, max(b.read, b.lists)))
	b.bar.SetTotal(int64(total)).SetCurrent(int64(current))
}

func (b *bar) finish() { b.bar.Finish() }
